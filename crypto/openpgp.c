#include "crypto/openpgp_part.h"

#include <stdlib.h>

#include "crypto/openpgp_spawn.h"

const char openpgp_settings[] = "no-greeting\n"
				"no-autostart\n"
				"no-auto-key-locate\n"
				"no-auto-key-retrieve\n"
				"disable-dirmngr\n"
				"no-encrypt-to\n"
				"trust-model always\n"
				"lock-never\n"
				"no-random-seed-file\n"
				"no-comments\n"
				"no-emit-version\n"
				"cipher-algo AES256\n"
				"personal-digest-preferences SHA512 SHA384 SHA256\n"
				"digest-algo SHA512\n";

/* gpg dies without one where it meets a key that is revoked or has expired, and makes none where it
 * trusts all. */
static void
make_trust_database(struct openpgp *openpgp)
{
	char *const arguments[] = {OPENPGP_GPG,	    "--homedir", openpgp->home.path, "--batch",
				   "--trust-model", "pgp",	 "--check-trustdb",  NULL};

	openpgp_run_program(arguments, OPENPGP_LOOK_PATIENCE_MS);
}

enum status
openpgp_open(const char *runtime_folder, struct openpgp **openpgp_out)
{
	struct openpgp *openpgp = calloc(1, sizeof(*openpgp));
	enum status status;

	if (openpgp == NULL)
		abort();
	status = openpgp_home_open(runtime_folder, openpgp_settings, &openpgp->home);
	if (status != STATUS_OK) {
		free(openpgp);
		return status;
	}
	openpgp_idle_init(&openpgp->idle);
	make_trust_database(openpgp);
	*openpgp_out = openpgp;
	return STATUS_OK;
}

void
openpgp_close(struct openpgp *openpgp)
{
	if (openpgp == NULL)
		return;
	openpgp_idle_clear(&openpgp->idle);
	openpgp_home_close(&openpgp->home);
	free(openpgp);
}
