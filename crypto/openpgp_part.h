/*
 * What the pieces of crypto/openpgp share.  Inside of crypto/openpgp*.c only.
 */
#ifndef CRYPTO_OPENPGP_PART_H
#define CRYPTO_OPENPGP_PART_H

#include <sys/types.h>

#include "base/encode.h"
#include "base/secret.h"
#include "crypto/openpgp.h"
#include "crypto/openpgp_home.h"
#include "crypto/openpgp_run.h"

/* For looking at bounded material; for each step of a message; for what an agent computes. */
#define OPENPGP_LOOK_PATIENCE_MS 10000
#define OPENPGP_STREAM_PATIENCE_MS 60000

struct openpgp {
	struct openpgp_home home;
	struct openpgp_idle idle;
};

struct openpgp_signer {
	struct openpgp_home home;
	struct openpgp_idle idle;
	struct secret passphrase;
	pid_t agent; /* what holds the agent: it ends with `lifeline`; -1: none */
	int lifeline;
	gpgme_key_t key;
	char fingerprint[HEX_LENGTH(SHA1_SIZE) + 1];
};

/* The gpg.conf of every home: nothing is asked, started, fetched, locked or told beside the
 * message.  AES-256 whatever the key prefers: all programs of the last twenty years read it, while
 * a key that names no AES would get 3DES, whose blocks are too short for a large message. */
extern const char openpgp_settings[];

/* The two steps of openpgp_look for one key.  First what its packets tell, which starts no gpg:
 * user ids, which nobody has verified. */
void openpgp_look_at(const struct openpgp_block *block, struct arena *arena,
		     struct openpgp_key *key_out);
/* Then what gpg makes of it.  STATUS_OK also where it can not read it, or is not shown it. */
enum status
openpgp_ask(struct openpgp *openpgp, struct arena *arena, struct openpgp_key *key) MUST_CHECK;

/* Use the signer in the context. */
enum status openpgp_signer_join(struct openpgp_signer *signer, gpgme_ctx_t context) MUST_CHECK;

#endif
