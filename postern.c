/*
 * The program: one executable, a subcommand per daemon, one for the operator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/secret.h"
#include "courier/courier.h"
#include "ctl/ctl.h"
#include "ingest/ingest.h"
#include "keys/options.h"
#include "messenger/finder.h"
#include "messenger/policy.h"
#include "pdf/options.h"
#include "portal/portal.h"
#include "reader/reader.h"
#include "run/run.h"

#define VERSION "0.1.0"
#define DEFAULT_CONFIG "/etc/postern/postern.conf"
#define ARGUMENTS_MAX 64

static const struct config_option common_options[] = {
    {"log.debug", CONFIG_FLAG, "false", 0, 0, false, "also log what only developers want to see"},
    {"clock.file", CONFIG_PATH, "", 0, 0, false,
     "for tests: seconds in this file are added to the clock"},
    {.name = NULL},
};

static const struct config_option *const tables[] = {
    common_options, policy_options,  keys_options,   pdf_options, finder_options,
    ingest_options, courier_options, portal_options, ctl_options, NULL,
};

/* What `ctl config check` asks besides the tables. */
static config_check *const checks[] = {policy_check,  pdf_check,    finder_check, ingest_check,
				       courier_check, portal_check, NULL};

/* In force until the process ends. */
static struct config *configuration;

static void
release_configuration(void)
{
	config_free(configuration);
}

static const struct config *
load(const char *path)
{
	if (config_load(path, tables, stderr, &configuration) != STATUS_OK)
		return NULL;
	atexit(release_configuration);
	clock_use_file(config_text(configuration, "clock.file"));
	return configuration;
}

static int
usage(FILE *out)
{
	fputs("usage: postern COMMAND [--config FILE]\n\n"
	      "  run      ingest, courier and portal under one supervisor\n"
	      "  ingest   take mail by SMTP\n"
	      "  courier  route, encrypt, send, expire\n"
	      "  portal   serve the pages\n"
	      "  reader   (started by courier and portal) read one message at a time, shut in\n"
	      "  ctl      the operator's commands (postern ctl lists them)\n"
	      "  help     this text\n\n"
	      "The configuration is " DEFAULT_CONFIG " unless --config names another.\n",
	      out);
	return out == stdout ? 0 : 2;
}

static int
serve(const char *name, int (*daemon_main)(const struct config *config), const char *path)
{
	const struct config *config = load(path);

	if (config == NULL)
		return 78; /* EX_CONFIG */
	log_open(name, config_flag(config, "log.debug") ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	return daemon_main(config);
}

static int
supervise(const char *config_path)
{
	char program[4096];
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (size < 0 || load(config_path) == NULL)
		return 78;
	program[size] = '\0';
	log_open("run", LOG_LEVEL_INFO);
	return run_main(program, config_path);
}

/* Take --config FILE out of the words, wherever it stands; false when its FILE is missing. */
static bool
take_config(int *count, char **words, const char **path)
{
	int kept = 0;

	for (int i = 0; i < *count; i++) {
		if (strcmp(words[i], "--config") != 0) {
			words[kept++] = words[i];
			continue;
		}
		if (++i == *count)
			return false;
		*path = words[i];
	}
	*count = kept;
	return true;
}

int
main(int argument_count, char **arguments)
{
	const char *path = DEFAULT_CONFIG;
	char *words[ARGUMENTS_MAX];
	int count = argument_count - 1;

	secret_prepare_process();
	if (count < 1 || count > ARGUMENTS_MAX)
		return usage(stderr);
	memcpy(words, arguments + 1, (size_t)count * sizeof(*words));
	if (!take_config(&count, words, &path) || count < 1)
		return usage(stderr);
	if (strcmp(words[0], "ctl") == 0)
		return ctl_main(load, tables, checks, path, count - 1, words + 1);
	if (strcmp(words[0], "help") == 0)
		return usage(stdout);
	if (strcmp(words[0], "--version") == 0) {
		puts("postern " VERSION);
		return 0;
	}
	/* Started by the others only: no configuration, no key. */
	if (strcmp(words[0], "reader") == 0)
		return reader_main((const char *const *)words + 1, (size_t)count - 1);
	if (count > 1)
		return usage(stderr);
	if (strcmp(words[0], "run") == 0)
		return supervise(path);
	if (strcmp(words[0], "ingest") == 0)
		return serve("ingest", ingest_main, path);
	if (strcmp(words[0], "courier") == 0)
		return serve("courier", courier_main, path);
	if (strcmp(words[0], "portal") == 0)
		return serve("portal", portal_main, path);
	return usage(stderr);
}
