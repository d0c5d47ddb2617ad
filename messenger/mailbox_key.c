#include "messenger/mailbox_key.h"

#include <string.h>

#include "crypto/link.h"
#include "crypto/lock.h"

enum status
mailbox_key_lock(const struct messenger *messenger, const struct pair *pair,
		 struct slice passphrase, struct arena *arena, struct mailbox_row *row)
{
	struct lock_terms terms;
	struct pair lock;
	enum status status;

	lock_terms_new(LOCK_EXACT, messenger->policy->lock_ops, messenger->policy->lock_memory_kib,
		       &terms);
	status = lock_pair(&terms, passphrase, &messenger->keys->pepper, &lock);
	if (status != STATUS_OK)
		return status;
	row->lock_id = terms.id;
	row->rule = (int)terms.rule;
	row->ops = terms.ops;
	row->memory_kib = terms.memory_kib;
	row->salt = arena_copy(arena, slice_of(terms.salt, LOCK_SALT_SIZE));
	status = lock_seal(lock.public, PAIR_MAILBOX_PRIVATE, &row->id,
			   secret_slice(&pair->private), arena, &row->private_wrap);
	pair_clear(&lock);
	return status;
}

enum status
mailbox_key_unlock(const struct messenger *messenger, const struct mailbox_row *row,
		   struct slice passphrase, struct pair *pair_out)
{
	struct lock_terms terms = {.id = row->lock_id,
				   .rule = (enum lock_rule)row->rule,
				   .ops = row->ops,
				   .memory_kib = row->memory_kib};
	struct secret private;
	struct pair lock;
	enum status status;

	if (row->salt.size != LOCK_SALT_SIZE)
		return STATUS_DAMAGED;
	memcpy(terms.salt, row->salt.data, LOCK_SALT_SIZE);
	status = lock_pair(&terms, passphrase, &messenger->keys->pepper, &lock);
	if (status != STATUS_OK)
		return status;
	status = lock_open(&lock, PAIR_MAILBOX_PRIVATE, &row->id, row->private_wrap, &private);
	pair_clear(&lock);
	if (status != STATUS_OK)
		return status;
	status = pair_from_private(secret_slice(&private), pair_out);
	secret_clear(&private);
	return status;
}

static enum status
seal_link(const struct mailbox_row *mailbox, const struct id *delivery, const struct secret *link,
	  struct arena *arena, struct slice *wrap_out)
{
	if (mailbox->public.size != PAIR_PUBLIC_SIZE)
		return STATUS_DAMAGED;
	return pair_seal(mailbox->public.data, PAIR_MAILBOX_LINK, delivery, secret_slice(link),
			 arena, wrap_out);
}

enum status
mailbox_key_put(struct store *store, const struct mailbox_row *mailbox, const struct id *delivery,
		const struct secret *temporary_private, const struct secret *link, int64_t now,
		struct arena *arena)
{
	struct mailbox_message_row row = {
	    .delivery_id = *delivery, .mailbox_id = mailbox->id, .came_at = now};
	enum status status = seal_link(mailbox, delivery, link, arena, &row.link_wrap);

	if (status == STATUS_OK)
		status = pair_seal(mailbox->public.data, PAIR_TEMPORARY_PRIVATE, delivery,
				   secret_slice(temporary_private), arena, &row.key_wrap);
	return status == STATUS_OK ? mailbox_message_insert(store, &row) : status;
}

enum status
mailbox_key_relink(struct store *store, const struct mailbox_row *mailbox,
		   const struct id *delivery, const struct secret *link, struct arena *arena)
{
	struct slice wrap;
	enum status status = seal_link(mailbox, delivery, link, arena, &wrap);

	return status == STATUS_OK ? mailbox_message_relink(store, delivery, wrap) : status;
}

enum status
mailbox_key_take(const struct pair *pair, const struct id *delivery, struct slice key_wrap,
		 struct secret *temporary_private_out)
{
	return pair_open(pair, PAIR_TEMPORARY_PRIVATE, delivery, key_wrap, temporary_private_out);
}

enum status
mailbox_key_link(const struct pair *pair, const struct id *delivery, struct slice link_wrap,
		 struct arena *arena, const char **link_out)
{
	struct secret link;
	enum status status = pair_open(pair, PAIR_MAILBOX_LINK, delivery, link_wrap, &link);

	if (status != STATUS_OK)
		return status;
	*link_out = link_text(&link, arena);
	secret_clear(&link);
	return STATUS_OK;
}
