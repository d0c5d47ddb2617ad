/*
 * A catalogue of translations in the form that msgfmt compiles (GNU gettext,
 * "The Format of GNU MO Files").  gettext's own functions choose by the
 * process's locale, and a plain Debian has none but C: so the file is read here.
 * It is believed in nothing: every offset is checked, every text ends in its NUL,
 * and keys must stand in order.  Knows nothing of languages or templates.
 *
 * A catalogue is not changed after it is read: any number of threads may look things up.
 */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define CATALOGUE_FILE_MAX ((size_t)4194304)
#define CATALOGUE_ENTRIES_MAX ((size_t)65536)

/* What is looked up: a text of the source's language, that of more than one (empty: there is
 * none), and what tells it from an equal text elsewhere (empty: nothing). */
struct phrase {
	struct slice context;
	struct slice text;
	struct slice plural;
};

struct catalogue;

/* Read a catalogue; everything is copied into the arena.  STATUS_INVALID when it is none. */
enum status catalogue_read(struct slice bytes, struct arena *arena,
			   struct catalogue **catalogue_out) MUST_CHECK;

size_t catalogue_count(const struct catalogue *catalogue);

/* The translation, borrowed: of a phrase with a plural all its forms, a NUL between two.  False
 * when there is none or it is empty; NULL is an empty catalogue. */
bool catalogue_find(const struct catalogue *catalogue, const struct phrase *phrase,
		    struct slice *translation_out);

/* How many forms a translation has, and one of them; the last one stands for those behind it. */
size_t catalogue_forms(struct slice translation);
struct slice catalogue_form(struct slice translation, size_t form);

/* "value" of the line "name: value" in the catalogue's own header; empty when it has none. */
struct slice catalogue_field(const struct catalogue *catalogue, const char *name);

#endif
