/*
 * crypto/scram: the exchange of RFC 7677 section 3, and what must not pass for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/encode.h"
#include "crypto/scram.h"

/* RFC 7677 section 3. */
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define CLIENT_FIRST "n,,n=user,r=" CLIENT_NONCE
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static struct scram_verifier
verifier_of(const char *password)
{
	struct scram_verifier verifier;
	unsigned char salt[16];
	size_t size;

	assert_true(decode_base64(slice_from_text(SALT), salt, sizeof(salt), &size));
	assert_int_equal(
	    scram_verifier_make(slice_from_text(password), slice_of(salt, size), 4096, &verifier),
	    STATUS_OK);
	return verifier;
}

static void
start(struct scram *scram, const char *first_message, struct text *reply)
{
	static const unsigned char random[SCRAM_NONCE_SIZE] = {1, 2, 3};
	struct scram_verifier verifier = verifier_of("pencil");
	struct scram_first first;

	*scram = (struct scram){.verifier = {.iterations = 0}};
	text_init(reply, 4096);
	assert_true(scram_read_first(slice_from_text(first_message), &first));
	scram_start(scram, &first, &verifier, random, reply);
}

/* The RFC's server has a nonce that is not base64, so its messages are put in place. */
static void
start_as_the_rfc_does(struct scram *scram)
{
	struct text reply;

	start(scram, CLIENT_FIRST, &reply);
	text_clear(&reply);
	text_reset(&scram->nonce);
	text_append_text(&scram->nonce, CLIENT_NONCE SERVER_NONCE);
	text_reset(&scram->messages);
	text_append_text(&scram->messages, "n=user,r=" CLIENT_NONCE ",r=" CLIENT_NONCE SERVER_NONCE
					   ",s=" SALT ",i=4096");
}

static bool
finish(const char *message, const char *answer)
{
	struct scram scram;
	struct text reply;
	bool done;

	start_as_the_rfc_does(&scram);
	text_init(&reply, 4096);
	done = scram_finish(&scram, slice_from_text(message), &reply);
	if (done)
		assert_string_equal(text_string(&reply), answer);
	else
		assert_int_equal(reply.size, 0);
	text_clear(&reply);
	scram_clear(&scram);
	scram_clear(&scram);
	return done;
}

static void
exchange_of_the_rfc(void **state)
{
	(void)state;
	assert_true(finish("c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=" PROOF,
			   "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
}

static void
nothing_else_passes(void **state)
{
	static const char *const messages[] = {
	    "",
	    "c=biws",
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE,
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=",
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=" PROOF ",",
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=" PROOF ",x=1",
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",x=1,p=" PROOF,
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	    "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=AAAA",
	    "c=biws,r=" CLIENT_NONCE ",p=" PROOF,
	    "c=eSws,r=" CLIENT_NONCE SERVER_NONCE ",p=" PROOF,
	    "c=,r=" CLIENT_NONCE SERVER_NONCE ",p=" PROOF,
	    "r=" CLIENT_NONCE SERVER_NONCE ",c=biws,p=" PROOF,
	    "p=" PROOF,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (finish(messages[i], ""))
			fail_msg("%s", messages[i]);
}

struct first_row {
	const char *message;
	bool good;
	const char *header;
	const char *authorising;
	const char *name;
};

static const struct first_row firsts[] = {
    {"n,,n=user,r=abc", true, "n,,", "", "user"},
    {"y,,n=user,r=abc", true, "y,,", "", "user"},
    {"n,a=other,n=user,r=abc", true, "n,a=other,", "other", "user"},
    {"n,,n=a=2Cb,r=abc,x=later", true, "n,,", "", "a=2Cb"},
    {"p=tls-exporter,,n=user,r=abc", false, "", "", ""},
    {"n,,m=1,n=user,r=abc", false, "", "", ""},
    {"n,x=1,n=user,r=abc", false, "", "", ""},
    {"n,n=user,r=abc", false, "", "", ""},
    {"x,,n=user,r=abc", false, "", "", ""},
    {"n,,n=,r=abc", false, "", "", ""},
    {"n,,n=user,r=", false, "", "", ""},
    {"n,,n=user,r=a b", false, "", "", ""},
    {"n,,n=user", false, "", "", ""},
    {"n,,r=abc,n=user", false, "", "", ""},
    {"n,,", false, "", "", ""},
    {"n", false, "", "", ""},
    {"", false, "", "", ""},
};

static void
reads_first_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		const struct first_row *row = &firsts[i];
		struct scram_first first;

		if (scram_read_first(slice_from_text(row->message), &first) != row->good)
			fail_msg("%s", row->message);
		if (row->good &&
		    (!slice_equal(first.header, slice_from_text(row->header)) ||
		     !slice_equal(first.authorising, slice_from_text(row->authorising)) ||
		     !slice_equal(first.name, slice_from_text(row->name))))
			fail_msg("%s", row->message);
	}
}

static void
answers_with_both_nonces_salt_and_cost(void **state)
{
	struct scram scram;
	struct text reply;

	(void)state;
	start(&scram, "y,,n=user,r=abc", &reply);
	assert_string_equal(text_string(&reply), "r=abcAQIDAAAAAAAAAAAAAAAAAAAA,s=" SALT ",i=4096");
	text_clear(&reply);
	scram_clear(&scram);
}

static void
decodes_names(void **state)
{
	static const struct {
		const char *encoded, *plain; /* NULL: wrong */
	} rows[] = {{"user", "user"}, {"a=2Cb=3Dc", "a,b=c"}, {"=3D2C", "=2C"}, {"a=2c", NULL},
		    {"a=", NULL},     {"a=2", NULL},	      {"=41", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text plain;
		bool good;

		text_init(&plain, 100);
		good = scram_decode_name(slice_from_text(rows[i].encoded), &plain);
		if (good != (rows[i].plain != NULL))
			fail_msg("%s", rows[i].encoded);
		if (good)
			assert_string_equal(text_string(&plain), rows[i].plain);
		text_clear(&plain);
	}
}

/* The text is what PostgreSQL stores for "pencil" with this salt and cost. */
static void
verifiers_are_text_and_back(void **state)
{
	static const char text[] =
	    "SCRAM-SHA-256$4096:" SALT "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
	    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
	struct scram_verifier made = verifier_of("pencil"), read;
	struct text written;

	(void)state;
	text_init(&written, 1024);
	scram_verifier_write(&made, &written);
	assert_string_equal(text_string(&written), text);
	assert_true(scram_verifier_read(slice_from_text(text), &read));
	assert_memory_equal(read.stored_key, made.stored_key, SCRAM_KEY_SIZE);
	assert_memory_equal(read.server_key, made.server_key, SCRAM_KEY_SIZE);
	assert_int_equal(read.iterations, 4096);
	assert_int_equal(read.salt_size, 16);
	/* Cut short anywhere, or with something behind, it is none. */
	for (size_t size = 0; size < sizeof(text) - 1; size++)
		assert_false(scram_verifier_read(slice_of(text, size), &read));
	text_append_text(&written, "=");
	assert_false(scram_verifier_read(text_slice(&written), &read));
	text_clear(&written);
	assert_false(scram_verifier_read(SLICE("SCRAM-SHA-256$4095:" SALT
					       "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
					       "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="),
					 &read));
	assert_false(scram_verifier_read(SLICE("SCRAM-SHA-256$10000001:" SALT
					       "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
					       "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="),
					 &read));
}

static void
passwords_fit_or_do_not(void **state)
{
	struct scram_verifier verifier = verifier_of("pencil");

	(void)state;
	assert_true(scram_password_fits(&verifier, SLICE("pencil")));
	assert_false(scram_password_fits(&verifier, SLICE("pencil ")));
	assert_false(scram_password_fits(&verifier, SLICE("Pencil")));
	assert_false(scram_password_fits(&verifier, SLICE("")));
}

/* RFC 4013 section 3 and neighbours. */
static void
prepares_as_saslprep_says(void **state)
{
	static const struct {
		const char *typed, *prepared; /* NULL: refused */
	} rows[] = {
	    {"I\xc2\xadX", "IX"}, {"user", "user"},  {"USER", "USER"},
	    {" a b ", " a b "},	  {"\xc2\xaa", "a"}, {"\xe2\x85\xa8", "IX"},
	    {"\xc2\xa0", " "},	  {"\x07", NULL},    {"\xd8\xa7\x31", NULL},
	    {"", NULL},		  {"\xff", NULL},    {"a\xc2\x85", NULL},
	};
	struct secret prepared;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum status status = scram_prepare(slice_from_text(rows[i].typed), true, &prepared);

		if (status != (rows[i].prepared == NULL ? STATUS_INVALID : STATUS_OK))
			fail_msg("row %zu: %s", i, status_text(status));
		if (status != STATUS_OK)
			continue;
		if (!slice_equal(secret_slice(&prepared), slice_from_text(rows[i].prepared)))
			fail_msg("row %zu", i);
		secret_clear(&prepared);
	}
}

static void
unassigned_characters_may_be_asked_for_but_not_kept(void **state)
{
	struct secret prepared;

	(void)state;
	/* U+0221 is not assigned in Unicode 3.2. */
	assert_int_equal(scram_prepare(SLICE("\xc8\xa1"), true, &prepared), STATUS_INVALID);
	assert_int_equal(scram_prepare(SLICE("\xc8\xa1"), false, &prepared), STATUS_OK);
	secret_clear(&prepared);
}

static void
too_much_is_refused(void **state)
{
	char text[SCRAM_PASSWORD_MAX + 1];
	struct secret prepared;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(scram_prepare(slice_of(text, sizeof(text)), true, &prepared),
			 STATUS_TOO_LARGE);
	assert_int_equal(scram_prepare(slice_of(text, sizeof(text) - 1), true, &prepared),
			 STATUS_OK);
	secret_clear(&prepared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exchange_of_the_rfc),
	    cmocka_unit_test(nothing_else_passes),
	    cmocka_unit_test(reads_first_messages),
	    cmocka_unit_test(answers_with_both_nonces_salt_and_cost),
	    cmocka_unit_test(decodes_names),
	    cmocka_unit_test(verifiers_are_text_and_back),
	    cmocka_unit_test(passwords_fit_or_do_not),
	    cmocka_unit_test(prepares_as_saslprep_says),
	    cmocka_unit_test(unassigned_characters_may_be_asked_for_but_not_kept),
	    cmocka_unit_test(too_much_is_refused),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
