/* The envelope's byte form: what is written is read back, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "messenger/envelope.h"

static const char *const recipients[] = {"fred@example.net", "jürgen@müller.example", ""};

static struct envelope
given_envelope(void)
{
	return (struct envelope){
	    .sender = "alice@corp.example",
	    .recipients = recipients,
	    .recipient_count = 3,
	    .client_name = "[192.0.2.1]",
	    .client_address = "2001:db8::1",
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
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(found.recipients[i], recipients[i]);
	assert_string_equal(found.client_name, envelope.client_name);
	assert_string_equal(found.client_address, envelope.client_address);
	assert_true(found.tls && found.eight_bit && !found.utf8);
	assert_int_equal(found.received_at, envelope.received_at);
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
	    cmocka_unit_test(too_many_recipients_are_refused),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
