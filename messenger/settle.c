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
	if (settled->has_template)
		return settled->template.lifetime_days;
	return settled->by == SETTLED_BY_MAILBOX
		   ? policy_mailbox_days(policy, slice_from_text(recipient))
		   : policy->default_lifetime_days;
}

/* Whether nobody has to be asked, as far as the template says: it may be one that only fills in
 * the form. */
static bool
is_at_once(const struct messenger *messenger, struct settled *settled)
{
	if (!settled->has_template)
		return true;
	if (settled->template.way != TEMPLATE_AT_ONCE)
		return false;
	/* Less than the sender has settled would be less than they rely on: they are asked. */
	settled->template_waits = !templates_is_ready(messenger, &settled->template);
	return !settled->template_waits;
}

/* A template that says PDF goes before a mailbox: its sender chose it for this recipient.  Any
 * other does not: nobody is asked for a clue that is not needed. */
static enum status
settle(const struct messenger *messenger, struct store *store, const struct decision *decision,
       bool automatic, int64_t now, struct arena *arena, struct settled *settled)
{
	const struct template_row *template = &settled->template;
	bool by_template = settled->has_template && template_is_settled(template);
	enum status status;

	if (by_template)
		settled->by = SETTLED_BY_TEMPLATE;
	if (by_template && template->pdf != PDF_NONE)
		return STATUS_OK;
	status = find_mailbox(messenger, store, decision->recipient, now, arena, settled);
	if (status == STATUS_OK)
		settled->by = SETTLED_BY_MAILBOX;
	if (status == STATUS_NOT_FOUND && !settled->has_template && !automatic &&
	    decide_pdf(messenger->policy, decision))
		settled->by = SETTLED_BY_LADDER;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
settle_portal(const struct messenger *messenger, struct store *store, struct slice sender_index,
	      const struct decision *decision, bool automatic, int64_t now, struct arena *arena,
	      struct settled *settled_out)
{
	struct settled settled = {.by = SETTLED_BY_NOBODY};
	enum status status = templates_find(messenger, store, sender_index, decision->recipient,
					    arena, &settled.template);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	settled.has_template = status == STATUS_OK;
	status = STATUS_OK;
	if (!decision->must_ask && is_at_once(messenger, &settled))
		status = settle(messenger, store, decision, automatic, now, arena, &settled);
	if (status != STATUS_OK)
		return status;
	if (settled.by != SETTLED_BY_NOBODY)
		settled.lifetime_days =
		    lifetime_of(messenger->policy, &settled, decision->recipient);
	*settled_out = settled;
	return STATUS_OK;
}
