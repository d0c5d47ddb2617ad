#include "messenger/reset.h"

#include "base/log.h"
#include "messenger/account.h"
#include "messenger/account_event.h"
#include "messenger/reset_asked.h"
#include "messenger/sessions.h"
#include "store/mailbox.h"
#include "store/passkey.h"

/* One step of a reset. */
struct step {
	const struct messenger *messenger;
	struct store *store;
	const char *owner;
	struct slice index;
	const struct reset_person *by; /* NULL: the owner */
	int64_t now;
	struct arena *arena;
	int64_t ready_at;
	bool waits; /* for that time: somebody has agreed */
};

bool
reset_same_person(const struct reset_person *one, const struct reset_person *other)
{
	return slice_equal_nocase(slice_trim(slice_from_text(one->name)),
				  slice_trim(slice_from_text(other->name))) ||
	       slice_equal_nocase(slice_from_text(one->account), slice_from_text(other->account));
}

struct slice
reset_seal_person(const struct messenger *messenger, const char *column, const struct id *row,
		  const struct reset_person *person, struct arena *arena)
{
	return messenger_display_seal(messenger, column, row,
				      arena_printf(arena, "%s\n%s", person->name, person->account),
				      arena);
}

static struct slice
seal_person(const struct step *step, const char *column, const struct id *row)
{
	return reset_seal_person(step->messenger, column, row, step->by, step->arena);
}

struct reset_person
reset_open_person(const struct messenger *messenger, const char *column, const struct id *row,
		  struct slice sealed, struct arena *arena)
{
	struct slice rest =
	    slice_from_text(messenger_display_open(messenger, column, row, sealed, arena));
	struct reset_person person;

	person.name = arena_text_from(arena, slice_take_line(&rest));
	person.account = arena_text_from(arena, slice_take_line(&rest));
	return person;
}

struct reset_view
reset_view_row(const struct messenger *messenger, const struct reset_row *row, int64_t now,
	       struct arena *arena)
{
	bool lapsed =
	    (row->state == RESET_BEGUN || row->state == RESET_ASKED) && row->lapses_at <= now;

	return (struct reset_view){
	    .begun_by =
		reset_open_person(messenger, RESET_BEGUN_BY, &row->id, row->begun_by, arena),
	    .ended_by =
		reset_open_person(messenger, RESET_ENDED_BY, &row->id, row->ended_by, arena),
	    .by_sender = row->by_sender,
	    .state = lapsed ? RESET_LAPSED : row->state,
	    .begun_at = row->begun_at,
	    .ready_at = row->ready_at,
	    .lapses_at = row->lapses_at,
	    .ended_at = lapsed ? row->lapses_at : row->ended_at,
	};
}

static enum status
tell(const struct step *step, enum account_event what, int64_t until)
{
	struct account_telling telling = {
	    .what = what, .detail = step->by == NULL ? NULL : step->by->name, .until = until};

	return account_tell(step->messenger, step->store, step->owner, &telling, step->now,
			    step->arena);
}

/* --- steps, each in a transaction --- */

typedef enum status reset_step(struct step *step);

static enum status
do_step(struct step *step, reset_step *deed, const char *event)
{
	enum status status;

	step->arena = arena_new();
	step->store = store_pool_get(step->messenger->stores);
	step->index = messenger_address_index(step->messenger, step->owner, step->arena);
	status = store_begin(step->store);
	if (status == STATUS_OK)
		status = deed(step);
	status = store_end(step->store, status);
	store_pool_put(step->messenger->stores, step->store);
	log_info(event, LOG_TEXT("status", status_text(status)));
	arena_free(step->arena);
	return status;
}

static enum status
begin(struct step *step)
{
	struct reset_row row = {
	    .id = id_new(),
	    .state = RESET_BEGUN,
	    .begun_at = step->now,
	    .ready_at = step->now + step->messenger->policy->reset_seconds,
	};
	bool has_factor = false;
	enum status status = account_needs_factor(step->messenger, step->store, step->index,
						  step->arena, &has_factor);

	if (status != STATUS_OK)
		return status;
	if (!has_factor)
		return STATUS_NOT_FOUND;
	row.lapses_at = row.ready_at + RESET_LAPSE_SECONDS;
	row.address = messenger_display_seal(step->messenger, RESET_ADDRESS, &row.id, step->owner,
					     step->arena);
	row.begun_by = seal_person(step, RESET_BEGUN_BY, &row.id);
	status = reset_insert(step->store, step->index, &row);
	step->ready_at = row.ready_at;
	return status == STATUS_OK ? tell(step, ACCOUNT_RESET_BEGUN, row.ready_at) : status;
}

/* Factors first, then what is on the way, then sessions: in the order in which somebody who is
 * being let in takes them. */
enum status
reset_take_away(struct store *store, struct slice owner_index, int64_t now)
{
	enum status status = account_factor_drop(store, owner_index);

	if (status == STATUS_OK)
		status = passkey_drop(store, owner_index);
	if (status == STATUS_OK)
		status = recovery_code_set(store, owner_index, NULL, 0, now);
	return status == STATUS_OK ? sessions_end_others(store, owner_index, NULL) : status;
}

/* What a sender asked for: the second consent. */
static enum status
agree(struct step *step, const struct reset_row *row)
{
	enum status status;

	if (row->state == RESET_AGREED)
		return STATUS_GONE;
	status = reset_take_consent(step->messenger, step->store, &row->id,
				    seal_person(step, RESET_ENDED_BY, &row->id), step->now,
				    &step->ready_at);
	step->waits = status == STATUS_OK;
	return status == STATUS_CONFLICT ? STATUS_NOT_FOUND : status;
}

static enum status
complete(struct step *step)
{
	struct reset_row row;
	struct reset_view view;
	enum status status = reset_find(step->store, step->index, step->now, step->arena, &row);

	if (status != STATUS_OK)
		return status;
	view = reset_view_row(step->messenger, &row, step->now, step->arena);
	step->ready_at = view.ready_at;
	/* Who began it and cannot be read might be anybody. */
	if (*view.begun_by.name == '\0' || reset_same_person(&view.begun_by, step->by))
		return STATUS_DENIED;
	if (row.by_sender)
		return agree(step, &row);
	if (view.ready_at > step->now)
		return STATUS_BUSY;
	status = reset_end(step->store, &row.id, RESET_COMPLETED,
			   seal_person(step, RESET_ENDED_BY, &row.id), step->now);
	if (status == STATUS_CONFLICT)
		return STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = reset_take_away(step->store, step->index, step->now);
	return status == STATUS_OK ? tell(step, ACCOUNT_RESET_DONE, 0) : status;
}

static enum status
stop(struct step *step)
{
	struct reset_row row;
	enum status status = reset_find(step->store, step->index, step->now, step->arena, &row);

	if (status == STATUS_OK)
		status =
		    reset_end(step->store, &row.id, RESET_STOPPED, slice_of(NULL, 0), step->now);
	if (status == STATUS_CONFLICT)
		return STATUS_NOT_FOUND;
	if (status == STATUS_OK && row.by_sender)
		return factors_lost_post(step->store, &row.id, FACTORS_LOST_STOPPED, step->now);
	return status == STATUS_OK ? tell(step, ACCOUNT_RESET_STOPPED, 0) : status;
}

enum status
messenger_reset_begin(const struct messenger *messenger, const char *owner,
		      const struct reset_person *by, int64_t now, int64_t *ready_at_out)
{
	struct step step = {.messenger = messenger, .owner = owner, .by = by, .now = now};
	enum status status = do_step(&step, begin, "factor-reset-begun");

	*ready_at_out = step.ready_at;
	return status;
}

enum status
messenger_reset_complete(const struct messenger *messenger, const char *owner,
			 const struct reset_person *by, int64_t now, bool *waits_out,
			 int64_t *ready_at_out)
{
	struct step step = {.messenger = messenger, .owner = owner, .by = by, .now = now};
	enum status status = do_step(&step, complete, "factor-reset-completed");

	*waits_out = step.waits;
	*ready_at_out = step.ready_at;
	return status;
}

/* What the administrators' log shows, as a warning: somebody tried to get at an account by them. */
enum status
messenger_reset_stop(const struct messenger *messenger, const char *owner, int64_t now)
{
	struct step step = {.messenger = messenger, .owner = owner, .now = now};
	enum status status = do_step(&step, stop, "factor-reset-stop");

	if (status == STATUS_OK)
		log_warning("factor-reset-stopped", LOG_TEXT("by", "its owner"));
	return status;
}

/* --- looking --- */

enum status
messenger_reset_find(const struct messenger *messenger, struct slice owner_index, int64_t now,
		     struct arena *arena, struct reset_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct reset_row row;
	enum status status = reset_find(store, owner_index, now, arena, &row);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = reset_view_row(messenger, &row, now, arena);
	return status;
}

enum status
messenger_reset_list(const struct messenger *messenger, struct slice owner_index, int64_t now,
		     struct arena *arena, struct reset_view **views_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct reset_view *views;
	struct reset_row *rows;
	size_t count;
	enum status status = reset_list(store, owner_index, RESETS_MOST, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = reset_view_row(messenger, &rows[i], now, arena);
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}
