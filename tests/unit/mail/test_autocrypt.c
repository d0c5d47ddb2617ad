/* Keys that come along with a message, and the frame of PGP/MIME. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/autocrypt.h"
#include "mail/parse.h"
#include "mail/protect_openpgp.h"

static const struct edits no_edits;

#define FROM "From: Alice <alice@example.org>\r\n"
#define KEY "keydata=aGVsbG8="

static void
one_field_that_speaks_of_from_is_read(void **state)
{
	static const struct {
		const char *claim;
		const char *header;
		bool found, mutual;
	} rows[] = {
	    {"plain", FROM "Autocrypt: addr=alice@example.org; " KEY "\r\n", true, false},
	    {"mutual", FROM "Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; " KEY "\r\n",
	     true, true},
	    {"another preference counts for none",
	     FROM "Autocrypt: addr=alice@example.org; prefer-encrypt=always; " KEY "\r\n", true,
	     false},
	    {"folded anywhere",
	     FROM "Autocrypt: addr=alice@example.org;\r\n\tkeydata=aGVs\r\n bG8\r\n =\r\n", true,
	     false},
	    {"another case of the address", FROM "autocrypt: addr=Alice@Example.org;" KEY "\r\n",
	     true, false},
	    {"a semicolon at the end", FROM "Autocrypt: addr=alice@example.org; " KEY ";\r\n", true,
	     false},
	    {"an attribute that may be passed over",
	     FROM "Autocrypt: addr=alice@example.org; _monkey=ignore; " KEY "\r\n", true, false},
	    {"the type of before Level 1",
	     FROM "Autocrypt: addr=alice@example.org; type=1; " KEY "\r\n", true, false},
	    {"another type", FROM "Autocrypt: addr=alice@example.org; type=p; " KEY "\r\n", false,
	     false},
	    {"a critical attribute",
	     FROM "Autocrypt: addr=alice@example.org; monkey=ignore; " KEY "\r\n", false, false},
	    {"an attribute twice",
	     FROM "Autocrypt: addr=alice@example.org; addr=alice@example.org; " KEY "\r\n", false,
	     false},
	    {"somebody else's", FROM "Autocrypt: addr=bob@example.org; " KEY "\r\n", false, false},
	    {"somebody else's beside it",
	     FROM "Autocrypt: addr=bob@example.org; " KEY "\r\n"
		  "Autocrypt: addr=alice@example.org; " KEY "\r\n",
	     true, false},
	    {"two",
	     FROM "Autocrypt: addr=alice@example.org; " KEY "\r\n"
		  "Autocrypt: addr=alice@example.org; " KEY "\r\n",
	     false, false},
	    {"two senders",
	     "From: alice@example.org, bob@example.org\r\n"
	     "Autocrypt: addr=alice@example.org; " KEY "\r\n",
	     false, false},
	    {"two fields From", FROM FROM "Autocrypt: addr=alice@example.org; " KEY "\r\n", false,
	     false},
	    {"no From", "Autocrypt: addr=alice@example.org; " KEY "\r\n", false, false},
	    {"no key", FROM "Autocrypt: addr=alice@example.org\r\n", false, false},
	    {"an empty key", FROM "Autocrypt: addr=alice@example.org; keydata=\r\n", false, false},
	    {"no base64", FROM "Autocrypt: addr=alice@example.org; keydata=aGVs*G8=\r\n", false,
	     false},
	    {"no address", FROM "Autocrypt: " KEY "\r\n", false, false},
	    {"no attributes", FROM "Autocrypt: hello\r\n", false, false},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		struct arena *arena = arena_new();
		struct slice bytes = slice_from_text(rows[at].header);
		struct source source = source_from_slice(&bytes);
		struct header_block block;
		struct autocrypt found;
		enum status status;

		assert_int_equal(header_read(&source, arena, &block), STATUS_OK);
		status = autocrypt_read(&block, arena, &found);
		if (status != (rows[at].found ? STATUS_OK : STATUS_NOT_FOUND))
			fail_msg("%s: %s", rows[at].claim, status_text(status));
		if (status == STATUS_OK &&
		    (found.mutual != rows[at].mutual || !slice_equal(found.key, SLICE("hello")) ||
		     strcmp(found.address, "alice@example.org") != 0))
			fail_msg("%s: read wrongly", rows[at].claim);
		arena_free(arena);
	}
}

static void
a_field_beyond_the_bound_is_none(void **state)
{
	static char header[AUTOCRYPT_FIELD_MAX + 512];
	static const char start[] = FROM "Autocrypt: addr=alice@example.org; keydata=\r\n";

	(void)state;
	for (size_t lines = 100; lines <= 200; lines += 100) {
		struct arena *arena = arena_new();
		struct text text;
		struct slice bytes;
		struct source source;
		struct header_block block;
		struct autocrypt found;

		text_init(&text, sizeof(header) * 2);
		text_append_text(&text, start);
		for (size_t at = 0; at < lines; at++)
			text_printf(&text, " %.*s\r\n", 64,
				    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				    "AA");
		bytes = text_slice(&text);
		source = source_from_slice(&bytes);
		assert_int_equal(header_read(&source, arena, &block), STATUS_OK);
		assert_int_equal(autocrypt_read(&block, arena, &found),
				 lines == 100 ? STATUS_OK : STATUS_NOT_FOUND);
		text_clear(&text);
		arena_free(arena);
	}
}

static void
files_of_keys_are_seen(void **state)
{
#define FILE_OF(type, content)                                                                     \
	"--x\r\nContent-Type: " type "\r\n"                                                        \
	"Content-Disposition: attachment\r\n\r\n" content "\r\n"
	static const struct {
		const char *claim, *parts;
		bool seen;
	} rows[] = {
	    {"a file of keys", FILE_OF("application/pgp-keys; name=mine.asc", "key"), true},
	    {"beside other files",
	     FILE_OF("application/pgp-signature", "none") FILE_OF("application/pgp-keys", "key"),
	     true},
	    {"in a letter attached",
	     "--x\r\nContent-Type: message/rfc822\r\n\r\n"
	     "Subject: other\r\nContent-Type: application/pgp-keys; name=other.asc\r\n\r\nkey\r\n",
	     false},
	    {"a file of another type", FILE_OF("application/pgp-signature", "none"), false},
	    {"an empty one", FILE_OF("application/pgp-keys", ""), false},
	    {"none", "", false},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		struct arena *arena = arena_new();
		struct slice bytes = slice_from_text(
		    arena_printf(arena,
				 FROM "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
				      "--x\r\n\r\nHello\r\n%s--x--\r\n",
				 rows[at].parts));
		struct source source = source_from_slice(&bytes);
		struct manifest manifest;

		assert_int_equal(mail_parse(&source, &no_edits, arena, &manifest), STATUS_OK);
		if (brings_attached_keys(&manifest) != rows[at].seen)
			fail_msg("%s", rows[at].claim);
		arena_free(arena);
	}
#undef FILE_OF
}

static struct slice
body_of(struct slice whole, const struct part *part)
{
	return slice_part(whole, part->offset, part->offset + part->size);
}

static void
the_frame_is_that_of_rfc_3156(void **state)
{
	static const char message[] =
	    FROM "To: bob@example.net\r\nSubject: secret\r\n\r\nHello\r\n";
	static const struct protect_policy policy = {.subject = PROTECT_SUBJECT};
	struct arena *arena = arena_new();
	struct slice bytes = slice_from_text(message);
	struct source source = source_from_slice(&bytes);
	struct protected_letter letter;
	struct protect_frame frame;
	struct manifest manifest;
	struct slice whole;
	const char *before, *behind;

	(void)state;
	assert_int_equal(protect_header(&source, &policy, arena, &letter), STATUS_OK);
	assert_int_equal(protect_openpgp(&letter, arena, &frame), STATUS_OK);
	before = arena_text_from(arena, frame.before);
	behind = arena_text_from(arena, frame.behind);
	assert_null(strstr(before, "secret"));
	assert_non_null(strstr(before, "protocol=\"application/pgp-encrypted\""));
	whole = slice_from_text(arena_printf(arena, "%sARMOUR\r\n%s", before, behind));
	source = source_from_slice(&whole);
	assert_int_equal(mail_parse(&source, &no_edits, arena, &manifest), STATUS_OK);
	assert_int_equal(manifest.part_count, 3);
	assert_string_equal(manifest.parts[0].type, "multipart/encrypted");
	assert_string_equal(manifest.parts[1].type, "application/pgp-encrypted");
	assert_true(slice_equal(body_of(whole, &manifest.parts[1]), SLICE("Version: 1\r\n")));
	assert_string_equal(manifest.parts[2].type, "application/octet-stream");
	assert_true(slice_equal(body_of(whole, &manifest.parts[2]), SLICE("ARMOUR\r\n")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_field_that_speaks_of_from_is_read),
	    cmocka_unit_test(a_field_beyond_the_bound_is_none),
	    cmocka_unit_test(files_of_keys_are_seen),
	    cmocka_unit_test(the_frame_is_that_of_rfc_3156),
	};

	mail_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
