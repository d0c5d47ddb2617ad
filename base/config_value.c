#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_part.h"

struct value *
config_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->values[i].option->name, name) == 0)
			return &config->values[i];
	return NULL;
}

static const struct value *
get(const struct config *config, const char *name)
{
	const struct value *value = config_find(config, name);

	if (value == NULL) {
		fprintf(stderr, "configuration option %s is in no table\n", name);
		abort();
	}
	return value;
}

const char *
config_text(const struct config *config, const char *name)
{
	const struct value *value = get(config, name);

	return value->text == NULL ? "" : value->text;
}

int64_t
config_number(const struct config *config, const char *name)
{
	return get(config, name)->number;
}

bool
config_flag(const struct config *config, const char *name)
{
	return get(config, name)->number != 0;
}

const char *const *
config_list(const struct config *config, const char *name, size_t *count_out)
{
	const struct value *value = get(config, name);

	*count_out = value->count;
	return value->list;
}

size_t
config_row_count(const struct config *config, const char *name)
{
	return get(config, name)->count;
}

const struct config *
config_row(const struct config *config, const char *name, size_t i)
{
	const struct value *value = get(config, name);

	if (value->rows == NULL || i >= value->count)
		abort();
	return value->rows[i];
}

void
config_fault(const struct config *config, const char *name, FILE *faults, const char *format, ...)
{
	const struct value *value = get(config, name);
	va_list arguments;

	if (value->bad)
		return;
	fprintf(faults, "%s:%d: %s ", value->file, value->line, name);
	va_start(arguments, format);
	vfprintf(faults, format, arguments);
	va_end(arguments);
	fputc('\n', faults);
}
