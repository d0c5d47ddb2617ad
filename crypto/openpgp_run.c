#include "crypto/openpgp_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "base/log.h"

#define PIPE_ROOM 262144

static pthread_once_t once = PTHREAD_ONCE_INIT;
static gpgme_error_t prepared;

static void
prepare(void)
{
	(void)gpgme_check_version(NULL);
	/* Here, once: each change in a context starts gpg to ask for its version. */
	prepared = gpgme_set_engine_info(GPGME_PROTOCOL_OpenPGP, OPENPGP_GPG, NULL);
	if (prepared == 0)
		prepared = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
}

static gpgme_error_t
add_watch(void *data, int fd, int dir, gpgme_io_cb_t call, void *call_data, void **tag)
{
	struct openpgp_run *run = data;

	for (int at = 0; at < OPENPGP_WATCHES_MAX; at++) {
		struct openpgp_watch *watch = &run->watches[at];

		if (watch->used)
			continue;
		*watch = (struct openpgp_watch){
		    .used = true,
		    .fd = fd,
		    /* GPGME: 1 is for reading. */
		    .events = dir == 1 ? POLLIN : POLLOUT,
		    .call = call,
		    .data = call_data,
		};
		/* gpg writes by 8 KiB: with more room we take turns less often.  As it is where
		 * the system gives no more. */
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_ROOM);
		*tag = watch;
		return 0;
	}
	return gpgme_error(GPG_ERR_TOO_MANY);
}

static void
remove_watch(void *tag)
{
	struct openpgp_watch *watch = tag;

	watch->used = false;
}

static void
on_event(void *data, gpgme_event_io_t type, void *type_data)
{
	struct openpgp_run *run = data;

	if (type == GPGME_EVENT_NEXT_KEY) {
		if (run->take_key != NULL)
			run->take_key(run->taker, type_data);
		else
			gpgme_key_unref(type_data);
	} else if (type == GPGME_EVENT_DONE) {
		const struct gpgme_io_event_done_data *result = type_data;

		run->done = true;
		run->error = result->err != 0 ? result->err : result->op_err;
	}
}

void
openpgp_idle_init(struct openpgp_idle *idle)
{
	pthread_mutex_init(&idle->mutex, NULL);
	idle->count = 0;
}

void
openpgp_idle_clear(struct openpgp_idle *idle)
{
	while (idle->count > 0)
		gpgme_release(idle->contexts[--idle->count]);
	pthread_mutex_destroy(&idle->mutex);
}

static gpgme_ctx_t
take_idle(struct openpgp_idle *idle)
{
	gpgme_ctx_t context = NULL;

	pthread_mutex_lock(&idle->mutex);
	if (idle->count > 0)
		context = idle->contexts[--idle->count];
	pthread_mutex_unlock(&idle->mutex);
	return context;
}

/* False when there are enough. */
static bool
put_idle(struct openpgp_idle *idle, gpgme_ctx_t context)
{
	bool put;

	pthread_mutex_lock(&idle->mutex);
	put = idle->count < OPENPGP_IDLE_MAX;
	if (put)
		idle->contexts[idle->count++] = context;
	pthread_mutex_unlock(&idle->mutex);
	return put;
}

static gpgme_error_t
make_context(const char *home, gpgme_ctx_t *context_out)
{
	gpgme_error_t error;

	pthread_once(&once, prepare);
	error = prepared;
	if (error == 0)
		error = gpgme_new(context_out);
	if (error == 0)
		error = gpgme_ctx_set_engine_info(*context_out, GPGME_PROTOCOL_OpenPGP, NULL, home);
	return error;
}

enum status
openpgp_run_open(struct openpgp_idle *idle, const char *home, struct openpgp_run *run)
{
	struct gpgme_io_cbs calls = {add_watch, run, remove_watch, on_event, run};
	gpgme_error_t error = 0;

	memset(run, 0, sizeof(*run));
	run->idle = idle;
	run->context = take_idle(idle);
	if (run->context == NULL)
		error = make_context(home, &run->context);
	if (error != 0) {
		log_error("openpgp-engine", LOG_TEXT("error", gpgme_strerror(error)));
		openpgp_run_close(run);
		return STATUS_UNAVAILABLE;
	}
	gpgme_set_io_cbs(run->context, &calls);
	return STATUS_OK;
}

/* Serve what is ready; false when nothing was in time. */
static bool
serve(struct openpgp_run *run, int patience_ms)
{
	struct pollfd ready[OPENPGP_WATCHES_MAX];
	struct openpgp_watch *watches[OPENPGP_WATCHES_MAX];
	nfds_t count = 0;
	int moved;

	for (int at = 0; at < OPENPGP_WATCHES_MAX; at++) {
		if (!run->watches[at].used)
			continue;
		watches[count] = &run->watches[at];
		ready[count++] = (struct pollfd){run->watches[at].fd, run->watches[at].events, 0};
	}
	if (count == 0)
		return false;
	do
		moved = poll(ready, count, patience_ms);
	while (moved < 0 && errno == EINTR);
	for (nfds_t at = 0; moved > 0 && at < count; at++) {
		/* One that was called before it may have let it go, or put another in its place. */
		if (ready[at].revents != 0 && watches[at]->used && watches[at]->fd == ready[at].fd)
			(void)watches[at]->call(watches[at]->data, ready[at].fd);
	}
	return moved > 0;
}

enum status
openpgp_run_wait(struct openpgp_run *run, int patience_ms)
{
	while (!run->done) {
		if (serve(run, patience_ms))
			continue;
		log_warning("openpgp-timeout", LOG_NUMBER("patience_ms", patience_ms));
		(void)gpgme_cancel(run->context);
		return STATUS_UNAVAILABLE;
	}
	return STATUS_OK;
}

/* Only what ended well is used again. */
void
openpgp_run_close(struct openpgp_run *run)
{
	if (run->context == NULL)
		return;
	gpgme_signers_clear(run->context);
	gpgme_set_passphrase_cb(run->context, NULL, NULL);
	if (!run->done || run->error != 0 || !put_idle(run->idle, run->context))
		gpgme_release(run->context);
	run->context = NULL;
}
