#include "courier/reload.h"

#include <stdlib.h>

#include "base/log.h"
#include "courier/courier.h"
#include "courier/settings.h"
#include "messenger/finder.h"
#include "messenger/letterhead.h"

struct generation {
	struct generation *older;
	struct config *config;
	struct policy *policy;
	struct arena *arena; /* of the relays' settings */
	struct send_ways ways;
	struct finder *finder;
	struct letterhead *letterhead;
	struct messenger messenger;
};

static void
free_generation(struct generation *generation)
{
	relay_pool_close(generation->ways.relays);
	direct_free(generation->ways.direct);
	phone_free(generation->ways.phone);
	finder_close(generation->finder);
	letterhead_free(generation->letterhead);
	arena_free(generation->arena);
	policy_free(generation->policy);
	config_free(generation->config);
	free(generation);
}

static enum status
check(const struct config *config, FILE *faults)
{
	enum status policy = policy_check(config, faults);
	enum status finder = finder_check(config, faults);
	enum status courier = courier_check(config, faults);

	if (policy != STATUS_OK)
		return policy;
	return finder == STATUS_OK ? courier : finder;
}

static enum status
fill(struct generation *generation, const struct reload *reload)
{
	struct relay_pool_settings relay;
	enum status status = config_reload_logged(reload->running, check, &generation->config);

	if (status == STATUS_OK)
		status = policy_from_config(generation->config, stderr, &generation->policy);
	generation->arena = arena_new();
	if (status == STATUS_OK)
		status = settings_relay(generation->config, stderr, generation->arena, &relay);
	/* Nothing is connected, but passwords are read. */
	if (status == STATUS_OK)
		status = relay_pool_open(&relay, &generation->ways.relays);
	if (status == STATUS_OK)
		status = finder_open(generation->config, true, stderr, &generation->finder);
	if (status == STATUS_OK)
		status = letterhead_load(generation->config, stderr, &generation->letterhead);
	if (status != STATUS_OK)
		return status;
	generation->ways.direct = direct_new(generation->config);
	generation->ways.phone = phone_new(generation->config);
	generation->messenger = *reload->messenger;
	generation->messenger.policy = generation->policy;
	generation->messenger.finder = generation->finder;
	generation->messenger.letterhead = generation->letterhead;
	return messenger_check_language(&generation->messenger);
}

void
courier_reload(struct reload *reload, struct workers *workers)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	enum status status = generation == NULL ? STATUS_UNAVAILABLE : fill(generation, reload);

	if (status != STATUS_OK) {
		log_error("reload-refused", LOG_TEXT("status", status_text(status)));
		if (generation != NULL)
			free_generation(generation);
		return;
	}
	generation->older = reload->latest;
	reload->latest = generation;
	reload->messenger = &generation->messenger;
	workers_use(workers, &generation->messenger, &generation->ways);
	log_info("reloaded", LOG_TEXT("what", "configuration"));
}

void
courier_reload_tidy(struct reload *reload, struct workers *workers)
{
	struct generation **place;

	if (reload->latest == NULL)
		return;
	/* That of the start is its owner's. */
	relay_pool_tidy(reload->first);
	place = &reload->latest->older;
	while (*place != NULL) {
		struct generation *old = *place;

		if (workers_are_using(workers, &old->messenger)) {
			place = &old->older;
			continue;
		}
		*place = old->older;
		free_generation(old);
	}
}

void
courier_reload_release(struct reload *reload)
{
	while (reload->latest != NULL) {
		struct generation *older = reload->latest->older;

		free_generation(reload->latest);
		reload->latest = older;
	}
}
