#include "courier/direct.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keys/tls_hosts.h"
#include "mail/address.h"
#include "mail/idn.h"
#include "messenger/finder.h"

#define LOOK_MS ((int64_t)10000) /* for all that is asked of DNS and the web about one letter */
#define CONNECT_MS 120000	 /* then no further server is tried for it just now */

struct direct {
	unsigned port;
	const char *ca_file;
	const char *helo_name;
	unsigned timeout_seconds;
	int64_t patience;
	unsigned most; /* letters at the same time */
	pthread_mutex_t lock;
	unsigned used;
};

/* One letter and the servers that it could go to. */
struct attempt {
	const struct direct *direct;
	const struct messenger *messenger;
	struct dispatch *dispatch;
	const struct relay_letter *letter;
	struct arena *arena;
	const char *domain;
	int64_t until;	    /* clock_monotonic_ms; behind that no further server */
	int64_t look_left;  /* of LOOK_MS; connecting takes nothing of it */
	bool temporary;	    /* something failed that may be better later */
	bool settled;	    /* a server has answered for the letter, or may have it */
	const char *reason; /* why the last one was not used */
	enum status status;
};

/* One server, and how it is verified. */
struct place {
	struct relay_settings settings;
	const char *name; /* for the record */
	const char *way;  /* what its proof is called; NULL: as the relay calls it */
};

struct direct *
direct_new(const struct config *config)
{
	struct direct *direct = calloc(1, sizeof(*direct));
	int64_t workers = config_number(config, "courier.workers");

	if (direct == NULL)
		abort();
	*direct = (struct direct){
	    .port = (unsigned)config_number(config, "keys.tls_port"),
	    .ca_file = config_text(config, "keys.ca_file"),
	    .helo_name = config_text(config, "organisation.host_name"),
	    .timeout_seconds = (unsigned)config_number(config, "relay.timeout"),
	    .patience = config_number(config, "keys.tls_patience"),
	    /* Strangers' servers may be slow: others are to go on meanwhile. */
	    .most = (unsigned)(workers + 1) / 2,
	};
	pthread_mutex_init(&direct->lock, NULL);
	return direct;
}

void
direct_free(struct direct *direct)
{
	if (direct == NULL)
		return;
	pthread_mutex_destroy(&direct->lock);
	free(direct);
}

bool
direct_is_busy(struct direct *direct)
{
	bool busy;

	pthread_mutex_lock(&direct->lock);
	busy = direct->used >= direct->most;
	pthread_mutex_unlock(&direct->lock);
	return busy;
}

static bool
take_slot(struct direct *direct)
{
	bool taken;

	pthread_mutex_lock(&direct->lock);
	taken = direct->used < direct->most;
	direct->used += taken;
	pthread_mutex_unlock(&direct->lock);
	return taken;
}

static void
give_slot(struct direct *direct)
{
	pthread_mutex_lock(&direct->lock);
	direct->used--;
	pthread_mutex_unlock(&direct->lock);
}

static void
note_proof(struct attempt *attempt, const struct relay_proof *proof, const struct place *place)
{
	struct evidence *evidence = arena_alloc(attempt->arena, sizeof(*evidence));

	*evidence = evidence_none();
	evidence->source = place->way != NULL ? place->way : proof->way;
	evidence->place = place->name;
	evidence->fingerprint = arena_copy_text(attempt->arena, proof->fingerprint);
	evidence->method = arena_printf(attempt->arena, "%s, %s", proof->protocol, proof->cipher);
	attempt->dispatch->proof = evidence;
}

/* What became of the letter there: it is settled, or another server may be asked. */
static void
learn(struct attempt *attempt, const struct relay *relay, const struct place *place)
{
	struct relay_recipient *recipient = &attempt->letter->recipients[0];
	const struct relay_proof *proof = relay_proof(relay);

	attempt->reason = recipient->reply;
	attempt->dispatch->unclear = relay_is_unclear(relay);
	if (*recipient->host != '\0')
		recipient->host = place->name;
	if (relay_is_unverified(relay))
		return;
	if (relay_may_go_elsewhere(relay)) {
		attempt->temporary = true;
		return;
	}
	attempt->settled = true;
	if (recipient->outcome == RELAY_SENT && proof != NULL)
		note_proof(attempt, proof, place);
}

static void
try_place(struct attempt *attempt, const struct place *place)
{
	struct relay *relay;

	/* Settings that the relay does not take are no server that can be verified. */
	if (relay_open(&place->settings, &relay) != STATUS_OK) {
		attempt->reason = "the server cannot be verified";
		return;
	}
	attempt->status = relay_send(relay, attempt->letter, attempt->arena);
	learn(attempt, relay, place);
	relay_close(relay);
}

static struct relay_settings
settings_for(const struct direct *direct)
{
	return (struct relay_settings){
	    .maildir = "",
	    .port = direct->port,
	    .tls = RELAY_TLS_VERIFY,
	    .ca_file = direct->ca_file,
	    .name = "",
	    .next_hop = "",
	    .user = "",
	    .password_file = "",
	    .helo_name = direct->helo_name,
	    .timeout_seconds = direct->timeout_seconds,
	};
}

static void
try_pinned(struct attempt *attempt, const struct tls_pin *pin)
{
	struct place place = {
	    .settings = settings_for(attempt->direct), .name = pin->host, .way = "pinned"};

	place.settings.host = pin->host;
	place.settings.port = pin->port;
	place.settings.name = pin->name;
	place.settings.ca_file = pin->ca_file;
	if (pin->fingerprint_count > 0) {
		place.settings.tls = RELAY_TLS_FINGERPRINT;
		place.settings.fingerprints = pin->fingerprints;
		place.settings.fingerprint_count = pin->fingerprint_count;
	}
	try_place(attempt, &place);
}

static struct relay_tlsa *
copy_records(const struct tls_policy_host *host, struct arena *arena)
{
	struct relay_tlsa *list = arena_alloc_many(arena, host->record_count + 1, sizeof(*list));

	for (size_t i = 0; i < host->record_count; i++)
		list[i] = (struct relay_tlsa){
		    .usage = (unsigned char)host->records[i].usage,
		    .selector = (unsigned char)host->records[i].selector,
		    .matching = (unsigned char)host->records[i].matching,
		    .data = host->records[i].data,
		};
	return list;
}

static void
note_look(struct attempt *attempt, int64_t began)
{
	int64_t took = clock_monotonic_ms() - began;

	attempt->look_left = took < attempt->look_left ? attempt->look_left - took : 0;
}

static bool
is_over(struct attempt *attempt)
{
	bool over = clock_monotonic_ms() > attempt->until;

	attempt->temporary = attempt->temporary || over;
	return over;
}

/* All addresses of one server, until one has answered for the letter.  With `others` behind it, it
 * is looked for no longer than its share of the time. */
static void
try_host(struct attempt *attempt, const struct tls_policy *policy,
	 const struct tls_policy_host *host, size_t others)
{
	struct place place = {.settings = settings_for(attempt->direct), .name = host->name};
	int64_t began = clock_monotonic_ms();
	struct tls_addresses addresses;
	struct look_failure failure;
	enum status status = tls_hosts_find(finder_net(attempt->messenger->finder), host->name,
					    began + attempt->look_left / (int64_t)(others + 1),
					    attempt->arena, &addresses, &failure);

	note_look(attempt, began);
	if (status != STATUS_OK) {
		attempt->reason = failure.reason;
		attempt->temporary = attempt->temporary || status == STATUS_UNAVAILABLE;
		return;
	}
	place.settings.name = host->name;
	if (policy->kind == TLS_POLICY_DANE) {
		place.settings.tls = RELAY_TLS_DANE;
		place.settings.records = copy_records(host, attempt->arena);
		place.settings.record_count = host->record_count;
		place.settings.next_hop = attempt->domain;
	} else {
		place.way = "mta-sts";
	}
	for (size_t i = 0; i < addresses.count && !attempt->settled && !is_over(attempt); i++) {
		place.settings.host = addresses.list[i];
		try_place(attempt, &place);
	}
}

static void
try_policy(struct attempt *attempt)
{
	struct tls_policies *policies = finder_tls(attempt->messenger->finder);
	int64_t began = clock_monotonic_ms();
	struct tls_policy policy;

	attempt->reason = "there is no network";
	if (policies == NULL)
		return;
	/* What hangs there leaves some time for the addresses. */
	policy = tls_policy_find(policies, slice_from_text(attempt->domain),
				 began + attempt->look_left * 3 / 4, attempt->arena);
	note_look(attempt, began);
	attempt->reason = policy.reason;
	attempt->temporary = policy.kind == TLS_POLICY_UNKNOWN;
	if (policy.kind != TLS_POLICY_DANE && policy.kind != TLS_POLICY_MTA_STS)
		return;
	attempt->reason = "none of its servers can be verified";
	for (size_t i = 0; i < policy.host_count && !attempt->settled && !is_over(attempt); i++) {
		if (policy.kind == TLS_POLICY_DANE && policy.hosts[i].record_count == 0)
			continue;
		try_host(attempt, &policy, &policy.hosts[i], policy.host_count - i - 1);
	}
}

/* Nobody has answered for the letter: it waits, or goes another way. */
static void
leave_open(struct attempt *attempt)
{
	struct relay_recipient *recipient = &attempt->letter->recipients[0];

	recipient->outcome = RELAY_LATER;
	recipient->status = attempt->temporary ? "4.4.1" : "4.7.5";
	recipient->reply = arena_printf(attempt->arena, "not verified: %s", attempt->reason);
	recipient->host = "";
	recipient->told = false;
}

/* Whether it is to go another way: not when a server may have it. */
static bool
falls(const struct attempt *attempt, int64_t sure)
{
	const struct dispatch *dispatch = attempt->dispatch;

	if (attempt->letter->recipients[0].outcome != RELAY_LATER || dispatch->unclear ||
	    dispatch->deliveries[0].handed_over)
		return false;
	if (!attempt->settled && !attempt->temporary)
		return true;
	return sure - dispatch->row.created_at >= attempt->direct->patience;
}

static enum status
send_now(struct attempt *attempt, int64_t sure)
{
	const char *address = attempt->letter->recipients[0].address;
	struct slice domain = address_domain(slice_from_text(address));
	const struct tls_pin *pin =
	    tls_pin_for(&attempt->messenger->policy->tls_pins, slice_from_text(address));

	if (pin != NULL)
		try_pinned(attempt, pin);
	else if (idn_to_ascii(domain, attempt->arena, &attempt->domain) == STATUS_OK)
		try_policy(attempt);
	else
		attempt->reason = "no-such-name";
	/* The letter could not be read: that says nothing of any server. */
	if (attempt->status != STATUS_OK && attempt->status != STATUS_UNAVAILABLE)
		return attempt->status;
	if (!attempt->settled)
		leave_open(attempt);
	attempt->dispatch->falls = falls(attempt, sure);
	return STATUS_OK;
}

enum status
direct_send(struct direct *direct, const struct messenger *messenger, struct dispatch *dispatch,
	    const struct relay_letter *letter, int64_t sure, struct arena *arena,
	    struct relay_wait *wait_out)
{
	struct attempt attempt = {
	    .direct = direct,
	    .messenger = messenger,
	    .dispatch = dispatch,
	    .letter = letter,
	    .arena = arena,
	    .until = clock_monotonic_ms() + CONNECT_MS,
	    .look_left = LOOK_MS,
	    .reason = "",
	    .status = STATUS_OK,
	};
	struct relay_recipient *recipient = &letter->recipients[0];
	enum status status;

	*wait_out = (struct relay_wait){NULL, 0};
	recipient->outcome = RELAY_LATER;
	recipient->host = "";
	if (!take_slot(direct)) {
		recipient->outcome = RELAY_WAITING;
		recipient->status = "4.4.5";
		recipient->reply = "others are being sent";
		*wait_out = (struct relay_wait){DIRECT_TRANSPORT, 1};
		return STATUS_OK;
	}
	status = send_now(&attempt, sure);
	give_slot(direct);
	return status;
}
