#include "store/message.h"

#include <string.h>

#include "store/rows.h"

/* Uploads that one statement of a sweep looks at; each may have hundreds of chunks. */
#define SWEEP_UPLOADS 20

/* Chunks that one statement deletes: some hundred MB, which takes a second or two. */
#define DELETE_CHUNKS 1000

enum status
message_claim(struct store *store, int64_t now, int64_t until, size_t most, struct arena *arena,
	      struct id **ids_out, size_t *count_out)
{
	struct parameters parameters;
	enum status status;
	struct id *ids;
	size_t count;

	bind_none(&parameters);
	bind_number(&parameters, until);
	bind_number(&parameters, (int64_t)most);
	status = query_ids(store, "message_claim_new", &parameters, arena, &ids, &count);
	if (status == STATUS_OK && count == 0) {
		bind_none(&parameters);
		bind_number(&parameters, until);
		bind_number(&parameters, now);
		status = query_ids(store, "message_claim_again", &parameters, arena, &ids, &count);
	}
	if (status != STATUS_OK)
		return status;
	*ids_out = ids;
	*count_out = count;
	return STATUS_OK;
}

struct message_row
message_from_columns(struct columns *columns)
{
	struct message_row row = {0};

	column_id(columns, &row.id);
	row.origin = (enum message_origin)column_number(columns);
	row.state = (enum message_state)column_number(columns);
	row.received_at = column_number(columns);
	row.size = (uint64_t)column_number(columns);
	row.chunk_count = (uint32_t)column_number(columns);
	row.chunk = column_bytes(columns);
	row.gateway_wrap = column_bytes(columns);
	row.envelope = column_bytes(columns);
	row.manifest = column_bytes(columns);
	row.sender = column_bytes(columns);
	row.sender_index = column_bytes(columns);
	row.subject = column_bytes(columns);
	row.has_parent = column_id(columns, &row.parent_delivery);
	row.claims = (int)column_number(columns);
	row.transfer = (unsigned)column_number(columns);
	row.returns = (unsigned)column_number(columns);
	row.envelope_id = column_bytes(columns);
	return row;
}

static void
read_row(struct columns *columns, void *element)
{
	struct message_row *row = element;

	*row = message_from_columns(columns);
}

/* Why a locked read found nothing. */
static enum status
missing_or_busy(struct store *store, const struct id *id)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_run(store, "message_exists", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	status = PQntuples(result) ? STATUS_BUSY : STATUS_NOT_FOUND;
	PQclear(result);
	return status;
}

enum status
message_read_by(struct store *store, const char *statement, const struct id *id,
		struct arena *arena, struct message_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, statement, &parameters, arena, read_row, sizeof(*row_out), row_out);
}

enum status
message_read(struct store *store, const struct id *id, bool lock, struct arena *arena,
	     struct message_row *row_out)
{
	if (!lock)
		return message_read_by(store, "message_read", id, arena, row_out);
	for (int turn = 0; turn < QUERY_TURNS; turn++) {
		enum status status =
		    message_read_by(store, "message_read_locked", id, arena, row_out);

		if (status == STATUS_NOT_FOUND)
			status = missing_or_busy(store, id);
		if (status != STATUS_BUSY)
			return status;
		query_pause();
	}
	return STATUS_BUSY;
}

enum status
message_chunk(struct store *store, const struct id *id, uint32_t number, unsigned char *sealed,
	      size_t room, size_t *size_out)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;
	size_t size;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, number);
	status = query_run(store, "message_chunk", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	if (!PQntuples(result)) {
		PQclear(result);
		return STATUS_NOT_FOUND;
	}
	size = (size_t)PQgetlength(result, 0, 0);
	if (size <= room) {
		memcpy(sealed, PQgetvalue(result, 0, 0), size);
		*size_out = size;
	} else {
		status = STATUS_TOO_LARGE;
	}
	PQclear(result);
	return status;
}

enum status
message_set_routed(struct store *store, const struct id *id,
		   const struct message_findings *findings)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes_or_null(&parameters, findings->manifest);
	bind_bytes_or_null(&parameters, findings->sender);
	bind_bytes_or_null(&parameters, findings->sender_index);
	bind_bytes_or_null(&parameters, findings->subject);
	bind_number(&parameters, findings->transfer);
	bind_number(&parameters, findings->returns);
	bind_bytes_or_null(&parameters, findings->envelope_id);
	return query_change_one(store, "message_set_routed", &parameters, STATUS_CONFLICT);
}

enum status
message_set_stuck(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "message_set_stuck", &parameters, STATUS_CONFLICT);
}

enum status
message_drop_gateway_wrap(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "message_drop_gateway_wrap", &parameters, STATUS_NOT_FOUND);
}

enum status
message_destroy(struct store *store, const struct id *id)
{
	struct parameters parameters;

	size_t deleted;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_change_one(store, "message_destroy", &parameters, STATUS_NOT_FOUND);
	bind_number(&parameters, DELETE_CHUNKS);
	do {
		if (status == STATUS_OK)
			status =
			    query_change(store, "message_destroy_chunks", &parameters, &deleted);
	} while (status == STATUS_OK && deleted == DELETE_CHUNKS);
	return status;
}

enum status
message_replies(struct store *store, const struct id *delivery, struct arena *arena,
		struct id **ids_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	return query_ids(store, "message_replies", &parameters, arena, ids_out, count_out);
}

enum status
message_sweep_uploads(struct store *store, int64_t before, size_t *deleted_out)
{
	size_t deleted = 0;
	int64_t uploads, chunks;

	do {
		struct parameters parameters;
		struct columns columns;
		PGresult *result;
		enum status status;

		bind_none(&parameters);
		bind_number(&parameters, before);
		bind_number(&parameters, SWEEP_UPLOADS);
		bind_number(&parameters, DELETE_CHUNKS);
		status = query_run(store, "message_sweep_uploads", &parameters, &result);
		if (status != STATUS_OK)
			return status;
		columns = columns_of(result, 0, NULL);
		uploads = column_number(&columns);
		chunks = column_number(&columns);
		deleted += (size_t)chunks;
		PQclear(result);
	} while (uploads == SWEEP_UPLOADS || chunks == DELETE_CHUNKS);
	*deleted_out = deleted;
	return STATUS_OK;
}
