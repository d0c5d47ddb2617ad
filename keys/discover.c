#include "keys/discover.h"

#include <stdlib.h>

#include "base/clock.h"
#include "mail/address.h"

struct discover {
	struct discover_settings settings;
	struct fetch_settings fetch;
	struct look_net net;
	struct flights *flights;
};

static struct finding
run_look(void *context, size_t asker, const char *address, int64_t deadline, struct arena *arena)
{
	struct discover *discover = context;

	return look(&discover->net, &discover->settings.askers[asker], slice_from_text(address),
		    deadline, arena);
}

static enum status
start(struct discover *discover)
{
	const struct discover_settings *settings = &discover->settings;
	struct flight_settings flights = {
	    .askers = settings->asker_count,
	    .threads = settings->threads,
	    .milliseconds = settings->milliseconds,
	    .found_seconds = settings->found_seconds,
	    .none_seconds = settings->none_seconds,
	    .failed_seconds = settings->failed_seconds,
	    .entries = settings->entries,
	    .bytes = settings->bytes,
	    .context = discover,
	    .look = run_look,
	};
	enum status status = dns_new(&settings->dns, &discover->net.dns);

	if (status != STATUS_OK)
		return status;
	discover->fetch = settings->fetch;
	discover->fetch.dns = discover->net.dns;
	discover->net.fetch = &discover->fetch;
	return flights_new(&flights, &discover->flights);
}

enum status
discover_new(const struct discover_settings *settings, struct discover **discover_out)
{
	struct discover *discover = calloc(1, sizeof(*discover));
	enum status status;

	if (discover == NULL)
		return STATUS_UNAVAILABLE;
	discover->settings = *settings;
	status = start(discover);
	if (status == STATUS_OK)
		*discover_out = discover;
	else
		discover_free(discover);
	return status;
}

void
discover_free(struct discover *discover)
{
	if (discover == NULL)
		return;
	flights_free(discover->flights);
	dns_free(discover->net.dns);
	free(discover);
}

const struct look_net *
discover_net(const struct discover *discover)
{
	return &discover->net;
}

/* Begin with all that are for the address; a ticket without a flight stands for one that is not. */
static void
start_flights(struct discover *discover, struct slice address, struct arena *arena,
	      struct flight_ticket *tickets)
{
	const struct discover_settings *settings = &discover->settings;

	if (address_check(address, NULL) != STATUS_OK)
		return;
	for (size_t i = 0; i < settings->asker_count; i++) {
		const char *group = look_group(&settings->askers[i], address, arena);

		if (group != NULL)
			tickets[i] = flights_start(discover->flights, i,
						   arena_text_from(arena, address), group);
	}
}

static void
list_candidates(struct discovery *discovery, struct arena *arena)
{
	size_t most = 0;

	for (size_t i = 0; i < discovery->finding_count; i++)
		most += discovery->findings[i].candidate_count;
	discovery->candidates = arena_alloc_many(arena, most + 1, sizeof(struct candidate *));
	for (size_t i = 0; i < discovery->finding_count; i++)
		for (size_t j = 0; j < discovery->findings[i].candidate_count; j++)
			discovery->candidates[discovery->candidate_count++] =
			    &discovery->findings[i].candidates[j];
}

static void
gather(struct discover *discover, const struct flight_ticket *tickets, int64_t began,
       int64_t deadline, struct arena *arena, struct discovery *discovery)
{
	const struct discover_settings *settings = &discover->settings;

	*discovery =
	    (struct discovery){.findings = arena_alloc_many(arena, settings->asker_count + 1,
							    sizeof(*discovery->findings))};
	for (size_t i = 0; i < settings->asker_count; i++) {
		struct finding *finding = &discovery->findings[discovery->finding_count];

		if (tickets[i].flight == NULL)
			continue;
		*finding = flights_wait(discover->flights, tickets[i], deadline, arena);
		finding->source = settings->askers[i].source;
		if (finding->outcome == FINDING_LATE)
			finding->milliseconds = clock_monotonic_ms() - began;
		discovery->finding_count++;
	}
	list_candidates(discovery, arena);
}

void
keys_discover(struct discover *discover, const struct slice *addresses, size_t count,
	      int64_t deadline, struct arena *arena, struct discovery *discoveries)
{
	size_t askers = discover->settings.asker_count;
	int64_t began = clock_monotonic_ms();
	struct flight_ticket *tickets =
	    arena_alloc_many(arena, count * askers + 1, sizeof(*tickets));

	for (size_t i = 0; i < count; i++)
		start_flights(discover, addresses[i], arena, &tickets[i * askers]);
	for (size_t i = 0; i < count; i++)
		gather(discover, &tickets[i * askers], began, deadline, arena, &discoveries[i]);
}
