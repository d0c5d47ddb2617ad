#include "keys/options.h"

#include <string.h>

#include "keys/ldap_filter.h"
#include "mail/idn.h"

#define BYTES_PER_ENTRY 4096
#define ENTRIES_LEAST 64
#define POLICIES_MAX ((size_t)2000)

const struct config_option keys_options[] = {
    {"keys.sources", CONFIG_LIST, "smimea, openpgpkey, ldap, wkd", 0, 0, true,
     "where keys of recipients are looked for, the most trusted first: smimea, openpgpkey, ldap, "
     "wkd, vks, hkps; all are asked at once"},
    {"keys.deadline", CONFIG_DURATION, "4 s", 1, 20, true,
     "longest wait for a source, at most 20 s"},
    {"keys.ttl", CONFIG_DURATION, "1 d", 1, 2592000, true,
     "longest time for which what was found is remembered"},
    {"keys.negative_ttl", CONFIG_DURATION, "1 h", 1, 2592000, true,
     "longest time for which it is remembered that there was nothing"},
    {"keys.failure_ttl", CONFIG_DURATION, "1 min", 1, 86400, true,
     "time for which a server that failed is left alone"},
    {"keys.parallel", CONFIG_NUMBER, "8", 1, 64, true, "look-ups at the same time in each source"},
    {"keys.cache", CONFIG_SIZE, "8 MB", 262144, 1073741824, true, "memory for what is remembered"},
    {"keys.dns_servers", CONFIG_LIST, "", 0, 0, true,
     "resolvers that hand on DNSSEC: address or address@port; empty: those of /etc/resolv.conf; "
     "root: none, zones are asked themselves"},
    {"keys.dns_anchor", CONFIG_PATH, "/usr/share/dns/root.key", 0, 0, true,
     "file with the trust anchors of DNSSEC"},
    {"keys.ca_file", CONFIG_PATH, "", 0, 0, true,
     "certificates that directories, key servers and policies are trusted by; empty for the "
     "system's"},
    {"keys.vks_servers", CONFIG_LIST, "", 0, 0, true,
     "key servers that check addresses, asked as vks; such as keys.openpgp.org"},
    {"keys.hkps_servers", CONFIG_LIST, "", 0, 0, true,
     "key servers that take what comes, asked as hkps"},
    {"keys.mta_sts", CONFIG_FLAG, "true", 0, 0, true,
     "ask domains for MTA-STS policies where verified TLS is wanted and there is no DANE"},
    {"keys.tls_patience", CONFIG_DURATION, "1 h", 0, 2592000, true,
     "age up to which servers that cannot be reached are tried again before a message goes the "
     "next way instead of verified TLS"},
    {"keys.tls_port", CONFIG_NUMBER, "25", 1, 65535, true,
     "port of the mail servers that verified TLS connects to; another one is for tests"},
    {"keys.private_networks", CONFIG_LIST, "", 0, 0, true,
     "networks that are not public and may be connected to all the same, although strangers choose "
     "the names of servers"},
    {"keys.test_port", CONFIG_NUMBER, "0", 0, 65535, true,
     "for tests: stands for ports 443 and 80 on loopback addresses in keys.private_networks; 0: "
     "off"},
    {"keys.ldap", CONFIG_ROWS, "", 0, 0, true, "directories, asked as ldap"},
    {"keys.ldap[].servers", CONFIG_LIST, NULL, 0, 0, true,
     "ldaps://host, ldap://host (with STARTTLS), ldapi://%2Fpath; the first that answers"},
    {"keys.ldap[].domains", CONFIG_LIST, "*", 0, 0, true,
     "example.net: that domain; .example.net: those below it; *: every one"},
    {"keys.ldap[].base", CONFIG_TEXT, "", 0, 0, true, "entry below which is searched"},
    {"keys.ldap[].filter", CONFIG_TEXT, "(mail={address})", 0, 0, true,
     "what is searched for, with {address}, {local}, {domain}"},
    {"keys.ldap[].key_attribute", CONFIG_TEXT, "", 0, 0, true,
     "attribute with OpenPGP keys, such as pgpKey; empty for none"},
    {"keys.ldap[].bind_dn", CONFIG_TEXT, "", 0, 0, true, "who asks; empty for anonymous"},
    {"keys.ldap[].password_file", CONFIG_PATH, "", 0, 0, true,
     "file whose first line is the password of bind_dn"},
    {"keys.ldap[].ca_file", CONFIG_PATH, "", 0, 0, true,
     "certificates that its servers are trusted by; empty for the system's"},
    {"keys.ldap[].clear", CONFIG_FLAG, "false", 0, 0, true,
     "ldap:// without TLS; only where the network is trusted"},
    {.name = NULL},
};

/* What is being read, and where to complain. */
struct reading {
	const struct config *config;
	FILE *faults;
	struct arena *arena;
	struct look_asker askers[FLIGHT_ASKERS_MAX];
	size_t asker_count;
	bool good;
};

static void
complain(struct reading *reading, const struct config *config, const char *name,
	 const char *complaint)
{
	config_fault(config, name, reading->faults, "%s", complaint);
	reading->good = false;
}

static void
add_asker(struct reading *reading, const struct look_asker *asker)
{
	if (reading->asker_count < FLIGHT_ASKERS_MAX)
		reading->askers[reading->asker_count++] = *asker;
	else
		complain(reading, reading->config, "keys.sources", "come to too many servers");
}

static void
read_key_servers(struct reading *reading, enum candidate_source source, const char *option)
{
	size_t count;
	const char *const *servers = config_list(reading->config, option, &count);

	for (size_t i = 0; i < count; i++) {
		struct look_asker asker = {.source = source};

		if (idn_to_ascii(slice_from_text(servers[i]), reading->arena, &asker.server) !=
		    STATUS_OK)
			complain(reading, reading->config, option,
				 "holds something that is no host name");
		add_asker(reading, &asker);
	}
}

static void
check_directory(struct reading *reading, const struct config *row,
		const struct ldap_directory *directory)
{
	if (directory->server_count == 0)
		complain(reading, row, "keys.ldap[].servers", "is empty");
	for (size_t i = 0; i < directory->server_count; i++)
		if (!ldap_is_server(directory->servers[i]))
			complain(reading, row, "keys.ldap[].servers",
				 "expects ldaps://host, ldap://host or ldapi://%2Fpath");
	if (!ldap_filter_is_pattern(directory->filter))
		complain(reading, row, "keys.ldap[].filter",
			 "expects a filter with {address}, or with {local} and {domain}");
	if (*directory->bind_dn != '\0' && *directory->password_file == '\0')
		complain(reading, row, "keys.ldap[].password_file", "is not set but bind_dn is");
}

static void
read_directory(struct reading *reading, const struct config *row)
{
	struct ldap_directory *directory = arena_alloc(reading->arena, sizeof(*directory));
	struct look_asker asker = {.source = CANDIDATE_LDAP, .directory = directory};

	*directory = (struct ldap_directory){
	    .clear = config_flag(row, "keys.ldap[].clear"),
	    .ca_file = config_text(row, "keys.ldap[].ca_file"),
	    .bind_dn = config_text(row, "keys.ldap[].bind_dn"),
	    .password_file = config_text(row, "keys.ldap[].password_file"),
	    .base = config_text(row, "keys.ldap[].base"),
	    .filter = config_text(row, "keys.ldap[].filter"),
	    .key_attribute = config_text(row, "keys.ldap[].key_attribute"),
	};
	directory->servers = config_list(row, "keys.ldap[].servers", &directory->server_count);
	directory->domains = config_list(row, "keys.ldap[].domains", &directory->domain_count);
	check_directory(reading, row, directory);
	add_asker(reading, &asker);
}

static void
read_source(struct reading *reading, enum candidate_source source)
{
	size_t rows = config_row_count(reading->config, "keys.ldap");

	switch (source) {
	case CANDIDATE_LDAP:
		for (size_t i = 0; i < rows; i++)
			read_directory(reading, config_row(reading->config, "keys.ldap", i));
		break;
	case CANDIDATE_VKS:
		read_key_servers(reading, source, "keys.vks_servers");
		break;
	case CANDIDATE_HKPS:
		read_key_servers(reading, source, "keys.hkps_servers");
		break;
	default:
		add_asker(reading, &(struct look_asker){.source = source});
	}
}

static void
read_sources(struct reading *reading)
{
	bool seen[CANDIDATE_SOURCES] = {false};
	size_t count;
	const char *const *words = config_list(reading->config, "keys.sources", &count);

	for (size_t i = 0; i < count; i++) {
		enum candidate_source source = candidate_source_from_text(words[i]);

		if (source == CANDIDATE_SOURCES) {
			complain(reading, reading->config, "keys.sources",
				 "expects smimea, openpgpkey, ldap, wkd, vks and hkps");
		} else if (seen[source]) {
			complain(reading, reading->config, "keys.sources", "holds something twice");
		} else {
			seen[source] = true;
			read_source(reading, source);
		}
	}
}

/* "192.0.2.53", "2001:db8::53", either with "@port". */
static bool
is_resolver(const char *text)
{
	const char *at = strchr(text, '@');
	size_t size = at == NULL ? strlen(text) : (size_t)(at - text);
	char address[OUTSIDE_TEXT_SIZE];
	struct outside_network network;
	unsigned long long port;

	if (size >= sizeof(address) || memchr(text, '/', size) != NULL)
		return false;
	memcpy(address, text, size);
	address[size] = '\0';
	return outside_read_network(address, &network) == STATUS_OK &&
	       (at == NULL ||
		(slice_to_number(slice_from_text(at + 1), &port) && port > 0 && port <= 65535));
}

static void
read_dns(struct reading *reading, struct dns_settings *dns)
{
	dns->servers = config_list(reading->config, "keys.dns_servers", &dns->server_count);
	dns->anchor = config_text(reading->config, "keys.dns_anchor");
	if (dns->server_count == 1 && strcmp(dns->servers[0], "root") == 0)
		return;
	for (size_t i = 0; i < dns->server_count; i++)
		if (!is_resolver(dns->servers[i]))
			complain(reading, reading->config, "keys.dns_servers",
				 "expects address or address@port, or root alone");
}

static void
read_fetch(struct reading *reading, struct fetch_settings *fetch)
{
	size_t count;
	const char *const *texts = config_list(reading->config, "keys.private_networks", &count);
	struct outside_network *networks =
	    arena_alloc_many(reading->arena, count + 1, sizeof(*networks));

	for (size_t i = 0; i < count; i++)
		if (outside_read_network(texts[i], &networks[i]) != STATUS_OK)
			complain(reading, reading->config, "keys.private_networks",
				 "holds something that is no network");
	*fetch = (struct fetch_settings){
	    .ca_file = config_text(reading->config, "keys.ca_file"),
	    .allowed = networks,
	    .allowed_count = count,
	    .loopback_port = (unsigned)config_number(reading->config, "keys.test_port"),
	};
}

static void
fill_in(const struct reading *reading, struct keys_settings *settings)
{
	const struct config *config = reading->config;
	struct discover_settings *discover = &settings->discover;

	discover->asker_count = reading->asker_count;
	discover->threads = (size_t)config_number(config, "keys.parallel");
	discover->milliseconds = config_number(config, "keys.deadline") * 1000;
	discover->found_seconds = config_number(config, "keys.ttl");
	discover->none_seconds = config_number(config, "keys.negative_ttl");
	discover->failed_seconds = config_number(config, "keys.failure_ttl");
	discover->bytes = (size_t)config_number(config, "keys.cache");
	discover->entries = ENTRIES_LEAST + discover->bytes / BYTES_PER_ENTRY * 2;
	settings->policy = (struct tls_policy_settings){
	    .mta_sts = config_flag(config, "keys.mta_sts"),
	    .most_seconds = discover->none_seconds,
	    .failed_seconds = discover->failed_seconds,
	    .entries = POLICIES_MAX,
	};
}

enum status
keys_read_settings(const struct config *config, FILE *faults, struct arena *arena,
		   struct keys_settings *settings_out)
{
	struct reading reading = {.config = config, .faults = faults, .arena = arena, .good = true};
	struct keys_settings settings = {.discover = {.asker_count = 0}};
	struct look_asker *askers;

	read_sources(&reading);
	read_dns(&reading, &settings.discover.dns);
	read_fetch(&reading, &settings.discover.fetch);
	if (!reading.good)
		return STATUS_INVALID;
	askers = arena_alloc_many(arena, reading.asker_count + 1, sizeof(*askers));
	memcpy(askers, reading.askers, reading.asker_count * sizeof(*askers));
	settings.discover.askers = askers;
	fill_in(&reading, &settings);
	*settings_out = settings;
	return STATUS_OK;
}

enum status
keys_check(const struct config *config, FILE *faults)
{
	struct keys_settings settings;
	struct arena *arena = arena_new();
	enum status status = keys_read_settings(config, faults, arena, &settings);

	arena_free(arena);
	return status;
}
