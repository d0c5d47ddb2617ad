#include "ingest/ingest.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/monitor.h"
#include "ingest/figures.h"
#include "ingest/rates.h"
#include "ingest/server.h"

/* Descriptors beside those of clients: database, listeners, log, libraries. */
#define OTHER_DESCRIPTORS 128

#define LARGE_BUFFER 131072
#define HEAPS 4

struct daemon {
	const struct config
	    *config; /* of the start; options that a reload does not change hold from it */
	struct keys keys;
	struct messenger messenger;
	struct snapshot_base base;
	struct server *server;
};

/* The soft limit of most systems is 1024, whatever the hard one is. */
static void
raise_descriptors(size_t connections)
{
	struct rlimit limit;
	rlim_t wanted = connections + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_warning("few-descriptors", LOG_NUMBER("wanted", wanted),
			    LOG_NUMBER("got", limit.rlim_cur));
}

/* Buffers of message chunks come and go with messages: each is given back to the system at
 * once, and a few heaps serve all threads, so that memory follows what is in hand. */
static void
bound_heap(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BUFFER);
	mallopt(M_ARENA_MAX, HEAPS);
}

enum status
ingest_check(const struct config *config, FILE *faults)
{
	enum status status = snapshot_check(config, faults);

	if (monitor_check(config, "ingest.metrics", faults) != STATUS_OK)
		status = STATUS_INVALID;
	return status;
}

/* The server asks on SIGHUP.  What is read is checked first, so that every fault is in the log. */
static const struct snapshot *
read_again(void *context)
{
	struct daemon *daemon = context;
	const struct snapshot *snapshot;
	struct config *config;

	if (config_reload_logged(daemon->config, snapshot_check_as_daemon, &config) != STATUS_OK)
		return NULL;
	if (snapshot_new(config, config, &daemon->base, stderr, &snapshot) == STATUS_OK)
		return snapshot;
	log_error("configuration-kept", LOG_TEXT("reason", "files changed while they were read"));
	config_free(config);
	return NULL;
}

/* Signals are blocked here, before the store may start threads. */
static enum status
open_server(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	struct server_settings settings = {
	    .connections = (size_t)config_number(config, "smtp.connections"),
	    .reload = read_again,
	    .context = daemon,
	};
	const struct snapshot *snapshot;
	enum status status = server_new(&settings, &daemon->server);

	if (status != STATUS_OK)
		return status;
	daemon->base = (struct snapshot_base){
	    .messenger = &daemon->messenger,
	    .rates = rates_new(),
	    .tickets = tickets_new(),
	    .stop_fd = server_stop_fd(daemon->server),
	};
	status = snapshot_new(NULL, config, &daemon->base, stderr, &snapshot);
	return status == STATUS_OK ? server_open(daemon->server, snapshot) : status;
}

static enum status
open_store(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	const char *path = config_text(config, "ingest.keys");
	enum status status = keyfile_load(path, KEYFILE_INGEST, &daemon->keys);

	if (status != STATUS_OK) {
		log_error("keys-failed", LOG_TEXT("path", path),
			  LOG_TEXT("status", status_text(status)));
		return status;
	}
	daemon->messenger.keys = &daemon->keys;
	return intake_open(config_text(config, "ingest.database"),
			   (size_t)config_number(config, "ingest.database_connections"),
			   &daemon->messenger.intake);
}

int
ingest_main(const struct config *config)
{
	struct daemon daemon = {.config = config};
	enum status status;

	raise_descriptors((size_t)config_number(config, "smtp.connections"));
	bound_heap();
	status = open_server(&daemon);
	if (status == STATUS_OK)
		status = open_store(&daemon);
	if (status == STATUS_OK)
		status = ingest_figures_start(config);
	if (status == STATUS_OK)
		server_run(daemon.server);
	ingest_figures_stop();
	server_free(daemon.server);
	if (daemon.messenger.intake != NULL)
		intake_close(daemon.messenger.intake);
	rates_free(daemon.base.rates);
	tickets_free(daemon.base.tickets);
	keys_clear(&daemon.keys);
	return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
