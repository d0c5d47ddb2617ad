#include <string.h>

#include "base/config_part.h"

size_t
config_group_size(const struct config_option *option)
{
	const char *dot = strrchr(option->name, '.');

	return dot == NULL ? 0 : (size_t)(dot - option->name) + 1;
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
print_rows(const struct value *value, const char *indent, FILE *out)
{
	for (size_t i = 0; i < value->count; i++) {
		const struct config *row = value->rows[i];

		fprintf(out, "%s\n%s\t{ ", i == 0 ? "" : ",", indent);
		for (size_t column = 0; column < row->count; column++) {
			const struct value *one = &row->values[column];

			fprintf(out, "%s = ", one->option->name + config_group_size(one->option));
			config_print_value(one, indent, out);
			fputs("; ", out);
		}
		fputs("}", out);
	}
	if (value->count > 0)
		fprintf(out, "\n%s", indent);
}

void
config_print_value(const struct value *value, const char *indent, FILE *out)
{
	switch (value->option->kind) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
		print_quoted(value->text == NULL ? "" : value->text, out);
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
	case CONFIG_ROWS:
		fputs("( ", out);
		print_rows(value, indent, out);
		fputs(" )", out);
		break;
	}
}

static void
print_option(const struct value *value, const char *name, const char *indent, FILE *out)
{
	fprintf(out, "%s# %s\n%s%s = ", indent, value->option->help, indent, name);
	config_print_value(value, indent, out);
	fputs(";\n", out);
}

static bool
same_group(const struct value *a, const struct value *b)
{
	size_t size = config_group_size(a->option);

	return size == config_group_size(b->option) &&
	       strncmp(a->option->name, b->option->name, size) == 0;
}

void
config_print(const struct config *config, FILE *out)
{
	const struct value *end = config->values + config->count;

	for (const struct value *first = config->values; first < end; first++) {
		size_t size = config_group_size(first->option);
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
