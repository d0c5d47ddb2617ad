/* mail/reading_keys: what a message brings, and what is not its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/pack.h"
#include "mail/parse.h"
#include "mail/reading_keys.h"

#define FROM "From: Alice <alice@example.org>\r\nDate: Thu, 26 Nov 2026 08:00:00 +0100\r\n"
#define SENT_AT ((int64_t)1795676400)
#define SIGNED                                                                                     \
	"Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\r\n"
#define TEXT "Content-Type: text/plain\r\n\r\nHello\r\nand more"
#define SIGNATURE                                                                                  \
	"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"   \
	"aGVs\r\nbG8="
#define PARTS "--b\r\n" TEXT "\r\n--b\r\n" SIGNATURE "\r\n--b--\r\n"

static void
read_keys(const char *message, struct arena *arena, struct keys_reading *keys)
{
	struct slice bytes = slice_from_text(message);
	struct source source = source_from_slice(&bytes);

	assert_int_equal(reading_keys(reader_within(), "test", &source, arena, keys), STATUS_OK);
}

static void
signed_bytes_are_those_of_the_message(void **state)
{
	static const char message[] = FROM SIGNED "\r\npreamble\r\n" PARTS "epilogue\r\n";
	struct arena *arena = arena_new();
	struct keys_reading keys;

	(void)state;
	read_keys(message, arena, &keys);
	assert_string_equal(keys.author, "alice@example.org");
	assert_int_equal(keys.sent_at, SENT_AT);
	assert_int_equal(keys.form, SIGNATURE_APART);
	assert_true(slice_equal(keys.signature, SLICE("hello")));
	assert_true(slice_equal(slice_of((const unsigned char *)message + keys.content_offset,
					 (size_t)keys.content_size),
				SLICE(TEXT)));
	assert_int_equal(keys.attached_count, 0);
	arena_free(arena);
}

static void
only_what_is_around_all_of_it_counts(void **state)
{
	static const struct {
		const char *claim;
		const char *message;
		enum brought_signature form;
	} rows[] = {
	    {"apart", FROM SIGNED "\r\n" PARTS, SIGNATURE_APART},
	    {"apart, by the older name",
	     FROM SIGNED
	     "\r\n--b\r\n" TEXT
	     "\r\n--b\r\nContent-Type: application/x-pkcs7-signature\r\n\r\nx\r\n--b--\r\n",
	     SIGNATURE_APART},
	    {"within", FROM "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nx",
	     SIGNATURE_WITHIN},
	    {"within, of a kind that is not said",
	     FROM "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\n\r\nx",
	     SIGNATURE_WITHIN},
	    {"encrypted",
	     FROM "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx",
	     SIGNATURE_NONE},
	    {"a bag of certificates",
	     FROM "Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n\r\nx",
	     SIGNATURE_NONE},
	    {"one of several parts",
	     FROM "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" SIGNED "\r\n" PARTS
		  "--a--\r\n",
	     SIGNATURE_NONE},
	    {"a part that is signed within",
	     FROM "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: "
		  "application/pkcs7-mime; smime-type=signed-data\r\n\r\nx\r\n--a--\r\n",
	     SIGNATURE_NONE},
	    {"an attached letter",
	     FROM "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: "
		  "message/rfc822\r\n\r\n" FROM SIGNED "\r\n" PARTS "--a--\r\n",
	     SIGNATURE_NONE},
	    {"three parts",
	     FROM SIGNED "\r\n--b\r\n" TEXT "\r\n--b\r\n" TEXT "\r\n--b\r\n" SIGNATURE
			 "\r\n--b--\r\n",
	     SIGNATURE_NONE},
	    {"a signature alone", FROM SIGNED "\r\n--b\r\n" SIGNATURE "\r\n--b--\r\n",
	     SIGNATURE_NONE},
	    {"the signature first",
	     FROM SIGNED "\r\n--b\r\n" SIGNATURE "\r\n--b\r\n" TEXT "\r\n--b--\r\n",
	     SIGNATURE_NONE},
	    {"signed by OpenPGP",
	     FROM SIGNED "\r\n--b\r\n" TEXT
			 "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
	     SIGNATURE_NONE},
	    {"an empty signature",
	     FROM SIGNED "\r\n--b\r\n" TEXT
			 "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n--b--\r\n",
	     SIGNATURE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct keys_reading keys;

		read_keys(rows[i].message, arena, &keys);
		if (strcmp(keys.author, "alice@example.org") != 0 || keys.form != rows[i].form)
			fail_msg("%s: %d", rows[i].claim, (int)keys.form);
		arena_free(arena);
	}
}

static void
without_one_author_there_is_nothing(void **state)
{
	static const char *const messages[] = {
	    SIGNED "\r\n" PARTS,
	    FROM FROM SIGNED "\r\n" PARTS,
	    "From: alice@example.org, bob@example.org\r\n" SIGNED "\r\n" PARTS,
	    "From: nobody\r\n" SIGNED "\r\n" PARTS,
	    FROM SIGNED SIGNED "\r\n" PARTS,
	    FROM "Content-Type: message/rfc822\r\n\r\n" FROM SIGNED "\r\n" PARTS,
	    FROM "Autocrypt: addr=alice@example.org; keydata=aGVsbG8=\r\n"
		 "Content-Type: multipart/report; boundary=b\r\n\r\n" PARTS,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct arena *arena = arena_new();
		struct keys_reading keys;

		read_keys(messages[i], arena, &keys);
		assert_string_equal(keys.author, "");
		assert_int_equal(keys.form, SIGNATURE_NONE);
		assert_int_equal(keys.autocrypt.size, 0);
		arena_free(arena);
	}
}

static void
keys_of_the_message_itself_are_decoded(void **state)
{
	static const char key[] = "Content-Type: application/pgp-keys; name=a.asc\r\n"
				  "Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=";
	struct arena *arena = arena_new();
	struct keys_reading keys;

	(void)state;
	read_keys(arena_printf(arena,
			       FROM "Autocrypt: addr=alice@example.org; keydata=a2V5\r\n"
				    "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
				    "--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
				    "--b\r\n%s\r\n--b\r\n%s\r\n--b--\r\n"
				    "--a\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n"
				    "--a\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n"
				    "--a\r\n%s\r\n--a\r\n%s\r\n--a\r\n%s\r\n--a--\r\n",
			       key, key, key, key, key, key),
		  arena, &keys);
	assert_true(slice_equal(keys.autocrypt, SLICE("key")));
	/* Of more than so many the rest is left where it is. */
	assert_int_equal(keys.attached_count, ATTACHED_KEYS_MAX);
	for (size_t i = 0; i < keys.attached_count; i++)
		assert_true(slice_equal(keys.attached[i], SLICE("hello")));
	read_keys(arena_printf(arena, FROM "%s", key), arena, &keys);
	assert_int_equal(keys.attached_count, 1);
	arena_free(arena);
}

/* A message whose signature or key has so many bytes. */
static const char *
with_body(const char *before, size_t size, const char *behind, struct arena *arena)
{
	char *bytes = arena_alloc(arena, size + 1);

	memset(bytes, 'x', size);
	return arena_printf(arena, "%s%s%s", before, bytes, behind);
}

static void
what_is_too_large_is_left(void **state)
{
	struct arena *arena = arena_new();
	struct keys_reading keys;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		read_keys(with_body(FROM SIGNED "\r\n--b\r\n" TEXT "\r\n--b\r\nContent-Type: "
						"application/pkcs7-signature\r\n\r\n",
				    BROUGHT_SIGNATURE_APART_MAX + more, "\r\n--b--\r\n", arena),
			  arena, &keys);
		assert_int_equal(keys.form, more == 0 ? SIGNATURE_APART : SIGNATURE_NONE);
		read_keys(with_body(FROM "Content-Type: application/pkcs7-mime\r\n\r\n",
				    BROUGHT_SIGNATURE_MAX + more, "", arena),
			  arena, &keys);
		assert_int_equal(keys.form, more == 0 ? SIGNATURE_WITHIN : SIGNATURE_NONE);
		read_keys(with_body(FROM "Content-Type: application/pgp-keys\r\n\r\n",
				    ATTACHED_KEY_SIZE_MAX + more, "", arena),
			  arena, &keys);
		assert_int_equal(keys.attached_count, more == 0);
	}
	arena_free(arena);
}

/* An answer, of which each row makes one thing wrong. */
struct answer {
	const char *claim;
	struct slice author;
	int64_t sent_at;
	size_t autocrypt;
	uint64_t form;
	size_t signature;
	uint64_t offset, size;
	uint64_t keys;
	size_t key;
	size_t more;
	bool good;
};

static void
only_answers_that_make_sense_are_taken(void **state)
{
	static const unsigned char bytes[AUTOCRYPT_FIELD_MAX + 1];
#define AUTHOR SLICE("alice@example.org")
	static const struct answer rows[] = {
	    {"all", AUTHOR, 1, 5, SIGNATURE_APART, 5, 10, 90, 1, 5, 0, true},
	    {"nothing", AUTHOR, 0, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, true},
	    {"no author", SLICE(""), 0, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, false},
	    {"no address", SLICE("alice"), 0, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, false},
	    {"NUL", SLICE("alice@example.org\0x"), 0, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, false},
	    {"before time", AUTHOR, -1, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, false},
	    {"a long field", AUTHOR, 0, sizeof(bytes), SIGNATURE_NONE, 0, 0, 0, 0, 0, 0, false},
	    {"another form", AUTHOR, 0, 0, 3, 5, 0, 0, 0, 0, 0, false},
	    {"no signature", AUTHOR, 0, 0, SIGNATURE_APART, 0, 10, 90, 0, 0, 0, false},
	    {"none, and one", AUTHOR, 0, 0, SIGNATURE_NONE, 5, 0, 0, 0, 0, 0, false},
	    {"content of none", AUTHOR, 0, 0, SIGNATURE_NONE, 0, 0, 1, 0, 0, 0, false},
	    {"content behind the end", AUTHOR, 0, 0, SIGNATURE_APART, 5, 10, 91, 0, 0, 0, false},
	    {"content far away", AUTHOR, 0, 0, SIGNATURE_APART, 5, UINT64_MAX, 2, 0, 0, 0, false},
	    {"content twice", AUTHOR, 0, 0, SIGNATURE_WITHIN, 5, 0, 1, 0, 0, 0, false},
	    {"many keys", AUTHOR, 0, 0, SIGNATURE_NONE, 0, 0, 0, 5, 1, 0, false},
	    {"an empty key", AUTHOR, 0, 0, SIGNATURE_NONE, 0, 0, 0, 1, 0, 0, false},
	    {"something behind it", AUTHOR, 0, 0, SIGNATURE_NONE, 0, 0, 0, 0, 0, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer *row = &rows[i];
		struct arena *arena = arena_new();
		struct text *out = text_new_in(arena, 65536);
		struct keys_reading keys;
		enum status status;

		pack_bytes(out, row->author);
		pack_number(out, (uint64_t)row->sent_at, 8);
		pack_bytes(out, slice_of(bytes, row->autocrypt));
		pack_number(out, row->form, 1);
		pack_bytes(out, slice_of(bytes, row->signature));
		pack_number(out, row->offset, 8);
		pack_number(out, row->size, 8);
		pack_number(out, row->keys, 1);
		for (uint64_t at = 0; at < row->keys; at++)
			pack_bytes(out, slice_of(bytes, row->key));
		text_append(out, slice_of(bytes, row->more));
		status = reading_keys_check(text_slice(out), 100, arena, &keys);
		if ((status == STATUS_OK) != row->good)
			fail_msg("%s", row->claim);
		/* Nor is any beginning of it one. */
		for (size_t size = 1; row->good && size < out->size; size++)
			assert_int_equal(reading_keys_check(slice_part(text_slice(out), 0, size),
							    100, arena, &keys),
					 STATUS_INVALID);
		arena_free(arena);
	}
}

static void
headers_say_whether_there_is_something(void **state)
{
	static const struct {
		const char *header;
		bool brings;
	} rows[] = {
	    {FROM "\r\n", false},
	    {FROM "Content-Type: multipart/mixed; boundary=b\r\n\r\n", false},
	    {FROM "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n", false},
	    {FROM SIGNED "\r\n", true},
	    {FROM "content-type:\r\n Application/PKCS7-Mime; smime-type=signed-data\r\n\r\n", true},
	    {FROM "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\n\r\n", true},
	    {FROM "Content-Type: application/pgp-keys\r\n\r\n", true},
	    {FROM "autocrypt: \r\n\r\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct slice bytes = slice_from_text(rows[i].header);
		struct source source = source_from_slice(&bytes);
		struct header_block block;

		assert_int_equal(header_read(&source, arena, &block), STATUS_OK);
		if (header_brings_keys(&block) != rows[i].brings)
			fail_msg("%s", rows[i].header);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signed_bytes_are_those_of_the_message),
	    cmocka_unit_test(only_what_is_around_all_of_it_counts),
	    cmocka_unit_test(without_one_author_there_is_nothing),
	    cmocka_unit_test(keys_of_the_message_itself_are_decoded),
	    cmocka_unit_test(what_is_too_large_is_left),
	    cmocka_unit_test(only_answers_that_make_sense_are_taken),
	    cmocka_unit_test(headers_say_whether_there_is_something),
	};

	mail_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
