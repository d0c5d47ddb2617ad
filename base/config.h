/*
 * One configuration file for all programs (libconfig syntax), one table of
 * options per program.  The table parses, verifies and prints; every fault is
 * reported with file and line, all of them at once; an unknown name is a fault.
 *
 * An option's name is "group.name".  Where an option is not set, its default
 * from the table holds, parsed as if it stood in the file.
 *
 * An option of kind CONFIG_ROWS is a list of groups, such as
 *
 *	clients = ( { networks = ( "192.0.2.0/24" ); }, { networks = ( "::1" ); size = "1 MB"; } );
 *
 * Its columns are options of the same table, named "group.name[].column"; each row is read as a
 * configuration of its own, which knows these names only.
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
	CONFIG_ROWS,	 /* list of groups; the default is "", none */
};

struct config_option {
	const char *name;
	enum config_kind kind;
	const char *fallback; /* NULL: must be set */
	int64_t least;	      /* for NUMBER, SIZE and DURATION */
	int64_t most;
	bool reloadable;  /* SIGHUP takes a new value; of rows, what stands at their own option
			     counts */
	const char *help; /* one line */
};

struct config;

/* What a program can tell to be wrong with a configuration beyond the tables; writes its faults
 * with config_fault. */
typedef enum status config_check(const struct config *config, FILE *faults);

/* Read `path` against the tables (each ends with a NULL name; the list of
 * tables ends with NULL).  STATUS_INVALID after writing every fault as
 * "file:line: what" to `faults`. */
enum status config_load(const char *path, const struct config_option *const *tables, FILE *faults,
			struct config **config_out) MUST_CHECK;

/* The same, and every check (the list ends with NULL) on whatever could be read, so that all faults
 * are told at once.  Keeps nothing. */
enum status config_try(const char *path, const struct config_option *const *tables,
		       config_check *const *checks, FILE *faults) MUST_CHECK;

/* Read the file of `running` again, with the tables it was read with. */
enum status
config_reload(const struct config *running, FILE *faults, struct config **config_out) MUST_CHECK;

/* The same for a daemon: faults go to its log, and so does the name of every option that differs
 * but holds only from the next start.  STATUS_INVALID: go on with what is running. */
enum status config_reload_logged(const struct config *running, config_check *check,
				 struct config **config_out) MUST_CHECK;

void config_free(struct config *config);

/* Values; asking for a name or kind that no table holds is a bug and aborts. */
const char *config_text(const struct config *config, const char *name);
int64_t config_number(const struct config *config, const char *name);
bool config_flag(const struct config *config, const char *name);
const char *const *config_list(const struct config *config, const char *name, size_t *count_out);

/* Rows live as long as their configuration. */
size_t config_row_count(const struct config *config, const char *name);
const struct config *config_row(const struct config *config, const char *name, size_t i);

/* Write "file:line: name what" to `faults`, with the place where the option (or, where it is not
 * set, its row) stands.  Silent about an option that the table already refused. */
void config_fault(const struct config *config, const char *name, FILE *faults, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

/* Every option with its value in force, as a file that config_load reads back. */
void config_print(const struct config *config, FILE *out);

/* Every option of the tables with kind, default and help, as mdoc(7) for the manual page. */
void config_print_manual(const struct config_option *const *tables, FILE *out);

#endif
