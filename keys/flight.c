#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keys/flight_part.h"

void *
flight_allocate(size_t size)
{
	void *bytes = calloc(1, size);

	if (bytes == NULL) {
		log_error("out-of-memory", LOG_NUMBER("size", size));
		abort();
	}
	return bytes;
}

static char *
make_name(size_t asker, const char *text)
{
	char *name = NULL;

	if (asprintf(&name, "%zu %s", asker, text) < 0) {
		log_error("out-of-memory", LOG_NUMBER("size", strlen(text)));
		abort();
	}
	return name;
}

static size_t
weight(const struct flight *flight)
{
	return sizeof(*flight) + strlen(flight->name) +
	       (flight->arena == NULL ? 0 : arena_used(flight->arena));
}

static void
free_flight(struct flight *flight)
{
	arena_free(flight->arena);
	free(flight->name);
	free(flight->group);
	free(flight);
}

static void
unlist(struct flights *flights, struct flight *flight)
{
	table_remove(&flights->table, &flight->node);
	flights->bytes -= flight->done ? weight(flight) : 0;
	flight->listed = false;
}

void
flight_let_go(struct flight *flight)
{
	if (--flight->holders == 0 && !flight->listed)
		free_flight(flight);
}

/* What nobody needs goes, the longest unused first. */
static void
forget(struct flights *flights)
{
	const struct flight_settings *settings = &flights->settings;
	struct table_node *node = flights->table.oldest;

	while (node != NULL &&
	       (flights->table.count > settings->entries || flights->bytes > settings->bytes)) {
		struct flight *flight = (struct flight *)node;

		node = node->newer;
		if (flight->holders > 0)
			continue;
		unlist(flights, flight);
		free_flight(flight);
	}
}

int64_t
flight_expiry(const struct flights *flights, const struct finding *finding)
{
	const struct flight_settings *settings = &flights->settings;
	int64_t seconds = settings->failed_seconds;

	if (finding->outcome == FINDING_FOUND)
		seconds = settings->found_seconds;
	else if (finding->outcome == FINDING_NONE)
		seconds = settings->none_seconds;
	if (finding->seconds > 0 && finding->seconds < seconds)
		seconds = finding->seconds;
	return clock_monotonic_ms() + seconds * 1000;
}

/* The answer to a look-up, copied; whoever waits sees it at the next broadcast. */
static void
land(struct flights *flights, struct flight *flight, const struct finding *finding, int64_t expires)
{
	flight->arena = arena_new();
	flight->finding = finding_copy(finding, flight->arena);
	flight->expires = expires;
	flight->done = true;
	flights->waiting--;
	if (flight->listed)
		flights->bytes += weight(flight);
}

/* An answer of a group is not remembered for each of its addresses. */
void
flight_land_by_group(struct flights *flights, struct flight *flight, const struct finding *finding,
		     int64_t expires)
{
	struct finding copy = *finding;

	copy.remembered = true;
	copy.milliseconds = 0;
	if (flight->listed)
		unlist(flights, flight);
	land(flights, flight, &copy, expires);
}

static void
refuse(struct flights *flights, struct flight *flight, const char *reason)
{
	struct finding finding = {.outcome = FINDING_FAILED, .reason = reason, .detail = ""};

	flight_land_by_group(flights, flight, &finding, flight_expiry(flights, &finding));
}

/* True when the group has the answer meanwhile. */
static bool
group_answers(struct flights *flights, struct flight *flight)
{
	const struct group *group;

	if (flights->closing) {
		refuse(flights, flight, "closing");
		return true;
	}
	group = flight->leads ? NULL : flight_group_settled(flights, flight);
	if (group != NULL)
		flight_land_by_group(flights, flight, &group->finding, group->expires);
	return group != NULL;
}

static struct finding
ask(const struct flights *flights, const struct flight *flight, struct arena *arena)
{
	const struct flight_settings *settings = &flights->settings;
	int64_t began = clock_monotonic_ms();
	struct finding finding = settings->look(settings->context, flight->asker, flight->address,
						began + settings->milliseconds, arena);

	finding.milliseconds = clock_monotonic_ms() - began;
	return finding;
}

/* On a thread of the source. */
static void
run(void *argument)
{
	struct flight *flight = argument;
	struct flights *flights = flight->flights;
	struct arena *arena = arena_new();
	struct finding finding;

	pthread_mutex_lock(&flights->lock);
	if (!group_answers(flights, flight)) {
		pthread_mutex_unlock(&flights->lock);
		finding = ask(flights, flight, arena);
		pthread_mutex_lock(&flights->lock);
		land(flights, flight, &finding, flight_expiry(flights, &finding));
		flight_group_tell(flights, flight, &finding);
	} else if (flight->leads) {
		flight_group_tell(flights, flight, &flight->finding);
	}
	flight_let_go(flight);
	forget(flights);
	pthread_cond_broadcast(&flights->landed);
	pthread_mutex_unlock(&flights->lock);
	arena_free(arena);
}

/* The pools hold as many as may wait in all, so none is ever full. */
void
flight_launch(struct flights *flights, struct flight *flight)
{
	flight->holders++;
	if (pool_submit(flights->pools[flight->asker], run, flight) != STATUS_OK) {
		log_error("keys-pool", LOG_NUMBER("asker", flight->asker));
		abort();
	}
}

static void
begin(struct flights *flights, struct flight *flight)
{
	if (flights->waiting > FLIGHTS_WAITING_MAX)
		refuse(flights, flight, "busy");
	else if (flight->group == NULL)
		flight_launch(flights, flight);
	else
		flight_group_begin(flights, flight);
}

static struct flight *
new_flight(struct flights *flights, size_t asker, const char *address, const char *group)
{
	struct flight *flight = flight_allocate(sizeof(*flight));

	flight->flights = flights;
	flight->asker = asker;
	flight->name = make_name(asker, address);
	flight->address = flight->name + strcspn(flight->name, " ") + 1;
	flight->group = *group == '\0' ? NULL : make_name(asker, group);
	flight->node.name = flight->name;
	flight->listed = true;
	table_add(&flights->table, &flight->node);
	flights->waiting++;
	return flight;
}

/* NULL when it is not known, or not any more. */
static struct flight *
find_flight(struct flights *flights, size_t asker, const char *address)
{
	char *name = make_name(asker, address);
	struct flight *flight = (struct flight *)table_find(&flights->table, name);

	free(name);
	if (flight == NULL || !flight->done || flight->expires > clock_monotonic_ms())
		return flight;
	unlist(flights, flight);
	if (flight->holders == 0)
		free_flight(flight);
	return NULL;
}

struct flight_ticket
flights_start(struct flights *flights, size_t asker, const char *address, const char *group)
{
	struct flight_ticket ticket;

	pthread_mutex_lock(&flights->lock);
	ticket.flight = find_flight(flights, asker, address);
	ticket.remembered = ticket.flight != NULL && ticket.flight->done;
	if (ticket.flight == NULL) {
		ticket.flight = new_flight(flights, asker, address, group);
		ticket.flight->holders++;
		begin(flights, ticket.flight);
	} else {
		ticket.flight->holders++;
	}
	pthread_mutex_unlock(&flights->lock);
	return ticket;
}

/* What is left of an answer's time: it may have been remembered, or have none of its own. */
static int64_t
seconds_left(const struct flight *flight)
{
	int64_t left = flight->expires - clock_monotonic_ms();

	return left <= 0 ? 0 : (left + 999) / 1000;
}

struct finding
flights_wait(struct flights *flights, struct flight_ticket ticket, int64_t deadline,
	     struct arena *arena)
{
	struct finding finding = {.outcome = FINDING_LATE, .reason = "late", .detail = ""};
	struct flight *flight = ticket.flight;

	pthread_mutex_lock(&flights->lock);
	while (!flight->done && clock_wait(&flights->landed, &flights->lock, deadline))
		;
	if (flight->done) {
		finding = finding_copy(&flight->finding, arena);
		finding.seconds = seconds_left(flight);
		if (ticket.remembered) {
			finding.remembered = true;
			finding.milliseconds = 0;
		}
	}
	flight_let_go(flight);
	pthread_mutex_unlock(&flights->lock);
	return finding;
}

static enum status
start_pools(struct flights *flights)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < flights->settings.askers; i++)
		status = pool_new(flights->settings.threads, FLIGHTS_WAITING_MAX + 1,
				  &flights->pools[i]);
	return status;
}

enum status
flights_new(const struct flight_settings *settings, struct flights **flights_out)
{
	struct flights *flights;
	enum status status;

	if (settings->askers > FLIGHT_ASKERS_MAX)
		return STATUS_TOO_LARGE;
	flights = flight_allocate(sizeof(*flights));
	flights->settings = *settings;
	table_init(&flights->table);
	table_init(&flights->groups);
	pthread_mutex_init(&flights->lock, NULL);
	clock_prepare_condition(&flights->landed);
	status = start_pools(flights);
	if (status == STATUS_OK)
		*flights_out = flights;
	else
		flights_free(flights);
	return status;
}

void
flights_free(struct flights *flights)
{
	if (flights == NULL)
		return;
	pthread_mutex_lock(&flights->lock);
	flights->closing = true;
	pthread_mutex_unlock(&flights->lock);
	for (size_t i = 0; i < flights->settings.askers; i++)
		if (flights->pools[i] != NULL)
			pool_free(flights->pools[i]);
	while (flights->table.oldest != NULL) {
		struct flight *flight = (struct flight *)flights->table.oldest;

		unlist(flights, flight);
		free_flight(flight);
	}
	flight_group_free_all(flights);
	pthread_cond_destroy(&flights->landed);
	pthread_mutex_destroy(&flights->lock);
	free(flights);
}
