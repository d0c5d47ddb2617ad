/*
 * The fields of a form, whatever way they came in.  A name that comes twice
 * makes the form invalid: there is no right choice between two passphrases.
 */
#ifndef PORTAL_FORM_H
#define PORTAL_FORM_H

#include "base/arena.h"
#include "base/status.h"

#define FORM_FIELDS_MAX ((size_t)32)
#define FORM_NAME_MAX ((size_t)64)

struct form_field {
	struct slice name;
	struct slice value;
};

struct form {
	struct form_field fields[FORM_FIELDS_MAX];
	size_t count;
};

/* Decode application/x-www-form-urlencoded (WHATWG URL section 5.1, but strict: a percent
 * sign without two hex digits is STATUS_INVALID).  Values are copied into the arena and may hold
 * any byte, NUL too.  On failure *form_out is unchanged. */
enum status form_parse(struct slice body, struct arena *arena, struct form *form_out) MUST_CHECK;

/* Borrow name and value.  STATUS_INVALID: the name is there already, empty or too long;
 * STATUS_TOO_LARGE: no more room. */
enum status form_add(struct form *form, struct slice name, struct slice value) MUST_CHECK;

bool form_has(const struct form *form, const char *name);

/* The value, or the empty slice. */
struct slice form_value(const struct form *form, const char *name);

#endif
