#include "courier/settings.h"

#include <string.h>

#include "base/monitor.h"
#include "courier/courier.h"
#include "mail/transport.h"

#define TLS_HELP                                                                                   \
	"never, may (where offered; in clear where that fails), encrypt (required), verify "       \
	"(certificate checked), fingerprint (certificate known)"
#define FINGERPRINT_HELP                                                                           \
	"SHA-256 of the certificate or of its public key, in hexadecimal, for fingerprint"

const struct config_option courier_options[] = {
    {"courier.database", CONFIG_TEXT, "dbname=postern user=postern_courier", 0, 0, false,
     "libpq connection string of the courier's role"},
    {"courier.keys", CONFIG_PATH, "keys/courier.keys", 0, 0, false, "key file of the courier"},
    {"courier.templates", CONFIG_PATH, "templates", 0, 0, false, "folder of the texts of mails"},
    {"courier.languages", CONFIG_PATH, "", 0, 0, false,
     "folder of their translations; empty: languages, beside courier.templates"},
    {"courier.workers", CONFIG_NUMBER, "4", 1, 64, false,
     "threads that route and send, each with a connection to the relay"},
    {"courier.clock_patience", CONFIG_DURATION, "1 h", 0, 604800, false,
     "a clock that jumps ahead by more than 26 h must hold for so long before messages expire by "
     "it"},
    {"courier.metrics", CONFIG_TEXT, "", 0, 0, false,
     "where figures are served: loopback address:port or unix:/path; empty: nowhere"},
    {"relay.maildir", CONFIG_PATH, "", 0, 0, true,
     "write mail into Maildirs below this folder instead of sending it (demonstration)"},
    {"relay.host", CONFIG_TEXT, "localhost", 0, 0, true,
     "smarthost that takes outgoing mail, where relay.hosts is empty"},
    {"relay.port", CONFIG_NUMBER, "25", 1, 65535, true, "its port"},
    {"relay.tls", CONFIG_TEXT, "may", 0, 0, true, TLS_HELP},
    {"relay.implicit_tls", CONFIG_FLAG, "false", 0, 0, true,
     "TLS from the first byte instead of STARTTLS"},
    {"relay.ca_file", CONFIG_PATH, "", 0, 0, true,
     "certificates that verify trusts; empty for the system's"},
    {"relay.name", CONFIG_TEXT, "", 0, 0, true,
     "name that verify demands in the certificate; empty for the host's"},
    {"relay.fingerprints", CONFIG_LIST, "", 0, 0, true, FINGERPRINT_HELP},
    {"relay.user", CONFIG_TEXT, "", 0, 0, true, "user for AUTH; empty for none"},
    {"relay.password_file", CONFIG_PATH, "", 0, 0, true,
     "file whose first line is the password for AUTH"},
    {"relay.timeout", CONFIG_DURATION, "5 min", 1, 3600, true,
     "longest wait for a connection or a reply"},
    {"relay.connections", CONFIG_NUMBER, "0", 0, 64, true,
     "most connections to one destination at the same time; 0: as many as there are workers, or "
     "half of them where relay.transports has rows"},
    {"relay.messages", CONFIG_NUMBER, "100", 1, 100000, true,
     "a connection is closed after so many messages"},
    {"relay.idle", CONFIG_DURATION, "10 s", 0, 300, true,
     "a connection without work is kept for so long"},
    {"relay.rest", CONFIG_DURATION, "1 min", 1, 3600, true,
     "longest time for which a host that failed is left alone; the first is 1 s"},
    {"relay.hosts", CONFIG_ROWS, "", 0, 0, true,
     "several smarthosts instead of relay.host: those of the lowest priority take turns, the next "
     "ones wait for them to fail"},
    {"relay.hosts[].host", CONFIG_TEXT, NULL, 0, 0, true, "the host"},
    {"relay.hosts[].port", CONFIG_NUMBER, "25", 1, 65535, true, "its port"},
    {"relay.hosts[].priority", CONFIG_NUMBER, "10", 0, 65535, true, "lower ones are asked first"},
    {"relay.hosts[].implicit_tls", CONFIG_FLAG, "false", 0, 0, true,
     "TLS from the first byte instead of STARTTLS"},
    {"relay.hosts[].tls", CONFIG_TEXT, "", 0, 0, true, "as relay.tls; empty for its value"},
    {"relay.hosts[].ca_file", CONFIG_PATH, "", 0, 0, true, "as relay.ca_file; empty for its value"},
    {"relay.hosts[].name", CONFIG_TEXT, "", 0, 0, true,
     "name that verify demands in the certificate; empty for the host's"},
    {"relay.hosts[].fingerprints", CONFIG_LIST, "", 0, 0, true, FINGERPRINT_HELP},
    {"relay.hosts[].user", CONFIG_TEXT, "", 0, 0, true, "user for AUTH; empty for none"},
    {"relay.hosts[].password_file", CONFIG_PATH, "", 0, 0, true,
     "file whose first line is the password for AUTH"},
    {"relay.transports", CONFIG_ROWS, "", 0, 0, true,
     "where mail for certain domains goes; the first row that fits counts, all else goes to the "
     "smarthosts"},
    {"relay.transports[].domains", CONFIG_LIST, NULL, 0, 0, true,
     "example.net: that domain; .example.net: those below it; *: every one; own: those of "
     "organisation.domains and below"},
    {"relay.transports[].hosts", CONFIG_LIST, NULL, 0, 0, true,
     "host, host:port, [address]:port; the first that answers"},
    {"relay.transports[].implicit_tls", CONFIG_FLAG, "false", 0, 0, true,
     "TLS from the first byte instead of STARTTLS"},
    {"relay.transports[].tls", CONFIG_TEXT, "", 0, 0, true, "as relay.tls; empty for its value"},
    {"relay.transports[].ca_file", CONFIG_PATH, "", 0, 0, true,
     "as relay.ca_file; empty for its value"},
    {"relay.transports[].name", CONFIG_TEXT, "", 0, 0, true,
     "name that verify demands in the certificate; empty for the host's"},
    {"relay.transports[].fingerprints", CONFIG_LIST, "", 0, 0, true, FINGERPRINT_HELP},
    {"relay.transports[].user", CONFIG_TEXT, "", 0, 0, true, "user for AUTH; empty for none"},
    {"relay.transports[].password_file", CONFIG_PATH, "", 0, 0, true,
     "file whose first line is the password for AUTH"},
    {"relay.transports[].connections", CONFIG_NUMBER, "0", 0, 64, true,
     "as relay.connections; 0 for its value"},
    {.name = NULL},
};

/* What is being read, and where to complain. */
struct reading {
	const struct config *config;
	FILE *faults;
	struct arena *arena;
	bool good;
};

/* The options of one row, or those of the short form. */
struct place {
	const struct config *config;
	const char *prefix; /* "relay.", "relay.hosts[]." */
};

static const char *
option(struct reading *reading, const struct place *place, const char *column)
{
	return arena_printf(reading->arena, "%s%s", place->prefix, column);
}

static void
complain(struct reading *reading, const struct place *place, const char *column,
	 const char *complaint)
{
	config_fault(place->config, option(reading, place, column), reading->faults, "%s",
		     complaint);
	reading->good = false;
}

static enum relay_tls
read_tls(struct reading *reading, const struct place *place)
{
	static const char *const words[] = {"never", "may", "encrypt", "verify", "fingerprint"};
	const char *word = config_text(place->config, option(reading, place, "tls"));

	if (*word == '\0')
		word = config_text(reading->config, "relay.tls");
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum relay_tls)i;
	complain(reading, place, "tls", "expects never, may, encrypt, verify or fingerprint");
	return RELAY_TLS_VERIFY;
}

/* All but host and port. */
static struct relay_settings
read_common(struct reading *reading, const struct place *place)
{
	const struct config *config = place->config;
	struct relay_settings settings = {
	    .maildir = config_text(reading->config, "relay.maildir"),
	    .implicit_tls = config_flag(config, option(reading, place, "implicit_tls")),
	    .tls = read_tls(reading, place),
	    .ca_file = config_text(config, option(reading, place, "ca_file")),
	    .name = config_text(config, option(reading, place, "name")),
	    .user = config_text(config, option(reading, place, "user")),
	    .password_file = config_text(config, option(reading, place, "password_file")),
	    .helo_name = config_text(reading->config, "organisation.host_name"),
	    .timeout_seconds = (unsigned)config_number(reading->config, "relay.timeout"),
	};

	settings.fingerprints = config_list(config, option(reading, place, "fingerprints"),
					    &settings.fingerprint_count);
	if (*settings.ca_file == '\0')
		settings.ca_file = config_text(reading->config, "relay.ca_file");
	if (*settings.user != '\0' && *settings.password_file == '\0')
		complain(reading, place, "password_file", "is not set but a user is");
	if (settings.tls == RELAY_TLS_FINGERPRINT && settings.fingerprint_count == 0)
		complain(reading, place, "fingerprints", "is empty but tls is fingerprint");
	for (size_t i = 0; i < settings.fingerprint_count; i++)
		if (!relay_is_fingerprint(settings.fingerprints[i]))
			complain(reading, place, "fingerprints",
				 "holds something that is not 32 bytes in hexadecimal");
	return settings;
}

static void
read_host(struct reading *reading, const struct place *place, struct transport_host *host)
{
	struct relay_settings *settings = &host->settings;

	*settings = read_common(reading, place);
	settings->port = (unsigned)config_number(place->config, option(reading, place, "port"));
	settings->host = config_text(place->config, option(reading, place, "host"));
	/* Without brackets, and no port where one has its own option. */
	if (strchr(settings->host, ':') != NULL && *settings->host != '[')
		return;
	if (!transport_parse_host(settings->host, reading->arena, &settings->host, &settings->port))
		complain(reading, place, "host", "is no host name");
}

static unsigned
most_connections(struct reading *reading, int64_t wanted)
{
	int64_t workers = config_number(reading->config, "courier.workers");

	if (wanted == 0)
		wanted = config_number(reading->config, "relay.connections");
	if (wanted == 0)
		wanted = config_row_count(reading->config, "relay.transports") == 0
			     ? workers
			     : (workers + 1) / 2;
	return (unsigned)wanted;
}

/* What takes all that no row of the table does. */
static void
read_smarthosts(struct reading *reading, struct transport *transport)
{
	static const char *const every[] = {"*"};
	size_t count = config_row_count(reading->config, "relay.hosts");
	struct transport_host *hosts = arena_alloc_many(reading->arena, count + 1, sizeof(*hosts));

	for (size_t i = 0; i < count; i++) {
		struct place place = {config_row(reading->config, "relay.hosts", i),
				      "relay.hosts[]."};

		hosts[i].priority = (unsigned)config_number(place.config, "relay.hosts[].priority");
		read_host(reading, &place, &hosts[i]);
	}
	if (count == 0)
		read_host(reading, &(struct place){reading->config, "relay."}, &hosts[count++]);
	*transport =
	    (struct transport){"smarthosts", every, 1, hosts, count, most_connections(reading, 0)};
}

/* "own" stands for the organisation's domains and what is below them. */
static void
read_domains(struct reading *reading, const struct place *place, struct transport *transport)
{
	size_t count, own_count;
	const char *const *domains =
	    config_list(place->config, "relay.transports[].domains", &count);
	const char *const *own = config_list(reading->config, "organisation.domains", &own_count);
	const char **list =
	    arena_alloc_many(reading->arena, count + 2 * count * own_count + 1, sizeof(*list));

	if (count == 0)
		complain(reading, place, "domains", "is empty");
	for (size_t i = 0; i < count; i++) {
		if (!transport_is_pattern(domains[i]))
			complain(reading, place, "domains", "holds something that is no domain");
		if (strcmp(domains[i], "own") != 0) {
			list[transport->domain_count++] = domains[i];
			continue;
		}
		for (size_t j = 0; j < own_count; j++) {
			list[transport->domain_count++] = own[j];
			list[transport->domain_count++] =
			    arena_printf(reading->arena, ".%s", own[j]);
		}
	}
	transport->domains = list;
}

static void
read_transport(struct reading *reading, size_t i, struct transport *transport)
{
	struct place place = {config_row(reading->config, "relay.transports", i),
			      "relay.transports[]."};
	struct transport_host *hosts;
	struct relay_settings common = read_common(reading, &place);
	const char *const *names =
	    config_list(place.config, "relay.transports[].hosts", &transport->host_count);

	read_domains(reading, &place, transport);
	hosts = arena_alloc_many(reading->arena, transport->host_count + 1, sizeof(*hosts));
	if (transport->host_count == 0)
		complain(reading, &place, "hosts", "is empty");
	for (size_t j = 0; j < transport->host_count; j++) {
		hosts[j].settings = common;
		hosts[j].settings.port = common.implicit_tls ? 465 : 25;
		hosts[j].priority = (unsigned)j;
		if (!transport_parse_host(names[j], reading->arena, &hosts[j].settings.host,
					  &hosts[j].settings.port))
			complain(reading, &place, "hosts", "holds something that is no host");
	}
	transport->hosts = hosts;
	transport->name = arena_printf(reading->arena, "%zu-%s", i + 1,
				       transport->domain_count > 0 ? transport->domains[0] : "");
	transport->connections = most_connections(
	    reading, config_number(place.config, "relay.transports[].connections"));
}

enum status
settings_relay(const struct config *config, FILE *faults, struct arena *arena,
	       struct relay_pool_settings *settings_out)
{
	struct reading reading = {config, faults, arena, true};
	/* With a Maildir everything goes there, whatever the table says. */
	bool maildir = *config_text(config, "relay.maildir") != '\0';
	size_t count = config_row_count(config, "relay.transports");
	struct transport *rows = arena_alloc_many(arena, count + 1, sizeof(*rows));

	for (size_t i = 0; i < count; i++)
		read_transport(&reading, i, &rows[i]);
	read_smarthosts(&reading, &rows[count]);
	if (!reading.good)
		return STATUS_INVALID;
	*settings_out = (struct relay_pool_settings){
	    .table = {maildir ? &rows[count] : rows, maildir ? 1 : count + 1},
	    .idle_seconds = (unsigned)config_number(config, "relay.idle"),
	    .letters = (unsigned)config_number(config, "relay.messages"),
	    .rest_seconds = (unsigned)config_number(config, "relay.rest"),
	};
	return STATUS_OK;
}

enum status
courier_check(const struct config *config, FILE *faults)
{
	struct relay_pool_settings settings;
	struct arena *arena = arena_new();
	enum status status = settings_relay(config, faults, arena, &settings);

	if (monitor_check(config, "courier.metrics", faults) != STATUS_OK)
		status = STATUS_INVALID;
	arena_free(arena);
	return status;
}
