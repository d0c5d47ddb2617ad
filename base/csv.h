/*
 * Tables as text (RFC 4180), read as spreadsheets write them and written so that they
 * read them back.  Knows records and fields; what a column means is the caller's business.
 *
 * Read: fields apart by comma, semicolon or tab, whichever of them stands first outside
 * quotes in the first line (comma when none does); lines end in CR LF, LF or CR; a byte
 * order mark is dropped; lines of nothing but blanks are skipped.  A quote inside of a field
 * that does not begin with one is a character like others.
 *
 * Written: commas and CR LF.  A value that a spreadsheet would take for a formula gets an
 * apostrophe in front.  That holds for the cell it is meant for: a program told to split
 * at other characters than commas may still find formulas within values.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/text.h"

#define CSV_FIELDS_MAX ((size_t)64)

struct csv_record {
	size_t line; /* where it begins, from 1 */
	size_t count;
	struct slice fields[CSV_FIELDS_MAX];
};

struct csv_reader {
	size_t line; /* where the next record begins; after STATUS_INVALID, where the fault is */
	struct slice text;
	size_t end; /* bytes that are text: up to the first NUL or broken UTF-8 */
	size_t at;
	unsigned char separator;
	bool broken;
	struct arena *arena;
};

/* Read `text`, whose size the caller has bounded and which outlives the reader.  Fields are
 * copied into the arena and live as long as it. */
void csv_begin(struct csv_reader *reader, struct slice text, struct arena *arena);

/* The next record.  STATUS_NOT_FOUND: there are no more.  STATUS_INVALID, with reader->line, and
 * the same again at each further call: a quote that is never closed (the line it was opened in),
 * text behind a closing quote, more than CSV_FIELDS_MAX fields, NUL, broken UTF-8. */
enum status csv_next(struct csv_reader *reader, struct csv_record *record_out) MUST_CHECK;

/* Append a field, with a comma before it unless it is the record's first. */
void csv_write_field(struct text *out, struct slice value, bool first);
void csv_end_record(struct text *out);

/* Part of `field` without the apostrophe that csv_write_field put in front: what was written.  One
 * that guards no formula stays. */
struct slice csv_plain(struct slice field);

#endif
