/*
 * A client's socket, with or without TLS: non-blocking underneath, and each
 * read, write and handshake bounded by an absolute deadline, so that a client who
 * sends a byte now and then gains nothing.
 *
 * One thread at a time; stop_fd is shared: once it is readable, reads that heed
 * it return.
 */
#ifndef INGEST_WIRE_H
#define INGEST_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "base/slice.h"

enum wire_result {
	WIRE_OK,
	WIRE_ENDED,   /* the client is gone, or broke TLS */
	WIRE_TIMEOUT, /* the deadline has passed */
	WIRE_STOPPED, /* stop_fd is readable */
};

struct wire {
	int fd;
	int stop_fd;
	SSL *ssl;
	bool emptied; /* the last read took all there was: wait before the next */
};

/* Takes the non-blocking `fd`. */
void wire_init(struct wire *wire, int fd, int stop_fd);

/* Some bytes, at least one.  Deadlines are clock_monotonic_ms. */
enum wire_result wire_read(struct wire *wire, unsigned char *bytes, size_t room, int64_t deadline,
			   bool heed_stop, size_t *size_out);

/* All of the bytes, or a failure. */
enum wire_result wire_write(struct wire *wire, struct slice bytes, int64_t deadline);

/* The server's side of the handshake. */
enum wire_result wire_start_tls(struct wire *wire, SSL_CTX *context, int64_t deadline);

/* Say goodbye.  With `linger`, what the client still sends is read away for a moment, because
 * closing on unread bytes would take the last reply away from it.  The fd stays open. */
void wire_end(struct wire *wire, bool linger);

#endif
