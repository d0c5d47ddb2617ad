#include "portal/reload.h"

#include <stdlib.h>

#include "base/log.h"
#include "messenger/letterhead.h"
#include "portal/brand.h"
#include "portal/certificate.h"
#include "portal/portal.h"

struct generation {
	struct generation *older;
	struct config *config;
	struct policy *policy;
	struct brand *brand;
	struct letterhead *letterhead;
	struct site site;
};

static void
free_generation(struct generation *generation)
{
	letterhead_free(generation->letterhead);
	brand_free(generation->brand);
	if (generation->policy != NULL)
		policy_free(generation->policy);
	config_free(generation->config);
	free(generation);
}

static enum status
check(const struct config *config, FILE *faults)
{
	enum status policy = policy_check(config, faults);
	enum status portal = portal_check(config, faults);

	return policy == STATUS_OK ? portal : policy;
}

static enum status
fill(struct generation *generation, const struct reload *reload)
{
	enum status status = config_reload_logged(reload->running, check, &generation->config);

	if (status == STATUS_OK)
		status = policy_from_config(generation->config, stderr, &generation->policy);
	if (status == STATUS_OK)
		status = brand_load(generation->config, stderr, &generation->brand);
	if (status == STATUS_OK)
		status = letterhead_load(generation->config, stderr, &generation->letterhead);
	if (status != STATUS_OK)
		return status;
	generation->site = *reload->site;
	generation->site.messenger.policy = generation->policy;
	generation->site.messenger.letterhead = generation->letterhead;
	generation->site.brand = generation->brand;
	generation->site.reply_size =
	    (uint64_t)config_number(generation->config, "portal.reply_size");
	status = messenger_check_language(&generation->site.messenger);
	/* Last: what it takes, it keeps. */
	if (status == STATUS_OK)
		status = certificate_load(config_text(generation->config, "portal.certificate"),
					  config_text(generation->config, "portal.private_key"));
	return status;
}

void
portal_reload(struct reload *reload, struct server *server)
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
	reload->site = &generation->site;
	server_use_site(server, reload->site);
	log_info("reloaded", LOG_TEXT("what", "configuration and certificate"));
}

void
portal_reload_release(struct reload *reload)
{
	while (reload->latest != NULL) {
		struct generation *older = reload->latest->older;

		free_generation(reload->latest);
		reload->latest = older;
	}
}
