#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/relay.h"

static char root[64];

static int
make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/maildir-XXXXXX");
	return mkdtemp(root) == NULL;
}

static int
drop_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static enum status
send_to(const char *id, const char *sender, const char *address, struct slice bytes,
	struct arena *arena, struct relay_recipient *recipient)
{
	const struct relay_settings settings = {.maildir = root};
	struct source source = source_from_slice(&bytes);
	struct relay *relay;
	enum status status;

	*recipient = (struct relay_recipient){.address = address};
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	status = relay_send(
	    relay,
	    &(struct relay_letter){
		.id = id, .sender = sender, .recipients = recipient, .count = 1, .source = &source},
	    arena);
	relay_close(relay);
	return status;
}

static int
count_files(const char *folder)
{
	char path[512];
	DIR *entries;
	int count = 0;

	snprintf(path, sizeof(path), "%s/%s", root, folder);
	entries = opendir(path);
	if (entries == NULL)
		return -1;
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
		count += entry->d_name[0] != '.';
	closedir(entries);
	return count;
}

static const char *
read_file(const char *name, struct arena *arena)
{
	char path[512];
	char *bytes = arena_alloc(arena, 4096);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_true(fread(bytes, 1, 4095, file) > 0);
	fclose(file);
	return bytes;
}

static void
keeps_the_bytes(void **state)
{
	struct arena *arena = arena_new();
	struct relay_recipient recipient;

	(void)state;
	assert_int_equal(send_to("letter-1", "ann@example.com", "fred@example.net",
				 SLICE("Subject: x\r\n\r\n.\r\n\xc3\xa4\r\n"), arena, &recipient),
			 STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_SENT);
	assert_string_equal(recipient.status, "2.0.0");
	assert_string_equal(read_file("fred@example.net/new/letter-1", arena),
			    "Return-Path: <ann@example.com>\r\nDelivered-To: fred@example.net\r\n"
			    "Subject: x\r\n\r\n.\r\n\xc3\xa4\r\n");
	assert_int_equal(count_files("fred@example.net/tmp"), 0);
	arena_free(arena);
}

static void
holds_a_letter_once(void **state)
{
	struct arena *arena = arena_new();
	struct relay_recipient recipient;
	char from[256];
	char to[256];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    send_to("letter-1", "", "fred@example.net", SLICE("x\r\n"), arena, &recipient),
		    STATUS_OK);
	assert_int_equal(count_files("fred@example.net/new"), 1);
	/* A reader has seen it. */
	snprintf(from, sizeof(from), "%s/fred@example.net/new/letter-1", root);
	snprintf(to, sizeof(to), "%s/fred@example.net/cur/letter-1:2,S", root);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(
	    send_to("letter-1", "", "fred@example.net", SLICE("x\r\n"), arena, &recipient),
	    STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_SENT);
	assert_int_equal(count_files("fred@example.net/new"), 0);
	assert_int_equal(
	    send_to("letter-10", "", "fred@example.net", SLICE("x\r\n"), arena, &recipient),
	    STATUS_OK);
	assert_int_equal(count_files("fred@example.net/new"), 1);
	arena_free(arena);
}

static void
stays_below_its_folder(void **state)
{
	struct arena *arena = arena_new();
	struct relay_recipient recipient;

	(void)state;
	assert_int_equal(
	    send_to("letter-1", "", "../../x@example.net", SLICE("x\r\n"), arena, &recipient),
	    STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_SENT);
	assert_int_equal(count_files("_._.._x@example.net/new"), 1);
	assert_int_equal(
	    send_to("../letter", "", "fred@example.net", SLICE("x\r\n"), arena, &recipient),
	    STATUS_INVALID);
	assert_int_equal(count_files("fred@example.net"), -1);
	arena_free(arena);
}

static const struct {
	const char *claim;
	const char *sender;
	const char *address;
	const char *bytes;
	const char *status;
} refusals[] = {
    {"bare LF", "", "fred@example.net", "a\r\nb\nc\r\n", "5.6.0"},
    {"bare CR", "", "fred@example.net", "a\rb\r\n", "5.6.0"},
    {"CR at the end", "", "fred@example.net", "a\r", "5.6.0"},
    {"LF at the beginning", "", "fred@example.net", "\nb\r\n", "5.6.0"},
    {"CR CR LF", "", "fred@example.net", "a\r\r\n", "5.6.0"},
    {"line end in the address", "", "a@b\r\nRCPT TO:<c@d>", "a\r\n", "5.1.3"},
    {"bracket in the address", "", "a@b><c@d", "a\r\n", "5.1.3"},
    {"line end in the sender", "a@b\r\n", "fred@example.net", "a\r\n", "5.1.7"},
};

static void
refuses_what_is_not_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct arena *arena = arena_new();
		struct relay_recipient recipient;

		assert_int_equal(send_to("letter-1", refusals[i].sender, refusals[i].address,
					 slice_from_text(refusals[i].bytes), arena, &recipient),
				 STATUS_OK);
		if (recipient.outcome != RELAY_REFUSED ||
		    strcmp(recipient.status, refusals[i].status) != 0)
			fail_msg("%s: %s", refusals[i].claim, recipient.status);
		arena_free(arena);
	}
	assert_int_equal(count_files("fred@example.net"), -1);
}

static void
comes_back_when_it_cannot_write(void **state)
{
	struct arena *arena = arena_new();
	struct relay_recipient recipient;
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/fred@example.net", root);
	assert_int_equal(symlink("/proc/nowhere", path), 0);
	assert_int_equal(
	    send_to("letter-1", "", "fred@example.net", SLICE("x\r\n"), arena, &recipient),
	    STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	arena_free(arena);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_root, drop_root)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keeps_the_bytes),
	    TEST(holds_a_letter_once),
	    TEST(stays_below_its_folder),
	    TEST(refuses_what_is_not_safe),
	    TEST(comes_back_when_it_cannot_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
