/*
 * The key files: one per program, text, mode 0600, each with just what that
 * program may hold (see docs/cryptography.md).
 *
 *	postern-keys 1
 *	role courier
 *	gateway-public <64 hex digits>
 *	...
 */
#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/secret.h"
#include "base/status.h"
#include "crypto/pair.h"

enum keyfile_role { KEYFILE_INGEST = 1, KEYFILE_COURIER, KEYFILE_PORTAL };

#define KEYFILE_SIZE_MAX ((size_t)4096)

/* ingest: gateway_public.  courier: gateway_public, gateway_private, link_key,
 * display_key.  portal: gateway_public, pepper, display_key.  What a role does
 * not have stays empty. */
struct keys {
	enum keyfile_role role;
	unsigned char gateway_public[PAIR_PUBLIC_SIZE];
	struct secret gateway_private;
	struct secret link_key;
	struct secret pepper;
	struct secret display_key;
};

/* Make all keys and write ingest.keys, courier.keys and portal.keys into the
 * folder (created 0700 when missing), each 0600, fsynced.  STATUS_CONFLICT, and
 * nothing is touched, when one of them is there already. */
enum status keyfile_create(const char *folder) MUST_CHECK;

/* Read a key file's text: STATUS_INVALID unless it holds each line of that role
 * once, in any order, nothing else, and a private half that fits the public one. */
enum status
keyfile_parse(struct slice text, enum keyfile_role role, struct keys *keys_out) MUST_CHECK;

/* Read one file.  STATUS_DENIED when group or world have any right to it (0440
 * root:root, which is how a systemd credential shows, is fine) or we have none;
 * STATUS_INVALID when it is not a key file of that role; STATUS_NOT_FOUND when
 * it is not there. */
enum status
keyfile_load(const char *path, enum keyfile_role role, struct keys *keys_out) MUST_CHECK;

/* Public parts and fingerprints only, for `ctl keys show`. */
void keyfile_print(const struct keys *keys, FILE *out);

void keys_clear(struct keys *keys);

#endif
