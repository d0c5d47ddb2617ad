/*
 * Rows of `authority` and `revocation`: who may vouch for certificates, and the lists
 * of those that were taken back.  All of it is public.
 */
#ifndef STORE_AUTHORITY_H
#define STORE_AUTHORITY_H

#include "store/store.h"

struct authority_row {
	struct id id;
	struct slice print; /* SHA-256, 32 bytes */
	struct slice certificate;
	bool root; /* else only a step on the way to one */
	int64_t added_at;
};

/* STATUS_CONFLICT: it is there already. */
enum status authority_put(struct store *store, const struct authority_row *row) MUST_CHECK;
enum status authority_list(struct store *store, size_t most, struct arena *arena,
			   struct authority_row **rows_out, size_t *count_out) MUST_CHECK;
/* A number that is another one whenever some certificate came or went; 0: there is none. */
enum status authority_version(struct store *store, int64_t *version_out) MUST_CHECK;
enum status authority_delete(struct store *store, const struct id *id) MUST_CHECK;

struct revocation_row {
	const char *place; /* an address: http: or ldap: */
	struct slice list; /* empty: none could be had so far */
	int64_t fetched_at;
	int64_t until;
	int64_t tried_at;
	const char *fault; /* of the last try; NULL: it went well */
};

/* Have the list of this place fetched ahead from `next` on; `hash` names it.  Without an issuer's
 * certificate it is kept, but fetched by nobody. */
enum status revocation_want(struct store *store, struct slice hash, const char *place,
			    struct slice issuer, int64_t next, int64_t now) MUST_CHECK;
enum status revocation_read(struct store *store, struct slice hash, struct arena *arena,
			    struct revocation_row *row_out) MUST_CHECK;

struct revocation_task {
	struct slice hash;
	const char *place;
	struct slice issuer;
};
/* Take those that are due and were of use since `used`; they are due again at `next`. */
enum status revocation_claim(struct store *store, int64_t now, int64_t next, int64_t used,
			     size_t most, struct arena *arena, struct revocation_task **tasks_out,
			     size_t *count_out) MUST_CHECK;
enum status revocation_store(struct store *store, struct slice hash, struct slice list, int64_t now,
			     int64_t until, int64_t next) MUST_CHECK;
/* A try at `now` came to nothing: who looks for a place notices, and does not try at once again. */
enum status revocation_fail(struct store *store, struct slice hash, const char *fault, int64_t now,
			    int64_t next) MUST_CHECK;
enum status revocation_sweep(struct store *store, int64_t before, size_t most) MUST_CHECK;

#endif
