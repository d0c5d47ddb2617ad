/*
 * What a command prints: tables and fields for people, or one JSON object for
 * programs, from one description of the columns.  Knows nothing of what they mean.
 *
 * Values come from outside (subjects, addresses, answers of mail servers).  For people
 * they are made harmless: one line, no control or bidi characters, so that they can
 * move neither a terminal nor a column.  JSON carries them as they are, but escaped to
 * ASCII.
 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/id.h"

enum output_form {
	OUTPUT_PLAIN,	 /* for people, nothing is cut: a pipe or a file */
	OUTPUT_TERMINAL, /* for people, cells of tables are cut to their column's width */
	OUTPUT_JSON,
};

enum output_kind {
	OUTPUT_TEXT,   /* "" is "-", and null in JSON: not known, or not there */
	OUTPUT_WORDS,  /* stable words with blanks between; an array in JSON */
	OUTPUT_NUMBER, /* as it is */
	OUTPUT_FLAG,   /* yes or no */
	OUTPUT_TIME,   /* seconds since 1970, shown in UTC; 0 is "-", and null in JSON */
};

struct output_column {
	const char *key;     /* in JSON, stable; NULL: for people only */
	const char *heading; /* for people; NULL: for programs only */
	enum output_kind kind;
	size_t width; /* columns on a terminal; 0: never cut */
};

/* Text is borrowed for the call it is handed to. */
struct output_cell {
	const char *text;
	int64_t number;
};
struct output_cell output_text(const char *text);
struct output_cell output_id(struct id id, struct arena *arena);
struct output_cell output_number(int64_t number); /* also flags and times */

struct output;

/* The form that fits where `out` leads. */
enum output_form output_form_for(FILE *out, bool json);

/* Lives in the arena. */
struct output *output_open(FILE *out, enum output_form form, struct arena *arena);

/* One thing: a line "heading  value" for each column; members of the current object in JSON. */
void output_record(struct output *output, const struct output_column *columns, size_t count,
		   const struct output_cell *cells);

/* Many things: a table, or an array `key` of objects.  Cells row after row.  People see nothing
 * when there are no rows. */
void output_list(struct output *output, const char *key, const struct output_column *columns,
		 size_t count, const struct output_cell *cells, size_t rows);

/* What follows, up to output_group_end, is one more object of the array `key`; people see an empty
 * line before it.  Groups may hold groups, a few deep. */
void output_group_begin(struct output *output, const char *key);
void output_group_end(struct output *output);

/* A sentence for people; nothing in JSON. */
void output_note(struct output *output, const char *sentence);

/* Write what is left; false when something could not be written. */
bool output_close(struct output *output);

#endif
