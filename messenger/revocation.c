#include "messenger/revocation.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/sha2.h"
#include "keys/revocation.h"
#include "messenger/work.h"
#include "messenger/finder_part.h"
#include "store/authority.h"

#define FETCH_MS 4000
#define AHEAD_MS 30000
#define RETRY_SECONDS ((int64_t)300)
#define LEASE_SECONDS ((int64_t)120)
#define BATCH ((size_t)4)
/* Lists are fetched anew when so much of their time is over, and at least this often. */
#define HOLD_PART 2
#define HOLD_MOST ((int64_t)86400)

/* What there is for one certificate. */
struct looking {
	struct revocation_source *source;
	const struct slice *chain;
	size_t at;
	struct arena *arena;
	struct belief_revocation *out;
};

static bool
hash_place(const char *kind, const char *url, struct slice more, struct arena *arena,
	   struct slice *hash_out)
{
	unsigned char *hash = arena_alloc(arena, SHA256_SIZE);
	struct text *name = text_new_in(arena, FETCH_URL_MAX + 128);

	text_printf(name, "%s %s ", kind, url);
	text_append(name, more);
	*hash_out = slice_of(hash, SHA256_SIZE);
	return text_ok(name) && sha256_of(text_slice(name), hash) == STATUS_OK;
}

static int64_t
next_time(int64_t now, int64_t until)
{
	int64_t hold = until > now ? (until - now) / HOLD_PART : RETRY_SECONDS;

	return now + (hold < HOLD_MOST ? hold : HOLD_MOST);
}

/* Fetch a list and keep it, if its issuer signed it. */
static enum status
fetch_list(struct store *store, const struct look_net *net, struct slice hash, const char *place,
	   struct slice issuer, int64_t now, int64_t milliseconds, struct arena *arena,
	   struct slice *list_out)
{
	struct look_failure failure = {"", ""};
	int64_t until = now;
	enum status status = revocation_fetch_list(
	    net->fetch, place, clock_monotonic_ms() + milliseconds, arena, list_out, &failure);

	if (status == STATUS_OK && trust_crl_check(*list_out, issuer, now, &until) != STATUS_OK) {
		status = STATUS_INVALID;
		failure.reason = "no-list";
	}
	if (status == STATUS_OK)
		return revocation_store(store, hash, *list_out, now, until, next_time(now, until));
	log_warning("revocation-list", LOG_TEXT("place", place),
		    LOG_TEXT("reason", failure.reason));
	if (revocation_fail(store, hash, failure.reason, now, now + RETRY_SECONDS) != STATUS_OK)
		log_warning("revocation-list", LOG_TEXT("reason", "not-noted"));
	return status;
}

static void
add(struct looking *looking, struct slice **list, size_t *count, struct slice bytes)
{
	struct slice *more = arena_alloc_many(looking->arena, *count + 1, sizeof(*more));

	if (*count > 0)
		memcpy(more, *list, *count * sizeof(*more));
	more[(*count)++] = bytes;
	*list = more;
}

/* How long the next fetching may take; 0: there is no time left, or no network. */
static int64_t
time_for(const struct revocation_source *source)
{
	if (source->net == NULL || source->left_ms <= 0)
		return 0;
	return source->left_ms < FETCH_MS ? source->left_ms : FETCH_MS;
}

static void
take_time(struct revocation_source *source, int64_t began_ms)
{
	source->left_ms -= clock_monotonic_ms() - began_ms;
}

/* The list of one place, as it is kept, or fetched now when nobody ever had it. */
static bool
find_list(struct looking *looking, const char *url)
{
	struct revocation_source *source = looking->source;
	struct revocation_row row;
	struct slice hash, list = {NULL, 0};
	enum status status;

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return false;
	if (!hash_place("crl", url, slice_of(NULL, 0), looking->arena, &hash) ||
	    revocation_want(source->store, hash, url, looking->chain[looking->at + 1],
			    source->now + RETRY_SECONDS, source->now) != STATUS_OK)
		return false;
	status = revocation_read(source->store, hash, looking->arena, &row);
	if (status != STATUS_OK)
		return false;
	if (row.list.size > 0 && row.until > source->now) {
		list = row.list;
	} else if (time_for(source) > 0 &&
		   (row.fault == NULL || row.tried_at + RETRY_SECONDS <= source->now)) {
		int64_t began_ms = clock_monotonic_ms();

		status = fetch_list(source->store, source->net, hash, url,
				    looking->chain[looking->at + 1], source->now, time_for(source),
				    looking->arena, &list);
		take_time(source, began_ms);
		if (status != STATUS_OK)
			return false;
	}
	if (list.size == 0)
		return false;
	add(looking, &looking->out->crls, &looking->out->crl_count, list);
	return true;
}

static enum status
ask_responder(struct looking *looking, const char *url, struct slice *answer_out,
	      int64_t *until_out, const char **reason_out)
{
	struct slice certificate = looking->chain[looking->at], question;
	struct slice issuer = looking->chain[looking->at + 1];
	struct look_failure failure = {"", ""};
	int64_t began_ms = clock_monotonic_ms();
	enum trust_ocsp state;
	enum status status = trust_ocsp_request(certificate, issuer, looking->arena, &question);

	if (status == STATUS_OK)
		status = revocation_ask(looking->source->net->fetch, url, question,
					began_ms + time_for(looking->source), looking->arena,
					answer_out, &failure);
	take_time(looking->source, began_ms);
	if (status != STATUS_OK) {
		*reason_out = failure.reason;
		return status;
	}
	*reason_out = "no-answer";
	return trust_ocsp_check(*answer_out, certificate, issuer, looking->source->now, &state,
				until_out);
}

/* The answer of one responder, kept until it is over. */
static bool
find_answer(struct looking *looking, const char *url)
{
	struct revocation_source *source = looking->source;
	struct slice hash, answer = {NULL, 0};
	struct revocation_row row;
	const char *reason = "";
	int64_t until = 0;
	enum status status;

	if (!hash_place("ocsp", url, looking->chain[looking->at], looking->arena, &hash) ||
	    revocation_want(source->store, hash, "", slice_of(NULL, 0), 0, source->now) !=
		STATUS_OK ||
	    revocation_read(source->store, hash, looking->arena, &row) != STATUS_OK)
		return false;
	if (row.list.size > 0 && row.until > source->now) {
		answer = row.list;
	} else {
		if (time_for(source) == 0 ||
		    (row.fault != NULL && row.tried_at + RETRY_SECONDS > source->now))
			return false;
		status = ask_responder(looking, url, &answer, &until, &reason);
		if (status == STATUS_OK)
			status = revocation_store(source->store, hash, answer, source->now, until,
						  until);
		else if (revocation_fail(source->store, hash, reason, source->now, 0) != STATUS_OK)
			status = STATUS_UNAVAILABLE;
		if (status != STATUS_OK)
			return false;
	}
	add(looking, &looking->out->ocsp, &looking->out->ocsp_count, answer);
	return true;
}

void
revocation_find(void *context, const struct slice *chain, size_t count, struct arena *arena,
		struct belief_revocation *revocation_out)
{
	struct looking looking = {
	    .source = context, .chain = chain, .arena = arena, .out = revocation_out};

	/* Nobody takes back a root but the administrator. */
	for (size_t i = 0; i + 1 < count; i++) {
		struct certificate certificate;
		bool found = false;

		looking.at = i;
		if (certificate_parse(chain[i], arena, &certificate) != STATUS_OK)
			continue;
		for (size_t url = 0; url < certificate.crl_count && !found; url++)
			found = find_list(&looking, certificate.crls[url]);
		for (size_t url = 0; url < certificate.ocsp_count && !found; url++)
			found = find_answer(&looking, certificate.ocsp[url]);
	}
}

enum status
messenger_revocation_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	const struct finder *finder = messenger->finder;
	struct store *store;
	struct arena *arena;
	struct revocation_task *tasks;
	size_t count = 0;
	enum status status;

	*worked_out = false;
	if (finder == NULL || finder->discover == NULL ||
	    finder->rules.revocation == TRUST_REVOCATION_IGNORED)
		return STATUS_OK;
	store = store_pool_get(messenger->stores);
	arena = arena_new();
	status = revocation_claim(store, now, now + LEASE_SECONDS, now - REVOCATION_USED_SECONDS,
				  BATCH, arena, &tasks, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct slice list;

		/* One that cannot be had is noted, and tried again later. */
		if (fetch_list(store, discover_net(finder->discover), tasks[i].hash, tasks[i].place,
			       tasks[i].issuer, now, AHEAD_MS, arena, &list) == STATUS_OK)
			log_info("revocation-list", LOG_NUMBER("bytes", (long long)list.size));
	}
	*worked_out = status == STATUS_OK && count > 0;
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}
