/*
 * Reading rows by other statements than their own: each takes its columns from the place where the
 * statement has them, in the same order.  Inside store/ only.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "store/delivery.h"
#include "store/link.h"
#include "store/lock.h"
#include "store/message.h"
#include "store/query.h"

/* What is damaged shows in columns->damaged. */
struct link_row link_from_columns(struct columns *columns);
struct delivery_row delivery_from_columns(struct columns *columns);
struct message_row message_from_columns(struct columns *columns);
/* A statement of one parameter.  STATUS_NOT_FOUND when it gives no row. */
enum status message_read_by(struct store *store, const char *statement, const struct id *id,
			    struct arena *arena, struct message_row *row_out) MUST_CHECK;

/* False when all of it is null: an outer join found none. */
bool lock_from_columns(struct columns *columns, struct lock_row *row_out);

#endif
