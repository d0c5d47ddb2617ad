/*
 * Throw-away home folders for gpg: 0700, in a runtime folder that nobody else may write to.
 * A home is locked as long as its maker lives, so that whoever opens the next one takes away what
 * killed processes have left.
 */
#ifndef CRYPTO_OPENPGP_HOME_H
#define CRYPTO_OPENPGP_HOME_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

/* Sockets lie in a home, and their names have 107 bytes. */
#define OPENPGP_RUNTIME_MAX ((size_t)64)
#define OPENPGP_HOME_SIZE (OPENPGP_RUNTIME_MAX + 16)

struct openpgp_home {
	char path[OPENPGP_HOME_SIZE]; /* "" while closed */
	int lock;
};

/* Whether what lies in that folder is on memory: an agent keeps the keys that it is given as files.
 */
bool openpgp_home_in_memory(const char *folder);

/* Make one, with `settings` as its gpg.conf.  STATUS_INVALID: the runtime folder's path is not
 * absolute, too long, or has line ends in it; STATUS_UNAVAILABLE, logged: it cannot be written. */
enum status openpgp_home_open(const char *runtime_folder, const char *settings,
			      struct openpgp_home *home_out) MUST_CHECK;

/* Take it away with all that is in it; closed ones are fine. */
void openpgp_home_close(struct openpgp_home *home);

/* A new file of a name of its own in the home, 0600.  `path` holds OPENPGP_HOME_SIZE + 16. */
enum status openpgp_home_put(const struct openpgp_home *home, struct slice bytes,
			     char path[OPENPGP_HOME_SIZE + 16]) MUST_CHECK;

#endif
