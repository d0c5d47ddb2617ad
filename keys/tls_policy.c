#include "keys/tls_policy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keys/rdata.h"
#include "keys/table.h"
#include "keys/tls_policy_part.h"
#include "mail/idn.h"

#define TEXT_MAX ((size_t)4096)

/* What is remembered of a domain. */
struct entry {
	struct table_node node; /* first */
	char *domain;
	struct arena *arena;
	struct tls_policy policy;
	int64_t expires;
	/* The last MTA-STS policy, which may hold for weeks; "" for none. */
	const char *id;
	struct slice text;
	int64_t text_expires;
};

struct tls_policies {
	struct tls_policy_settings settings;
	pthread_mutex_t lock;
	struct table table;
};

/* One look-up. */
struct inquiry {
	struct tls_policies *policies;
	const char *domain;
	int64_t deadline;
	struct arena *arena;
	struct tls_policy policy;
	/* The MTA-STS policy that is known, and then the one that holds. */
	const char *id;
	struct slice text;
	int64_t text_seconds;
};

struct tls_policies *
tls_policies_new(const struct tls_policy_settings *settings)
{
	struct tls_policies *policies = calloc(1, sizeof(*policies));

	if (policies == NULL)
		abort();
	policies->settings = *settings;
	pthread_mutex_init(&policies->lock, NULL);
	table_init(&policies->table);
	return policies;
}

static void
free_entry(struct tls_policies *policies, struct entry *entry)
{
	table_remove(&policies->table, &entry->node);
	arena_free(entry->arena);
	free(entry->domain);
	free(entry);
}

void
tls_policies_free(struct tls_policies *policies)
{
	if (policies == NULL)
		return;
	while (policies->table.oldest != NULL)
		free_entry(policies, (struct entry *)policies->table.oldest);
	pthread_mutex_destroy(&policies->lock);
	free(policies);
}

static struct tls_policy
copy_policy(const struct tls_policy *policy, struct arena *arena)
{
	struct tls_policy copy = *policy;

	copy.detail = arena_copy_text(arena, policy->detail);
	copy.hosts = arena_alloc_many(arena, policy->host_count + 1, sizeof(*copy.hosts));
	for (size_t i = 0; i < policy->host_count; i++) {
		const struct tls_policy_host *from = &policy->hosts[i];
		struct tls_policy_host *host = &copy.hosts[i];

		*host = *from;
		host->name = arena_copy_text(arena, from->name);
		host->records =
		    arena_alloc_many(arena, from->record_count + 1, sizeof(*host->records));
		for (size_t j = 0; j < from->record_count; j++) {
			host->records[j] = from->records[j];
			host->records[j].data = arena_copy(arena, from->records[j].data);
		}
	}
	return copy;
}

/* True when the result is known; otherwise at least the MTA-STS policy may be. */
static bool
recall(struct inquiry *inquiry)
{
	struct tls_policies *policies = inquiry->policies;
	int64_t now = clock_monotonic_ms();
	bool known = false;
	struct entry *entry;

	pthread_mutex_lock(&policies->lock);
	entry = (struct entry *)table_find(&policies->table, inquiry->domain);
	if (entry != NULL && entry->expires > now) {
		inquiry->policy = copy_policy(&entry->policy, inquiry->arena);
		inquiry->policy.seconds = (entry->expires - now + 999) / 1000;
		known = true;
	} else if (entry != NULL && *entry->id != '\0' && entry->text_expires > now) {
		inquiry->id = arena_copy_text(inquiry->arena, entry->id);
		inquiry->text = arena_copy(inquiry->arena, entry->text);
		inquiry->text_seconds = (entry->text_expires - now) / 1000;
	}
	pthread_mutex_unlock(&policies->lock);
	return known;
}

static void
remember(const struct inquiry *inquiry)
{
	struct tls_policies *policies = inquiry->policies;
	struct entry *entry = calloc(1, sizeof(*entry));
	struct entry *old;
	int64_t now = clock_monotonic_ms();

	if (entry == NULL || (entry->domain = strdup(inquiry->domain)) == NULL)
		abort();
	entry->arena = arena_new();
	entry->node.name = entry->domain;
	entry->policy = copy_policy(&inquiry->policy, entry->arena);
	entry->expires = now + inquiry->policy.seconds * 1000;
	entry->id = arena_copy_text(entry->arena, inquiry->id);
	entry->text = arena_copy(entry->arena, inquiry->text);
	entry->text_expires = now + inquiry->text_seconds * 1000;
	pthread_mutex_lock(&policies->lock);
	old = (struct entry *)table_find(&policies->table, inquiry->domain);
	if (old != NULL)
		free_entry(policies, old);
	table_add(&policies->table, &entry->node);
	while (policies->table.count > policies->settings.entries &&
	       policies->table.oldest != &entry->node)
		free_entry(policies, (struct entry *)policies->table.oldest);
	pthread_mutex_unlock(&policies->lock);
}

static void
conclude(struct inquiry *inquiry, enum tls_policy_kind kind, const struct look_failure *failure)
{
	inquiry->policy.kind = kind;
	inquiry->policy.reason = failure->reason;
	inquiry->policy.detail = failure->detail;
}

/* The id of the domain's policy now, or "" where it has none. */
static enum status
ask_id(struct inquiry *inquiry, const char **id_out, struct look_failure *failure_out)
{
	const char *name = arena_printf(inquiry->arena, "_mta-sts.%s", inquiry->domain);
	struct slice texts[DNS_RECORDS_MAX];
	struct dns_answer answer;
	size_t count = 0;
	enum status status = dns_ask(inquiry->policies->settings.net->dns, name, DNS_TXT,
				     inquiry->deadline, inquiry->arena, &answer, failure_out);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < answer.count; i++)
		if (rdata_read_text(answer.records[i], TEXT_MAX, inquiry->arena, &texts[count]) ==
		    STATUS_OK)
			count++;
	if (mta_sts_read_record(texts, count, inquiry->arena, id_out) != STATUS_OK)
		*id_out = "";
	return STATUS_OK;
}

static enum status
fetch_text(struct inquiry *inquiry, struct slice *text_out, struct look_failure *failure_out)
{
	static const char *const types[] = {"text/plain", NULL};
	struct fetch_request request = {
	    .url = arena_printf(inquiry->arena, "https://mta-sts.%s/.well-known/mta-sts.txt",
				inquiry->domain),
	    .types = types,
	    .limit = MTA_STS_SIZE_MAX,
	    .deadline = inquiry->deadline,
	};
	struct fetch_answer answer;
	enum status status = fetch(inquiry->policies->settings.net->fetch, &request, inquiry->arena,
				   &answer, failure_out);

	if (status != STATUS_OK)
		return status;
	if (answer.code != 200) {
		*failure_out = (struct look_failure){
		    "policy-missing", arena_printf(inquiry->arena, "HTTP %u", answer.code)};
		return STATUS_NOT_FOUND;
	}
	*text_out = answer.body;
	return STATUS_OK;
}

/* Only the servers that the policy lists may be connected to. */
static void
keep_listed(struct tls_policy *policy, const struct mta_sts_policy *sts)
{
	size_t kept = 0;

	for (size_t i = 0; i < policy->host_count; i++) {
		bool listed = false;

		for (size_t j = 0; j < sts->pattern_count; j++)
			listed = listed || mta_sts_fits(sts->patterns[j], policy->hosts[i].name);
		if (listed)
			policy->hosts[kept++] = policy->hosts[i];
	}
	policy->host_count = kept;
}

static void
apply(struct inquiry *inquiry, const struct mta_sts_policy *sts)
{
	static const struct look_failure testing = {"testing-only", ""};
	static const struct look_failure none = {"policy-none", ""};
	static const struct look_failure held = {"", ""};

	if (sts->mode != MTA_STS_ENFORCE) {
		conclude(inquiry, TLS_POLICY_NONE, sts->mode == MTA_STS_TESTING ? &testing : &none);
		return;
	}
	keep_listed(&inquiry->policy, sts);
	conclude(inquiry, TLS_POLICY_MTA_STS, &held);
}

/* Take a new policy where its id has changed; a failure leaves the one that is known in force until
 * it expires (RFC 8461 section 5.1), for whoever can keep the new one away is not to gain by it. */
static void
ask_mta_sts(struct inquiry *inquiry)
{
	struct mta_sts_policy sts;
	struct look_failure failure = {"no-policy", ""};
	const char *id = "";
	struct slice text;
	enum status status = ask_id(inquiry, &id, &failure);

	if (status == STATUS_OK && *id != '\0' && strcmp(id, inquiry->id) != 0) {
		status = fetch_text(inquiry, &text, &failure);
		if (status == STATUS_OK &&
		    mta_sts_read_policy(text, inquiry->arena, &sts) == STATUS_OK) {
			inquiry->id = id;
			inquiry->text = text;
			inquiry->text_seconds = sts.seconds;
		} else if (status == STATUS_OK) {
			failure = (struct look_failure){"policy-invalid", ""};
			status = STATUS_INVALID;
		}
	}
	if (*inquiry->id != '\0' &&
	    mta_sts_read_policy(inquiry->text, inquiry->arena, &sts) == STATUS_OK) {
		apply(inquiry, &sts);
		return;
	}
	conclude(inquiry, status == STATUS_OK ? TLS_POLICY_NONE : TLS_POLICY_UNKNOWN, &failure);
}

static void
ask(struct inquiry *inquiry)
{
	struct dns *dns = inquiry->policies->settings.net->dns;
	static const struct look_failure held = {"", ""};
	struct tls_policy_servers servers;
	struct look_failure failure;
	bool usable;
	enum status status = tls_policy_find_servers(dns, inquiry->domain, inquiry->deadline,
						     inquiry->arena, &servers, &failure);

	if (status != STATUS_OK) {
		conclude(inquiry, status == STATUS_NOT_FOUND ? TLS_POLICY_NONE : TLS_POLICY_UNKNOWN,
			 &failure);
		return;
	}
	tls_policy_find_records(dns, &servers, inquiry->deadline, inquiry->arena, &usable,
				&failure);
	inquiry->policy.seconds = servers.seconds;
	inquiry->policy.hosts =
	    arena_alloc_many(inquiry->arena, servers.count, sizeof(*inquiry->policy.hosts));
	memcpy(inquiry->policy.hosts, servers.hosts, servers.count * sizeof(*servers.hosts));
	inquiry->policy.host_count = servers.count;
	if (usable) {
		conclude(inquiry, TLS_POLICY_DANE, &held);
		return;
	}
	/* Where TLSA could not be asked, a policy that knows of no DANE is no answer. */
	if (*failure.reason != '\0')
		conclude(inquiry, TLS_POLICY_UNKNOWN, &failure);
	else if (inquiry->policies->settings.mta_sts)
		ask_mta_sts(inquiry);
	else
		conclude(inquiry, TLS_POLICY_NONE, &(struct look_failure){"no-policy", ""});
}

static void
bound_time(struct inquiry *inquiry)
{
	const struct tls_policy_settings *settings = &inquiry->policies->settings;
	int64_t most = inquiry->policy.kind == TLS_POLICY_UNKNOWN ? settings->failed_seconds
								  : settings->most_seconds;
	int64_t *seconds = &inquiry->policy.seconds;

	if (inquiry->policy.kind == TLS_POLICY_MTA_STS && inquiry->text_seconds < most)
		most = inquiry->text_seconds;
	if (*seconds <= 0 || *seconds > most)
		*seconds = most;
}

struct tls_policy
tls_policy_find(struct tls_policies *policies, struct slice domain, int64_t deadline,
		struct arena *arena)
{
	struct inquiry inquiry = {
	    .policies = policies, .deadline = deadline, .arena = arena, .id = ""};

	inquiry.policy.detail = "";
	if (idn_to_ascii(domain, arena, &inquiry.domain) != STATUS_OK) {
		conclude(&inquiry, TLS_POLICY_NONE, &(struct look_failure){"no-such-name", ""});
		return inquiry.policy;
	}
	if (recall(&inquiry))
		return inquiry.policy;
	ask(&inquiry);
	bound_time(&inquiry);
	remember(&inquiry);
	return inquiry.policy;
}
