/* A delivery whose notice carries the message as PDF: what is kept until that has left. */
#include "store/delivery.h"

#include "store/query.h"

bool
delivery_pdf_is_generated(enum pdf_way way)
{
	return way == PDF_GENERATED || way == PDF_PHONE || way == PDF_SHEET;
}

enum pdf_way
delivery_pdf_told(const struct delivery_row *row)
{
	return row->pdf == PDF_PHONE && row->pdf_phone_failed ? PDF_GENERATED : row->pdf;
}

bool
delivery_pdf_has_left(enum pdf_outcome outcome)
{
	return outcome == PDF_LEFT || outcome == PDF_UNTOLD;
}

bool
delivery_pdf_waits(const struct delivery_row *row)
{
	return row->pdf != PDF_NONE && row->pdf_outcome == PDF_WAITS;
}

enum status
delivery_set_held_again(struct store *store, const struct id *id, int64_t remind_at)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number_or_null(&parameters, remind_at);
	return query_change_one(store, "delivery_set_held_again", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_pdf_ready(struct store *store, const struct delivery_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, &row->lock_id);
	bind_bytes(&parameters, row->gateway_wrap);
	bind_bytes(&parameters, row->pdf_password);
	bind_number_or_null(&parameters, row->pdf_number);
	bind_number_or_null(&parameters, row->pdf_sheet_at);
	return query_change_one(store, "delivery_set_pdf_ready", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_pdf_over(struct store *store, const struct id *id, enum pdf_outcome outcome,
		      int64_t now, int64_t remind_at)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, outcome);
	bind_number(&parameters, now);
	bind_number_or_null(&parameters, remind_at);
	return query_change_one(store, "delivery_set_pdf_over", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_pdf_told(struct store *store, const struct id *id, const struct id *outbox, bool told)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_id(&parameters, outbox);
	bind_flag(&parameters, told);
	return query_change(store, "delivery_set_pdf_told", &parameters, &rows);
}

enum status
delivery_set_pdf_phone_failed(struct store *store, const struct id *id)
{
	return query_change_id(store, "delivery_set_pdf_phone_failed", id);
}
