/* Mail servers of a domain, and their TLSA records. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "keys/names.h"
#include "keys/rdata.h"
#include "keys/tls_policy_part.h"
#include "mail/idn.h"

#define SMTP_PORT 25

static int
compare(const void *a, const void *b)
{
	const struct tls_policy_host *one = a;
	const struct tls_policy_host *other = b;

	if (one->preference != other->preference)
		return one->preference < other->preference ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* All of them are read before the worst are left out. */
static void
take_servers(const struct dns_answer *answer, struct arena *arena,
	     struct tls_policy_servers *servers, bool *refused)
{
	struct tls_policy_host all[DNS_RECORDS_MAX] = {{.name = ""}};
	size_t count = 0;
	struct rdata_mx mx;

	for (size_t i = 0; i < answer->count; i++) {
		if (rdata_read_mx(answer->records[i], arena, &mx) != STATUS_OK)
			continue;
		if (*mx.host == '\0')
			*refused = true;
		else
			all[count++] =
			    (struct tls_policy_host){.name = mx.host, .preference = mx.preference};
	}
	qsort(all, count, sizeof(*all), compare);
	servers->count = count < TLS_POLICY_HOSTS_MAX ? count : TLS_POLICY_HOSTS_MAX;
	memcpy(servers->hosts, all, servers->count * sizeof(*all));
}

enum status
tls_policy_find_servers(struct dns *dns, const char *domain, int64_t deadline, struct arena *arena,
			struct tls_policy_servers *servers_out, struct look_failure *failure_out)
{
	struct tls_policy_servers servers = {.count = 0};
	struct dns_answer answer;
	bool refused = false;
	enum status status = dns_ask(dns, domain, DNS_MX, deadline, arena, &answer, failure_out);

	if (status != STATUS_OK)
		return status;
	take_servers(&answer, arena, &servers, &refused);
	if (servers.count == 0 && (refused || !answer.exists || answer.count > 0)) {
		*failure_out = (struct look_failure){
		    refused || answer.count > 0 ? "takes-no-mail" : "no-such-name", ""};
		return STATUS_NOT_FOUND;
	}
	if (servers.count == 0)
		servers.hosts[servers.count++] = (struct tls_policy_host){.name = domain};
	servers.secure = answer.secure;
	servers.seconds = answer.seconds;
	*servers_out = servers;
	return STATUS_OK;
}

/* Usages 0 and 1 mean nothing to a mail server (RFC 7672 section 3.1.3). */
static void
take_records(const struct dns_answer *answer, struct arena *arena, struct tls_policy_host *host)
{
	host->records = arena_alloc_many(arena, answer->count, sizeof(*host->records));
	for (size_t i = 0; i < answer->count; i++) {
		struct dane_record *record = &host->records[host->record_count];

		if (dane_read(answer->records[i], record) == STATUS_OK &&
		    (record->usage == DANE_AUTHORITY || record->usage == DANE_EE))
			host->record_count++;
	}
}

/* A host whose addresses are not signed is not asked for TLSA: servers of such zones often fail at
 * it (RFC 7672 section 2.2.2). */
static enum status
find_records(struct dns *dns, struct tls_policy_host *host, int64_t deadline, struct arena *arena,
	     int64_t *seconds, struct look_failure *failure_out)
{
	struct dns_answer answer;
	const char *name;
	enum status status = dns_ask(dns, host->name, DNS_A, deadline, arena, &answer, failure_out);

	if (status != STATUS_OK || !answer.secure)
		return status;
	if (names_tlsa(host->name, SMTP_PORT, arena, &name) != STATUS_OK)
		return STATUS_OK;
	status = dns_ask(dns, name, DNS_TLSA, deadline, arena, &answer, failure_out);
	if (status != STATUS_OK || !answer.secure || answer.count == 0)
		return status;
	take_records(&answer, arena, host);
	if (answer.seconds < *seconds)
		*seconds = answer.seconds;
	return STATUS_OK;
}

void
tls_policy_find_records(struct dns *dns, struct tls_policy_servers *servers, int64_t deadline,
			struct arena *arena, bool *usable_out, struct look_failure *failure_out)
{
	int64_t began = clock_monotonic_ms();
	bool usable = false;

	*failure_out = (struct look_failure){"", ""};
	for (size_t i = 0; servers->secure && i < servers->count; i++) {
		/* Each host has its share of the time, so that one whose name servers hang leaves
		 * some for the next. */
		int64_t until =
		    began + (deadline - began) * (int64_t)(i + 1) / (int64_t)servers->count;
		struct look_failure failure;

		if (find_records(dns, &servers->hosts[i], until, arena, &servers->seconds,
				 &failure) != STATUS_OK)
			*failure_out = failure;
		usable = usable || servers->hosts[i].record_count > 0;
	}
	*usable_out = usable;
}
