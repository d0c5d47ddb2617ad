/*
 * `postern ctl SUBJECT VERB`: the operator's shell.  Exit status 0 done, 1
 * refused or failed with one clear line on stderr, 2 usage.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "base/config.h"

extern const struct config_option ctl_options[];

/* What one program can tell to be wrong with a configuration beyond the tables; faults go to the
 * file. */
typedef enum status ctl_check(const struct config *config, FILE *faults);

/* What a verb gets: the configuration (NULL when it needs none) and the words behind the verb. */
struct ctl_call {
	const struct config *config;
	const char *config_path;
	ctl_check *const *checks; /* of all programs, ends with NULL */
	int argument_count;
	char **arguments;
};

/* `load` reads the configuration; it writes its faults to stderr and returns NULL then. */
int ctl_main(const struct config *(*load)(const char *path), ctl_check *const *checks,
	     const char *config_path, int argument_count, char **arguments);

/* The verbs, one file per subject. */
int ctl_config_check(const struct ctl_call *call);
int ctl_config_show(const struct ctl_call *call);
int ctl_schema_migrate(const struct ctl_call *call);
int ctl_keys_init(const struct ctl_call *call);
int ctl_keys_show(const struct ctl_call *call);
int ctl_doctor(const struct ctl_call *call);

#endif
