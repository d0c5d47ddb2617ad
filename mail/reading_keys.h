/*
 * What a message brings of its author's keys, in one task: the signature around all
 * of it, the Autocrypt field, files of keys.  Only what belongs to the message itself
 * is seen: what an attached letter holds was brought by nobody.
 *
 * Anybody can write a message: nothing here is believed.
 */
#ifndef MAIL_READING_KEYS_H
#define MAIL_READING_KEYS_H

#include "mail/autocrypt.h"
#include "mail/reader.h"

#define BROUGHT_SIGNATURE_MAX ((size_t)8388608) /* decoded, with its content inside */
#define BROUGHT_SIGNATURE_APART_MAX ((size_t)262144)

enum brought_signature {
	SIGNATURE_NONE,
	SIGNATURE_APART,  /* multipart/signed (RFC 8551 section 3.5.3) */
	SIGNATURE_WITHIN, /* application/pkcs7-mime: the content is inside (section 3.5.2) */
};

struct keys_reading {
	const char *author; /* the one address in From; "" where nothing is anybody's */
	int64_t sent_at;    /* as the message says; 0: not to be read */
	enum brought_signature form;
	struct slice signature; /* decoded, whatever it may be */
	/* What is signed apart, in the bytes of the stored message: the first part with its header
	 * (RFC 1847 section 2.1). */
	uint64_t content_offset;
	uint64_t content_size;
	struct slice autocrypt; /* decoded; empty: none */
	struct slice attached[ATTACHED_KEYS_MAX];
	size_t attached_count;
};

/* Statuses and log as in mail/reading.h; `message` is the stored one, byte by byte. */
enum status reading_keys(struct reader *reader, const char *label, const struct source *message,
			 struct arena *arena, struct keys_reading *keys_out) MUST_CHECK;

/* Take over what a task answered about a message of `size` bytes.  STATUS_INVALID: it makes no
 * sense.  Pure. */
enum status reading_keys_check(struct slice bytes, uint64_t size, struct arena *arena,
			       struct keys_reading *keys_out) MUST_CHECK;

#endif
