/*
 * Letters out: to a smarthost by SMTP (libcurl opens, this speaks), or into a
 * Maildir for demonstrations and tests.  One result per recipient.
 *
 * Letters leave as they are: a letter with a bare CR or LF is refused (5.6.0), since
 * the next server could see another end of it.  8-bit letters are announced by
 * BODY=8BITMIME where that is offered and sent all the same where it is not.
 * An address beyond ASCII is refused (5.6.7) where SMTPUTF8 is not offered, and so is a letter
 * whose headers need it.  A binary letter goes by BDAT where CHUNKING and BINARYMIME are offered
 * and is refused (5.6.3) where they are not (RFC 3030 section 3).
 *
 * A Maildir lies below settings->maildir for each recipient, in a folder named by
 * the address ("/", controls and a leading dot become "_").  The file is named by the
 * letter; two lines come before its bytes, "Return-Path: <sender>" and
 * "Delivered-To: recipient", and line ends stay CRLF.
 *
 * A relay belongs to one thread at a time.  The process ignores SIGPIPE.
 */
#ifndef MAIL_RELAY_H
#define MAIL_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/encode.h"
#include "base/stream.h"

#define RELAY_DIGEST_SIZE ((size_t)32) /* SHA-256 */

/* MAY takes TLS where it is offered, whoever answers, and connects anew in clear where the
 * handshake fails; ENCRYPT demands TLS; VERIFY also a certificate of that host; FINGERPRINT one
 * that is known, whoever signed it and whatever its dates say; DANE one that fits a TLSA record.
 * With a user, MAY is ENCRYPT: a password leaves in clear only where NEVER says so. */
enum relay_tls {
	RELAY_TLS_NEVER,
	RELAY_TLS_MAY,
	RELAY_TLS_ENCRYPT,
	RELAY_TLS_VERIFY,
	RELAY_TLS_FINGERPRINT,
	RELAY_TLS_DANE,
};

/* A TLSA record of usage 2 (an authority) or 3 (the certificate itself), see RFC 6698. */
struct relay_tlsa {
	unsigned char usage;
	unsigned char selector;
	unsigned char matching;
	struct slice data;
};

struct relay_settings {
	const char *maildir; /* not empty: letters go to files below this folder, nothing is sent */
	const char *host;    /* a name, or an address without brackets */
	unsigned port;
	bool implicit_tls;
	enum relay_tls tls;
	const char *ca_file; /* for VERIFY; "" for the system's */
	const char *name;    /* for VERIFY, what the certificate must be for; "" for the host */
	/* For FINGERPRINT: SHA-256 of the certificate or of its public key (SubjectPublicKeyInfo),
	 * in hexadecimal, with or without colons. */
	const char *const *fingerprints;
	size_t fingerprint_count;
	/* For DANE; usage 2 asks for a certificate of `name` or of `next_hop`, the domain of the
	 * recipients (RFC 7672 section 3.2.2); usage 3 for no name at all. */
	const struct relay_tlsa *records;
	size_t record_count;
	const char *next_hop;
	const char *user; /* AUTH when not empty */
	const char *password_file;
	const char *helo_name;
	unsigned timeout_seconds; /* for the connection and for each reply */
};

/* Whether that is 32 bytes in hexadecimal. */
bool relay_is_fingerprint(const char *text);

/* WAITING: nobody was asked, since the destination is busy or left alone (relay_pool.h). */
enum relay_outcome { RELAY_SENT, RELAY_LATER, RELAY_REFUSED, RELAY_WAITING };

/* What is to be reported to the sender (RFC 3461 section 4.1). */
enum relay_notify {
	RELAY_NOTIFY_SUCCESS = 1,
	RELAY_NOTIFY_FAILURE = 2,
	RELAY_NOTIFY_DELAY = 4,
	RELAY_NOTIFY_NEVER = 8,
};

/* How much of the letter a report is to hold (section 4.3). */
enum relay_return { RELAY_RETURN_UNSAID, RELAY_RETURN_FULL, RELAY_RETURN_HEADERS };

struct relay_recipient {
	const char *address;
	unsigned notify;	    /* enum relay_notify; 0: unsaid */
	const char *original;	    /* ORCPT as it came; NULL or "": unsaid */
	enum relay_outcome outcome; /* out */
	const char
	    *status;	   /* out: enhanced code, "2.0.0" when the server gave none; in the arena */
	const char *reply; /* out: the server's text, clean, one line; in the arena */
	const char *host;  /* out: the server that gave it; "" for none; in the arena */
	bool told;	   /* out: the server was told what to report, and does it from now on */
};

/* What comes behind the source of a letter and is made while it is sent, such as a message that is
 * encrypted.  Only lines of 7 bits ended by CRLF; each try calls `make` anew. */
struct relay_making {
	enum status (*make)(void *context, const struct sink *sink);
	void *context;
	uint64_t about; /* bytes it will make, a little more rather than less */
};

/* What is to be sent, and to whom. */
struct relay_letter {
	/* A stable name of this letter: a Maildir holds each letter at most once per recipient,
	 * whatever is tried again (letters, digits, "-", "_", "."). */
	const char *id;
	const char *sender; /* "" for the null reverse-path */
	struct relay_recipient *recipients;
	size_t count;
	const struct source *source;
	const struct relay_making *making; /* NULL: the source is all of it */
	bool binary;			   /* BODY=BINARYMIME: line ends may be anything */
	bool utf8;			   /* SMTPUTF8 was asked for: 8-bit headers need it */
	enum relay_return returns;	   /* handed on where DSN is offered */
	const char *envelope_id;	   /* the same: ENVID as it came; NULL or "": unsaid */
};

struct relay;

/* Nothing is connected yet.  The settings are copied; STATUS_INVALID when they make no sense or the
 * password file cannot be read. */
enum status relay_open(const struct relay_settings *settings, struct relay **relay_out) MUST_CHECK;
/* Says QUIT, without waiting for an answer. */
void relay_close(struct relay *relay);

/* Send one letter.  STATUS_OK: every recipient has its outcome.  STATUS_INVALID: the letter's id is
 * none.  STATUS_UNAVAILABLE: the relay could not be reached or broke off before the final reply,
 * all recipients RELAY_LATER; so it is with any other status, which the letter's source gave.  The
 * connection is kept for the next letter. */
enum status
relay_send(struct relay *relay, const struct relay_letter *letter, struct arena *arena) MUST_CHECK;

/* Whether the last letter certainly got nowhere and says nothing of it: another server may be asked
 * at once. */
bool relay_may_go_elsewhere(const struct relay *relay);
/* Whether there is a connection that can be used again. */
bool relay_is_connected(const struct relay *relay);

/* What the last connection has shown, where the certificate was checked. */
struct relay_proof {
	const char *way;      /* "pkix", "fingerprint", "dane-ta", "dane-ee" */
	const char *protocol; /* "TLSv1.3" */
	const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
	/* SHA-256 of the certificate, in hexadecimal. */
	char fingerprint[HEX_LENGTH(RELAY_DIGEST_SIZE) + 1];
};
/* NULL: it was not checked, or did not pass. */
const struct relay_proof *relay_proof(const struct relay *relay);

/* Whether the last letter did not leave because TLS was not to be had as it is demanded; the
 * server was told nothing.  Not so where STARTTLS was put off only (4xx). */
bool relay_is_unverified(const struct relay *relay);
/* Whether the end of the last letter was told and no answer came: the server may have it. */
bool relay_is_unclear(const struct relay *relay);

#endif
