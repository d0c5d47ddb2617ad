/* Web Key Directory, and key servers by HTTPS. */
#include "keys/look.h"

#include "base/encode.h"
#include "keys/wkd_name.h"
#include "mail/address.h"

#define KEY_SIZE_MAX CANDIDATE_SIZE_MAX
#define REDIRECTS 2

#define CODE_FOUND 200
#define CODE_TOO_MANY 429
#define CODE_SERVER 500

/* Directories are served by whatever serves files. */
static const char *const key_types[] = {"application/octet-stream", "application/pgp-keys",
					"application/pgp-key", "text/plain", NULL};

struct inquiry {
	const struct fetch_settings *settings;
	enum candidate_source source;
	enum candidate_trust trust;
	bool is_named;
	int64_t deadline;
	struct arena *arena;
};

/* Whether a failure is one of the server, not of what was asked for. */
static bool
is_of_server(enum status status)
{
	return status == STATUS_UNAVAILABLE || status == STATUS_DENIED ||
	       status == STATUS_NOT_FOUND;
}

static struct finding
read_answer(const struct inquiry *inquiry, const char *url, const struct fetch_answer *fetched)
{
	struct finding finding = {
	    .source = inquiry->source, .outcome = FINDING_NONE, .reason = "no-key", .detail = ""};
	struct look_failure failure = {"server-failed", ""};
	struct candidate candidate = {
	    .source = inquiry->source,
	    .kind = CANDIDATE_OPENPGP,
	    .trust = inquiry->trust,
	    .usage = DANE_EE,
	    .bytes = fetched->body,
	    .evidence = url,
	};

	if (fetched->code == CODE_TOO_MANY || fetched->code >= CODE_SERVER) {
		failure.detail = arena_printf(inquiry->arena, "HTTP %u", fetched->code);
		return finding_failed(inquiry->source, &failure, true, inquiry->arena);
	}
	if (fetched->code == CODE_FOUND)
		finding_add(&finding, &candidate, inquiry->arena);
	return finding;
}

/* STATUS_NOT_FOUND: there is no such server, and *answer_out says so. */
static enum status
ask(const struct inquiry *inquiry, const char *url, struct finding *finding_out)
{
	struct fetch_request request = {
	    .url = url,
	    .is_named = inquiry->is_named,
	    .redirects = REDIRECTS,
	    .types = key_types,
	    .limit = KEY_SIZE_MAX,
	    .deadline = inquiry->deadline,
	};
	struct fetch_answer fetched;
	struct look_failure failure;
	enum status status = fetch(inquiry->settings, &request, inquiry->arena, &fetched, &failure);

	if (status == STATUS_OK)
		*finding_out = read_answer(inquiry, url, &fetched);
	else
		*finding_out =
		    finding_failed(inquiry->source, &failure, is_of_server(status), inquiry->arena);
	return status;
}

struct finding
look_wkd(const struct fetch_settings *settings, struct slice address, int64_t deadline,
	 struct arena *arena)
{
	struct inquiry inquiry = {
	    .settings = settings,
	    .source = CANDIDATE_WKD,
	    .trust = CANDIDATE_DOMAIN,
	    .deadline = deadline,
	    .arena = arena,
	};
	static const struct look_failure no_name = {"wrong-address", ""};
	struct finding finding;
	struct wkd_name name;

	if (wkd_name(address, arena, &name) != STATUS_OK)
		return finding_failed(CANDIDATE_WKD, &no_name, false, arena);
	/* The domain's own host is asked only where it has none for this; also where it keeps that
	 * name without an address, which is how a domain with a wildcard says so (section 3.1). */
	if (ask(&inquiry, name.advanced_url, &finding) != STATUS_NOT_FOUND)
		return finding;
	if (ask(&inquiry, name.direct_url, &finding) == STATUS_NOT_FOUND) {
		finding.outcome = FINDING_NONE;
		finding.reason = "no-directory";
	}
	return finding;
}

struct finding
look_key_server(const struct fetch_settings *settings, const struct look_asker *asker,
		struct slice address, int64_t deadline, struct arena *arena)
{
	bool is_vks = asker->source == CANDIDATE_VKS;
	struct inquiry inquiry = {
	    .settings = settings,
	    .source = asker->source,
	    .trust = is_vks ? CANDIDATE_CHECKED : CANDIDATE_ANYBODY,
	    .is_named = true,
	    .deadline = deadline,
	    .arena = arena,
	};
	struct finding finding;
	struct text *escaped = arena_alloc(arena, sizeof(*escaped));
	enum status status;

	text_init_in(escaped, arena, ADDRESS_MAX * 3);
	encode_percent(address, escaped);
	status = ask(&inquiry,
		     arena_printf(arena,
				  is_vks ? "https://%s/vks/v1/by-email/%s"
					 : "https://%s/pks/lookup?op=get&options=mr&search=%s",
				  asker->server, text_string(escaped)),
		     &finding);
	(void)status; /* the answer tells all of it */
	return finding;
}
