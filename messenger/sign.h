/*
 * Whose own key signs a message that leaves encrypted: decided when it is routed, and
 * noted with its evidence; the key is opened when it leaves.  A message without a key to
 * sign with goes unsigned, and its evidence says so.
 *
 * Refuses to know how it is signed (messenger/protect.h).
 */
#ifndef MESSENGER_SIGN_H
#define MESSENGER_SIGN_H

#include "messenger/own_keys.h"
#include "store/delivery.h"

/* As whom: an address, "" for nobody.  `from` is what readers see, `sender` who sent it: somebody's
 * own key signs only what names them as both. */
enum status sign_choose(const struct messenger *messenger, struct store *store, const char *from,
			const char *sender, enum key_kind kind, int64_t now, struct arena *arena,
			const char **signer_out) MUST_CHECK;

/* The key for what was decided.  *open_out is empty (its private half has no bytes) where nobody
 * signs; the evidence is corrected where that was meant otherwise. */
enum status sign_open(const struct messenger *messenger, struct store *store,
		      const struct delivery_row *delivery, enum key_kind kind, int64_t now,
		      struct arena *arena, struct own_key_open *open_out) MUST_CHECK;

/* Correct the evidence: it leaves unsigned, for that reason. */
enum status
sign_not(const struct messenger *messenger, struct store *store,
	 const struct delivery_row *delivery, const char *reason, struct arena *arena) MUST_CHECK;

#endif
