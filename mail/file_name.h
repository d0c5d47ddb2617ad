/*
 * Names and types of files from letters, made safe to offer: one name without a path, that
 * no system reads as something else than it looks; a type only when it stands in a table of ours.
 */
#ifndef MAIL_FILE_NAME_H
#define MAIL_FILE_NAME_H

#include "base/arena.h"
#include "mail/manifest.h"

#define FILE_NAME_MAX ((size_t)200)

/* The last path part of `name`, clean: no controls or bidi overrides, no leading or trailing dots
 * and blanks, nothing that Windows forbids or reserves; at most FILE_NAME_MAX bytes with the
 * ending kept.  "" when nothing is left. */
const char *file_name_clean(struct slice name, struct arena *arena);

/* Names for files that are to lie beside each other in one folder: each as it is, or where it stood
 * before with a number: "a.txt", "A (2).txt".  In any case of ASCII letters no two are the same, as
 * Windows and macOS want it. */
const char *const *file_names_distinct(const char *const *names, size_t count, struct arena *arena);

/* One safe name for each part, in their order: clean, never empty, and distinct. */
const char *const *
file_names_of_parts(const struct part *const *parts, size_t count, struct arena *arena);

/* The name, or for an empty one a name by the type: "picture.png", "message.eml", "file". */
const char *file_name_or_default(const char *name, const char *type);

/* The Content-Type a file is given out with: from the table, or application/octet-stream. */
const char *file_name_content_type(const char *type);

#endif
