#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/relay_reply.h"

static const struct {
	const char *claim;
	const char *bytes;
	enum reply_progress progress;
	unsigned code;
	const char *status;
	const char *text;
	size_t used;
} replies[] = {
    {"one line", "250 2.1.0 Ok\r\n", REPLY_DONE, 250, "2.1.0", "Ok", 14},
    {"no enhanced code", "250 Ok\r\n", REPLY_DONE, 250, "2.0.0", "Ok", 8},
    {"code alone", "550\r\n", REPLY_DONE, 550, "5.0.0", "", 5},
    {"several lines", "550-5.7.1 One\r\n550-5.7.1 two\r\n550 5.7.1 three\r\nmore", REPLY_DONE, 550,
     "5.7.1", "One two three", 47},
    {"LF alone", "451 4.3.0 Later\n", REPLY_DONE, 451, "4.3.0", "Later", 16},
    {"enhanced code of another class", "550 2.0.0 What\r\n", REPLY_DONE, 550, "5.0.0", "2.0.0 What",
     16},
    {"no enhanced code but a version", "250 2.0 ready\r\n", REPLY_DONE, 250, "2.0.0", "2.0 ready",
     15},
    {"controls in the text", "550 5.1.1 a\x1b[31mb\tc\r\n", REPLY_DONE, 550, "5.1.1", "a[31mb c",
     21},
    {"go on", "354 Go\r\n", REPLY_DONE, 354, "2.0.0", "Go", 8},
    {"half a line", "250 O", REPLY_MORE, 0, NULL, NULL, 0},
    {"half a reply", "250-One\r\n", REPLY_MORE, 0, NULL, NULL, 0},
    {"no code", "Hello\r\n", REPLY_BROKEN, 0, NULL, NULL, 0},
    {"empty line", "\r\n", REPLY_BROKEN, 0, NULL, NULL, 0},
    {"code out of range", "650 x\r\n", REPLY_BROKEN, 0, NULL, NULL, 0},
    {"no blank behind the code", "250x\r\n", REPLY_BROKEN, 0, NULL, NULL, 0},
    {"codes change", "250-x\r\n550 y\r\n", REPLY_BROKEN, 0, NULL, NULL, 0},
};

static void
reads_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct arena *arena = arena_new();
		struct relay_reply reply;
		size_t used = 0;

		if (relay_reply_read(slice_from_text(replies[i].bytes), arena, &reply, &used) !=
		    replies[i].progress)
			fail_msg("%s", replies[i].claim);
		if (replies[i].progress == REPLY_DONE) {
			assert_int_equal(reply.code, replies[i].code);
			assert_string_equal(reply.status, replies[i].status);
			assert_string_equal(reply.text, replies[i].text);
			assert_int_equal(used, replies[i].used);
		}
		arena_free(arena);
	}
}

static void
refuses_what_never_ends(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *bytes = arena_alloc(arena, REPLY_SIZE_MAX);
	struct relay_reply reply;
	size_t used;

	(void)state;
	for (size_t i = 0; i < REPLY_SIZE_MAX; i++)
		bytes[i] = '2';
	assert_int_equal(
	    relay_reply_read(slice_of(bytes, REPLY_SIZE_MAX - 1), arena, &reply, &used),
	    REPLY_MORE);
	assert_int_equal(relay_reply_read(slice_of(bytes, REPLY_SIZE_MAX), arena, &reply, &used),
			 REPLY_BROKEN);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_replies),
	    cmocka_unit_test(refuses_what_never_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
