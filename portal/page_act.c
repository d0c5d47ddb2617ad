/*
 * /s/SECRET/WHAT and /desk/delivery/ID/WHAT: one thing that a sender does with a
 * delivery.  GET explains it, POST does it.  The last segment of the path,
 * which is also the name of the route, says what.
 */
#include "portal/page.h"

#include <string.h>

#include "messenger/change.h"
#include "messenger/secure.h"
#include "messenger/view.h"
#include "portal/choices.h"

/* How it went, for the page that comes again. */
struct outcome {
	int http_status;
	unsigned faults;
	struct strength strength;
	bool sure_missing;
	bool impossible;
	int64_t retry_at;
};

struct act {
	const char *name;
	const char *flag;
	bool on_held; /* possible while it is held; the others: while it is ready or opened */
	bool on_open;
	bool (*fits)(const struct sender_view *view); /* NULL: no further condition */
	enum status (*run)(const struct request *request, const struct claimant *claimant,
			   struct outcome *outcome);
};

static enum status
recall(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	(void)outcome;
	return messenger_recall(&request->site->messenger, claimant, request->now);
}

static enum status
destroy(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	(void)outcome;
	return messenger_destroy_sent(&request->site->messenger, claimant, request->now);
}

static enum status
extend(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	enum status status =
	    messenger_extend(&request->site->messenger, claimant,
			     request_field_days(request, "lifetime_days"), request->now);

	if (status == STATUS_INVALID)
		outcome->faults = FAULT_LIFETIME;
	return status;
}

static enum status
resend(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	return messenger_resend(&request->site->messenger, claimant, false, request->now,
				&outcome->retry_at);
}

static enum status
relink(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	return messenger_resend(&request->site->messenger, claimant, true, request->now,
				&outcome->retry_at);
}

static enum status
rescue(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	struct passphrase_form secret = choices_secret(request);

	return messenger_rescue(&request->site->messenger, claimant, &secret, request->now,
				&outcome->faults, &outcome->strength);
}

static enum status
clear(const struct request *request, const struct claimant *claimant, struct outcome *outcome)
{
	(void)outcome;
	return messenger_release(&request->site->messenger, claimant, request->now);
}

static enum status
use_template(const struct request *request, const struct claimant *claimant,
	     struct outcome *outcome)
{
	(void)outcome;
	return messenger_secure_by_template(&request->site->messenger, claimant, request->now);
}

static bool
can_clear(const struct sender_view *view)
{
	return view->can_clear;
}

static bool
has_template(const struct sender_view *view)
{
	return view->has_template && view->template.settled;
}

static const struct act acts[] = {
    {"recall", "recall", true, true, NULL, recall},
    {"destroy", "destroy", true, true, NULL, destroy},
    {"extend", "extend", false, true, NULL, extend},
    {"resend", "resend", false, true, NULL, resend},
    {"relink", "relink", false, true, NULL, relink},
    {"passphrase", "passphrase", false, true, NULL, rescue},
    {"clear", "clear", true, false, can_clear, clear},
    {"template", "template", true, false, has_template, use_template},
};

static const struct act *
find_act(const struct request *request)
{
	const char *name = strrchr(request->route->path, '/') + 1;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return &acts[0];
}

/* Is there still something to do? */
static bool
is_over(const struct act *act, const struct sender_view *view, int64_t now)
{
	bool held = view->state == DELIVERY_HELD;
	bool open = view->state == DELIVERY_READY || view->state == DELIVERY_OPENED ||
		    (act->on_held && view->state == DELIVERY_SECURING);

	if (view->expires_at <= now || !((held && act->on_held) || (open && act->on_open)))
		return true;
	return act->fits != NULL && !act->fits(view);
}

/* A new passphrase needs the link, and a wrap that it opens. */
static bool
is_impossible(const struct request *request, const struct act *act, const struct sender_view *view)
{
	return act->run == rescue && (request->link.size == 0 || !view->can_rescue);
}

static int
days_left(const struct sender_view *view, int64_t now)
{
	return view->expires_at > now ? (int)((view->expires_at - now + 86399) / 86400) : 1;
}

static void
put_outcome(const struct request *request, struct template_values *values, const struct act *act,
	    const struct sender_view *view, const struct outcome *outcome)
{
	bool over = is_over(act, view, request->now);

	choices_put_faults(request, values, outcome->faults, &outcome->strength);
	template_put_flag(values, "any_error", outcome->faults != 0);
	template_put_flag(values, "sure_missing", outcome->sure_missing);
	template_put_flag(values, "too_soon", outcome->retry_at != 0);
	page_put_time(values, "retry_at", outcome->retry_at);
	template_put_flag(values, "over", over);
	template_put_flag(values, "impossible",
			  !over && (outcome->impossible || is_impossible(request, act, view)));
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
}

static void
show(const struct request *request, struct answer *answer, const struct outcome *outcome)
{
	const struct act *act = find_act(request);
	struct claimant claimant = request_claimant(request);
	struct template_values *values = page_sender_values(request);
	struct sender_view view;
	enum status status =
	    messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view);

	if (status == STATUS_GONE) {
		page_sender_gone(request, answer);
		return;
	}
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_flag(values, act->flag, true);
	template_put_text(
	    values, "action",
	    request_delivery_path(request, arena_printf(request->arena, "/%s", act->name)));
	template_put_text(values, "back", request_delivery_path(request, ""));
	template_put_text(values, "recipient", view.recipient);
	template_put_text(values, "subject", view.subject);
	template_put_text(values, "template_clue", view.has_template ? view.template.clue : "");
	template_put_flag(values, "template_pdf",
			  view.has_template && view.template.pdf != PDF_NONE);
	template_put_flag(values, "pdf", view.pdf != PDF_NONE);
	template_put_flag(values, "pdf_left", delivery_pdf_has_left(view.pdf_outcome));
	template_put_flag(values, "pdf_untold", view.pdf_outcome == PDF_UNTOLD);
	template_put_flag(values, "pdf_tells", view.pdf_tells);
	template_put_flag(values, "pdf_waits", view.pdf_waits);
	page_put_time(values, "expires_at", view.expires_at);
	choices_put_secret(request, values, view.clue, false);
	choices_put_wishes(request, values, days_left(&view, request->now), 0, 0);
	put_outcome(request, values, act, &view, outcome);
	page_show(request, answer, outcome->http_status, "pages/act", values);
}

void
page_act(struct request *request, struct answer *answer)
{
	struct outcome none = {.http_status = 200};

	show(request, answer, &none);
}

/* How guessable what was typed is, and nothing else. */
static void
show_strength(struct request *request, struct answer *answer)
{
	struct claimant claimant = request_claimant(request);
	struct outcome outcome = {.http_status = 200};
	struct sender_view view;

	if (messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view) ==
	    STATUS_OK)
		outcome.faults =
		    choices_judge(request, view.sender, view.recipient, &outcome.strength);
	show(request, answer, &outcome);
}

void
page_act_do(struct request *request, struct answer *answer)
{
	const struct act *act = find_act(request);
	struct claimant claimant = request_claimant(request);
	struct outcome outcome = {.http_status = 400};
	enum status status;

	if (act->run == rescue && choices_only_asked(request)) {
		show_strength(request, answer);
		return;
	}
	/* Two passphrases that are the same are proof enough that somebody means it. */
	if (act->run != rescue && !request_is_sure(request)) {
		outcome.sure_missing = true;
		show(request, answer, &outcome);
		return;
	}
	status = act->run(request, &claimant, &outcome);
	switch (status) {
	case STATUS_OK:
	case STATUS_CONFLICT: /* too late, or done before: the page tells */
		answer_redirect(answer, request_delivery_path(request, ""), request->arena);
		break;
	case STATUS_INVALID:
		show(request, answer, &outcome);
		break;
	case STATUS_BUSY:
		outcome.http_status = 429;
		if (outcome.retry_at > request->now)
			answer_retry_after(answer, outcome.retry_at - request->now);
		show(request, answer, &outcome);
		break;
	case STATUS_GONE:
		outcome.http_status = 409;
		outcome.impossible = true;
		show(request, answer, &outcome);
		break;
	default:
		page_failure(request, answer, status);
	}
}
