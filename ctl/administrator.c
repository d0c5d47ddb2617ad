#include "ctl/administrator.h"

#include <string.h>

#include "base/log.h"
#include "ctl/arguments.h"

static bool
take_display_key(const char *path, enum keyfile_role role, struct keys *keys)
{
	struct keys whole;

	if (keyfile_load(path, role, &whole) != STATUS_OK)
		return false;
	secret_move(&keys->display_key, &whole.display_key);
	memcpy(keys->gateway_public, whole.gateway_public, sizeof(keys->gateway_public));
	keys_clear(&whole);
	return true;
}

static bool
open_keys(const struct config *config, enum display_need need, struct keys *keys)
{
	const char *courier = config_text(config, "courier.keys");
	const char *portal = config_text(config, "portal.keys");

	if (need == DISPLAY_UNUSED || take_display_key(courier, KEYFILE_COURIER, keys) ||
	    take_display_key(portal, KEYFILE_PORTAL, keys))
		return true;
	if (need == DISPLAY_NEEDED) {
		ctl_refuse(
		    "to find by address the display key is needed, and neither %s nor %s can "
		    "be read",
		    courier, portal);
		return false;
	}
	ctl_refuse("neither %s nor %s can be read: addresses and subjects are not shown", courier,
		   portal);
	return true;
}

static bool
open_database(const struct config *config, struct store_pool **stores_out)
{
	enum status status = store_pool_open(config_text(config, "ctl.database"), 1, stores_out);

	if (status == STATUS_CONFLICT)
		ctl_refuse("the schema does not fit; run `postern ctl schema migrate`");
	else if (status != STATUS_OK)
		ctl_refuse("the database of ctl.database cannot be reached");
	return status == STATUS_OK;
}

static void
release(struct administrator *administrator)
{
	store_pool_close(administrator->messenger.stores);
	keys_clear(&administrator->keys);
	policy_free(administrator->policy);
	arena_free(administrator->arena);
}

bool
administrator_open(const struct ctl_call *call, enum display_need need, bool json,
		   struct administrator *administrator)
{
	/* What happens is told by the command itself, in one line. */
	log_open("ctl", config_flag(call->config, "log.debug") ? LOG_LEVEL_DEBUG : LOG_LEVEL_NONE);
	*administrator = (struct administrator){.arena = arena_new()};
	if (policy_from_config(call->config, stderr, &administrator->policy) != STATUS_OK ||
	    !open_keys(call->config, need, &administrator->keys) ||
	    !open_database(call->config, &administrator->messenger.stores)) {
		release(administrator);
		return false;
	}
	administrator->messenger.keys = &administrator->keys;
	administrator->messenger.policy = administrator->policy;
	/* No message is opened here: all that is ever read is what the operator typed, as our own
	 * code wrote it into a header. */
	administrator->messenger.reader = reader_within();
	administrator->output =
	    output_open(stdout, output_form_for(stdout, json), administrator->arena);
	return true;
}

void
administrator_see_name(struct administrator *administrator, const char *name)
{
	if (administrator->keys.display_key.size > 0 && *name == '\0')
		administrator->unreadable = true;
}

int
administrator_refuse(enum status status, const char *not_found, const char *conflict)
{
	if (status == STATUS_NOT_FOUND)
		return ctl_refuse("%s", not_found);
	if (status == STATUS_CONFLICT)
		return ctl_refuse("%s", conflict);
	if (status == STATUS_UNAVAILABLE || status == STATUS_BUSY)
		return ctl_refuse("the database does not answer; try again");
	return ctl_refuse("that failed (%s); `log.debug = true` in the configuration tells more",
			  status_text(status));
}

int
administrator_close(struct administrator *administrator, int result)
{
	if (administrator->unreadable)
		ctl_refuse("some names do not open: the display key is of another installation, or "
			   "they are damaged");
	if (result == 0 && !output_close(administrator->output))
		result = ctl_refuse("the output could not be written");
	release(administrator);
	return result;
}

int
administrator_decide(const struct ctl_call *call, const char *done,
		     enum status (*deed)(const struct messenger *messenger, const struct id *id),
		     const char *not_found, const char *denied)
{
	const struct output_column column = {done, done, OUTPUT_TEXT, 0};
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct administrator administrator;
	struct output_cell cell;
	const char *word;
	struct id id;
	enum status status;

	if (!arguments_read(call, options, 1, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (!administrator_open(call, DISPLAY_UNUSED, json, &administrator))
		return 1;
	status = deed(&administrator.messenger, &id);
	if (status == STATUS_DENIED)
		return administrator_close(&administrator, ctl_refuse("%s", denied));
	if (status != STATUS_OK)
		return administrator_close(
		    &administrator,
		    administrator_refuse(status, not_found, "it was changed meanwhile; try again"));
	cell = output_text(word);
	output_record(administrator.output, &column, 1, &cell);
	return administrator_close(&administrator, 0);
}
