/*
 * One configuration file for all programs (libconfig syntax), one table of
 * options per program.  The table parses, verifies and prints; every fault is
 * reported with file and line, all of them at once; an unknown name is a fault.
 *
 * An option's name is "group.name".  Where an option is not set, its default
 * from the table holds, parsed as if it stood in the file.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum config_kind {
	CONFIG_TEXT,
	CONFIG_PATH, /* relative ones count from the configuration file's folder */
	CONFIG_NUMBER,
	CONFIG_FLAG,	 /* true or false */
	CONFIG_SIZE,	 /* bytes: 4096, "64 KB", "50 MB", "2 GB" (powers of 1024) */
	CONFIG_DURATION, /* seconds: 90, "15 min", "8 h", "14 d" */
	CONFIG_LIST,	 /* list of texts; the default is a comma-separated text */
};

struct config_option {
	const char *name;
	enum config_kind kind;
	const char *fallback; /* NULL: must be set */
	int64_t least;	      /* for NUMBER, SIZE and DURATION */
	int64_t most;
	bool reloadable;
	const char *help; /* one line */
};

struct config;

/* Read `path` against the tables (each ends with a NULL name; the list of
 * tables ends with NULL).  STATUS_INVALID after writing every fault as
 * "file:line: what" to `faults`. */
enum status config_load(const char *path, const struct config_option *const *tables, FILE *faults,
			struct config **config_out) MUST_CHECK;

void config_free(struct config *config);

/* Values; asking for a name or kind that no table holds is a bug and aborts. */
const char *config_text(const struct config *config, const char *name);
int64_t config_number(const struct config *config, const char *name);
bool config_flag(const struct config *config, const char *name);
const char *const *config_list(const struct config *config, const char *name, size_t *count_out);

/* Every option with its value in force, as a file that config_load reads back. */
void config_print(const struct config *config, FILE *out);

#endif
