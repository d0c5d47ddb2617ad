#include "keys/dns.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "mail/utf8.h"

#define CLASS_INTERNET 1
#define RCODE_OK 0
#define RCODE_NO_SUCH_NAME 3
#define DETAIL_MAX ((size_t)300)

struct dns {
	struct ub_ctx *context;
	pthread_t reader;
	bool reads;
	int stop; /* eventfd */
	pthread_mutex_t lock;
	pthread_cond_t answered;
};

struct query {
	struct dns *dns;
	int id;
	bool done;
	struct ub_result *result; /* NULL when libunbound failed */
};

static void
take_answer(void *argument, int error, struct ub_result *result)
{
	struct query *query = argument;

	pthread_mutex_lock(&query->dns->lock);
	query->done = true;
	query->result = error == 0 ? result : NULL;
	pthread_cond_broadcast(&query->dns->answered);
	pthread_mutex_unlock(&query->dns->lock);
}

static void *
read_answers(void *argument)
{
	struct dns *dns = argument;
	struct pollfd waits[] = {{.fd = ub_fd(dns->context), .events = POLLIN},
				 {.fd = dns->stop, .events = POLLIN}};

	while (waits[1].revents == 0) {
		if (poll(waits, 2, -1) < 0 && errno != EINTR)
			break;
		if (waits[0].revents != 0 && ub_process(dns->context) != 0)
			log_warning("dns-process", LOG_TEXT("result", "failed"));
	}
	return NULL;
}

static bool
set_option(struct dns *dns, const char *name, const char *value)
{
	return ub_ctx_set_option(dns->context, name, value) == 0;
}

static bool
set_servers(struct dns *dns, const struct dns_settings *settings)
{
	if (settings->server_count == 0)
		return ub_ctx_resolvconf(dns->context, NULL) == 0;
	/* A zone must not send anybody to what listens on this machine. */
	if (settings->server_count == 1 && strcmp(settings->servers[0], "root") == 0)
		return set_option(dns, "do-not-query-localhost:", "yes");
	for (size_t i = 0; i < settings->server_count; i++)
		if (ub_ctx_set_fwd(dns->context, settings->servers[i]) != 0)
			return false;
	return true;
}

static enum status
set_up(struct dns *dns, const struct dns_settings *settings)
{
	/* libunbound's own choice is 16 sockets, which a few dead servers keep busy. */
	if (!set_option(dns, "outgoing-range:", "256") ||
	    !set_option(dns, "edns-buffer-size:", "1232") || ub_ctx_async(dns->context, 1) != 0)
		return STATUS_UNAVAILABLE;
	if (access(settings->anchor, R_OK) != 0 ||
	    ub_ctx_add_ta_file(dns->context, settings->anchor) != 0) {
		log_error("dns-anchor", LOG_TEXT("file", settings->anchor));
		return STATUS_INVALID;
	}
	if (!set_servers(dns, settings)) {
		log_error("dns-servers", LOG_NUMBER("count", settings->server_count));
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

enum status
dns_new(const struct dns_settings *settings, struct dns **dns_out)
{
	struct dns *dns = calloc(1, sizeof(*dns));
	enum status status = STATUS_UNAVAILABLE;

	if (dns == NULL)
		return STATUS_UNAVAILABLE;
	pthread_mutex_init(&dns->lock, NULL);
	clock_prepare_condition(&dns->answered);
	dns->stop = eventfd(0, EFD_CLOEXEC);
	dns->context = ub_ctx_create();
	if (dns->context != NULL && dns->stop >= 0)
		status = set_up(dns, settings);
	if (status == STATUS_OK) {
		dns->reads = pthread_create(&dns->reader, NULL, read_answers, dns) == 0;
		if (dns->reads) {
			*dns_out = dns;
			return STATUS_OK;
		}
		status = STATUS_UNAVAILABLE;
	}
	dns_free(dns);
	return status;
}

void
dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	if (dns->reads) {
		if (eventfd_write(dns->stop, 1) != 0)
			log_error("dns-stop", LOG_NUMBER("errno", errno));
		pthread_join(dns->reader, NULL);
	}
	if (dns->context != NULL)
		ub_ctx_delete(dns->context);
	if (dns->stop >= 0)
		close(dns->stop);
	pthread_cond_destroy(&dns->answered);
	pthread_mutex_destroy(&dns->lock);
	free(dns);
}

static bool
begin(struct dns *dns, const char *name, enum dns_type type, struct query *query)
{
	*query = (struct query){.dns = dns};
	return ub_resolve_async(dns->context, name, (int)type, CLASS_INTERNET, query, take_answer,
				&query->id) == 0;
}

/* Until it is answered, or called back in time.  Where ub_cancel does not know a question any more,
 * its answer is just being handed over: so one more wait, without an end, is a short one. */
static bool
await(struct query *query, int64_t deadline)
{
	struct dns *dns = query->dns;
	bool done;

	pthread_mutex_lock(&dns->lock);
	while (!query->done && clock_wait(&dns->answered, &dns->lock, deadline))
		;
	done = query->done;
	pthread_mutex_unlock(&dns->lock);
	if (done || ub_cancel(dns->context, query->id) == 0)
		return done;
	pthread_mutex_lock(&dns->lock);
	while (!query->done)
		pthread_cond_wait(&dns->answered, &dns->lock);
	pthread_mutex_unlock(&dns->lock);
	return true;
}

static enum status
fail(enum status status, const char *reason, const char *detail, struct look_failure *failure_out)
{
	*failure_out = (struct look_failure){reason, detail};
	return status;
}

static const char *
without_dot(const char *name, struct arena *arena)
{
	struct slice bytes = slice_from_text(name);

	if (bytes.size > 0 && bytes.data[bytes.size - 1] == '.')
		bytes.size--;
	return utf8_clean_line(bytes, DETAIL_MAX, arena);
}

static enum status
copy_records(const struct ub_result *result, struct arena *arena, struct dns_answer *answer)
{
	size_t bytes = 0;

	for (; result->data != NULL && result->data[answer->count] != NULL; answer->count++) {
		bytes += (size_t)result->len[answer->count];
		if (answer->count == DNS_RECORDS_MAX || bytes > DNS_SIZE_MAX)
			return STATUS_TOO_LARGE;
	}
	if (answer->count > 0)
		answer->records = arena_alloc_many(arena, answer->count, sizeof(*answer->records));
	for (size_t i = 0; i < answer->count; i++)
		answer->records[i] =
		    arena_copy(arena, slice_of(result->data[i], (size_t)result->len[i]));
	return STATUS_OK;
}

static enum status
judge(const struct ub_result *result, struct arena *arena, struct dns_answer *answer_out,
      struct look_failure *failure_out)
{
	struct dns_answer answer = {
	    .secure = result->secure && !result->bogus,
	    .exists = !result->nxdomain,
	    .name =
		without_dot(result->canonname != NULL ? result->canonname : result->qname, arena),
	    .seconds = result->ttl > 0 ? result->ttl : 0,
	};

	if (result->bogus) {
		const char *why = result->why_bogus == NULL ? "" : result->why_bogus;

		return fail(STATUS_DAMAGED, "bogus",
			    utf8_clean_line(slice_from_text(why), DETAIL_MAX, arena), failure_out);
	}
	if (result->rcode != RCODE_OK && result->rcode != RCODE_NO_SUCH_NAME)
		return fail(STATUS_UNAVAILABLE, "server-failed",
			    arena_printf(arena, "DNS says RCODE %d", result->rcode), failure_out);
	if (copy_records(result, arena, &answer) != STATUS_OK)
		return fail(STATUS_TOO_LARGE, "too-large", "", failure_out);
	*answer_out = answer;
	return STATUS_OK;
}

static enum status
finish(struct query *query, int64_t deadline, struct arena *arena, struct dns_answer *answer_out,
       struct look_failure *failure_out)
{
	enum status status;

	if (!await(query, deadline))
		return fail(STATUS_UNAVAILABLE, "timeout", "DNS did not answer in time",
			    failure_out);
	if (query->result == NULL)
		return fail(STATUS_UNAVAILABLE, "server-failed", "", failure_out);
	status = judge(query->result, arena, answer_out, failure_out);
	ub_resolve_free(query->result);
	return status;
}

enum status
dns_ask(struct dns *dns, const char *name, enum dns_type type, int64_t deadline,
	struct arena *arena, struct dns_answer *answer_out, struct look_failure *failure_out)
{
	struct query query;

	if (!begin(dns, name, type, &query))
		return fail(STATUS_UNAVAILABLE, "server-failed", "", failure_out);
	return finish(&query, deadline, arena, answer_out, failure_out);
}

static void
add_address(struct slice record, struct dns_addresses *addresses)
{
	struct sockaddr_storage *storage = &addresses->list[addresses->count];
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

	if (addresses->count == DNS_ADDRESSES_MAX)
		return;
	if (record.size == sizeof(ipv4.sin_addr)) {
		memcpy(&ipv4.sin_addr, record.data, record.size);
		memcpy(storage, &ipv4, sizeof(ipv4));
		addresses->count++;
	} else if (record.size == sizeof(ipv6.sin6_addr)) {
		memcpy(&ipv6.sin6_addr, record.data, record.size);
		memcpy(storage, &ipv6, sizeof(ipv6));
		addresses->count++;
	}
}

/* Half of the room for each family, so that many of one leave some for the other. */
static void
add_addresses(const struct dns_answer *answer, struct dns_addresses *addresses)
{
	for (size_t i = 0; i < answer->count && i < DNS_ADDRESSES_MAX / 2; i++)
		add_address(answer->records[i], addresses);
}

enum status
dns_ask_addresses(struct dns *dns, const char *host, int64_t deadline, struct arena *arena,
		  struct dns_addresses *addresses_out, struct look_failure *failure_out)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	struct dns_addresses addresses = {.secure = true};
	struct dns_answer answers[2] = {{.exists = true}, {.exists = true}};
	struct query queries[2];
	bool begun[2];
	enum status status = STATUS_NOT_FOUND;
	struct look_failure failure = {"server-failed", ""};

	for (size_t i = 0; i < 2; i++)
		begun[i] = begin(dns, host, types[i], &queries[i]);
	for (size_t i = 0; i < 2; i++) {
		enum status one = STATUS_UNAVAILABLE;

		if (begun[i])
			one = finish(&queries[i], deadline, arena, &answers[i], &failure);
		if (one != STATUS_OK)
			status = one;
		addresses.secure = addresses.secure && one == STATUS_OK && answers[i].secure;
		add_addresses(&answers[i], &addresses);
	}
	if (addresses.count > 0) {
		*addresses_out = addresses;
		return STATUS_OK;
	}
	if (status == STATUS_NOT_FOUND)
		failure = (struct look_failure){
		    answers[0].exists && answers[1].exists ? "no-address" : "no-such-name", ""};
	*failure_out = failure;
	return status;
}
