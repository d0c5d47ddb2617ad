#include "messenger/would.h"

#include "mail/address.h"
#include "mail/compose.h"
#include "mail/reading.h"
#include "messenger/finder.h"
#include "messenger/keyring.h"
#include "messenger/protect.h"
#include "messenger/settle.h"

/* What the marks would find in a message with this subject: it is written as a mail program would,
 * and read as routing does. */
static enum status
find_marks(const struct messenger *messenger, const char *subject, struct arena *arena,
	   struct letter_reading *letter_out)
{
	const struct policy *policy = messenger->policy;
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
	struct letter_question question = {.label = "would", .rules = &policy->marks};
	struct slice bytes;
	struct source source;
	enum status status;

	text_init_in(text, arena, HEADER_BLOCK_MAX);
	status = compose_text(&letter, SLICE(""), text);
	if (status != STATUS_OK)
		return status;
	bytes = text_slice(text);
	source = source_from_slice(&bytes);
	question.stored = &source;
	return reading_header(messenger->reader, &question, arena, letter_out);
}

static enum status
find_settled(const struct messenger *messenger, int64_t now, struct arena *arena,
	     struct would_view *view)
{
	struct store *store = store_pool_get(messenger->stores);
	struct settled settled;
	enum status status =
	    settle_portal(messenger, store, messenger_address_index(messenger, view->sender, arena),
			  &view->decision, false, now, arena, &settled);

	if (status == STATUS_OK && settled.has_template)
		status = templates_view_with_clue(messenger, store, &settled.template, arena,
						  &view->template);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	view->held = settled.by == SETTLED_BY_NOBODY;
	view->by_mailbox = settled.by == SETTLED_BY_MAILBOX;
	view->by_template = !view->held && settled.has_template;
	view->prepared = view->held && settled.has_template;
	view->lifetime_days = settled.lifetime_days;
	if (settled.by == SETTLED_BY_TEMPLATE)
		view->pdf = settled.template.pdf;
	else if (settled.by == SETTLED_BY_LADDER)
		view->pdf = PDF_GENERATED;
	return STATUS_OK;
}

/* By what is known; where that is not enough, the courier is asked. */
static enum status
find_key(const struct messenger *messenger, int64_t now, struct arena *arena,
	 struct would_view *view)
{
	struct store *store = store_pool_get(messenger->stores);
	struct found_keys found;
	bool fresh;
	enum status status =
	    finder_recall(messenger, store, view->decision.recipient, now, arena, &found, &fresh);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK && !fresh) {
		view->looking = true;
		status = keyring_ask(messenger, view->decision.recipient, false, now);
	}
	if (status != STATUS_OK)
		return status;
	decide_rung(messenger->policy, &found, &view->decision);
	if (view->decision.tls != NULL)
		view->evidence.source = view->decision.tls;
	if (view->decision.key != NULL) {
		view->evidence = view->decision.key->evidence;
		view->evidence.method = protect_method(view->decision.key);
	}
	return STATUS_OK;
}

enum status
messenger_would(const struct messenger *messenger, const char *sender, struct slice recipient,
		const char *subject, int64_t now, struct arena *arena, struct would_view *view_out)
{
	struct would_view view = {.sender = sender, .evidence = evidence_none()};
	struct letter_reading letter;
	struct decision_facts facts = {sender, &letter.findings, false, false, false};
	struct slice typed = slice_trim(recipient);
	const char *clean;
	enum status status;

	if (address_check(typed, NULL) != STATUS_OK ||
	    (*sender != '\0' && address_check(slice_from_text(sender), NULL) != STATUS_OK))
		return STATUS_INVALID;
	status = find_marks(messenger, subject, arena, &letter);
	if (status != STATUS_OK)
		return status;
	facts.unread = letter.depth == LETTER_UNREAD;
	facts.address_marked =
	    mark_address(&messenger->policy->marks, typed, arena, &clean) == MARK_FOUND;
	view.decision =
	    decide_route(messenger->policy, &facts, arena_text_from(arena, typed), arena);
	if (decide_wants_key(messenger->policy, &view.decision))
		status = find_key(messenger, now, arena, &view);
	if (status == STATUS_OK && view.decision.route == ROUTE_PORTAL)
		status = find_settled(messenger, now, arena, &view);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}
