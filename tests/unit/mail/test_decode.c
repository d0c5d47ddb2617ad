/* mail/decode: base64 in pieces, byte for byte as the library alone has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/decode.h"

#define ROUNDS 60000
#define MOST 700

/* The same numbers in every run. */
static uint32_t seed = 1;

static uint32_t
random_below(uint32_t bound)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % bound;
}

/* Mostly regular lines; in some rounds with padding, blanks and what does not belong. */
static size_t
make_text(unsigned char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const unsigned char odd[] = "=== \t-_.\0\x80\xff\r\n\n";
	size_t size = random_below(MOST);
	uint32_t line = 1 + random_below(90);
	uint32_t odds = random_below(4) == 0 ? 1 + random_below(60) : 0;

	for (size_t i = 0; i < size; i++) {
		size_t column = i % (line + 2);

		if (odds > 0 && random_below(odds) == 0)
			text[i] = odd[random_below(sizeof(odd) - 1)];
		else if (column < line)
			text[i] = (unsigned char)digits[random_below(64)];
		else
			text[i] = column == line ? '\r' : '\n';
	}
	for (uint32_t i = random_below(4); i > 0 && size >= i; i--)
		text[size - i] = '=';
	return size;
}

static void
pieces_decode_as_the_library_decodes_them(void **state)
{
	static unsigned char text[MOST], ours[DECODE_ROOM], theirs[DECODE_ROOM];
	size_t decoded = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t size = make_text(text);
		struct decoder decoder;
		GMimeEncoding library;

		decoder_init(&decoder, PART_BASE64);
		g_mime_encoding_init_decode(&library, GMIME_CONTENT_ENCODING_BASE64);
		for (size_t at = 0, piece; at < size; at += piece) {
			size_t got, expected;

			piece = 1 + random_below(random_below(2) ? 9 : MOST);
			piece = piece < size - at ? piece : size - at;
			got = decoder_step(&decoder, slice_of(text + at, piece), ours);
			expected = g_mime_encoding_step(&library, (const char *)text + at, piece,
							(char *)theirs);
			assert_int_equal(got, expected);
			if (got > 0)
				assert_memory_equal(ours, theirs, got);
			assert_int_equal(decoder.state.state, library.state);
			assert_int_equal(decoder.state.save, library.save);
			decoded += got;
		}
	}
	assert_true(decoded > ROUNDS * 100);
}

static void
a_full_piece_fits(void **state)
{
	static unsigned char text[DECODE_PIECE], out[DECODE_ROOM];
	struct decoder decoder;

	(void)state;
	memset(text, '/', sizeof(text));
	decoder_init(&decoder, PART_BASE64);
	assert_int_equal(decoder_step(&decoder, slice_of(text, 2), out), 0);
	assert_int_equal(decoder_step(&decoder, slice_of(text, sizeof(text)), out),
			 sizeof(text) / 4 * 3);
	for (size_t i = 0; i < sizeof(text) / 4 * 3; i++)
		assert_int_equal(out[i], 0xff);
	assert_int_equal(decoder_finish(&decoder, out), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_decode_as_the_library_decodes_them),
	    cmocka_unit_test(a_full_piece_fits),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
