#include <stdlib.h>
#include <string.h>

#include "base/config_part.h"
#include "base/log.h"

enum status
config_reload(const struct config *running, FILE *faults, struct config **config_out)
{
	return config_load(running->path, running->tables, faults, config_out);
}

/* Each line of `text` as an event of its own. */
static void
log_faults(char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		log_error("configuration-fault", LOG_TEXT("fault", line));
}

/* The value as text, for comparing; the caller frees it. */
static char *
printed(const struct value *value)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	config_print_value(value, "", out);
	if (fclose(out) != 0)
		abort();
	return text;
}

static void
log_fixed(const struct config *running, const struct config *next)
{
	for (size_t i = 0; i < running->count; i++) {
		char *before, *after;

		if (running->values[i].option->reloadable)
			continue;
		before = printed(&running->values[i]);
		after = printed(&next->values[i]);
		if (strcmp(before, after) != 0)
			log_warning("restart-needed",
				    LOG_TEXT("option", running->values[i].option->name));
		free(before);
		free(after);
	}
}

enum status
config_reload_logged(const struct config *running, config_check *check, struct config **config_out)
{
	struct config *next = NULL;
	char *text = NULL;
	size_t size;
	FILE *faults = open_memstream(&text, &size);
	enum status status;

	if (faults == NULL)
		return STATUS_UNAVAILABLE;
	status = config_reload(running, faults, &next);
	if (status == STATUS_OK && check != NULL)
		status = check(next, faults);
	if (fclose(faults) != 0)
		status = STATUS_UNAVAILABLE;
	if (status == STATUS_OK) {
		log_fixed(running, next);
		log_info("configuration-read", LOG_TEXT("path", running->path));
		*config_out = next;
	} else {
		log_faults(text);
		log_error("configuration-kept", LOG_TEXT("path", running->path));
		config_free(next);
	}
	free(text);
	return status;
}
