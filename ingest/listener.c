#include "ingest/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "ingest/network.h"

#define BACKLOG 512
#define HOST_SIZE 256

static enum status
fail(const char *where, const char *reason)
{
	log_error("listen-failed", LOG_TEXT("address", where), LOG_TEXT("reason", reason));
	return STATUS_UNAVAILABLE;
}

static void
log_listening(int fd)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} bound = {0};
	socklen_t size = sizeof(bound);
	struct network_address address;
	char text[NETWORK_ADDRESS_TEXT_SIZE];
	in_port_t port;

	if (getsockname(fd, (struct sockaddr *)&bound.any, &size) != 0)
		return;
	address = network_address_from_socket(&bound.any);
	port = bound.any.ss_family == AF_INET ? bound.ipv4.sin_port : bound.ipv6.sin6_port;
	log_info("listening", LOG_TEXT("address", network_address_text(&address, text)),
		 LOG_NUMBER("port", ntohs(port)));
}

static enum status
open_one(const char *where, const struct addrinfo *info, int *fd_out)
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
	log_listening(fd);
	*fd_out = fd;
	return STATUS_OK;
}

/* "host:port" into its parts; NULL host for all addresses. */
static enum status
resolve(const char *where, struct addrinfo **infos_out)
{
	struct addrinfo hints = {
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	const char *colon = strrchr(where, ':');
	size_t size = colon == NULL ? 0 : (size_t)(colon - where);
	char host[HOST_SIZE];
	int fault;

	if (size == 0 || size >= sizeof(host)) {
		(void)fail(where, "expects host:port");
		return STATUS_INVALID;
	}
	if (where[0] == '[' && where[size - 1] == ']') {
		where++;
		size -= 2;
	}
	memcpy(host, where, size);
	host[size] = '\0';
	fault = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints, infos_out);
	return fault == 0 ? STATUS_OK : fail(where, gai_strerror(fault));
}

enum status
listener_open(const char *where, int *fds, size_t *count)
{
	struct addrinfo *infos = NULL;
	enum status status = resolve(where, &infos);

	for (const struct addrinfo *info = infos; info != NULL && status == STATUS_OK;
	     info = info->ai_next) {
		if (*count == LISTENERS_MAX)
			status = fail(where, "too many addresses");
		else
			status = open_one(where, info, &fds[*count]);
		if (status == STATUS_OK)
			(*count)++;
	}
	if (infos != NULL)
		freeaddrinfo(infos);
	return status;
}
