#include "store/delivery.h"

#include "store/rows.h"

bool
delivery_in_mailbox(const struct delivery_row *row)
{
	return row->route == ROUTE_PORTAL && row->secured_at != 0 && !row->has_lock &&
	       row->lost_at == 0;
}

bool
delivery_is_lost(const struct delivery_row *row)
{
	return row->lost_at != 0 && !row->has_lock;
}

static void
bind_pdf(struct parameters *parameters, const struct delivery_row *row)
{
	bind_number(parameters, row->pdf);
	bind_bytes_or_null(parameters, row->pdf_password);
	bind_number_or_null(parameters, row->pdf_number);
	bind_number_or_null(parameters, row->pdf_sheet_at);
}

enum status
delivery_insert(struct store *store, const struct delivery_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, &row->message_id);
	bind_number(&parameters, row->state);
	bind_number(&parameters, row->route);
	bind_text(&parameters, row->reason);
	bind_bytes(&parameters, row->recipient);
	bind_bytes(&parameters, row->recipient_index);
	bind_bytes(&parameters, row->sender_index);
	bind_bytes_or_null(&parameters, row->temporary_public);
	bind_bytes_or_null(&parameters, row->gateway_wrap);
	bind_bytes_or_null(&parameters, row->outer_wrap);
	bind_bytes_or_null(&parameters, row->rescue_wrap);
	bind_bytes_or_null(&parameters, row->sender_wrap);
	bind_bytes_or_null(&parameters, row->message_key_wrap);
	bind_id(&parameters, row->has_lock ? &row->lock_id : NULL);
	bind_number(&parameters, row->link_generation);
	bind_number_or_null(&parameters, row->lifetime_days);
	bind_number(&parameters, row->wishes);
	bind_number(&parameters, row->remind_days);
	bind_number_or_null(&parameters, row->remind_at);
	bind_flag(&parameters, row->by_template);
	bind_id(&parameters, row->has_link_letter ? &row->link_letter : NULL);
	bind_number(&parameters, row->created_at);
	bind_number_or_null(&parameters, row->secured_at);
	bind_number_or_null(&parameters, row->closed_at);
	bind_number_or_null(&parameters, row->expires_at);
	bind_number(&parameters, row->notify);
	bind_bytes_or_null(&parameters, row->original);
	bind_text(&parameters, row->language == NULL ? "" : row->language);
	bind_id(&parameters, row->has_key ? &row->key_id : NULL);
	bind_bytes_or_null(&parameters, row->evidence);
	bind_number(&parameters, row->factor);
	bind_bytes_or_null(&parameters, row->phone);
	bind_number(&parameters, row->mailbox);
	bind_pdf(&parameters, row);
	return query_change_one(store, "delivery_insert", &parameters, STATUS_INTERNAL);
}

struct delivery_row
delivery_from_columns(struct columns *columns)
{
	struct delivery_row row = {0};

	column_id(columns, &row.id);
	column_id(columns, &row.message_id);
	row.state = (enum delivery_state)column_number(columns);
	row.route = (enum delivery_route)column_number(columns);
	row.reason = column_text(columns);
	row.recipient = column_bytes(columns);
	row.recipient_index = column_bytes(columns);
	row.sender_index = column_bytes(columns);
	row.temporary_public = column_bytes(columns);
	row.gateway_wrap = column_bytes(columns);
	row.outer_wrap = column_bytes(columns);
	row.rescue_wrap = column_bytes(columns);
	row.sender_wrap = column_bytes(columns);
	row.message_key_wrap = column_bytes(columns);
	row.has_lock = column_id(columns, &row.lock_id);
	row.link_generation = (uint32_t)column_number(columns);
	row.lifetime_days = (int)column_number(columns);
	row.wishes = (unsigned)column_number(columns);
	row.remind_days = (int)column_number(columns);
	row.remind_at = column_number(columns);
	row.reminders = (int)column_number(columns);
	row.by_template = column_flag(columns);
	row.closed_by = (enum closed_by)column_number(columns);
	row.has_link_letter = column_id(columns, &row.link_letter);
	row.created_at = column_number(columns);
	row.secured_at = column_number(columns);
	row.opened_at = column_number(columns);
	row.replied_at = column_number(columns);
	row.closed_at = column_number(columns);
	row.expires_at = column_number(columns);
	row.asked_at = column_number(columns);
	row.resent_at = column_number(columns);
	row.relink_at = column_number(columns);
	row.wrong_tries = (int)column_number(columns);
	row.retry_at = column_number(columns);
	row.suspended_at = column_number(columns);
	row.cleared = column_flag(columns);
	row.relay_status = column_text(columns);
	row.relay_reply = column_bytes(columns);
	row.notify = (unsigned)column_number(columns);
	row.original = column_bytes(columns);
	row.delayed_at = column_number(columns);
	row.relayed_at = column_number(columns);
	row.relay_host = column_bytes(columns);
	row.language = column_text(columns);
	row.has_key = column_id(columns, &row.key_id);
	row.evidence = column_bytes(columns);
	row.handed_over = column_flag(columns);
	row.factor = (enum factor)column_number(columns);
	row.factor_at = column_number(columns);
	row.phone = column_bytes(columns);
	row.mailbox = (enum mailbox_wish)column_number(columns);
	row.lost_at = column_number(columns);
	row.pdf = (enum pdf_way)column_number(columns);
	row.pdf_password = column_bytes(columns);
	row.pdf_number = (int)column_number(columns);
	row.pdf_sheet_at = column_number(columns);
	row.pdf_outcome = (enum pdf_outcome)column_number(columns);
	row.pdf_at = column_number(columns);
	row.pdf_phone_failed = column_flag(columns);
	return row;
}

static void
read_row(struct columns *columns, void *element)
{
	struct delivery_row *row = element;

	*row = delivery_from_columns(columns);
}

enum status
delivery_read(struct store *store, const struct id *id, bool lock, struct arena *arena,
	      struct delivery_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, lock ? "delivery_read_locked" : "delivery_read", &parameters, arena,
			 read_row, sizeof(*row_out), row_out);
}

enum status
delivery_of_message(struct store *store, const struct id *message, struct arena *arena,
		    struct delivery_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, message);
	status = query_many(store, "delivery_of_message", &parameters, arena, read_row,
			    sizeof(struct delivery_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
delivery_set_securing(struct store *store, const struct id *id, const struct id *lock,
		      const struct delivery_wishes *wishes)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_id(&parameters, lock);
	bind_number_or_null(&parameters, wishes->lifetime_days);
	bind_number(&parameters, wishes->wishes);
	bind_number(&parameters, wishes->remind_days);
	bind_flag(&parameters, wishes->by_template);
	bind_text(&parameters, wishes->language);
	bind_number(&parameters, wishes->factor);
	bind_bytes_or_null(&parameters, wishes->phone);
	bind_number(&parameters, wishes->mailbox);
	bind_number(&parameters, wishes->pdf);
	bind_bytes_or_null(&parameters, wishes->pdf_password);
	return query_change_one(store, "delivery_set_securing", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_rescued(struct store *store, const struct id *id, const struct id *lock,
		     struct slice gateway_wrap)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_id(&parameters, lock);
	bind_bytes(&parameters, gateway_wrap);
	return query_change_one(store, "delivery_set_rescued", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_released(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_released", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_let_go(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_let_go", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_unprotected(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_unprotected", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_ready(struct store *store, const struct id *id, struct slice outer_wrap,
		   struct slice rescue_wrap, int64_t now, int64_t expires_at, int64_t remind_at)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, outer_wrap);
	bind_bytes_or_null(&parameters, rescue_wrap);
	bind_number(&parameters, now);
	bind_number_or_null(&parameters, expires_at);
	bind_number_or_null(&parameters, remind_at);
	return query_change_one(store, "delivery_set_ready", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_lost(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "delivery_set_lost", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_opened(struct store *store, const struct id *id, int64_t now, bool *first_out)
{
	struct parameters parameters;
	enum status status;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	status = query_change(store, "delivery_set_opened_first", &parameters, &rows);
	if (status != STATUS_OK)
		return status;
	if (rows == 0) {
		bind_none(&parameters);
		bind_id(&parameters, id);
		status = query_change_one(store, "delivery_set_opened_again", &parameters,
					  STATUS_CONFLICT);
		if (status != STATUS_OK)
			return status;
	}
	*first_out = rows == 1;
	return STATUS_OK;
}

enum status
delivery_set_right(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_right", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_factor(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "delivery_set_factor", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_wrong(struct store *store, const struct id *id, int64_t retry_at, bool suspend,
		   int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, retry_at);
	if (!suspend)
		return query_change_one(store, "delivery_set_wrong", &parameters, STATUS_CONFLICT);
	bind_number(&parameters, now);
	return query_change_one(store, "delivery_set_suspended", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_relinked(struct store *store, const struct id *id, uint32_t generation,
		      struct slice outer_wrap)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, generation);
	bind_bytes_or_null(&parameters, outer_wrap);
	return query_change_one(store, "delivery_set_relinked", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_replied(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "delivery_set_replied", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_relayed(struct store *store, const struct id *id, enum delivery_state state,
		     const struct delivery_answer *answer)
{
	struct parameters parameters;

	if (state != DELIVERY_QUEUED && state != DELIVERY_SENT && state != DELIVERY_FAILED)
		return STATUS_INTERNAL;
	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, state);
	bind_text(&parameters, answer->status);
	bind_bytes_or_null(&parameters, answer->reply);
	bind_number_or_null(&parameters, state == DELIVERY_QUEUED ? 0 : answer->at);
	bind_bytes_or_null(&parameters, answer->host);
	bind_number_or_null(&parameters, answer->at);
	bind_number_or_null(&parameters, answer->delayed_at);
	return query_change_one(store, "delivery_set_relayed", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_handed_over(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_handed_over", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_evidence(struct store *store, const struct id *id, struct slice evidence)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, evidence);
	return query_change_one(store, "delivery_set_evidence", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_fallen(struct store *store, const struct delivery_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_number(&parameters, row->state);
	bind_number(&parameters, row->route);
	bind_text(&parameters, row->reason);
	bind_bytes_or_null(&parameters, row->temporary_public);
	bind_bytes_or_null(&parameters, row->gateway_wrap);
	bind_bytes_or_null(&parameters, row->outer_wrap);
	bind_bytes_or_null(&parameters, row->rescue_wrap);
	bind_bytes_or_null(&parameters, row->sender_wrap);
	bind_bytes_or_null(&parameters, row->message_key_wrap);
	bind_id(&parameters, row->has_lock ? &row->lock_id : NULL);
	bind_number_or_null(&parameters, row->lifetime_days);
	bind_number(&parameters, row->wishes);
	bind_number(&parameters, row->remind_days);
	bind_number_or_null(&parameters, row->remind_at);
	bind_flag(&parameters, row->by_template);
	bind_id(&parameters, row->has_link_letter ? &row->link_letter : NULL);
	bind_number_or_null(&parameters, row->secured_at);
	bind_number_or_null(&parameters, row->closed_at);
	bind_number_or_null(&parameters, row->expires_at);
	bind_text(&parameters, row->language == NULL ? "" : row->language);
	bind_id(&parameters, row->has_key ? &row->key_id : NULL);
	bind_bytes_or_null(&parameters, row->evidence);
	bind_number(&parameters, row->factor);
	bind_bytes_or_null(&parameters, row->phone);
	bind_number(&parameters, row->mailbox);
	bind_pdf(&parameters, row);
	return query_change_one(store, "delivery_set_fallen", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_noticed(struct store *store, const struct id *id, const struct delivery_answer *answer)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_text(&parameters, answer->status);
	bind_bytes_or_null(&parameters, answer->reply);
	bind_bytes_or_null(&parameters, answer->host);
	bind_number_or_null(&parameters, answer->at);
	bind_number_or_null(&parameters, answer->delayed_at);
	return query_change_one(store, "delivery_set_noticed", &parameters, STATUS_CONFLICT);
}

enum status
delivery_close(struct store *store, const struct id *id, enum delivery_state state,
	       enum closed_by by, int64_t now)
{
	struct parameters parameters;

	if (state != DELIVERY_EXPIRED && state != DELIVERY_RECALLED &&
	    state != DELIVERY_DESTROYED && state != DELIVERY_FAILED)
		return STATUS_INTERNAL;
	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, state);
	bind_number(&parameters, now);
	bind_number(&parameters, by);
	return query_change_one(store, "delivery_close", &parameters, STATUS_CONFLICT);
}

enum status
delivery_drop_sender_wrap(struct store *store, const struct id *id)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change(store, "delivery_drop_sender_wrap", &parameters, &rows);
}

enum status
delivery_set_expiry(struct store *store, const struct id *id, int64_t expires_at, int64_t remind_at)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, expires_at);
	bind_number_or_null(&parameters, remind_at);
	return query_change_one(store, "delivery_set_expiry", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_asked(struct store *store, const struct id *id, int64_t now, int64_t since)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	bind_number(&parameters, since);
	return query_change_one(store, "delivery_set_asked", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_resent(struct store *store, const struct id *id, bool anew, int64_t now, int64_t since)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	bind_number(&parameters, since);
	return query_change_one(store, anew ? "delivery_set_relink" : "delivery_set_resent",
				&parameters, STATUS_CONFLICT);
}

enum status
delivery_set_reminded(struct store *store, const struct id *id, int64_t remind_at, int sent)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number_or_null(&parameters, remind_at);
	bind_number(&parameters, sent);
	return query_change_one(store, "delivery_set_reminded", &parameters, STATUS_CONFLICT);
}

enum status
delivery_set_cleared(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "delivery_set_cleared", &parameters, STATUS_CONFLICT);
}

enum status
delivery_claim(struct store *store, enum delivery_work work, int64_t now, int64_t until,
	       size_t most, struct arena *arena, struct id **ids_out, size_t *count_out)
{
	static const char *const statements[] = {
	    [DELIVERY_TO_SECURE] = "delivery_claim_secure",
	    [DELIVERY_TO_RELINK] = "delivery_claim_relink",
	    [DELIVERY_TO_EXPIRE] = "delivery_claim_expire",
	    [DELIVERY_TO_CLEAR] = "delivery_claim_clear",
	    [DELIVERY_TO_REMIND] = "delivery_claim_remind",
	};
	struct parameters parameters;

	bind_none(&parameters);
	bind_number(&parameters, until);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, statements[work], &parameters, arena, ids_out, count_out);
}
