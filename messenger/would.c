#include "messenger/would.h"

#include "mail/address.h"
#include "mail/compose.h"

/* What the marks would find in a message with this subject: it is written as a mail program would,
 * and read as routing does. */
static enum status
find_marks(const struct policy *policy, const char *subject, struct arena *arena,
	   struct mark_findings *findings_out)
{
	struct letter letter = {
	    .from = {"", policy->system_address},
	    .to = {"", policy->system_address},
	    .reply_to = {"", ""},
	    .subject = subject,
	    .message_id = "<would@localhost>",
	    .in_reply_to = "",
	    .references = "",
	};
	struct text *text = arena_alloc(arena, sizeof(*text));
	struct header_block block;
	struct slice bytes;
	struct source source;
	enum status status;

	text_init_in(text, arena, HEADER_BLOCK_MAX);
	status = compose_text(&letter, SLICE(""), text);
	if (status != STATUS_OK)
		return status;
	bytes = text_slice(text);
	source = source_from_slice(&bytes);
	status = header_read(&source, arena, &block);
	return status == STATUS_OK ? marks_find(&policy->marks, &block, arena, findings_out)
				   : status;
}

static enum status
find_template(const struct messenger *messenger, struct arena *arena, struct would_view *view)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = messenger_template_for(
	    messenger, store, messenger_address_index(messenger, view->sender, arena),
	    view->decision.recipient, arena, &view->template);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_NOT_FOUND) {
		view->held = true;
		return STATUS_OK;
	}
	view->by_template = status == STATUS_OK && view->template.has_lock &&
			    view->template.way == TEMPLATE_AT_ONCE && !view->decision.must_ask;
	view->held = !view->by_template;
	view->prepared = view->held;
	return status;
}

enum status
messenger_would(const struct messenger *messenger, const char *sender, struct slice recipient,
		const char *subject, struct arena *arena, struct would_view *view_out)
{
	struct would_view view = {.sender = sender};
	struct mark_findings findings;
	struct decision_facts facts = {sender, &findings, false, false};
	struct slice typed = slice_trim(recipient);
	const char *clean;
	enum status status;

	if (address_check(typed, NULL) != STATUS_OK ||
	    (*sender != '\0' && address_check(slice_from_text(sender), NULL) != STATUS_OK))
		return STATUS_INVALID;
	status = find_marks(messenger->policy, subject, arena, &findings);
	if (status != STATUS_OK)
		return status;
	facts.address_marked =
	    mark_address(&messenger->policy->marks, typed, arena, &clean) == MARK_FOUND;
	view.decision =
	    decide_route(messenger->policy, &facts, arena_text_from(arena, typed), arena);
	if (view.decision.route == ROUTE_PORTAL)
		status = find_template(messenger, arena, &view);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}
