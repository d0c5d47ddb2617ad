/* The envelope's byte form: what is written is read back, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "messenger/envelope.h"

static const struct envelope_recipient recipients[] = {
    {"fred@example.net", NOTIFY_SUCCESS | NOTIFY_DELAY, "rfc822;f+2B@example.net"},
    {"jürgen@müller.example", NOTIFY_NEVER, ""},
    {"", 0, ""},
};

static struct envelope
given_envelope(void)
{
	return (struct envelope){
	    .sender = "alice@corp.example",
	    .recipients = recipients,
	    .recipient_count = 3,
	    .client_name = "[192.0.2.1]",
	    .client_address = "2001:db8::1",
	    .returns = RETURN_HEADERS,
	    .envelope_id = "QQ314159",
	    .user = "alice",
	    .certificate = "mail.corp.example",
	    .binary = true,
	    .tls = true,
	    .eight_bit = true,
	    .received_at = 1795330881,
	};
}

static void
what_is_written_is_read_back(void **state)
{
	struct arena *arena = arena_new();
	struct envelope envelope = given_envelope(), found;
	struct slice bytes;

	(void)state;
	assert_int_equal(envelope_write(&envelope, arena, &bytes), STATUS_OK);
	assert_int_equal(envelope_read(bytes, arena, &found), STATUS_OK);
	assert_string_equal(found.sender, envelope.sender);
	assert_int_equal(found.recipient_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(found.recipients[i].address, recipients[i].address);
		assert_string_equal(found.recipients[i].original, recipients[i].original);
		assert_int_equal(found.recipients[i].notify, recipients[i].notify);
	}
	assert_int_equal(found.returns, RETURN_HEADERS);
	assert_string_equal(found.envelope_id, "QQ314159");
	assert_string_equal(found.user, "alice");
	assert_string_equal(found.certificate, "mail.corp.example");
	assert_true(found.binary);
	assert_string_equal(found.client_name, envelope.client_name);
	assert_string_equal(found.client_address, envelope.client_address);
	assert_true(found.tls && found.eight_bit && !found.utf8);
	assert_int_equal(found.received_at, envelope.received_at);
	arena_free(arena);
}

/* What an older program stored. */
static void
the_first_form_is_read(void **state)
{
	static const unsigned char bytes[] = "\x01\x01\0\0\0\0\x6b\0\0\0\0\x01"
					     "a\0\x01h\0\x01"
					     "c\0\x02\0\x01x\0\x02yz";
	struct arena *arena = arena_new();
	struct envelope found;

	(void)state;
	assert_int_equal(envelope_read(slice_of(bytes, sizeof(bytes) - 1), arena, &found),
			 STATUS_OK);
	assert_string_equal(found.sender, "a");
	assert_string_equal(found.user, "");
	assert_string_equal(found.certificate, "");
	assert_string_equal(found.envelope_id, "");
	assert_true(found.tls && !found.binary);
	assert_int_equal(found.recipient_count, 2);
	assert_string_equal(found.recipients[1].address, "yz");
	assert_int_equal(found.recipients[1].notify, 0);
	assert_string_equal(found.recipients[1].original, "");
	arena_free(arena);
}

static void
every_shorter_or_longer_form_is_damage(void **state)
{
	struct arena *arena = arena_new();
	struct envelope envelope = given_envelope(), found;
	struct slice bytes, longer;

	(void)state;
	assert_int_equal(envelope_write(&envelope, arena, &bytes), STATUS_OK);
	for (size_t size = 0; size < bytes.size; size++)
		assert_int_equal(envelope_read(slice_part(bytes, 0, size), arena, &found),
				 STATUS_DAMAGED);
	longer = slice_of(arena_text_from(arena, bytes), bytes.size + 1);
	assert_int_equal(envelope_read(longer, arena, &found), STATUS_DAMAGED);
	arena_free(arena);
}

static void
too_many_recipients_are_refused(void **state)
{
	struct arena *arena = arena_new();
	struct envelope envelope = given_envelope();
	struct slice bytes;

	(void)state;
	envelope.recipient_count = ENVELOPE_RECIPIENTS_MAX + 1;
	assert_int_equal(envelope_write(&envelope, arena, &bytes), STATUS_TOO_LARGE);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(every_shorter_or_longer_form_is_damage),
	    cmocka_unit_test(the_first_form_is_read),
	    cmocka_unit_test(too_many_recipients_are_refused),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
