#include "messenger/mailbox.h"

#include "base/log.h"
#include "crypto/link.h"
#include "messenger/mailbox_key.h"
#include "messenger/mailbox_session.h"

/* --- making one --- */

/* What policy and sender allow. */
static enum mailbox_policy
allowed(const struct messenger *messenger, const struct opened *opened)
{
	return mailbox_in_force(&messenger->policy->mailboxes, slice_from_text(opened->recipient),
				opened->mailbox);
}

/* What somebody outside wrote gives nobody a mailbox; it may be put into one that is there. */
static enum mailbox_standing
offer(const struct messenger *messenger, const struct opened *opened)
{
	static const enum mailbox_standing offers[] = {
	    [MAILBOXES_NEVER] = MAILBOX_NONE,
	    [MAILBOXES_OFFERED] = MAILBOX_OFFERED,
	    [MAILBOXES_ALWAYS] = MAILBOX_EXPECTED,
	};

	return opened->is_answer ? MAILBOX_NONE : offers[allowed(messenger, opened)];
}

static enum status
standing_in(const struct messenger *messenger, struct store *store, const struct opened *opened,
	    struct arena *arena, enum mailbox_standing *standing_out)
{
	struct slice index = messenger_address_index(messenger, opened->recipient, arena);
	struct mailbox_row there, holding;
	enum status status;

	*standing_out = opened->by_mailbox ? MAILBOX_HOLDS : MAILBOX_NONE;
	if (opened->by_mailbox || *opened->recipient == '\0')
		return STATUS_OK;
	status = mailbox_find(store, index, arena, &there);
	if (status == STATUS_NOT_FOUND) {
		*standing_out = offer(messenger, opened);
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		status = mailbox_of_delivery(store, &opened->delivery, arena, &holding);
	if (status == STATUS_OK)
		*standing_out = MAILBOX_HOLDS;
	else if (status == STATUS_NOT_FOUND && allowed(messenger, opened) != MAILBOXES_NEVER)
		*standing_out = MAILBOX_THERE;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
messenger_mailbox_standing(const struct messenger *messenger, const struct opened *opened,
			   struct arena *arena, enum mailbox_standing *standing_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = standing_in(messenger, store, opened, arena, standing_out);

	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
put_opened(struct store *store, const struct mailbox_row *row, const struct opened *opened,
	   struct slice link, int64_t now, struct arena *arena)
{
	struct secret secret;
	enum status status = link_parse(link, &secret);

	if (status != STATUS_OK)
		return status;
	status = mailbox_key_put(store, row, &opened->delivery, &opened->temporary_private, &secret,
				 now, arena);
	secret_clear(&secret);
	return status;
}

static enum status
make_in_transaction(const struct messenger *messenger, struct store *store,
		    const struct mailbox_entry *entry, const struct opened *opened,
		    struct slice link, int64_t now, struct arena *arena, bool *owes_out)
{
	enum status status = mailbox_insert(store, entry->mailbox);

	if (status == STATUS_OK)
		status = put_opened(store, entry->mailbox, opened, link, now, arena);
	return status == STATUS_OK
		   ? mailbox_begin_session(messenger, store, entry, now, arena, owes_out)
		   : status;
}

static enum status
make(const struct messenger *messenger, const struct opened *opened, struct slice link,
     struct slice passphrase, const struct mailbox_visitor *visitor, int64_t now,
     const struct secret *token, bool *owes_out, struct arena *arena)
{
	struct mailbox_row row = {.id = id_new(), .created_at = now, .language = visitor->language};
	struct pair pair;
	struct mailbox_entry entry = {&row, &pair, token, &visitor->place};
	struct store *store;
	enum status status;

	pair_new(&pair);
	row.public = arena_copy(arena, slice_of(pair.public, PAIR_PUBLIC_SIZE));
	row.address_index = messenger_address_index(messenger, opened->recipient, arena);
	row.address =
	    messenger_display_seal(messenger, "mailbox.address", &row.id, opened->recipient, arena);
	status = mailbox_key_lock(messenger, &pair, passphrase, arena, &row);
	if (status == STATUS_OK) {
		store = store_pool_get(messenger->stores);
		status = store_begin(store);
		if (status == STATUS_OK)
			status = make_in_transaction(messenger, store, &entry, opened, link, now,
						     arena, owes_out);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	pair_clear(&pair);
	return status;
}

enum status
messenger_mailbox_make(const struct messenger *messenger, const struct opened *opened,
		       struct slice link, const struct passphrase_form *form,
		       const struct mailbox_visitor *visitor, int64_t now, struct secret *token_out,
		       bool *owes_out, unsigned *faults_out, struct strength *strength_out)
{
	struct arena *arena = arena_new();
	enum mailbox_standing standing;
	struct secret token;
	enum status status = messenger_mailbox_standing(messenger, opened, arena, &standing);

	*faults_out = 0;
	*owes_out = false;
	*strength_out = (struct strength){0};
	if (status == STATUS_OK && standing == MAILBOX_NONE)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK && standing != MAILBOX_OFFERED && standing != MAILBOX_EXPECTED)
		status = STATUS_CONFLICT;
	if (status == STATUS_OK)
		*faults_out = passphrase_check_alone(messenger, form, strength_out);
	if (*faults_out != 0)
		status = STATUS_INVALID;
	if (status == STATUS_OK) {
		secret_random(&token, MAILBOX_TOKEN_SIZE);
		status = make(messenger, opened, link, form->passphrase, visitor, now, &token,
			      owes_out, arena);
		if (status == STATUS_OK)
			secret_move(token_out, &token);
		else
			secret_clear(&token);
	}
	log_info("mailbox-made", LOG_TEXT("status", status_text(status)));
	arena_free(arena);
	return status;
}

enum status
messenger_mailbox_keep(const struct messenger *messenger, const struct inbox *inbox,
		       const struct opened *opened, struct slice link, int64_t now,
		       struct arena *arena)
{
	struct slice index = messenger_address_index(messenger, opened->recipient, arena);
	struct mailbox_row row;
	struct store *store;
	enum status status;

	if (!slice_equal(index, inbox->index) || allowed(messenger, opened) == MAILBOXES_NEVER)
		return STATUS_NOT_FOUND;
	if (inbox->limited)
		return STATUS_DENIED;
	store = store_pool_get(messenger->stores);
	status = mailbox_read(store, &inbox->id, arena, &row);
	if (status == STATUS_OK)
		status = put_opened(store, &row, opened, link, now, arena);
	store_pool_put(messenger->stores, store);
	log_info("mailbox-kept", LOG_TEXT("status", status_text(status)));
	return status;
}
