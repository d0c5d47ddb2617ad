#include "keys/revocation.h"

#define REDIRECTS 2

static enum status
get(const struct fetch_settings *settings, const struct fetch_request *request, struct arena *arena,
    struct slice *body_out, struct look_failure *failure_out)
{
	struct fetch_answer answer;
	enum status status = fetch(settings, request, arena, &answer, failure_out);

	if (status != STATUS_OK)
		return status;
	if (answer.code != 200) {
		*failure_out = (struct look_failure){"server-failed",
						     arena_printf(arena, "HTTP %u", answer.code)};
		return STATUS_NOT_FOUND;
	}
	*body_out = answer.body;
	return STATUS_OK;
}

enum status
revocation_fetch_list(const struct fetch_settings *settings, const char *url, int64_t deadline,
		      struct arena *arena, struct slice *list_out, struct look_failure *failure_out)
{
	struct fetch_request request = {
	    .url = url,
	    .plain = true,
	    .redirects = REDIRECTS,
	    .limit = REVOCATION_LIST_MAX,
	    .deadline = deadline,
	};

	return get(settings, &request, arena, list_out, failure_out);
}

enum status
revocation_ask(const struct fetch_settings *settings, const char *url, struct slice question,
	       int64_t deadline, struct arena *arena, struct slice *reply_out,
	       struct look_failure *failure_out)
{
	static const char *const types[] = {"application/ocsp-response", NULL};
	struct fetch_request request = {
	    .url = url,
	    .plain = true,
	    .body = question,
	    .body_type = "application/ocsp-request",
	    .types = types,
	    .limit = REVOCATION_OCSP_MAX,
	    .deadline = deadline,
	};

	return get(settings, &request, arena, reply_out, failure_out);
}
