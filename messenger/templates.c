#include "messenger/templates.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "mail/address.h"
#include "mail/marks.h"
#include "messenger/factor.h"
#include "messenger/pdf_way.h"

static struct slice
domain_index(const struct messenger *messenger, const char *recipient, struct arena *arena)
{
	struct slice domain = address_domain(slice_from_text(recipient));

	return messenger_address_index(
	    messenger, arena_printf(arena, "@%s", arena_text_from(arena, domain)), arena);
}

enum status
templates_find(const struct messenger *messenger, struct store *store, struct slice owner_index,
	       const char *recipient, struct arena *arena, struct template_row *row_out)
{
	return template_find(store, owner_index,
			     messenger_address_index(messenger, recipient, arena),
			     domain_index(messenger, recipient, arena), arena, row_out);
}

static const char *
open_phone(const struct messenger *messenger, const struct template_row *row, struct arena *arena)
{
	return messenger_display_open(messenger, "template.phone", &row->id, row->phone, arena);
}

bool
templates_is_ready(const struct messenger *messenger, const struct template_row *row)
{
	bool has_phone = row->phone.size > 0;

	/* The sheet that a row knows of is that of the way it goes. */
	return factor_is_ready(messenger->policy, row->factor, has_phone, row->sheet_left) &&
	       pdf_way_is_ready(messenger->policy, row->pdf, has_phone, row->sheet_left);
}

void
templates_set_phone(const struct messenger *messenger, struct template_row *row, const char *number,
		    const struct template_row *existing, struct arena *arena)
{
	row->phone = slice_of(NULL, 0);
	if (!factor_wish_asks_phone(row->factor, row->pdf))
		return;
	if (*number != '\0')
		row->phone =
		    messenger_display_seal(messenger, "template.phone", &row->id, number, arena);
	else if (existing != NULL)
		row->phone = existing->phone;
}

struct slice
templates_phone_for(const struct messenger *messenger, const struct template_row *row,
		    const struct id *delivery, struct arena *arena)
{
	const char *number =
	    factor_wish_asks_phone(row->factor, row->pdf) ? open_phone(messenger, row, arena) : "";

	return *number == '\0'
		   ? slice_of(NULL, 0)
		   : messenger_display_seal(messenger, "delivery.phone", delivery, number, arena);
}

struct template_view
templates_view(const struct messenger *messenger, const struct template_row *row,
	       struct arena *arena)
{
	return (struct template_view){
	    .id = row->id,
	    .recipient = messenger_display_open(messenger, "template.recipient", &row->id,
						row->recipient, arena),
	    .clue = messenger_display_open(messenger, "template.clue", &row->id, row->clue, arena),
	    .has_lock = row->has_lock,
	    .settled = template_is_settled(row),
	    .forgiving = row->forgiving,
	    .lifetime_days = row->lifetime_days,
	    .wishes = row->wishes,
	    .remind_days = row->remind_days,
	    .way = row->way,
	    .link_mail = row->link_mail,
	    .language = row->language,
	    .factor = row->factor,
	    .phone = phone_mask(open_phone(messenger, row, arena), arena),
	    .pdf = row->pdf,
	    .sheet_at = row->sheet_at,
	    .sheet_left = row->sheet_left,
	    .mailbox = row->mailbox,
	    .waits = !templates_is_ready(messenger, row),
	    .created_at = row->created_at,
	    .used_at = row->used_at,
	};
}

static int
by_recipient(const void *a, const void *b)
{
	const struct template_view *one = a, *other = b;

	return strcmp(one->recipient, other->recipient);
}

/* A row that is older than its clue's column has it from its lock. */
enum status
templates_view_with_clue(const struct messenger *messenger, struct store *store,
			 const struct template_row *row, struct arena *arena,
			 struct template_view *view_out)
{
	struct template_view view = templates_view(messenger, row, arena);
	struct lock_row lock;
	enum status status = STATUS_OK;

	if (row->has_lock && row->clue.size == 0) {
		status = lock_read(store, &row->lock_id, arena, &lock);
		if (status != STATUS_OK)
			return status;
		view.clue =
		    messenger_display_open(messenger, "lock.clue", &lock.id, lock.clue, arena);
		view.forgiving = lock.rule == LOCK_FORGIVING;
	}
	*view_out = view;
	return STATUS_OK;
}

enum status
messenger_templates(const struct messenger *messenger, struct slice owner_index,
		    struct arena *arena, struct template_view **views_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct template_view *views = NULL;
	struct template_row *rows;
	size_t count = 0;
	enum status status = template_list(
	    store, owner_index, (size_t)messenger->policy->most_templates, arena, &rows, &count);

	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = templates_view_with_clue(messenger, store, &rows[i], arena, &views[i]);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	qsort(views, count, sizeof(*views), by_recipient);
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}

enum status
messenger_template(const struct messenger *messenger, struct slice owner_index, const struct id *id,
		   struct arena *arena, struct template_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct template_row row;
	enum status status = template_read(store, id, owner_index, arena, &row);

	if (status == STATUS_OK)
		status = templates_view_with_clue(messenger, store, &row, arena, view_out);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_template_for(const struct messenger *messenger, struct store *store,
		       struct slice owner_index, const char *recipient, struct arena *arena,
		       struct template_view *view_out)
{
	struct template_row row;
	enum status status = templates_find(messenger, store, owner_index, recipient, arena, &row);

	return status == STATUS_OK
		   ? templates_view_with_clue(messenger, store, &row, arena, view_out)
		   : status;
}

void
templates_set_clue(const struct messenger *messenger, struct template_row *row, struct slice clue,
		   bool forgiving, struct arena *arena)
{
	row->clue = messenger_display_seal(messenger, "template.clue", &row->id,
					   arena_text_from(arena, slice_trim(clue)), arena);
	row->forgiving = forgiving;
}

unsigned
templates_check_wishes(const struct policy *policy, int lifetime_days, int remind_days)
{
	unsigned faults = 0;

	if (lifetime_days < 1 || lifetime_days > policy->longest_lifetime_days)
		faults |= FAULT_LIFETIME;
	if (remind_days < 0 || remind_days > policy->longest_lifetime_days)
		faults |= FAULT_REMIND;
	return faults;
}

enum mailbox_wish
templates_choose_mailbox(const struct policy *policy, const char *recipient,
			 const struct mailbox_choice *choice, const struct template_row *existing,
			 unsigned *faults_out)
{
	enum mailbox_wish present = existing == NULL ? MAILBOX_AS_POLICY : existing->mailbox;

	*faults_out = 0;
	if (!choice->said || choice->wish == present)
		return present;
	if (!mailbox_wish_allowed(&policy->mailboxes, slice_from_text(recipient), choice->wish))
		*faults_out = FAULT_MAILBOX;
	return choice->wish;
}

const char *
templates_recipient(const struct messenger *messenger, struct slice typed, struct arena *arena,
		    unsigned *faults_out)
{
	struct slice whole = slice_trim(typed);
	bool domain = whole.size > 0 && whole.data[0] == '@';
	const char *recipient = arena_text_from(arena, whole);

	*faults_out = 0;
	if (whole.size == 0)
		*faults_out = FAULT_RECIPIENT_MISSING;
	else if (domain)
		recipient = arena_printf(arena, "x%s", recipient);
	else
		(void)mark_address(&messenger->policy->marks, whole, arena, &recipient);
	if (*faults_out == 0 && address_check(slice_from_text(recipient), NULL) != STATUS_OK)
		*faults_out = FAULT_RECIPIENT_WRONG;
	if (*faults_out == 0 && policy_is_own(messenger->policy, slice_from_text(recipient)))
		*faults_out = FAULT_RECIPIENT_OWN;
	if (*faults_out != 0)
		return NULL;
	recipient = address_normalise(slice_from_text(recipient), arena);
	return domain ? recipient + 1 : recipient;
}

struct template_row
templates_row(const struct messenger *messenger, const char *owner, const char *recipient,
	      const struct template_row *existing, int64_t now, struct arena *arena)
{
	struct template_row row = {
	    .id = existing == NULL ? id_new() : existing->id,
	    .owner_index = messenger_address_index(messenger, owner, arena),
	    .recipient_index = messenger_address_index(messenger, recipient, arena),
	    .way = TEMPLATE_AT_ONCE,
	    .link_mail = true,
	    .language = existing == NULL ? "" : existing->language,
	    .factor = existing == NULL ? FACTOR_NONE : existing->factor,
	    .phone = existing == NULL ? slice_of(NULL, 0) : existing->phone,
	    .mailbox = existing == NULL ? MAILBOX_AS_POLICY : existing->mailbox,
	    .pdf = existing == NULL ? PDF_NONE : existing->pdf,
	    .created_at = now,
	};

	row.owner = messenger_display_seal(messenger, "template.owner", &row.id, owner, arena);
	row.recipient =
	    messenger_display_seal(messenger, "template.recipient", &row.id, recipient, arena);
	return row;
}

void
templates_set_pdf(struct template_row *row, enum pdf_way way, struct slice password,
		  const struct template_row *existing)
{
	bool keeps = existing != NULL && existing->has_lock && row->has_lock &&
		     id_equal(existing->lock_id, row->lock_id);

	row->pdf = way;
	row->pdf_password = slice_of(NULL, 0);
	if (way == PDF_PASSPHRASE && row->has_lock)
		row->pdf_password = keeps ? existing->pdf_password : password;
}

enum status
templates_store(struct store *store, const struct template_row *row, const struct lock_row *lock,
		const struct template_row *existing)
{
	enum status status = lock == NULL ? STATUS_OK : lock_insert(store, lock);

	if (status == STATUS_OK)
		status = template_save(store, row);
	if (status == STATUS_OK && existing != NULL && existing->has_lock &&
	    !(row->has_lock && id_equal(row->lock_id, existing->lock_id)))
		status = lock_drop_unused(store, &existing->lock_id);
	return status;
}

/* `owner_index` is NULL for anybody's. */
static enum status
delete_one(const struct messenger *messenger, const struct slice *owner_index, const struct id *id)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct template_row row = {.has_lock = false};
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = owner_index == NULL ? template_read_any(store, id, arena, &row)
					     : template_read(store, id, *owner_index, arena, &row);
	if (status == STATUS_OK)
		status = template_delete(store, id, owner_index);
	if (status == STATUS_OK && row.has_lock)
		status = lock_drop_unused(store, &row.lock_id);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	return status;
}

enum status
messenger_template_delete(const struct messenger *messenger, struct slice owner_index,
			  const struct id *id)
{
	return delete_one(messenger, &owner_index, id);
}

enum status
messenger_template_delete_any(const struct messenger *messenger, const struct id *id)
{
	return delete_one(messenger, NULL, id);
}
