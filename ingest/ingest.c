#include "ingest/ingest.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/monitor.h"
#include "ingest/figures.h"
#include "ingest/server.h"
#include "ingest/tls.h"

const struct config_option ingest_options[] = {
    {"smtp.listen", CONFIG_LIST, "127.0.0.1:2525", 0, 0, false,
     "where mail servers connect: host:port, [IPv6]:port, *:port"},
    {"smtp.networks", CONFIG_LIST, "127.0.0.0/8, ::1", 0, 0, false,
     "networks of the mail servers that may send; nobody else may"},
    {"smtp.host_name", CONFIG_TEXT, "", 0, 0, false, "name in greetings; empty: the system's"},
    {"smtp.message_size", CONFIG_SIZE, "200 MB", 65536, 2147483648, false, "largest message"},
    {"smtp.recipients", CONFIG_NUMBER, "1000", 100, ENVELOPE_RECIPIENTS_MAX, false,
     "most recipients of one message"},
    {"smtp.connections", CONFIG_NUMBER, "500", 1, 10000, false, "most connections at once"},
    {"smtp.connections_per_client", CONFIG_NUMBER, "100", 1, 10000, false,
     "most connections at once from one address"},
    {"smtp.certificate", CONFIG_PATH, "", 0, 0, false,
     "certificate chain for STARTTLS (PEM); empty: not offered"},
    {"smtp.private_key", CONFIG_PATH, "", 0, 0, false, "its private key (PEM)"},
    {"smtp.timeout", CONFIG_DURATION, "5 min", 1, 3600, false,
     "longest wait for a command, and for the next bytes of a message"},
    {"ingest.database", CONFIG_TEXT, "dbname=postern user=postern_ingest", 0, 0, false,
     "database, as a libpq connection string, in the role of ingest"},
    {"ingest.database_connections", CONFIG_NUMBER, "4", 1, 64, false,
     "connections to the database"},
    {"ingest.keys", CONFIG_PATH, "keys/ingest.keys", 0, 0, false, "key file of ingest"},
    {"ingest.metrics", CONFIG_TEXT, "", 0, 0, false,
     "where figures are served: loopback address:port or unix:/path; empty: nowhere"},
    {NULL, CONFIG_TEXT, NULL, 0, 0, false, NULL},
};

/* Descriptors beside those of clients: database, listeners, log, libraries. */
#define OTHER_DESCRIPTORS 128

#define LARGE_BUFFER 131072
#define HEAPS 4

struct daemon {
	struct keys keys;
	struct messenger messenger;
	struct server_settings settings;
	char system_name[256];
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

static const char *
host_name(struct daemon *daemon, const struct config *config)
{
	const char *configured = config_text(config, "smtp.host_name");

	if (*configured != '\0')
		return configured;
	if (gethostname(daemon->system_name, sizeof(daemon->system_name) - 1) != 0 ||
	    daemon->system_name[0] == '\0')
		return "localhost";
	return daemon->system_name;
}

enum status
ingest_check(const struct config *config, FILE *faults)
{
	struct network_list list;
	size_t count;
	const char *const *networks = config_list(config, "smtp.networks", &count);
	enum status status = network_list_parse(networks, count, faults, &list);

	if (status == STATUS_OK)
		network_list_clear(&list);
	if (monitor_check(config, "ingest.metrics", faults) != STATUS_OK)
		status = STATUS_INVALID;
	return status;
}

static enum status
read_settings(struct daemon *daemon, const struct config *config)
{
	struct server_settings *settings = &daemon->settings;
	const char *certificate = config_text(config, "smtp.certificate");
	const char *const *networks;
	size_t count;
	enum status status;

	settings->listen = config_list(config, "smtp.listen", &settings->listen_count);
	settings->connections = (size_t)config_number(config, "smtp.connections");
	settings->connections_per_client =
	    (size_t)config_number(config, "smtp.connections_per_client");
	settings->converse = (struct converse_settings){
	    .messenger = &daemon->messenger,
	    .session = {.host_name = host_name(daemon, config), .offer_tls = *certificate != '\0'},
	    .timeout_ms = config_number(config, "smtp.timeout") * 1000,
	};
	settings->rules = (struct session_rules){
	    .message_size = (uint64_t)config_number(config, "smtp.message_size"),
	    .recipients = (size_t)config_number(config, "smtp.recipients"),
	};
	networks = config_list(config, "smtp.networks", &count);
	status = network_list_parse(networks, count, stderr, &settings->networks);
	if (status != STATUS_OK || *certificate == '\0')
		return status;
	return tls_context_new(certificate, config_text(config, "smtp.private_key"),
			       &settings->converse.tls);
}

static enum status
open_store(struct daemon *daemon, const struct config *config)
{
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
	struct daemon daemon = {.settings = {.listen = NULL}};
	struct server *server = NULL;
	enum status status = read_settings(&daemon, config);

	if (status == STATUS_OK) {
		raise_descriptors(daemon.settings.connections);
		bound_heap();
		/* Signals are blocked here, before the store may start threads. */
		status = server_open(&daemon.settings, &server);
	}
	if (status == STATUS_OK)
		status = open_store(&daemon, config);
	if (status == STATUS_OK)
		status = ingest_figures_start(config);
	if (status == STATUS_OK)
		server_run(server);
	ingest_figures_stop();
	if (server != NULL)
		server_close(server);
	if (daemon.messenger.intake != NULL)
		intake_close(daemon.messenger.intake);
	SSL_CTX_free(daemon.settings.converse.tls);
	network_list_clear(&daemon.settings.networks);
	keys_clear(&daemon.keys);
	return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
