#include "base/monitor_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/slice.h"

#define UNIX_PREFIX "unix:"
#define BACKLOG 16

static bool
is_unix(const char *where)
{
	return strncmp(where, UNIX_PREFIX, sizeof(UNIX_PREFIX) - 1) == 0;
}

static enum status
parse_unix(const char *path, struct monitor_address *address_out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = strlen(path);

	if (*path != '/' || size >= sizeof(address.sun_path))
		return STATUS_INVALID;
	memcpy(address.sun_path, path, size);
	address_out->size = sizeof(address);
	memcpy(&address_out->bytes, &address, sizeof(address));
	return STATUS_OK;
}

static enum status
parse_ipv4(const char *host, unsigned port, struct monitor_address *address_out)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
	    ntohl(address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return STATUS_INVALID;
	address_out->size = sizeof(address);
	memcpy(&address_out->bytes, &address, sizeof(address));
	return STATUS_OK;
}

static enum status
parse_ipv6(const char *host, unsigned port, struct monitor_address *address_out)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1 ||
	    !IN6_IS_ADDR_LOOPBACK(&address.sin6_addr))
		return STATUS_INVALID;
	address_out->size = sizeof(address);
	memcpy(&address_out->bytes, &address, sizeof(address));
	return STATUS_OK;
}

enum status
monitor_parse(const char *where, struct monitor_address *address_out)
{
	const char *colon = strrchr(where, ':');
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long long port;
	size_t size;

	memset(address_out, 0, sizeof(*address_out));
	if (is_unix(where))
		return parse_unix(where + sizeof(UNIX_PREFIX) - 1, address_out);
	if (colon == NULL || !slice_to_number(slice_from_text(colon + 1), &port) || port < 1 ||
	    port > 65535)
		return STATUS_INVALID;
	size = (size_t)(colon - where);
	if (size < 2 || size >= sizeof(host))
		return STATUS_INVALID;
	memcpy(host, where, size);
	host[size] = '\0';
	if (host[0] != '[' || host[size - 1] != ']')
		return parse_ipv4(host, (unsigned)port, address_out);
	host[size - 1] = '\0';
	return parse_ipv6(host + 1, (unsigned)port, address_out);
}

/* A name that a daemon which was killed left behind.  One that is listened on, and whatever is no
 * socket, stays: binding fails then. */
static void
remove_stale(const struct monitor_address *address)
{
	const struct sockaddr_un *place = (const void *)&address->bytes;
	struct stat found;
	int fd;

	if (lstat(place->sun_path, &found) != 0 || !S_ISSOCK(found.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const void *)&address->bytes, address->size) != 0 && errno == ECONNREFUSED)
		unlink(place->sun_path);
	close(fd);
}

static bool
bind_and_listen(int fd, const struct monitor_address *address)
{
	const int on = 1;

	if (address->bytes.ss_family == AF_UNIX) {
		remove_stale(address);
		/* The name is made with the mode that the socket has by then. */
		if (fchmod(fd, 0660) != 0)
			return false;
	} else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
		return false;
	}
	return bind(fd, (const void *)&address->bytes, address->size) == 0 &&
	       listen(fd, BACKLOG) == 0;
}

enum status
monitor_listen(const char *where, int *fd_out)
{
	struct monitor_address address;
	int fd;

	if (monitor_parse(where, &address) != STATUS_OK)
		return STATUS_INVALID;
	fd = socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return STATUS_UNAVAILABLE;
	if (!bind_and_listen(fd, &address)) {
		int error = errno;

		close(fd);
		errno = error;
		return STATUS_UNAVAILABLE;
	}
	*fd_out = fd;
	return STATUS_OK;
}

void
monitor_unlisten(const char *where, int fd)
{
	if (fd >= 0)
		close(fd);
	if (is_unix(where))
		unlink(where + sizeof(UNIX_PREFIX) - 1);
}
