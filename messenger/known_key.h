/*
 * Keys of people as rows: sealed, found by keyed hashes of address and fingerprint.
 */
#ifndef MESSENGER_KNOWN_KEY_H
#define MESSENGER_KNOWN_KEY_H

#include "keys/belief.h"
#include "messenger/evidence.h"
#include "messenger/messenger.h"
#include "store/key.h"

#define KNOWN_KEYS_MAX ((size_t)32) /* of one address */
/* Of these, of each kind and standing, so many that were brought by mail. */
#define KNOWN_KEYS_BROUGHT_MAX ((size_t)8)

struct known_key {
	struct id id;
	enum key_kind kind;
	enum key_standing standing;
	enum origin origin;
	const char *address;
	struct slice material;	   /* a certificate in DER, or OpenPGP keys */
	const struct slice *chain; /* of a certificate, DER */
	size_t chain_count;
	struct evidence evidence; /* without a method */
	bool oaep;		  /* what its owner's program said that it reads */
	bool gcm;
	bool vouched;	    /* nobody else has to vouch for it: its domain does */
	const char *reason; /* why it is in review, "" otherwise */
	int64_t found_at;
	int64_t seen_at;
};

/* Note a key that was found for an address: as found when `answer` believes it, in review
 * otherwise.  `standing` KEY_ACCEPTED is the administrator's word.  What mail brought takes the
 * place of nothing that counts for more (store/key.h), and of much of it only the last stays. Fills
 * *id_out. */
struct known_key_found {
	const char *address;
	enum origin origin;
	const char *place;
	enum key_kind kind;
	bool vouched;
	enum key_standing standing; /* KEY_FOUND or KEY_ACCEPTED, when it is believed */
	const struct belief_answer *answer;
	/* What its owner signed: what they can read, and when; NULL and 0: nothing, now. */
	const struct capabilities *told;
	int64_t said_at;
};
enum status known_key_note(const struct messenger *messenger, struct store *store,
			   const struct known_key_found *found, int64_t now, struct arena *arena,
			   struct id *id_out) MUST_CHECK;

/* Open a row.  STATUS_DAMAGED: it does not open, or holds something else. */
enum status known_key_open(const struct messenger *messenger, const struct key_row *row,
			   struct arena *arena, struct known_key *key_out) MUST_CHECK;

/* Those of an address, accepted ones first; what does not open is left out. */
enum status
known_keys_of(const struct messenger *messenger, struct store *store, const char *address,
	      struct arena *arena, struct known_key **keys_out, size_t *count_out) MUST_CHECK;

/* Forget keys, answers of searches and lists of revoked certificates that were of no use for long.
 */
enum status known_keys_sweep(struct store *store, int64_t now) MUST_CHECK;

/* What the sealed values of a search belong to: the beginning of its address's index. */
struct id known_key_search_id(struct slice address_index);

/* The index by which a fingerprint is found. */
struct slice known_key_print_index(const struct messenger *messenger, const char *fingerprint,
				   struct arena *arena);

/* A certificate or OpenPGP keys, and of a certificate the chain, as one value of a row: each behind
 * its length in four bytes. */
struct slice
known_key_join(struct slice material, const struct slice *chain, size_t count, struct arena *arena);
/* False when it is none. */
bool known_key_split(struct slice joined, struct arena *arena, struct slice *material_out,
		     const struct slice **chain_out, size_t *count_out) MUST_CHECK;

#endif
