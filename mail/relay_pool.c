#include "mail/relay_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define WAIT_BUSY 1U /* seconds */

/* A connection between two letters. */
struct kept {
	struct relay *relay;
	unsigned letters;
	int64_t since; /* clock_monotonic_ms */
	struct kept *next;
};

struct host {
	const struct transport_host *transport_host;
	struct kept *kept;   /* the last used first */
	unsigned failures;   /* in a row */
	int64_t rests_until; /* clock_monotonic_ms */
	bool probed;	     /* after its rest, somebody is trying it */
};

struct lane {
	const struct transport *transport;
	struct host *hosts;
	unsigned used; /* letters on their way */
	unsigned turn;
};

struct relay_pool {
	struct relay_pool_settings settings;
	pthread_mutex_t lock;
	struct lane *lanes;
	struct arena *arena;
};

static enum status
check_hosts(const struct transport *transport)
{
	for (size_t i = 0; i < transport->host_count; i++) {
		struct relay *relay;
		enum status status = relay_open(&transport->hosts[i].settings, &relay);

		if (status != STATUS_OK)
			return status;
		relay_close(relay);
	}
	return transport->host_count > 0 && transport->connections > 0 ? STATUS_OK : STATUS_INVALID;
}

enum status
relay_pool_open(const struct relay_pool_settings *settings, struct relay_pool **pool_out)
{
	struct arena *arena = arena_new();
	struct relay_pool *pool = arena_alloc(arena, sizeof(*pool));
	enum status status = settings->table.count > 0 ? STATUS_OK : STATUS_INVALID;

	*pool = (struct relay_pool){.settings = *settings, .arena = arena};
	pool->lanes = arena_alloc_many(arena, settings->table.count + 1, sizeof(*pool->lanes));
	for (size_t i = 0; i < settings->table.count && status == STATUS_OK; i++) {
		struct lane *lane = &pool->lanes[i];

		lane->transport = &settings->table.rows[i];
		lane->hosts =
		    arena_alloc_many(arena, lane->transport->host_count + 1, sizeof(*lane->hosts));
		for (size_t j = 0; j < lane->transport->host_count; j++)
			lane->hosts[j].transport_host = &lane->transport->hosts[j];
		status = check_hosts(lane->transport);
	}
	if (status != STATUS_OK) {
		arena_free(arena);
		return status;
	}
	pthread_mutex_init(&pool->lock, NULL);
	*pool_out = pool;
	return STATUS_OK;
}

static void
let_go(struct kept *kept)
{
	while (kept != NULL) {
		struct kept *next = kept->next;

		relay_close(kept->relay);
		free(kept);
		kept = next;
	}
}

/* Take out of the pool what has been idle since `before`; to be let go without the lock. */
static struct kept *
take_idle(struct relay_pool *pool, int64_t before)
{
	struct kept *taken = NULL;

	for (size_t i = 0; i < pool->settings.table.count; i++) {
		for (size_t j = 0; j < pool->lanes[i].transport->host_count; j++) {
			struct kept **at = &pool->lanes[i].hosts[j].kept;

			while (*at != NULL) {
				struct kept *kept = *at;

				if (kept->since > before) {
					at = &kept->next;
					continue;
				}
				*at = kept->next;
				kept->next = taken;
				taken = kept;
			}
		}
	}
	return taken;
}

void
relay_pool_tidy(struct relay_pool *pool)
{
	int64_t before = clock_monotonic_ms() - (int64_t)pool->settings.idle_seconds * 1000;
	struct kept *taken;

	pthread_mutex_lock(&pool->lock);
	taken = take_idle(pool, before);
	pthread_mutex_unlock(&pool->lock);
	let_go(taken);
}

void
relay_pool_close(struct relay_pool *pool)
{
	if (pool == NULL)
		return;
	let_go(take_idle(pool, INT64_MAX));
	pthread_mutex_destroy(&pool->lock);
	arena_free(pool->arena);
}

/* Whether nobody should be asked there now; with the lock. */
static bool
rests(const struct host *host, int64_t now)
{
	return host->failures > 0 && (now < host->rests_until || host->probed);
}

/* Seconds until a host of the lane may be asked, 0: now; with the lock. */
static unsigned
lane_rest(const struct lane *lane)
{
	int64_t now = clock_monotonic_ms(), soonest = INT64_MAX;

	for (size_t i = 0; i < lane->transport->host_count; i++) {
		const struct host *host = &lane->hosts[i];
		int64_t left = host->rests_until - now;

		if (!rests(host, now))
			return 0;
		if (left < soonest)
			soonest = left;
	}
	return soonest < (int64_t)WAIT_BUSY * 1000 ? WAIT_BUSY : (unsigned)((soonest + 999) / 1000);
}

size_t
relay_pool_busy(struct relay_pool *pool, const char **names_out, size_t room)
{
	size_t count = 0;

	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; i < pool->settings.table.count && count < room; i++) {
		const struct lane *lane = &pool->lanes[i];

		if (lane->used >= lane->transport->connections || lane_rest(lane) > 0)
			names_out[count++] = lane->transport->name;
	}
	pthread_mutex_unlock(&pool->lock);
	return count;
}

bool
relay_pool_is_single(const struct relay_pool *pool)
{
	return pool->settings.table.count == 1;
}

/* A connection to the host, kept or new; false when it is not to be asked now. */
static bool
take_connection(struct relay_pool *pool, struct host *host, struct kept **kept_out)
{
	struct kept *kept = NULL;
	bool resting;

	pthread_mutex_lock(&pool->lock);
	resting = rests(host, clock_monotonic_ms());
	if (!resting && host->failures > 0)
		host->probed = true;
	if (!resting && host->kept != NULL) {
		kept = host->kept;
		host->kept = kept->next;
	}
	pthread_mutex_unlock(&pool->lock);
	if (resting)
		return false;
	if (kept == NULL) {
		kept = calloc(1, sizeof(*kept));
		if (kept == NULL)
			abort();
		/* The settings were good when the pool was opened; a password file may be gone. */
		if (relay_open(&host->transport_host->settings, &kept->relay) != STATUS_OK)
			kept->relay = NULL;
	}
	*kept_out = kept;
	return true;
}

/* 1, 4, 16, ... seconds, up to the longest. */
static int64_t
rest_ms(const struct relay_pool *pool, unsigned failures)
{
	int64_t seconds = 1;

	while (--failures > 0 && seconds < (int64_t)pool->settings.rest_seconds)
		seconds *= 4;
	if (seconds > (int64_t)pool->settings.rest_seconds)
		seconds = pool->settings.rest_seconds;
	return seconds * 1000;
}

/* What was learnt of the host, and the connection back. */
static void
put_connection(struct relay_pool *pool, struct host *host, struct kept *kept, bool failed)
{
	bool keep = kept->relay != NULL && relay_is_connected(kept->relay) &&
		    ++kept->letters < pool->settings.letters && !failed;

	pthread_mutex_lock(&pool->lock);
	host->probed = false;
	host->failures = failed ? host->failures + 1 : 0;
	if (failed)
		host->rests_until = clock_monotonic_ms() + rest_ms(pool, host->failures);
	if (keep) {
		kept->since = clock_monotonic_ms();
		kept->next = host->kept;
		host->kept = kept;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!keep) {
		kept->next = NULL;
		let_go(kept);
	}
}

/* The recipients that are still to be asked for, as a letter of their own. */
static struct relay_letter
part_of(const struct relay_letter *letter, struct relay_recipient *const *recipients, size_t count,
	struct arena *arena)
{
	struct relay_letter part = *letter;

	part.recipients = arena_alloc_many(arena, count + 1, sizeof(*part.recipients));
	part.count = 0;
	for (size_t i = 0; i < count; i++)
		if (recipients[i]->outcome != RELAY_SENT && recipients[i]->outcome != RELAY_REFUSED)
			part.recipients[part.count++] = *recipients[i];
	return part;
}

static void
take_part(const struct relay_letter *part, struct relay_recipient *const *recipients, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		if (recipients[i]->outcome != RELAY_SENT && recipients[i]->outcome != RELAY_REFUSED)
			*recipients[i] = part->recipients[at++];
}

static enum status
send_to_host(struct relay_pool *pool, struct host *host, struct kept *kept,
	     struct relay_letter *part, struct arena *arena, bool *elsewhere_out)
{
	enum status status = STATUS_UNAVAILABLE;

	*elsewhere_out = true;
	if (kept->relay != NULL) {
		status = relay_send(kept->relay, part, arena);
		*elsewhere_out = relay_may_go_elsewhere(kept->relay);
	} else {
		for (size_t i = 0; i < part->count; i++) {
			part->recipients[i].outcome = RELAY_LATER;
			part->recipients[i].status = "4.3.5";
			part->recipients[i].reply = "the relay is not set up properly";
			part->recipients[i].host = "";
		}
	}
	put_connection(pool, host, kept,
		       kept->relay == NULL || status == STATUS_UNAVAILABLE || *elsewhere_out);
	return status;
}

/* The lane's hosts one after the other, until one has taken it or said no. */
static enum status
send_by_lane(struct relay_pool *pool, struct lane *lane, unsigned turn,
	     const struct relay_letter *letter, struct relay_recipient *const *recipients,
	     size_t count, struct arena *arena, bool *asked_out)
{
	size_t *order = arena_alloc_many(arena, lane->transport->host_count, sizeof(*order));
	enum status status = STATUS_OK;
	bool elsewhere = true;

	*asked_out = false;
	transport_order(lane->transport, turn, order);
	for (size_t i = 0; i < lane->transport->host_count && elsewhere; i++) {
		struct host *host = &lane->hosts[order[i]];
		struct relay_letter part;
		struct kept *kept;

		if (!take_connection(pool, host, &kept))
			continue;
		*asked_out = true;
		part = part_of(letter, recipients, count, arena);
		status = send_to_host(pool, host, kept, &part, arena, &elsewhere);
		take_part(&part, recipients, count);
	}
	return status;
}

static void
let_wait(struct relay_recipient *const *recipients, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		recipients[i]->outcome = RELAY_WAITING;
		recipients[i]->status = "4.4.5";
		recipients[i]->reply = "the destination is busy or does not answer";
		recipients[i]->host = "";
	}
}

static enum status
send_group(struct relay_pool *pool, struct lane *lane, const struct relay_letter *letter,
	   struct relay_recipient *const *recipients, size_t count, struct arena *arena,
	   struct relay_wait *wait_out)
{
	enum status status = STATUS_OK;
	unsigned rest, turn = 0;
	bool asked = false;

	pthread_mutex_lock(&pool->lock);
	rest = lane->used >= lane->transport->connections ? WAIT_BUSY : lane_rest(lane);
	if (rest == 0) {
		lane->used++;
		turn = lane->turn++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (rest == 0) {
		status = send_by_lane(pool, lane, turn, letter, recipients, count, arena, &asked);
		pthread_mutex_lock(&pool->lock);
		lane->used--;
		if (!asked)
			rest = lane_rest(lane);
		pthread_mutex_unlock(&pool->lock);
	}
	if (!asked) {
		let_wait(recipients, count);
		*wait_out = (struct relay_wait){lane->transport->name, rest == 0 ? 1 : rest};
	}
	return status;
}

enum status
relay_pool_send(struct relay_pool *pool, const struct relay_letter *letter, struct arena *arena,
		struct relay_wait *wait_out)
{
	const struct transport_table *table = &pool->settings.table;
	struct relay_recipient **group =
	    arena_alloc_many(arena, letter->count + 1, sizeof(struct relay_recipient *));
	size_t *rows = arena_alloc_many(arena, letter->count + 1, sizeof(*rows));
	enum status worst = STATUS_OK;
	bool any = false;

	*wait_out = (struct relay_wait){NULL, 0};
	for (size_t i = 0; i < letter->count; i++) {
		rows[i] = transport_find(table, letter->recipients[i].address);
		letter->recipients[i].outcome = RELAY_LATER;
		letter->recipients[i].host = "";
		letter->recipients[i].told = false;
	}
	for (size_t row = 0; row < table->count; row++) {
		size_t count = 0;
		enum status status;

		for (size_t i = 0; i < letter->count; i++)
			if (rows[i] == row)
				group[count++] = &letter->recipients[i];
		if (count == 0)
			continue;
		status = send_group(pool, &pool->lanes[row], letter, group, count, arena, wait_out);
		any = any || status == STATUS_OK;
		if (status != STATUS_OK)
			worst = status;
	}
	return any ? STATUS_OK : worst;
}
