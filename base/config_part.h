/*
 * What the files of base/config share.
 */
#ifndef BASE_CONFIG_PART_H
#define BASE_CONFIG_PART_H

#include "base/arena.h"
#include "base/config.h"

struct value {
	const struct config_option *option;
	bool given; /* stands in the file, rightly or wrongly */
	bool bad;
	const char *file; /* where it stands, or should */
	int line;
	const char *text;
	int64_t number;
	const char **list;
	struct config **rows;
	size_t count; /* of the list or of the rows */
};

/* A file, or one row of it. */
struct config {
	struct arena *arena;
	const char *path;
	const struct config_option *const *tables;
	struct value *values;
	size_t count;
};

/* NULL when there is none. */
struct value *config_find(const struct config *config, const char *name);

/* A value as config_print shows it. */
void config_print_value(const struct value *value, const char *indent, FILE *out);

/* Bytes of an option's name that name its group or rows, with the dot; 0 for none. */
size_t config_group_size(const struct config_option *option);

#endif
