#include "ingest/wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "ingest/figures.h"

#define LINGER_MS 1000
#define LINGER_BYTES ((size_t)1048576)

void
wire_init(struct wire *wire, int fd, int stop_fd)
{
	*wire = (struct wire){.fd = fd, .stop_fd = stop_fd, .emptied = true};
}

static enum wire_result
wait_for(struct wire *wire, short events, int64_t deadline, bool heed_stop)
{
	for (;;) {
		struct pollfd fds[2] = {
		    {.fd = wire->fd, .events = events},
		    {.fd = heed_stop ? wire->stop_fd : -1, .events = POLLIN},
		};
		int64_t left = deadline - clock_monotonic_ms();
		int ready;

		if (left <= 0)
			return WIRE_TIMEOUT;
		ready = poll(fds, 2, left > INT32_MAX ? INT32_MAX : (int)left);
		if (ready < 0 && errno != EINTR)
			return WIRE_ENDED;
		if (ready > 0 && fds[1].revents != 0)
			return WIRE_STOPPED;
		if (ready > 0)
			return WIRE_OK;
	}
}

/* After an SSL call that did not succeed: wait for what it wants. */
static enum wire_result
wait_for_tls(struct wire *wire, int result, int64_t deadline, bool heed_stop)
{
	switch (SSL_get_error(wire->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(wire, POLLIN, deadline, heed_stop);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(wire, POLLOUT, deadline, heed_stop);
	default:
		return WIRE_ENDED;
	}
}

static enum wire_result
read_tls(struct wire *wire, unsigned char *bytes, size_t room, int64_t deadline, bool heed_stop,
	 size_t *size_out)
{
	for (;;) {
		enum wire_result result;
		int done;

		ERR_clear_error();
		done = SSL_read_ex(wire->ssl, bytes, room, size_out);
		if (done == 1)
			return WIRE_OK;
		result = wait_for_tls(wire, done, deadline, heed_stop);
		if (result != WIRE_OK)
			return result;
	}
}

enum wire_result
wire_read(struct wire *wire, unsigned char *bytes, size_t room, int64_t deadline, bool heed_stop,
	  size_t *size_out)
{
	/* Also for who sends so fast that there is never a wait. */
	if (clock_monotonic_ms() >= deadline)
		return WIRE_TIMEOUT;
	if (wire->ssl != NULL)
		return read_tls(wire, bytes, room, deadline, heed_stop, size_out);
	for (;;) {
		ssize_t size;

		if (wire->emptied) {
			enum wire_result result = wait_for(wire, POLLIN, deadline, heed_stop);

			if (result != WIRE_OK)
				return result;
		}
		size = recv(wire->fd, bytes, room, 0);
		wire->emptied = size < (ssize_t)room;
		if (size > 0) {
			*size_out = (size_t)size;
			return WIRE_OK;
		}
		if (size == 0 || (errno != EAGAIN && errno != EINTR))
			return WIRE_ENDED;
	}
}

static enum wire_result
write_some(struct wire *wire, struct slice bytes, int64_t deadline, size_t *size_out)
{
	ssize_t size;

	*size_out = 0;
	if (wire->ssl != NULL) {
		int done;

		ERR_clear_error();
		done = SSL_write_ex(wire->ssl, bytes.data, bytes.size, size_out);
		return done == 1 ? WIRE_OK : wait_for_tls(wire, done, deadline, false);
	}
	size = send(wire->fd, bytes.data, bytes.size, MSG_NOSIGNAL);
	if (size >= 0) {
		*size_out = (size_t)size;
		return WIRE_OK;
	}
	if (errno == EINTR)
		return WIRE_OK;
	return errno == EAGAIN ? wait_for(wire, POLLOUT, deadline, false) : WIRE_ENDED;
}

enum wire_result
wire_write(struct wire *wire, struct slice bytes, int64_t deadline)
{
	while (bytes.size > 0) {
		size_t size;
		enum wire_result result = write_some(wire, bytes, deadline, &size);

		if (result != WIRE_OK)
			return result;
		bytes = slice_part(bytes, size, bytes.size);
	}
	return WIRE_OK;
}

enum wire_result
wire_start_tls(struct wire *wire, SSL_CTX *context, int64_t deadline)
{
	wire->ssl = SSL_new(context);
	if (wire->ssl == NULL || SSL_set_fd(wire->ssl, wire->fd) != 1)
		return WIRE_ENDED;
	for (;;) {
		enum wire_result result;
		int done;

		ERR_clear_error();
		done = SSL_accept(wire->ssl);
		if (done == 1) {
			ingest_count_tls(SSL_get_version(wire->ssl));
			return WIRE_OK;
		}
		result = wait_for_tls(wire, done, deadline, false);
		if (result != WIRE_OK)
			return result;
	}
}

static void
read_away(struct wire *wire)
{
	int64_t deadline = clock_monotonic_ms() + LINGER_MS;
	unsigned char bytes[4096];
	size_t left = LINGER_BYTES;

	while (left >= sizeof(bytes) && wait_for(wire, POLLIN, deadline, true) == WIRE_OK) {
		ssize_t size = recv(wire->fd, bytes, sizeof(bytes), 0);

		if (size <= 0)
			return;
		left -= (size_t)size;
	}
}

void
wire_end(struct wire *wire, bool linger)
{
	if (wire->ssl != NULL) {
		ERR_clear_error();
		/* One try: a client that does not take it is not waited for. */
		if (SSL_is_init_finished(wire->ssl))
			SSL_shutdown(wire->ssl);
		SSL_free(wire->ssl);
		wire->ssl = NULL;
	}
	if (linger && shutdown(wire->fd, SHUT_WR) == 0)
		read_away(wire);
}
