#include "mail/charset.h"

#include <stdlib.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include "mail/utf8.h"

#define LABEL_MAX 64
#define UNITS 2048

struct charset {
	UConverter *converter;
	UChar lead; /* first half of a surrogate pair whose second half is still to come */
};

/* Labels that writers use for a larger charset than they name (as browsers read them),
 * and names that ICU does not know. */
static const struct {
	const char *label;
	const char *name;
} readings[] = {
    {"us-ascii", "utf-8"},
    {"ascii", "utf-8"},
    {"ansi_x3.4-1968", "utf-8"},
    {"iso-8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"ks_c_5601-1989", "windows-949"},
    {"euc-kr", "windows-949"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"iso-2022-jp", "iso-2022-jp-2"},
    {"unicode-1-1-utf-7", "utf-7"},
};

static void
close_converter(void *argument)
{
	ucnv_close(argument);
}

/* The name ICU is asked for; NULL when the label cannot be one.  ICU takes options behind
 * a comma, which no letter may set. */
static const char *
reading_of(struct slice label, char buffer[LABEL_MAX])
{
	if (label.size == 0 || label.size >= LABEL_MAX)
		return NULL;
	for (size_t i = 0; i < label.size; i++) {
		unsigned char byte = slice_lower(label.data[i]);

		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
		      byte == '_' || byte == '.' || byte == ':' || byte == '+'))
			return NULL;
		buffer[i] = (char)byte;
	}
	buffer[label.size] = '\0';
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (slice_equal(label, slice_from_text(readings[i].label)) ||
		    slice_equal(slice_from_text(buffer), slice_from_text(readings[i].label)))
			return readings[i].name;
	return buffer;
}

static UConverter *
open_converter(struct slice label)
{
	char buffer[LABEL_MAX];
	const char *name = reading_of(label, buffer);
	UErrorCode error = U_ZERO_ERROR;
	UConverter *converter = name == NULL ? NULL : ucnv_open(name, &error);

	return U_SUCCESS(error) ? converter : NULL;
}

struct charset *
charset_open(const char *label, struct arena *arena)
{
	struct charset *charset = arena_alloc(arena, sizeof(*charset));

	charset->converter = open_converter(slice_from_text(label));
	if (charset->converter == NULL)
		charset->converter = open_converter(SLICE("utf-8"));
	if (charset->converter == NULL)
		abort();
	arena_defer(arena, close_converter, charset->converter);
	return charset;
}

static void
append_units(struct charset *charset, const UChar *units, size_t count, struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): ICU wrote `count`. */
		UChar unit = units[i];

		if (charset->lead != 0) {
			UChar lead = charset->lead;

			charset->lead = 0;
			if (U16_IS_TRAIL(unit)) {
				utf8_append(out, (uint32_t)U16_GET_SUPPLEMENTARY(lead, unit));
				continue;
			}
			utf8_append(out, UTF8_BROKEN);
		}
		if (U16_IS_LEAD(unit))
			charset->lead = unit;
		else
			utf8_append(out, unit);
	}
}

void
charset_convert(struct charset *charset, struct slice bytes, bool last, struct text *out)
{
	const char *from = bytes.size == 0 ? "" : (const char *)bytes.data;
	const char *end = from + bytes.size;
	UErrorCode error;

	do {
		UChar units[UNITS];
		UChar *to = units;

		error = U_ZERO_ERROR;
		ucnv_toUnicode(charset->converter, &to, units + UNITS, &from, end, NULL,
			       (UBool)last, &error);
		append_units(charset, units, (size_t)(to - units), out);
		/* Anything but a full buffer is a fault of the letter: skip a byte, show that. */
		if (U_FAILURE(error) && error != U_BUFFER_OVERFLOW_ERROR) {
			utf8_append(out, UTF8_BROKEN);
			ucnv_resetToUnicode(charset->converter);
			if (from < end)
				from++;
		}
	} while (from < end || error == U_BUFFER_OVERFLOW_ERROR);
	if (last && charset->lead != 0) {
		utf8_append(out, UTF8_BROKEN);
		charset->lead = 0;
	}
}

unsigned
charset_guess_byte(unsigned char byte)
{
	static const unsigned short high[32] = {
	    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
	};

	return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}
