#include "ingest/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/service.h"
#include "base/slice.h"
#include "ingest/network.h"

#define BACKLOG 1024
#define HOST_SIZE 256
#define PORT_MOST 65535

static enum status
fail(const char *where, const char *reason)
{
	log_error("listen-failed", LOG_TEXT("address", where), LOG_TEXT("reason", reason));
	return STATUS_UNAVAILABLE;
}

/* The part of an address that kind and port stand in; 0 for other families. */
static in_port_t
port_of(const struct sockaddr_storage *address)
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	memcpy(&ipv4, address, sizeof(ipv4));
	memcpy(&ipv6, address, sizeof(ipv6));
	if (address->ss_family == AF_INET)
		return ntohs(ipv4.sin_port);
	return address->ss_family == AF_INET6 ? ntohs(ipv6.sin6_port) : 0;
}

static bool
same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	struct network_address first = network_address_from_socket(a);
	struct network_address second = network_address_from_socket(b);

	return a->ss_family == b->ss_family && port_of(a) == port_of(b) &&
	       memcmp(&first, &second, sizeof(first)) == 0;
}

static bool
is_any(const struct sockaddr_storage *address, sa_family_t family)
{
	struct sockaddr_storage any = {.ss_family = family};
	struct network_address first = network_address_from_socket(address);
	struct network_address second = network_address_from_socket(&any);

	return address->ss_family == family && memcmp(&first, &second, sizeof(first)) == 0;
}

/* A socket for all addresses of IPv6 may be for those of IPv4 too, as service managers make them.
 */
static bool
stands_for(const struct listener *inherited, const struct sockaddr_storage *wanted)
{
	if (!inherited->inherited)
		return false;
	if (same_address(&inherited->address, wanted))
		return true;
	return is_any(&inherited->address, AF_INET6) && is_any(wanted, AF_INET) &&
	       port_of(&inherited->address) == port_of(wanted);
}

static void
log_listener(const char *event, const struct listener *listener)
{
	struct network_address address = network_address_from_socket(&listener->address);
	char text[NETWORK_ADDRESS_TEXT_SIZE];

	log_info(event, LOG_TEXT("address", network_address_text(&address, text)),
		 LOG_NUMBER("port", port_of(&listener->address)),
		 LOG_TEXT("tls", listener->settings == NULL		     ? "no"
				 : listener->settings->converse.implicit_tls ? "implicit"
				 : listener->settings->converse.tls != NULL  ? "starttls"
									     : "no"));
}

/* "host:port" into its parts; NULL, or what is wrong. */
static const char *
split(const char *where, char host[HOST_SIZE], const char **port_out)
{
	const char *colon = strrchr(where, ':');
	size_t size = colon == NULL ? 0 : (size_t)(colon - where);
	unsigned long long port;

	if (size == 0 || size >= HOST_SIZE)
		return "expects host:port";
	if (!slice_to_number(slice_from_text(colon + 1), &port) || port == 0 || port > PORT_MOST)
		return "has no port between 1 and 65535";
	if (where[0] == '[' && where[size - 1] == ']') {
		where++;
		size -= 2;
	} else if (memchr(where, ':', size) != NULL) {
		return "needs brackets around an IPv6 address";
	}
	if (size == 0)
		return "expects host:port";
	memcpy(host, where, size);
	host[size] = '\0';
	*port_out = colon + 1;
	return NULL;
}

const char *
listener_complaint(const char *where)
{
	char host[HOST_SIZE];
	const char *port;

	return split(where, host, &port);
}

static enum status
resolve(const char *where, struct addrinfo **infos_out)
{
	struct addrinfo hints = {
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	char host[HOST_SIZE];
	const char *port;
	const char *complaint = split(where, host, &port);
	int fault;

	if (complaint != NULL) {
		(void)fail(where, complaint);
		return STATUS_INVALID;
	}
	fault = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, infos_out);
	return fault == 0 ? STATUS_OK : fail(where, gai_strerror(fault));
}

static enum status
open_socket(const char *where, const struct addrinfo *info, int *fd_out)
{
	const int on = 1;
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			info->ai_protocol);

	if (fd < 0)
		return fail(where, strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (info->ai_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
		enum status status = fail(where, strerror(errno));

		close(fd);
		return status;
	}
	*fd_out = fd;
	return STATUS_OK;
}

static bool
holds_fd(const struct listeners *listeners, int fd)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->all[i].fd == fd)
			return true;
	return false;
}

/* Those of `some` that `others` do not have. */
static void
close_missing(const struct listeners *some, const struct listeners *others)
{
	for (size_t i = 0; i < some->count; i++)
		if (!holds_fd(others, some->all[i].fd))
			close(some->all[i].fd);
}

/* One address: by a socket that was handed over, by one that is open, or by a new one. */
static enum status
add_address(struct listeners *next, const struct listeners *running,
	    const struct snapshot_listener *settings, const struct addrinfo *info)
{
	struct listener listener = {.fd = -1, .settings = settings};
	enum status status = STATUS_OK;

	memcpy(&listener.address, info->ai_addr, info->ai_addrlen);
	for (size_t i = 0; i < next->count; i++) {
		if (stands_for(&next->all[i], &listener.address)) {
			next->all[i].settings = settings;
			return STATUS_OK;
		}
		/* One name may have an address twice. */
		if (next->all[i].settings == settings &&
		    same_address(&next->all[i].address, &listener.address))
			return STATUS_OK;
	}
	if (next->count == LISTENERS_MAX)
		return fail(settings->where, "too many addresses");
	for (size_t i = 0; i < running->count && listener.fd < 0; i++)
		if (same_address(&running->all[i].address, &listener.address))
			listener.fd = running->all[i].fd;
	if (listener.fd < 0)
		status = open_socket(settings->where, info, &listener.fd);
	else if (holds_fd(next, listener.fd))
		return fail(settings->where, "is there twice");
	if (status == STATUS_OK)
		next->all[next->count++] = listener;
	return status;
}

static enum status
add_listener(struct listeners *next, const struct listeners *running,
	     const struct snapshot_listener *settings)
{
	struct addrinfo *infos = NULL;
	enum status status = resolve(settings->where, &infos);

	for (const struct addrinfo *info = infos; info != NULL && status == STATUS_OK;
	     info = info->ai_next)
		status = add_address(next, running, settings, info);
	if (infos != NULL)
		freeaddrinfo(infos);
	return status;
}

/* What was handed over, for listeners without settings of their own; true when some of it stands
 * for smtp.listen. */
static bool
add_inherited(struct listeners *next, const struct listeners *running,
	      const struct snapshot *snapshot)
{
	bool plain = false;

	for (size_t i = 0; i < running->count; i++) {
		struct listener listener = running->all[i];

		if (!listener.inherited)
			continue;
		listener.settings = listener.implicit_tls ? &snapshot->implicit : &snapshot->plain;
		plain = plain || !listener.implicit_tls;
		next->all[next->count++] = listener;
	}
	return plain;
}

/* TLS from the first byte without a certificate would be a door that nobody gets through. */
static enum status
check_inherited(const struct listeners *next)
{
	for (size_t i = 0; i < next->count; i++) {
		const struct converse_settings *converse = &next->all[i].settings->converse;

		if (converse->implicit_tls && converse->tls == NULL)
			return fail("smtps", "needs smtp.certificate");
	}
	return next->count > 0 ? STATUS_OK : fail("", "there is no listener");
}

enum status
listeners_follow(struct listeners *listeners, const struct snapshot *snapshot)
{
	struct listeners next = {.count = 0};
	bool stand_in = add_inherited(&next, listeners, snapshot);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < snapshot->listener_count && status == STATUS_OK; i++) {
		const struct snapshot_listener *settings = &snapshot->listeners[i];

		if (!settings->simple || !stand_in)
			status = add_listener(&next, listeners, settings);
	}
	if (status == STATUS_OK)
		status = check_inherited(&next);
	if (status != STATUS_OK) {
		close_missing(&next, listeners);
		return status;
	}
	for (size_t i = 0; i < next.count; i++)
		if (!holds_fd(listeners, next.all[i].fd) || listeners->all[0].settings == NULL)
			log_listener("listening", &next.all[i]);
	for (size_t i = 0; i < listeners->count; i++)
		if (!holds_fd(&next, listeners->all[i].fd))
			log_listener("listening-no-more", &listeners->all[i]);
	close_missing(listeners, &next);
	*listeners = next;
	return STATUS_OK;
}

static void
inherit(struct listeners *listeners, const char *name, bool implicit_tls)
{
	int fds[LISTENERS_MAX];
	size_t count = service_sockets(name, fds, LISTENERS_MAX - listeners->count);

	for (size_t i = 0; i < count; i++) {
		struct listener *listener = &listeners->all[listeners->count++];
		socklen_t size = sizeof(listener->address);

		*listener = (struct listener){
		    .fd = fds[i], .inherited = true, .implicit_tls = implicit_tls};
		if (getsockname(fds[i], (struct sockaddr *)&listener->address, &size) != 0)
			log_warning("socket-unknown", LOG_TEXT("reason", strerror(errno)));
	}
}

void
listeners_inherit(struct listeners *listeners)
{
	inherit(listeners, "smtp", false);
	inherit(listeners, "smtps", true);
}

void
listeners_close(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		close(listeners->all[i].fd);
	listeners->count = 0;
}
