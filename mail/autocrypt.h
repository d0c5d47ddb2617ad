/*
 * Keys that come along with a message: the Autocrypt field of its header (Autocrypt Level 1,
 * section 2.1), and files of keys.  Read here, believed elsewhere: anybody can write either, so
 * they count for no more than the message they came in.
 */
#ifndef MAIL_AUTOCRYPT_H
#define MAIL_AUTOCRYPT_H

#include <stdbool.h>

#include "mail/header.h"
#include "mail/manifest.h"

#define AUTOCRYPT_FIELD_MAX ((size_t)10240)
#define ATTACHED_KEYS_MAX ((size_t)4)
#define ATTACHED_KEY_SIZE_MAX ((uint64_t)262144) /* decoded */

/* Whether a message with this header may bring keys of its author: an Autocrypt field, a signature
 * around it, or a key that is all of it.  Cheap, and wrong now and then. */
bool header_brings_keys(const struct header_block *block);

/* The one address in From; NULL when there are several, or none that is an address. */
const char *header_author(const struct header_block *block, struct arena *arena);

struct autocrypt {
	const char *address; /* of From */
	bool mutual;	     /* prefer-encrypt=mutual */
	struct slice key;    /* binary, whatever it may be */
};

/* The one field that is valid and speaks of the one address in From.  STATUS_NOT_FOUND: there is
 * none, or there are several, which is as good as none. */
enum status autocrypt_read(const struct header_block *block, struct arena *arena,
			   struct autocrypt *autocrypt_out) MUST_CHECK;

/* Whether a file of type application/pgp-keys (RFC 3156 section 7) comes with the message itself,
 * not with letters attached to it, that is no longer than ATTACHED_KEY_SIZE_MAX.  Such files are
 * read by mail/reading_keys.h, at most ATTACHED_KEYS_MAX. */
bool brings_attached_keys(const struct manifest *manifest);

#endif
