#include "ctl/ctl.h"

#include <stdbool.h>
#include <string.h>

const struct config_option ctl_options[] = {
    {"ctl.database", CONFIG_TEXT, "dbname=postern", 0, 0, false,
     "libpq connection string of the schema's owner, for migrations"},
    {.name = NULL},
};

struct verb {
	const char *subject;
	const char *verb; /* "" for a subject that stands alone */
	bool needs_config;
	int (*run)(const struct ctl_call *call);
	const char *help;
};

static const struct verb verbs[] = {
    {"config", "check", true, ctl_config_check, "say what is wrong with the configuration"},
    {"config", "show", true, ctl_config_show, "every option with the value in force"},
    {"schema", "migrate", true, ctl_schema_migrate, "bring the database to this program's schema"},
    {"keys", "init", false, ctl_keys_init, "FOLDER: make all keys, one file per program"},
    {"keys", "show", false, ctl_keys_show, "FOLDER: public parts and fingerprints"},
    {"doctor", "", true, ctl_doctor, "look whether everything that is needed is there"},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static int
usage(void)
{
	fputs("usage: postern ctl SUBJECT VERB [--config FILE]\n\n", stderr);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(stderr, "  %-7s %-8s %s\n", verbs[i].subject, verbs[i].verb, verbs[i].help);
	return 2;
}

int
ctl_main(const struct config *(*load)(const char *path), ctl_check *const *checks,
	 const char *config_path, int argument_count, char **arguments)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		const struct verb *verb = &verbs[i];
		int words = *verb->verb == '\0' ? 1 : 2;
		struct ctl_call call = {.config_path = config_path,
					.checks = checks,
					.argument_count = argument_count - words,
					.arguments = arguments + words};

		if (argument_count < words || strcmp(arguments[0], verb->subject) != 0 ||
		    (words == 2 && strcmp(arguments[1], verb->verb) != 0))
			continue;
		if (verb->needs_config) {
			call.config = load(config_path);
			if (call.config == NULL)
				return 1;
		}
		return verb->run(&call);
	}
	return usage();
}
