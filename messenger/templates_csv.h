/*
 * Templates as CSV: out without passphrases, in with or without them.  A file
 * that comes in is read, its passphrases become locks, and it is gone.
 */
#ifndef MESSENGER_TEMPLATES_CSV_H
#define MESSENGER_TEMPLATES_CSV_H

#include "messenger/templates.h"

#define IMPORT_FAULTS_MAX ((size_t)50) /* more are not told one by one */

enum import_problem {
	IMPORT_NOT_CSV = 1, /* an open quote, no UTF-8 */
	IMPORT_COLUMNS,	 /* an unknown or doubled name in the first line, or a row of another width
			  */
	IMPORT_EMPTY,	 /* no row */
	IMPORT_TWICE,	 /* a recipient of an earlier row */
	IMPORT_FLAG,	 /* neither yes nor no */
	IMPORT_FACTOR,	 /* neither none nor mail */
	IMPORT_PDF,	 /* none of the words of pdf_way_word */
	IMPORT_LANGUAGE, /* not the tag of an installed language */
	IMPORT_MAILBOX,	 /* none of the words for it */
	IMPORT_TOO_MANY, /* more passphrases than policy allows */
	IMPORT_FULL,	 /* more templates than policy allows */
	IMPORT_FORM,	 /* see `faults` */
};

struct import_fault {
	size_t line; /* 0: of the whole */
	const char *recipient;
	enum import_problem problem;
	unsigned faults; /* bits of form_fault */
};

struct import_report {
	struct import_fault faults[IMPORT_FAULTS_MAX];
	size_t fault_count;
	size_t added;
	size_t changed;
	bool has_passphrases; /* or may have: its first line is not understood */
};

/* All rows or none: one transaction.  Each passphrase costs an Argon2id: on the bounded pool.
 * STATUS_INVALID: the report says why. */
enum status messenger_templates_import(const struct messenger *messenger, const char *owner,
				       struct slice csv, int64_t now, struct arena *arena,
				       struct import_report *report_out) MUST_CHECK;

/* Everything but passphrases, in the form that can be imported. */
enum status messenger_templates_export(const struct messenger *messenger, struct slice owner_index,
				       struct text *out) MUST_CHECK;

#endif
