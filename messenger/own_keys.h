/*
 * Private keys of the organisation and its people, to sign with.  They are sealed to the
 * gateway when they are taken in: whoever imports, lists or exports them holds no key that
 * opens them again, and the courier alone does.
 *
 * Refuses to know what is signed, and when (messenger/sign.h).
 */
#ifndef MESSENGER_OWN_KEYS_H
#define MESSENGER_OWN_KEYS_H

#include "base/secret.h"
#include "crypto/pair.h"
#include "messenger/finder.h"
#include "store/own_key.h"

#define OWN_KEYS_FILE_MAX CERTIFICATE_FILE_MAX
#define OWN_KEYS_IMPORTS_MAX CERTIFICATE_ADDRESSES_MAX

/* The public half. */
struct own_key {
	struct id id;
	enum key_kind kind;
	const char *address;
	struct slice material;	   /* a certificate in DER, or an OpenPGP key */
	const struct slice *chain; /* of a certificate, DER */
	size_t chain_count;
	struct evidence evidence;
	int64_t added_at;
};

struct own_keys_order {
	struct slice file;
	const char *place;   /* its name */
	const char *address; /* for this one only; NULL: for all of the organisation's own in it */
	const struct secret *passphrase; /* empty: none */
};

/* What became of the key, for one address. */
struct own_keys_import {
	const char *address;
	enum key_kind kind;
	const char *fingerprint;
	const char *reason; /* "" taken; else why not: "wrong-address", "foreign-address",
			       "expired", "not-for-signing", "weak-key", "known" */
	struct id id;	    /* when it is */
};

/* Whether a file is for own_keys_import: it seems to hold a private key. */
bool own_keys_is_private(struct slice file);

/* Take the one private key of a file: PKCS#12, PEM with its certificate, or OpenPGP.
 * STATUS_CONFLICT: for OpenPGP a folder on memory is needed, and keys.runtime_folder is none;
 * STATUS_DENIED: it is sealed under another passphrase; STATUS_NOT_FOUND: no certificate fits the
 * key; STATUS_INVALID: there is no private key in it that can be read. */
enum status own_keys_import(const struct messenger *messenger, const struct own_keys_order *order,
			    int64_t now, struct arena *arena, struct own_keys_import **imports_out,
			    size_t *count_out) MUST_CHECK;

/* By id, behind that one (NULL: from the beginning). */
enum status
own_keys_list(const struct messenger *messenger, const struct id *after, size_t most,
	      struct arena *arena, struct own_key **keys_out, size_t *count_out) MUST_CHECK;
/* STATUS_NOT_FOUND, as below. */
enum status own_keys_read(const struct messenger *messenger, const struct id *id,
			  struct arena *arena, struct own_key *key_out) MUST_CHECK;
enum status own_keys_delete(const struct messenger *messenger, const struct id *id) MUST_CHECK;

/* The newest of an address that holds, with its private half: PKCS#8 of a certificate; of OpenPGP
 * the secret key and its passphrase.  All of it is gone with the arena.  The courier's.
 * STATUS_NOT_FOUND; STATUS_DAMAGED, logged: it does not open. */
struct own_key_open {
	struct own_key key;
	struct secret private;
	struct secret passphrase;
};
enum status own_keys_open(const struct messenger *messenger, struct store *store,
			  const char *address, enum key_kind kind, int64_t now, struct arena *arena,
			  struct own_key_open *open_out) MUST_CHECK;

/* The private half of a row: seal it for row->id (sets key_wrap and private), and the reverse.
 * STATUS_DAMAGED: it was sealed for another row or gateway. */
enum status
own_keys_seal_private(const unsigned char gateway_public[PAIR_PUBLIC_SIZE], struct slice private,
		      struct arena *arena, struct own_key_row *row) MUST_CHECK;
enum status
own_keys_open_private(const struct secret *gateway_private, const struct own_key_row *row,
		      struct secret *private_out) MUST_CHECK;

#endif
