#include "base/config.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct value {
	const struct config_option *option;
	bool given; /* stands in the file, rightly or wrongly */
	const char *text;
	int64_t number;
	const char **list;
	size_t count;
};

struct config {
	struct arena *arena;
	struct value *values;
	size_t count;
};

/* State of one load. */
struct load {
	struct config *config;
	const char *path;
	const char *folder; /* where relative paths count from, absolute */
	FILE *faults;
	bool bad;
};

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

static void
take_list(struct load *load, struct value *value, const config_setting_t *setting)
{
	int count = config_setting_length(setting);

	value->list =
	    arena_alloc_many(load->config->arena, (size_t)count + 1, sizeof(*value->list));
	for (int i = 0; i < count; i++) {
		const char *item = config_setting_get_string_elem(setting, i);

		if (item == NULL) {
			fault(load, config_setting_source_file(setting),
			      (int)config_setting_source_line(setting), "%s: item %d is not a text",
			      value->option->name, i + 1);
			return;
		}
		value->list[value->count++] = arena_copy_text(load->config->arena, item);
	}
}

static void
take_setting(struct load *load, struct value *value, const config_setting_t *setting)
{
	const char *complaint = NULL;
	char number[32];

	value->given = true;
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
		else
			complaint = "does not take a list";
		break;
	default:
		complaint = "has a value of a kind that is not used here";
	}
	if (complaint != NULL)
		fault(load, config_setting_source_file(setting),
		      (int)config_setting_source_line(setting), "%s %s", value->option->name,
		      complaint);
}

static struct value *
find_value(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->values[i].option->name, name) == 0)
			return &config->values[i];
	return NULL;
}

/* Complain about every setting that no table knows. */
static void
walk(struct load *load, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		char name[128];
		struct value *value;

		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix == '\0' ? "" : ".",
			 config_setting_name(setting));
		value = find_value(load->config, name);
		if (value != NULL)
			take_setting(load, value, setting);
		else if (config_setting_is_group(setting) && *prefix == '\0')
			walk(load, setting, name);
		else
			fault(load, config_setting_source_file(setting),
			      (int)config_setting_source_line(setting), "no such option: %s", name);
	}
}

static void
set_defaults(struct load *load)
{
	for (size_t i = 0; i < load->config->count; i++) {
		struct value *value = &load->config->values[i];
		const char *complaint = NULL;

		if (value->given)
			continue;
		if (value->option->fallback == NULL)
			fault(load, NULL, 0, "%s must be set", value->option->name);
		else if (value->option->kind == CONFIG_LIST)
			parse_default_list(load, value, value->option->fallback);
		else
			complaint = parse_text(load, value, value->option->fallback);
		if (complaint != NULL)
			fault(load, NULL, 0, "default of %s %s", value->option->name, complaint);
	}
}

static struct config *
new_config(const struct config_option *const *tables)
{
	struct arena *arena = arena_new();
	struct config *config = arena_alloc(arena, sizeof(*config));
	size_t count = 0;

	config->arena = arena;
	for (const struct config_option *const *table = tables; *table != NULL; table++)
		for (const struct config_option *option = *table; option->name != NULL; option++)
			count++;
	config->values = arena_alloc_many(arena, count, sizeof(*config->values));
	for (const struct config_option *const *table = tables; *table != NULL; table++)
		for (const struct config_option *option = *table; option->name != NULL; option++)
			config->values[config->count++] = (struct value){.option = option};
	return config;
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

enum status
config_load(const char *path, const struct config_option *const *tables, FILE *faults,
	    struct config **config_out)
{
	struct load load = {.config = new_config(tables), .path = path, .faults = faults};
	config_t file;

	load.folder = folder_of(path, load.config->arena);
	config_init(&file);
	if (config_read_file(&file, path) != CONFIG_TRUE) {
		fault(&load, config_error_file(&file), config_error_line(&file), "%s",
		      config_error_text(&file));
	} else {
		walk(&load, config_root_setting(&file), "");
		set_defaults(&load);
	}
	config_destroy(&file);
	if (load.bad) {
		config_free(load.config);
		return STATUS_INVALID;
	}
	*config_out = load.config;
	return STATUS_OK;
}

void
config_free(struct config *config)
{
	if (config != NULL)
		arena_free(config->arena);
}

static const struct value *
get(const struct config *config, const char *name)
{
	const struct value *value = find_value(config, name);

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

static void
print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			fprintf(out, "\\x%02x", byte);
		else
			fputc(byte, out);
	}
	fputc('"', out);
}

static void
print_value(const struct value *value, FILE *out)
{
	switch (value->option->kind) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
		print_quoted(value->text, out);
		break;
	case CONFIG_FLAG:
		fputs(value->number != 0 ? "true" : "false", out);
		break;
	case CONFIG_NUMBER:
	case CONFIG_SIZE:
	case CONFIG_DURATION:
		fprintf(out, "%lldL", (long long)value->number);
		break;
	case CONFIG_LIST:
		fputs("( ", out);
		for (size_t i = 0; i < value->count; i++) {
			fputs(i == 0 ? "" : ", ", out);
			print_quoted(value->list[i], out);
		}
		fputs(" )", out);
		break;
	}
}

static void
print_option(const struct value *value, const char *name, const char *indent, FILE *out)
{
	fprintf(out, "%s# %s\n%s%s = ", indent, value->option->help, indent, name);
	print_value(value, out);
	fputs(";\n", out);
}

/* Bytes of an option's name that name its group, with the dot; 0 for none. */
static size_t
group_size(const struct value *value)
{
	const char *dot = strchr(value->option->name, '.');

	return dot == NULL ? 0 : (size_t)(dot - value->option->name) + 1;
}

static bool
same_group(const struct value *a, const struct value *b)
{
	size_t size = group_size(a);

	return size == group_size(b) && strncmp(a->option->name, b->option->name, size) == 0;
}

void
config_print(const struct config *config, FILE *out)
{
	const struct value *end = config->values + config->count;

	for (const struct value *first = config->values; first < end; first++) {
		size_t size = group_size(first);
		const struct value *before = config->values;

		if (size == 0) {
			print_option(first, first->option->name, "", out);
			continue;
		}
		/* A group is printed once, whole, where its first option stands:
		 * libconfig refuses a name that comes twice. */
		while (before < first && !same_group(before, first))
			before++;
		if (before < first)
			continue;
		fprintf(out, "%.*s : {\n", (int)size - 1, first->option->name);
		for (const struct value *value = first; value < end; value++)
			if (same_group(value, first))
				print_option(value, value->option->name + size, "\t", out);
		fputs("};\n", out);
	}
}
