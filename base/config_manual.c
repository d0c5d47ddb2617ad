#include <ctype.h>
#include <string.h>

#include "base/config_part.h"

/* Text that roff takes as it is. */
static void
print_roff(const char *text, FILE *out)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
}

/* One argument of a macro, whatever is in it. */
static void
print_argument(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputs("\"\"", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static const char *
kind_word(enum config_kind kind)
{
	static const char *const words[] = {
	    [CONFIG_TEXT] = "text",	    [CONFIG_PATH] = "path", [CONFIG_NUMBER] = "number",
	    [CONFIG_FLAG] = "flag",	    [CONFIG_SIZE] = "size", [CONFIG_LIST] = "list",
	    [CONFIG_DURATION] = "duration", [CONFIG_ROWS] = "rows"};

	return words[kind];
}

static void
print_option(const struct config_option *option, FILE *out)
{
	fprintf(out, ".It Ic %s\n", option->name);
	fputc(toupper((unsigned char)*option->help), out);
	print_roff(option->help + 1, out);
	fprintf(out, ".\n.Pq Em %s ", kind_word(option->kind));
	if (option->fallback == NULL) {
		fputs("; No must be set", out);
	} else if (*option->fallback == '\0') {
		fputs("; No default empty", out);
	} else {
		fputs("; No default Li ", out);
		print_argument(option->fallback, out);
	}
	if (option->reloadable)
		fputs(" ; No taken by SIGHUP", out);
	fputc('\n', out);
}

static bool
same_group(const struct config_option *a, const struct config_option *b)
{
	size_t size = strcspn(a->name, ".");

	return size == strcspn(b->name, ".") && strncmp(a->name, b->name, size) == 0;
}

/* Has a group been printed before its option `until`? */
static bool
was_before(const struct config_option *const *tables, const struct config_option *until)
{
	for (; *tables != NULL; tables++)
		for (const struct config_option *option = *tables; option->name != NULL; option++) {
			if (option == until)
				return false;
			if (same_group(option, until))
				return true;
		}
	return false;
}

static void
print_group(const struct config_option *const *tables, const struct config_option *first, FILE *out)
{
	fprintf(out, ".Ss %.*s\n.Bl -tag -width Ds\n", (int)strcspn(first->name, "."), first->name);
	for (; *tables != NULL; tables++)
		for (const struct config_option *option = *tables; option->name != NULL; option++)
			if (same_group(option, first))
				print_option(option, out);
	fputs(".El\n", out);
}

void
config_print_manual(const struct config_option *const *tables, FILE *out)
{
	for (const struct config_option *const *table = tables; *table != NULL; table++)
		for (const struct config_option *option = *table; option->name != NULL; option++)
			if (!was_before(tables, option))
				print_group(tables, option, out);
}
