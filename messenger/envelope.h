/*
 * The envelope of a message as it was handed over: kept sealed under the
 * message key, because ingest may not even read back addresses.
 */
#ifndef MESSENGER_ENVELOPE_H
#define MESSENGER_ENVELOPE_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#define ENVELOPE_RECIPIENTS_MAX ((size_t)1000)

struct envelope {
	const char *sender; /* "" for the null reverse-path */
	const char *const *recipients;
	size_t recipient_count;
	const char *client_name;    /* what it called itself */
	const char *client_address; /* "192.0.2.1" */
	bool tls;
	bool utf8;	/* SMTPUTF8 was asked for */
	bool eight_bit; /* BODY=8BITMIME */
	int64_t received_at;
};

enum status envelope_write(const struct envelope *envelope, struct arena *arena,
			   struct slice *bytes_out) MUST_CHECK;
enum status
envelope_read(struct slice bytes, struct arena *arena, struct envelope *envelope_out) MUST_CHECK;

#endif
