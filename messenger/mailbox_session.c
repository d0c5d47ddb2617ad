#include "messenger/mailbox_session.h"

#include "crypto/box.h"
#include "messenger/account.h"
#include "messenger/mailbox_key.h"

void
mailbox_hash_token(struct slice token, unsigned char hash_out[HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "mailbox token", token, hash_out);
}

struct slice
mailbox_session_seal(const struct id *mailbox, const struct pair *pair, const struct secret *token,
		     struct arena *arena)
{
	return box_seal(secret_slice(token), "mailbox session", id_slice(mailbox),
			secret_slice(&pair->private), arena);
}

static enum status
insert(const struct messenger *messenger, struct store *store, const struct mailbox_entry *entry,
       bool owes, int64_t now, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct mailbox_session_row row = {
	    .id = id_new(), .mailbox_id = entry->mailbox->id, .owes = owes, .created_at = now};
	enum status status;

	mailbox_hash_token(secret_slice(entry->token), hash);
	row.sealed = mailbox_session_seal(&entry->mailbox->id, entry->pair, entry->token, arena);
	row.place = place_seal(messenger, MAILBOX_SESSION_PLACE, &row.id, entry->place, arena);
	status = mailbox_session_insert(store, slice_of(hash, sizeof(hash)), &row);
	return status == STATUS_OK && !owes ? mailbox_set_entered(store, &row.mailbox_id, now)
					    : status;
}

enum status
mailbox_begin_session(const struct messenger *messenger, struct store *store,
		      const struct mailbox_entry *entry, int64_t now, struct arena *arena,
		      bool *owes_out)
{
	const struct mailbox_row *row = entry->mailbox;
	const char *address =
	    messenger_display_open(messenger, "mailbox.address", &row->id, row->address, arena);
	/* Before factors are looked at: who adds one ends this session, or is waited for. */
	enum status status = mailbox_enter(store, &row->id, &row->lock_id);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	status = account_needs_factor(messenger, store, row->address_index, arena, owes_out);
	if (status == STATUS_OK)
		status = insert(messenger, store, entry, *owes_out, now, arena);
	return status == STATUS_OK && !*owes_out
		   ? place_note(messenger, store, address, entry->place, now, arena)
		   : status;
}

enum status
mailbox_go_on(const struct messenger *messenger, struct store *store,
	      const struct mailbox_entry *entry, int64_t now, struct arena *arena)
{
	return insert(messenger, store, entry, false, now, arena);
}

static void
clear_pair(void *argument)
{
	pair_clear(argument);
}

enum status
mailbox_session_open(struct slice token, const struct mailbox_session_row *session,
		     struct pair *pair_out)
{
	struct secret private;
	enum status status = box_open_secret(
	    token, "mailbox session", id_slice(&session->mailbox_id), session->sealed, &private);

	if (status != STATUS_OK)
		return status;
	status = pair_from_private(secret_slice(&private), pair_out);
	secret_clear(&private);
	return status;
}

enum status
mailbox_session_of(const struct messenger *messenger, struct store *store, struct slice token,
		   bool owes, int64_t now, struct arena *arena, struct mailbox_session_row *row_out)
{
	const struct policy *policy = messenger->policy;
	int64_t since = owes ? MAILBOX_FACTOR_SECONDS : policy->session_seconds;
	unsigned char hash[HASH_SIZE];
	enum status status;

	if (token.size != MAILBOX_TOKEN_SIZE)
		return STATUS_NOT_FOUND;
	mailbox_hash_token(token, hash);
	status =
	    mailbox_session_find(store, slice_of(hash, sizeof(hash)), now,
				 now - policy->session_idle_seconds, now - since, arena, row_out);
	return status == STATUS_OK && row_out->owes != owes ? STATUS_NOT_FOUND : status;
}

/* Without the factor that a policy demands nothing is shown but how to set one up. */
static enum status
find_limit(const struct messenger *messenger, struct store *store, struct arena *arena,
	   struct inbox *inbox)
{
	bool has_factor = true;
	enum status status = STATUS_OK;

	if (messenger->policy->always_mailbox_factor)
		status = account_needs_factor(messenger, store, inbox->index, arena, &has_factor);
	inbox->limited = !has_factor;
	return status;
}

enum status
mailbox_find_session(const struct messenger *messenger, struct store *store, struct slice token,
		     int64_t now, struct arena *arena, struct inbox *inbox_out)
{
	const struct policy *policy = messenger->policy;
	struct mailbox_session_row session;
	struct mailbox_row row;
	enum status status =
	    mailbox_session_of(messenger, store, token, false, now, arena, &session);

	if (status == STATUS_OK)
		status = mailbox_read(store, &session.mailbox_id, arena, &row);
	if (status == STATUS_OK)
		status = mailbox_session_open(token, &session, &inbox_out->pair);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	arena_defer(arena, clear_pair, &inbox_out->pair);
	inbox_out->id = row.id;
	inbox_out->session = session.id;
	inbox_out->address =
	    messenger_display_open(messenger, "mailbox.address", &row.id, row.address, arena);
	inbox_out->index = row.address_index;
	inbox_out->idle_at = now + policy->session_idle_seconds;
	inbox_out->ends_at = session.created_at + policy->session_seconds;
	if (inbox_out->idle_at > inbox_out->ends_at)
		inbox_out->idle_at = inbox_out->ends_at;
	return find_limit(messenger, store, arena, inbox_out);
}

enum status
messenger_mailbox_open(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, struct inbox *inbox_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = mailbox_find_session(messenger, store, token, now, arena, inbox_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
mailbox_take(struct store *store, const struct inbox *inbox, const struct id *delivery,
	     struct arena *arena, struct secret *temporary_private_out)
{
	struct mailbox_message_row row;
	enum status status = mailbox_message_read(store, delivery, &inbox->id, arena, &row);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	if (inbox->limited)
		return STATUS_CONFLICT;
	return mailbox_key_take(&inbox->pair, delivery, row.key_wrap, temporary_private_out);
}
