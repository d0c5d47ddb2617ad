/* winmail.dat and the RTF in it: where things lie, and what is broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/rtf_pack.h"
#include "mail/tnef.h"

static void
put_number(struct text *out, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		text_append_byte(out, (unsigned char)(number >> (8 * i)));
}

static void
put_attribute(struct text *out, unsigned level, uint32_t kind, struct slice content)
{
	put_number(out, level, 1);
	put_number(out, kind, 4);
	put_number(out, content.size, 4);
	text_append(out, content);
	put_number(out, 0, 2);
}

static void
put_begin(struct text *out)
{
	put_number(out, 0x223e9f78, 4);
	put_number(out, 1, 2);
	put_attribute(out, 1, 0x00069007, SLICE("\xe4\x04\0\0\0\0\0\0")); /* 1252 */
}

static void
put_file(struct text *out, struct slice title, struct slice data)
{
	put_attribute(out, 2, 0x00069002, SLICE("\1\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	put_attribute(out, 2, 0x00018010, title);
	put_attribute(out, 2, 0x0006800f, data);
}

/* A property of changing length. */
static void
put_value(struct text *out, unsigned type, unsigned id, struct slice value)
{
	put_number(out, type, 2);
	put_number(out, id, 2);
	put_number(out, 1, 4);
	put_number(out, value.size, 4);
	text_append(out, value);
	put_number(out, 0, (unsigned)(-value.size % 4));
}

static enum status
read_text(const struct text *text, struct arena *arena, struct tnef *tnef)
{
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	struct source source;

	*bytes = text_slice(text);
	source = source_from_slice(bytes);
	return tnef_read(&source, arena, tnef);
}

static void
expect_bytes(const struct text *text, const struct tnef_piece *piece, struct slice wanted)
{
	assert_true(slice_equal(slice_part(text_slice(text), (size_t)piece->offset,
					   (size_t)(piece->offset + piece->size)),
				wanted));
}

static void
test_files(void **state)
{
	struct arena *arena = arena_new();
	struct text text, properties;
	struct tnef tnef;

	(void)state;
	text_init(&text, 10000);
	text_init(&properties, 10000);
	put_begin(&text);
	put_number(&properties, 4, 4);
	put_value(&properties, 0x1f, 0x3707, SLICE("B\0\xac\x20.\0p\0d\0f\0\0\0"));
	put_value(&properties, 0x1e, 0x370e, SLICE("image/png\0"));
	/* One with a name of its own, in front of what counts. */
	put_number(&properties, 0x1e, 2);
	put_number(&properties, 0x8001, 2);
	text_append(&properties, SLICE("0123456789abcdef"));
	put_number(&properties, 1, 4);
	put_number(&properties, 2, 4);
	text_append(&properties, SLICE("x\0\0\0"));
	put_number(&properties, 1, 4);
	put_number(&properties, 3, 4);
	text_append(&properties, SLICE("abc\0"));
	put_value(&properties, 0x1e, 0x3712, SLICE("id@x\0"));
	put_file(&text, SLICE("\xe4.txt\0"), SLICE("first"));
	put_file(&text, SLICE("../B.pdf\0"), SLICE("second"));
	put_attribute(&text, 2, 0x00069005, text_slice(&properties));
	assert_int_equal(read_text(&text, arena, &tnef), STATUS_OK);
	assert_int_equal(tnef.count, 2);
	assert_false(tnef.damaged);
	assert_string_equal(tnef.pieces[0].name, "\xc3\xa4.txt");
	expect_bytes(&text, &tnef.pieces[0], SLICE("first"));
	assert_string_equal(tnef.pieces[1].name, "B\xe2\x82\xac.pdf");
	assert_string_equal(tnef.pieces[1].type, "image/png");
	assert_string_equal(tnef.pieces[1].content_id, "id@x");
	expect_bytes(&text, &tnef.pieces[1], SLICE("second"));
	/* Cut anywhere: what was complete stays. */
	for (size_t size = 0; size < text.size; size++) {
		struct slice part = slice_part(text_slice(&text), 0, size);
		struct source source = source_from_slice(&part);
		enum status status = tnef_read(&source, arena, &tnef);

		assert_int_equal(status, size < 4 ? STATUS_INVALID : STATUS_OK);
		for (size_t i = 0; status == STATUS_OK && i < tnef.count; i++)
			assert_true(tnef.pieces[i].offset + tnef.pieces[i].size <= size);
	}
	text_clear(&properties);
	text_clear(&text);
	arena_free(arena);
}

static void
test_texts_and_letters(void **state)
{
	struct arena *arena = arena_new();
	struct text text, properties;
	struct tnef tnef;

	(void)state;
	text_init(&text, 10000);
	text_init(&properties, 10000);
	put_begin(&text);
	put_number(&properties, 4, 4);
	put_value(&properties, 0x1f, 0x1000, SLICE("H\0i\0\0\0"));
	put_value(&properties, 0x102, 0x1013, SLICE("<p>Hi"));
	put_number(&properties, 3, 2);
	put_number(&properties, 0x3fde, 2);
	put_number(&properties, 65001, 4);
	put_value(&properties, 0x102, 0x1009, SLICE("packed"));
	put_attribute(&text, 1, 0x00069003, text_slice(&properties));
	text_reset(&properties);
	put_number(&properties, 1, 4);
	put_value(&properties, 0x0d, 0x3701,
		  SLICE("0123456789abcdef\x78\x9f\x3e\x22\1\0more of it"));
	put_attribute(&text, 2, 0x00069002, SLICE("\1\0"));
	put_attribute(&text, 2, 0x00069005, text_slice(&properties));
	assert_int_equal(read_text(&text, arena, &tnef), STATUS_OK);
	assert_int_equal(tnef.count, 4);
	assert_int_equal(tnef.pieces[0].kind, TNEF_TEXT);
	assert_string_equal(tnef.pieces[0].charset, "utf-16le");
	expect_bytes(&text, &tnef.pieces[0], SLICE("H\0i\0"));
	assert_int_equal(tnef.pieces[1].kind, TNEF_HTML);
	assert_string_equal(tnef.pieces[1].charset, "utf-8");
	assert_int_equal(tnef.pieces[2].kind, TNEF_RTF);
	assert_int_equal(tnef.pieces[3].kind, TNEF_LETTER);
	expect_bytes(&text, &tnef.pieces[3], SLICE("\x78\x9f\x3e\x22\1\0more of it"));
	text_clear(&properties);
	text_clear(&text);
	arena_free(arena);
}

static void
test_damage(void **state)
{
	struct arena *arena = arena_new();
	struct text text;
	struct tnef tnef;

	(void)state;
	text_init(&text, 10000);
	put_begin(&text);
	put_file(&text, SLICE("a\0"), SLICE("first"));
	/* A property that says it is longer than all of it. */
	put_attribute(&text, 2, 0x00069005,
		      SLICE("\1\0\0\0\x1e\0\x07\x37\1\0\0\0\xff\xff\xff\xff"));
	put_file(&text, SLICE("b\0"), SLICE("second"));
	text_append_byte(&text, 7);
	assert_int_equal(read_text(&text, arena, &tnef), STATUS_OK);
	assert_int_equal(tnef.count, 2);
	assert_true(tnef.damaged);
	text_clear(&text);
	text_init(&text, 1000000);
	put_begin(&text);
	for (size_t i = 0; i < TNEF_PIECES_MAX + 5; i++)
		put_file(&text, SLICE("a\0"), SLICE("x"));
	assert_int_equal(read_text(&text, arena, &tnef), STATUS_OK);
	assert_int_equal(tnef.count, TNEF_PIECES_MAX);
	assert_true(tnef.damaged);
	text_clear(&text);
	arena_free(arena);
}

static enum status
append_bytes(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

static void
test_rtf(void **state)
{
	/* The examples of [MS-OXRTFCP] sections 4.1 and 4.2. */
	static const struct {
		struct slice packed, plain;
	} rows[] = {
	    {SLICE("\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125"
		   "B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0"),
	     SLICE("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")},
	    {SLICE("\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4KQA\0\x04 WXYZ\x0dn}\x01\x0e\xb0"),
	     SLICE("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}")},
	    {SLICE("\x10\0\0\0\x04\0\0\0MELA\0\0\0\0{rtf and more"), SLICE("{rtf")},
	};
	struct text text;
	struct sink sink = {&text, append_bytes};
	struct slice odd = SLICE("\x10\0\0\0\x04\0\0\0ABCD\0\0\0\0{rtf");
	struct slice large = SLICE("\x10\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0{rtf");
	struct source source;

	(void)state;
	text_init(&text, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		source = source_from_slice(&rows[i].packed);
		text_reset(&text);
		assert_int_equal(rtf_unpack(&source, &sink), STATUS_OK);
		assert_string_equal(text_string(&text), (const char *)rows[i].plain.data);
	}
	source = source_from_slice(&odd);
	assert_int_equal(rtf_unpack(&source, &sink), STATUS_INVALID);
	source = source_from_slice(&large);
	assert_int_equal(rtf_unpack(&source, &sink), STATUS_TOO_LARGE);
	text_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_texts_and_letters),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_rtf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
