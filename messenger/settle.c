#include "messenger/settle.h"

/* STATUS_NOT_FOUND: there is none, it is full, or policy wants none. */
static enum status
find_mailbox(const struct messenger *messenger, struct store *store, const char *recipient,
	     struct arena *arena, struct settled *settled)
{
	const struct policy *policy = messenger->policy;
	enum status status;

	if (policy->mailboxes == MAILBOXES_NEVER)
		return STATUS_NOT_FOUND;
	status = mailbox_find(store, messenger_address_index(messenger, recipient, arena), arena,
			      &settled->mailbox);
	if (status == STATUS_OK)
		status = mailbox_usage(store, &settled->mailbox.id, &settled->usage);
	if (status != STATUS_OK)
		return status;
	settled->mailbox_full = settled->usage.messages >= policy->mailbox_messages ||
				settled->usage.bytes >= policy->mailbox_bytes;
	return settled->mailbox_full ? STATUS_NOT_FOUND : STATUS_OK;
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
 * other does not: nobody is asked for a passphrase that is not needed. */
static enum status
settle(const struct messenger *messenger, struct store *store, const struct decision *decision,
       bool automatic, struct arena *arena, struct settled *settled)
{
	const struct template_row *template = &settled->template;
	bool by_template = settled->has_template && template_is_settled(template);
	enum status status;

	if (by_template)
		settled->by = SETTLED_BY_TEMPLATE;
	if (by_template && template->pdf != PDF_NONE)
		return STATUS_OK;
	status = find_mailbox(messenger, store, decision->recipient, arena, settled);
	if (status == STATUS_OK)
		settled->by = SETTLED_BY_MAILBOX;
	if (status == STATUS_NOT_FOUND && !settled->has_template && !automatic &&
	    decide_pdf(messenger->policy, decision))
		settled->by = SETTLED_BY_LADDER;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
settle_portal(const struct messenger *messenger, struct store *store, struct slice sender_index,
	      const struct decision *decision, bool automatic, struct arena *arena,
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
		status = settle(messenger, store, decision, automatic, arena, &settled);
	if (status == STATUS_OK)
		*settled_out = settled;
	return status;
}
