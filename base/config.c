#include "base/config.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_part.h"

/* State of one load. */
struct load {
	struct config *config;
	const char *path;
	const char *folder; /* where relative paths count from, absolute */
	FILE *faults;
	bool bad;
};

#define NAME_MAX_SIZE 128

static void __attribute__((format(printf, 4, 5)))
fault(struct load *load, const char *file, int line, const char *format, ...)
{
	va_list arguments;

	load->bad = true;
	fprintf(load->faults, "%s:%d: ", file == NULL ? load->path : file, line);
	va_start(arguments, format);
	vfprintf(load->faults, format, arguments);
	va_end(arguments);
	fputc('\n', load->faults);
}

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit sizes[] = {{"", 1},	     {"B", 1},		 {"KB", 1024},
				    {"MB", 1048576}, {"GB", 1073741824}, {NULL, 0}};
static const struct unit durations[] = {{"", 1},     {"s", 1},	   {"min", 60},
					{"h", 3600}, {"d", 86400}, {NULL, 0}};

static bool
parse_with_unit(const char *text, const struct unit *units, int64_t *number_out)
{
	long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0)
		return false;
	while (*end == ' ')
		end++;
	for (; units->name != NULL; units++) {
		if (strcmp(units->name, end) == 0) {
			if (number > INT64_MAX / units->factor)
				return false;
			*number_out = number * units->factor;
			return true;
		}
	}
	return false;
}

/* Parse `text` by the option's kind; NULL or a fault for people. */
static const char *
parse_text(struct load *load, struct value *value, const char *text)
{
	const struct config_option *option = value->option;
	struct arena *arena = load->config->arena;

	switch (option->kind) {
	case CONFIG_TEXT:
		value->text = arena_copy_text(arena, text);
		return NULL;
	case CONFIG_PATH:
		if (*text == '/' || *text == '\0')
			value->text = arena_copy_text(arena, text);
		else
			value->text = arena_printf(arena, "%s/%s", load->folder, text);
		return NULL;
	case CONFIG_FLAG:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return "expects true or false";
		value->number = strcmp(text, "true") == 0;
		return NULL;
	case CONFIG_NUMBER:
		if (!parse_with_unit(text, &(const struct unit[]){{"", 1}, {NULL, 0}}[0],
				     &value->number))
			return "expects a whole number";
		break;
	case CONFIG_SIZE:
		if (!parse_with_unit(text, sizes, &value->number))
			return "expects a size such as \"50 MB\"";
		break;
	case CONFIG_DURATION:
		if (!parse_with_unit(text, durations, &value->number))
			return "expects a duration such as \"15 min\"";
		break;
	case CONFIG_LIST:
		return "expects a list such as ( \"one\", \"two\" )";
	case CONFIG_ROWS:
		return "expects a list of groups such as ( { ... }, { ... } )";
	}
	if (value->number < option->least || value->number > option->most)
		return "is out of range";
	return NULL;
}

static void
parse_default_list(struct load *load, struct value *value, const char *text)
{
	struct arena *arena = load->config->arena;
	size_t room = 1;

	for (const char *c = text; *c != '\0'; c++)
		room += *c == ',';
	value->list = arena_alloc_many(arena, room, sizeof(*value->list));
	while (*text != '\0') {
		const char *end = strchrnul(text, ',');
		struct slice item = slice_trim(slice_of(text, (size_t)(end - text)));

		if (item.size > 0)
			value->list[value->count++] = arena_text_from(arena, item);
		text = *end == ',' ? end + 1 : end;
	}
}

/* A fault of one option, at its place. */
static void __attribute__((format(printf, 3, 4)))
value_fault(struct load *load, struct value *value, const char *format, ...)
{
	va_list arguments;

	load->bad = true;
	value->bad = true;
	fprintf(load->faults, "%s:%d: %s ", value->file, value->line, value->option->name);
	va_start(arguments, format);
	vfprintf(load->faults, format, arguments);
	va_end(arguments);
	fputc('\n', load->faults);
}

static void
set_place(const struct load *load, struct value *value, const config_setting_t *setting)
{
	const char *file = config_setting_source_file(setting);

	value->file = file == NULL ? load->path : arena_copy_text(load->config->arena, file);
	value->line = (int)config_setting_source_line(setting);
}

/* Whether an option belongs to the file (prefix "") or to rows (prefix "group.name[]."). */
static bool
belongs(const struct config_option *option, const char *prefix)
{
	if (*prefix == '\0')
		return strstr(option->name, "[]") == NULL;
	return strncmp(option->name, prefix, strlen(prefix)) == 0;
}

static struct config *
new_config(struct arena *arena, const char *path, const struct config_option *const *tables,
	   const char *prefix)
{
	struct config *config = arena_alloc(arena, sizeof(*config));
	size_t count = 0;

	*config = (struct config){.arena = arena, .path = path, .tables = tables};
	for (const struct config_option *const *table = tables; *table != NULL; table++)
		for (const struct config_option *option = *table; option->name != NULL; option++)
			count += belongs(option, prefix);
	config->values = arena_alloc_many(arena, count + 1, sizeof(*config->values));
	for (const struct config_option *const *table = tables; *table != NULL; table++)
		for (const struct config_option *option = *table; option->name != NULL; option++)
			if (belongs(option, prefix))
				config->values[config->count++] =
				    (struct value){.option = option, .file = path};
	return config;
}

static void
take_list(struct load *load, struct value *value, const config_setting_t *setting)
{
	int count = config_setting_length(setting);

	value->list =
	    arena_alloc_many(load->config->arena, (size_t)count + 1, sizeof(*value->list));
	for (int i = 0; i < count; i++) {
		const char *item = config_setting_get_string_elem(setting, i);

		if (item == NULL) {
			value_fault(load, value, "item %d is not a text", i + 1);
			return;
		}
		value->list[value->count++] = arena_copy_text(load->config->arena, item);
	}
}

static void
walk(struct load *load, struct config *config, const config_setting_t *group, const char *prefix);
static void set_defaults(struct load *load, struct config *config);

static void
take_rows(struct load *load, struct value *value, const config_setting_t *setting)
{
	struct arena *arena = load->config->arena;
	int count = config_setting_length(setting);
	const char *prefix = arena_printf(arena, "%s[]", value->option->name);

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	value->rows = arena_alloc_many(arena, (size_t)count + 1, sizeof(*value->rows));
	for (int i = 0; i < count; i++) {
		const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
		struct config *row;

		if (!config_setting_is_group(item)) {
			set_place(load, value, item);
			value_fault(load, value, "item %d is not a group", i + 1);
			continue;
		}
		row = new_config(arena, load->path, load->config->tables,
				 arena_printf(arena, "%s.", prefix));
		for (size_t column = 0; column < row->count; column++)
			set_place(load, &row->values[column], item);
		walk(load, row, item, prefix);
		set_defaults(load, row);
		value->rows[value->count++] = row;
	}
}

static void
take_setting(struct load *load, struct value *value, const config_setting_t *setting)
{
	const char *complaint = NULL;
	char number[32];

	value->given = true;
	set_place(load, value, setting);
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		complaint = parse_text(load, value, config_setting_get_string(setting));
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(number, sizeof(number), "%lld", config_setting_get_int64(setting));
		complaint = parse_text(load, value, number);
		break;
	case CONFIG_TYPE_BOOL:
		complaint =
		    parse_text(load, value, config_setting_get_bool(setting) ? "true" : "false");
		break;
	case CONFIG_TYPE_LIST:
	case CONFIG_TYPE_ARRAY:
		if (value->option->kind == CONFIG_LIST)
			take_list(load, value, setting);
		else if (value->option->kind == CONFIG_ROWS)
			take_rows(load, value, setting);
		else
			complaint = "does not take a list";
		break;
	default:
		complaint = "has a value of a kind that is not used here";
	}
	if (complaint != NULL)
		value_fault(load, value, "%s", complaint);
}

/* Take every setting of a group, and complain about each that no table knows. */
static void
walk(struct load *load, struct config *config, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		char name[NAME_MAX_SIZE];
		struct value *value;

		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix == '\0' ? "" : ".",
			 config_setting_name(setting));
		value = config_find(config, name);
		if (value != NULL)
			take_setting(load, value, setting);
		else if (config_setting_is_group(setting) && *prefix == '\0')
			walk(load, config, setting, name);
		else
			fault(load, config_setting_source_file(setting),
			      (int)config_setting_source_line(setting), "no such option: %s", name);
	}
}

/* Where nothing, or nothing that is right, is set. */
static void
set_default(struct load *load, struct value *value)
{
	const struct config_option *option = value->option;
	const char *complaint = NULL;

	if (option->fallback == NULL) {
		if (!value->given)
			value_fault(load, value, "must be set");
		value->text = "";
	} else if (option->kind == CONFIG_LIST) {
		parse_default_list(load, value, option->fallback);
	} else if (option->kind != CONFIG_ROWS) {
		complaint = parse_text(load, value, option->fallback);
	}
	if (complaint != NULL)
		value_fault(load, value, "has a default that %s", complaint);
}

static void
set_defaults(struct load *load, struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		struct value *value = &config->values[i];

		if (value->given && !(value->bad && value->rows == NULL && value->list == NULL))
			continue;
		set_default(load, value);
	}
}

/* The folder of the file, absolute, so that values hold wherever a daemon
 * changes to and config_print's output holds wherever it is put. */
static const char *
folder_of(const char *path, struct arena *arena)
{
	char *real = realpath(path, NULL);
	char *folder;

	if (real == NULL) /* reading it will fail as well, and say so */
		return ".";
	folder = arena_copy_text(arena, real);
	free(real);
	*strrchr(folder, '/') = '\0';
	return folder;
}

/* What can be read; *bad_out says whether there was a fault.  NULL when the file cannot be read at
 * all. */
static struct config *
read_file(const char *path, const struct config_option *const *tables, FILE *faults, bool *bad_out)
{
	struct arena *arena = arena_new();
	struct load load = {.path = arena_copy_text(arena, path), .faults = faults};
	bool readable;
	config_t file;

	load.config = new_config(arena, load.path, tables, "");
	load.folder = folder_of(path, arena);
	config_init(&file);
	readable = config_read_file(&file, path) == CONFIG_TRUE;
	if (readable) {
		walk(&load, load.config, config_root_setting(&file), "");
		set_defaults(&load, load.config);
	} else {
		fault(&load, config_error_file(&file), config_error_line(&file), "%s",
		      config_error_text(&file));
	}
	config_destroy(&file);
	*bad_out = load.bad;
	if (readable)
		return load.config;
	config_free(load.config);
	return NULL;
}

enum status
config_load(const char *path, const struct config_option *const *tables, FILE *faults,
	    struct config **config_out)
{
	bool bad;
	struct config *config = read_file(path, tables, faults, &bad);

	if (bad) {
		config_free(config);
		return STATUS_INVALID;
	}
	*config_out = config;
	return STATUS_OK;
}

enum status
config_try(const char *path, const struct config_option *const *tables, config_check *const *checks,
	   FILE *faults)
{
	bool bad;
	struct config *config = read_file(path, tables, faults, &bad);

	for (; config != NULL && *checks != NULL; checks++)
		if ((*checks)(config, faults) != STATUS_OK)
			bad = true;
	config_free(config);
	return bad ? STATUS_INVALID : STATUS_OK;
}

void
config_free(struct config *config)
{
	if (config != NULL)
		arena_free(config->arena);
}
