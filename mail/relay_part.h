/*
 * What the pieces of the relay share.  Inside of mail/relay only.
 */
#ifndef MAIL_RELAY_PART_H
#define MAIL_RELAY_PART_H

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "base/secret.h"
#include "base/text.h"
#include "mail/relay.h"
#include "mail/relay_reply.h"

/* What the server offers since its last EHLO. */
struct relay_offers {
	bool pipelining;
	bool eight_bit;
	bool utf8;
	bool size;
	bool dsn;
	bool chunking;
	bool binary;
	unsigned long long size_limit; /* 0: none told */
};

struct relay {
	struct arena *arena; /* of the settings */
	struct relay_settings settings;
	struct secret password; /* NUL-terminated */
	CURL *curl;		/* NULL while not connected */
	bool used;		/* the connection has carried a letter */
	bool clean;		/* it stands between two letters */
	bool elsewhere;		/* see relay_may_go_elsewhere */
	bool unverified;	/* see relay_is_unverified */
	bool unclear;		/* see relay_is_unclear */
	bool proved;
	struct relay_proof proof;
	struct relay_offers offers;
	struct text received;  /* read, not parsed yet */
	unsigned long written; /* Maildir files so far, for names in tmp/ */
};

/* One letter on its way. */
struct relay_sending {
	const struct relay_letter *letter;
	const char *host; /* who is asked */
	bool eight_bit;	  /* anywhere */
	bool utf8_header; /* the header has 8 bits */
	bool handed_over; /* its end was sent: what became of it only the server knows */
	struct arena *arena;
};

/* The result of every recipient that has no outcome of its own yet (status is NULL). */
void relay_settle(struct relay_sending *sending, enum relay_outcome outcome, const char *status,
		  const char *reply);

/* No control, blank, bracket or overlong: fit for a command, a header, a path. */
bool relay_address_is_safe(const char *address);

/* Connection: STATUS_UNAVAILABLE with *reason_out (for the log and the recipients) when it fails.
 */
enum status relay_connect(struct relay *relay, const char **reason_out) MUST_CHECK;
/* What the policy says, told to libcurl; `in_clear`: no TLS this time. */
void relay_set_tls(struct relay *relay, bool in_clear);
/* The last word about a certificate, to OpenSSL; what it was is noted. */
void relay_check_certificate(struct relay *relay, SSL_CTX *context);
/* One of the fingerprints of the settings. */
bool relay_is_known(const struct relay_settings *settings,
		    const unsigned char digest[RELAY_DIGEST_SIZE]);
void relay_disconnect(struct relay *relay);

/* Send all bytes; read one reply.  Each within the time-out; STATUS_UNAVAILABLE when the connection
 * is gone, slow or speaks no SMTP. */
enum status relay_write(struct relay *relay, struct slice bytes) MUST_CHECK;
enum status
relay_read(struct relay *relay, struct arena *arena, struct relay_reply *reply_out) MUST_CHECK;

/* The letter behind an accepted DATA, dots doubled and the end told; or as one BDAT (RFC 3030), its
 * bytes as they are.  The reply is still to be read. */
enum status relay_send_lines(struct relay *relay, struct relay_sending *sending) MUST_CHECK;
enum status relay_send_chunk(struct relay *relay, struct relay_sending *sending) MUST_CHECK;

enum status relay_smtp_send(struct relay *relay, struct relay_sending *sending) MUST_CHECK;
enum status relay_maildir_send(struct relay *relay, struct relay_sending *sending) MUST_CHECK;

#endif
