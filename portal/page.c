#include "portal/page.h"

#include "base/log.h"
#include "portal/brand.h"
#include "portal/choose.h"

#define CROWDED_SECONDS 2
#define UNAVAILABLE_SECONDS 30

struct template_values *
page_values(const struct request *request, enum csrf_kind kind)
{
	const struct policy *policy = request->site->messenger.policy;
	struct template_values *values = template_values_new(request->arena);

	template_put_text(values, "organisation", policy->organisation);
	template_put_text(values, "portal_host", policy->portal_host);
	brand_put(request->site->brand, values);
	template_put_flag(values, "demo", *request->site->demo_maildir != '\0');
	template_put_text(values, "csrf", session_csrf(request, kind));
	choose_put(request, values);
	return values;
}

struct template_values *
page_desk_values(const struct request *request)
{
	struct template_values *values = page_values(request, CSRF_SESSION);

	template_put_text(values, "desk_address", request->desk.address);
	page_put_time(values, "desk_until", request->desk.ends_at);
	return values;
}

void
page_put_factor(struct template_values *values, enum factor factor)
{
	template_put_flag(values, "factor_mail", factor == FACTOR_MAIL);
	template_put_flag(values, "factor_phone", factor == FACTOR_PHONE);
	template_put_flag(values, "factor_sheet", factor == FACTOR_SHEET);
}

struct template_values *
page_box_values(const struct request *request)
{
	struct template_values *values = page_values(request, CSRF_SESSION);

	template_put_text(values, "box_address", request->inbox.address);
	page_put_time(values, "box_until", request->inbox.idle_at);
	return values;
}

struct template_values *
page_account_values(const struct request *request)
{
	bool in_box = request->account.inbox != NULL;
	struct template_values *values =
	    in_box ? page_box_values(request) : page_desk_values(request);

	template_put_flag(values, "in_box", in_box);
	template_put_text(values, "account", request_account_path(request, ""));
	template_put_text(values, "account_address", request->account.address);
	return values;
}

struct template_values *
page_sender_values(const struct request *request)
{
	return request->route->session == SESSION_DESK ? page_desk_values(request)
						       : page_values(request, CSRF_LINK);
}

void
page_put_time(struct template_values *values, const char *name, int64_t time)
{
	template_put_time(values, name, time);
}

void
page_put_size(struct template_values *values, const char *name, uint64_t size)
{
	template_put_size(values, name, size);
}

void
page_show(const struct request *request, struct answer *answer, int http_status, const char *name,
	  struct template_values *values)
{
	enum status status;

	if (http_status == 200 && request->crowded) {
		http_status = 503;
		answer_retry_after(answer, CROWDED_SECONDS);
	} else if (http_status == 200 && request->stale) {
		http_status = 403;
	}
	status = template_render(
	    languages_templates(request->site->messenger.languages, request->language), name,
	    values, &answer->page);
	if (status != STATUS_OK) {
		log_error("page-failed", LOG_TEXT("page", name),
			  LOG_TEXT("status", status_text(status)));
		answer_plain(answer, 500, "500\n");
		return;
	}
	answer->status = http_status;
	answer->type = "text/html; charset=utf-8";
	answer->language = language_code(request->language);
	answer->body = text_slice(&answer->page);
}

/* Which paragraph of the error page speaks of this status. */
static const char *
error_flag(int http_status)
{
	switch (http_status) {
	case 400:
	case 409:
	case 415:
		return "bad_request";
	case 403:
		return "forbidden";
	case 404:
		return "not_found";
	case 405:
		return "method";
	case 413:
		return "too_large";
	case 429:
		return "busy";
	case 503:
	case 507:
		return "unavailable";
	default:
		return "internal";
	}
}

void
page_error(const struct request *request, struct answer *answer, int http_status)
{
	struct template_values *values = page_values(request, CSRF_NONE);
	int64_t retry_after = 0;

	if (http_status == 429 || request->crowded)
		retry_after = CROWDED_SECONDS;
	else if (http_status == 503 || http_status == 507)
		retry_after = UNAVAILABLE_SECONDS;
	template_put_flag(values, request->crowded ? "busy" : error_flag(http_status), true);
	template_put_number(values, "retry_after", retry_after);
	if (retry_after != 0)
		answer_retry_after(answer, retry_after);
	page_show(request, answer, http_status, "pages/error", values);
}

void
page_failure(const struct request *request, struct answer *answer, enum status status)
{
	page_error(request, answer, answer_http_status(status));
}
