/*
 * One operation of gpg as a child process, through GPGME, that is given up when nothing moves for
 * long.  For crypto/openpgp*.c only.
 */
#ifndef CRYPTO_OPENPGP_RUN_H
#define CRYPTO_OPENPGP_RUN_H

#include <gpgme.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

#define OPENPGP_GPG "/usr/bin/gpg"
#define OPENPGP_WATCHES_MAX 16

struct openpgp_watch {
	bool used;
	int fd;
	short events;
	gpgme_io_cb_t call;
	void *data;
};

#define OPENPGP_IDLE_MAX 4

/* Contexts of one home that wait for their next operation: to make one, gpg is started to ask for
 * its version, which takes as long as a small message. */
struct openpgp_idle {
	pthread_mutex_t mutex;
	gpgme_ctx_t contexts[OPENPGP_IDLE_MAX];
	size_t count;
};

void openpgp_idle_init(struct openpgp_idle *idle);
void openpgp_idle_clear(struct openpgp_idle *idle);

struct openpgp_run {
	gpgme_ctx_t context;
	struct openpgp_idle *idle; /* where the context goes when it has done */
	struct openpgp_watch watches[OPENPGP_WATCHES_MAX];
	bool done;
	gpgme_error_t error; /* of the operation, once done */
	/* Is handed each key that is listed, and owns it; NULL: they are let go. */
	void (*take_key)(void *taker, gpgme_key_t key);
	void *taker;
};

/* A context for the home folder.  STATUS_UNAVAILABLE, logged: there is no usable gpg. */
enum status
openpgp_run_open(struct openpgp_idle *idle, const char *home, struct openpgp_run *run) MUST_CHECK;

/* Wait for the end of what was started in the context.  STATUS_OK: it ended, run->error says how.
 * STATUS_UNAVAILABLE, logged: nothing moved for `patience_ms`, and it was given up.  GPGME does not
 * tell which process it started: a gpg that was given up finds its pipes closed when it next reads
 * or writes, and until then goes on computing.  The bounds of crypto/openpgp_packet.h limit what it
 * can be given to compute with. */
enum status openpgp_run_wait(struct openpgp_run *run, int patience_ms) MUST_CHECK;

void openpgp_run_close(struct openpgp_run *run);

#endif
