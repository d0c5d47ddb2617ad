/*
 * Calling a named statement: typed binary parameters in, typed binary columns
 * out.  Inside store/ only.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/id.h"
#include "store/store.h"

#define PARAMETERS_MAX 40

/* Slices and ids are borrowed until the statement was sent.  Points into itself: not to be copied.
 */
struct parameters {
	size_t count;
	Oid types[PARAMETERS_MAX];
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX];
	int formats[PARAMETERS_MAX];
	unsigned char numbers[PARAMETERS_MAX][8];
};

/* Parameters $1, $2, ... in order.  Every number travels as bigint; the server narrows it. */
void bind_none(struct parameters *parameters);
void bind_id(struct parameters *parameters, const struct id *id); /* NULL: null */
void bind_number(struct parameters *parameters, int64_t number);
void bind_number_or_null(struct parameters *parameters, int64_t number); /* 0: null */
void bind_flag(struct parameters *parameters, bool flag);
void bind_bytes(struct parameters *parameters, struct slice bytes);
void bind_bytes_or_null(struct parameters *parameters, struct slice bytes); /* empty: null */
void bind_text(struct parameters *parameters, const char *text);	    /* NULL: null */

/* Run and hand over the result, to be cleared by the caller. */
enum status query_run(struct store *store, const char *statement,
		      const struct parameters *parameters, PGresult **result_out) MUST_CHECK;

/* The same for a change; *rows_out is the number of rows it touched. */
enum status query_change(struct store *store, const char *statement,
			 const struct parameters *parameters, size_t *rows_out) MUST_CHECK;

/* A change of exactly one row: `otherwise` when no row was as the statement asks. */
enum status query_change_one(struct store *store, const char *statement,
			     const struct parameters *parameters, enum status otherwise) MUST_CHECK;

/* The first column of every row as ids, in the arena. */
enum status
query_ids(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, struct id **ids_out, size_t *count_out) MUST_CHECK;

/* Reads the columns of one row from left to right. */
struct columns {
	const PGresult *result;
	int row;
	int next;
	struct arena *arena; /* where bytes and texts are copied to */
	bool damaged;	     /* a column was not of the size its type has */
};

struct columns columns_of(const PGresult *result, size_t row, struct arena *arena);

/* Run, and stand at the columns of the first row; the result is to be cleared by the caller.
 * STATUS_NOT_FOUND, with nothing to clear, when there is no row. */
enum status
query_row(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, PGresult **result_out, struct columns *columns_out) MUST_CHECK;

/* The same for a statement whose one parameter is an id; whether there is such a row is not told.
 */
enum status
query_change_id(struct store *store, const char *statement, const struct id *id) MUST_CHECK;

/* The same for one whose one parameter is a hash, such as that of an address. */
enum status
query_change_bytes(struct store *store, const char *statement, struct slice bytes) MUST_CHECK;

/* Reads a row into an element, which is all zeros. */
typedef void query_read(struct columns *columns, void *element);

/* Run, and read the first row.  STATUS_NOT_FOUND; STATUS_INTERNAL: a column was damaged. */
enum status
query_one(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, query_read *read, size_t size, void *element_out) MUST_CHECK;

/* Run, and read all rows into an array of elements of `size` bytes, in the arena. */
struct query_rows {
	void *list;
	size_t count;
};
enum status query_many(struct store *store, const char *statement,
		       const struct parameters *parameters, struct arena *arena, query_read *read,
		       size_t size, struct query_rows *rows_out) MUST_CHECK;

int64_t column_number(struct columns *columns); /* null: 0 */
bool column_flag(struct columns *columns);
bool column_id(struct columns *columns, struct id *id_out); /* false, and zeros: null */
struct slice column_bytes(struct columns *columns);	    /* null: empty */
const char *column_text(struct columns *columns);	    /* null: NULL */

/*
 * A row that is claimed can be locked for a moment all the same: another claim that began before
 * ours was committed locks it, sees that it is taken, and keeps that lock until its own end.  So
 * who finds the row of its own claim locked tries so many times, with such a pause between.
 */
#define QUERY_TURNS 20
void query_pause(void);

#endif
