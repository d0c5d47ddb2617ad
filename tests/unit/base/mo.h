/*
 * Catalogues for tests, as msgfmt would write them.
 */
#ifndef TESTS_UNIT_BASE_MO_H
#define TESTS_UNIT_BASE_MO_H

#include <string.h>

#include "base/text.h"

/* Key (context \004 text \0 plural) and translation, keys in order. */
struct mo_entry {
	struct slice key;
	struct slice translation;
};

static inline void
mo_number(struct text *out, size_t number)
{
	for (int shift = 0; shift < 32; shift += 8)
		text_append_byte(out, (unsigned char)(number >> shift));
}

/* In the arena of `out`. */
static inline struct slice
mo_write(const struct mo_entry *entries, size_t count, struct text *out)
{
	size_t at = 28 + count * 16;

	mo_number(out, 0x950412de);
	mo_number(out, 0);
	mo_number(out, count);
	mo_number(out, 28);
	mo_number(out, 28 + count * 8);
	mo_number(out, 0);
	mo_number(out, at);
	for (size_t i = 0; i < count; at += entries[i++].key.size + 1) {
		mo_number(out, entries[i].key.size);
		mo_number(out, at);
	}
	for (size_t i = 0; i < count; at += entries[i++].translation.size + 1) {
		mo_number(out, entries[i].translation.size);
		mo_number(out, at);
	}
	for (size_t i = 0; i < count; i++) {
		text_append(out, entries[i].key);
		text_append_byte(out, '\0');
	}
	for (size_t i = 0; i < count; i++) {
		text_append(out, entries[i].translation);
		text_append_byte(out, '\0');
	}
	return text_slice(out);
}

#define MO_COUNT(entries) (sizeof(entries) / sizeof((entries)[0]))

#endif
