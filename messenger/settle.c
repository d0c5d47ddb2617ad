#include "messenger/settle.h"

#include "store/give_up.h"

static enum status
look_for_end(struct store *store, int64_t now, struct arena *arena, struct settled *settled)
{
	struct give_up_row ending;
	enum status status = give_up_of_mailbox(store, &settled->mailbox.id, now, arena, &ending);

	settled->mailbox_ending = status == STATUS_OK;
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}

/* The mailbox that takes a message for them.  STATUS_NOT_FOUND: there is none, it is full or comes
 * to its end, or policy or sender want nothing put there. */
static enum status
find_mailbox(const struct messenger *messenger, struct store *store, const char *recipient,
	     int64_t now, struct arena *arena, struct settled *settled)
{
	const struct policy *policy = messenger->policy;
	enum mailbox_wish wish =
	    settled->has_template ? settled->template.mailbox : MAILBOX_AS_POLICY;
	enum status status;

	if (mailbox_in_force(&policy->mailboxes, slice_from_text(recipient), wish) ==
	    MAILBOXES_NEVER)
		return STATUS_NOT_FOUND;
	status = mailbox_find(store, messenger_address_index(messenger, recipient, arena), arena,
			      &settled->mailbox);
	if (status == STATUS_OK)
		status = look_for_end(store, now, arena, settled);
	if (status == STATUS_OK)
		status = mailbox_usage(store, &settled->mailbox.id, &settled->usage);
	if (status != STATUS_OK)
		return status;
	settled->mailbox_full = settled->usage.messages >= policy->mailbox_messages ||
				settled->usage.bytes >= policy->mailbox_bytes;
	return settled->mailbox_full ? STATUS_NOT_FOUND : STATUS_OK;
}

/* What its sender chose holds.  What nobody chose is kept in a mailbox for as long as the
 * organisation says of mailboxes: that is a place to keep things. */
static int
lifetime_of(const struct policy *policy, const struct settled *settled, const char *recipient)
{
	return settled->has_template ? settled->template.lifetime_days
				     : policy_mailbox_days(policy, slice_from_text(recipient));
}

enum status
settle_portal(const struct messenger *messenger, struct store *store, struct slice sender_index,
	      const char *recipient, bool must_ask, int64_t now, struct arena *arena,
	      struct settled *settled_out)
{
	struct settled settled = {.by = SETTLED_BY_NOBODY};
	const struct template_row *template = &settled.template;
	bool at_once = !must_ask;
	enum status status =
	    templates_find(messenger, store, sender_index, recipient, arena, &settled.template);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	settled.has_template = status == STATUS_OK;
	if (settled.has_template && template->way != TEMPLATE_AT_ONCE)
		at_once = false;
	/* Less than the sender has settled would be less than they rely on: they are asked. */
	settled.template_waits =
	    settled.has_template && at_once && !templates_is_ready(messenger, template);
	at_once = at_once && !settled.template_waits;
	if (at_once && settled.has_template && template->has_lock)
		settled.by = SETTLED_BY_TEMPLATE;
	/* Nobody is asked for a clue that is not needed. */
	if (at_once)
		status = find_mailbox(messenger, store, recipient, now, arena, &settled);
	if (at_once && status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	if (at_once && status == STATUS_OK)
		settled.by = SETTLED_BY_MAILBOX;
	if (settled.by != SETTLED_BY_NOBODY)
		settled.lifetime_days = lifetime_of(messenger->policy, &settled, recipient);
	*settled_out = settled;
	return STATUS_OK;
}
