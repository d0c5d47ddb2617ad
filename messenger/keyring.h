/*
 * What the administrator does with keys of people outside, and with who may vouch for
 * them.
 */
#ifndef MESSENGER_KEYRING_H
#define MESSENGER_KEYRING_H

#include "messenger/finder.h"

#define KEYRING_FILE_MAX CERTIFICATE_FILE_MAX

/* What became of one key of a file, for one address. */
struct keyring_import {
	const char *address; /* "" when there was none to try */
	enum key_kind kind;
	const char *fingerprint;
	const char *reason; /* why it is in review, or is not kept; "" otherwise */
	bool kept;
	/* When it is. */
	struct id id;
	enum key_standing standing;
};

struct keyring_order {
	struct slice file;
	const char *place;   /* its name */
	const char *address; /* for this one only; NULL: for all that stand in the keys */
	bool accept;
};

/* Take the keys of a file: certificates (DER, PEM, PKCS#7) or OpenPGP (binary, armoured).
 * STATUS_INVALID: there is none in it; STATUS_TOO_LARGE. */
enum status keyring_import(const struct messenger *messenger, const struct keyring_order *order,
			   int64_t now, struct arena *arena, struct keyring_import **imports_out,
			   size_t *count_out) MUST_CHECK;

/* Keys behind `after` (NULL: from the beginning), oldest first; only those in review when asked
 * for. */
enum status keyring_list(const struct messenger *messenger, bool review,
			 const struct known_key *after, size_t most, struct arena *arena,
			 struct known_key **keys_out, size_t *count_out) MUST_CHECK;
/* The oldest of one address. */
enum status
keyring_list_of(const struct messenger *messenger, const char *address, bool review, size_t most,
		struct arena *arena, struct known_key **keys_out, size_t *count_out) MUST_CHECK;
/* STATUS_NOT_FOUND, as below. */
enum status keyring_read(const struct messenger *messenger, const struct id *id,
			 struct arena *arena, struct known_key *key_out) MUST_CHECK;

/* STATUS_DENIED: it is in review for something that nobody's word changes. */
enum status keyring_accept(const struct messenger *messenger, const struct id *id) MUST_CHECK;
enum status keyring_ban(const struct messenger *messenger, const struct id *id) MUST_CHECK;
enum status keyring_delete(const struct messenger *messenger, const struct id *id) MUST_CHECK;

/* Have the courier look for an address, by a question that it finds in the database. *answered_out:
 * it has, and *said_out tells what each source said; ask again otherwise. */
enum status keyring_ask(const struct messenger *messenger, const char *address, bool anew,
			int64_t now) MUST_CHECK;
enum status
keyring_answer(const struct messenger *messenger, const char *address, struct arena *arena,
	       bool *answered_out, const char **said_out) MUST_CHECK;

struct keyring_authority {
	struct id id;
	struct certificate certificate;
	bool root;
	int64_t added_at;
};
/* Certificates of authorities in a file; those that are signed by themselves are roots.
 * *count_out: how many were new.  STATUS_INVALID: there is none in it, or something that is none.
 */
enum status keyring_add_authorities(const struct messenger *messenger, struct slice file,
				    int64_t now, struct arena *arena, size_t *count_out) MUST_CHECK;
enum status
keyring_authorities(const struct messenger *messenger, struct arena *arena,
		    struct keyring_authority **authorities_out, size_t *count_out) MUST_CHECK;
enum status
keyring_delete_authority(const struct messenger *messenger, const struct id *id) MUST_CHECK;

#endif
