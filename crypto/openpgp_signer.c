#include "crypto/openpgp_part.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/openpgp_spawn.h"

#define AGENT "/usr/bin/gpg-agent"
#define CONNECT_AGENT "/usr/bin/gpg-connect-agent"
#define GPGCONF "/usr/bin/gpgconf"

/* One byte there and back: the agent listens before it starts the program that answers. */
static bool
echoes(int stream)
{
	struct pollfd ready = {stream, POLLIN, 0};
	unsigned char byte = '.';
	int moved;

	if (send(stream, &byte, 1, MSG_NOSIGNAL) != 1)
		return false;
	do
		moved = poll(&ready, 1, OPENPGP_LOOK_PATIENCE_MS);
	while (moved < 0 && errno == EINTR);
	return moved > 0 && recv(stream, &byte, 1, 0) == 1;
}

/* An agent serves as long as the program lives that it started, and that is `cat`, which lives as
 * long as the other end of its stream is open.  So none is left behind, however we end. */
static bool
start_agent(struct openpgp_signer *signer)
{
	char *const arguments[] = {AGENT,
				   "--homedir",
				   signer->home.path,
				   "--quiet",
				   "--disable-scdaemon",
				   "--daemon",
				   "/usr/bin/cat",
				   NULL};
	int streams[2];
	bool started;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams) != 0) {
		log_error("openpgp-agent", LOG_TEXT("error", strerror(errno)));
		return false;
	}
	started = openpgp_spawn(arguments, streams[1], &signer->agent);
	close(streams[1]);
	signer->lifeline = streams[0];
	if (!started)
		signer->agent = -1;
	if (started && !echoes(streams[0])) {
		log_error("openpgp-agent", LOG_TEXT("error", "it does not start"));
		started = false;
	}
	return started;
}

static void
stop_agent(struct openpgp_signer *signer)
{
	char *const kill_agent[] = {
	    CONNECT_AGENT, "--homedir", signer->home.path, "--quiet", "--no-autostart", "KILLAGENT",
	    "/bye",	   NULL};
	/* Where there is a /run/user, sockets lie there, in a folder named by the home's path. */
	char *const remove_sockets[] = {GPGCONF, "--homedir", signer->home.path,
					"--remove-socketdir", NULL};

	if (signer->agent > 0) {
		openpgp_run_program(kill_agent, OPENPGP_LOOK_PATIENCE_MS);
		openpgp_run_program(remove_sockets, OPENPGP_LOOK_PATIENCE_MS);
	}
	if (signer->lifeline >= 0)
		close(signer->lifeline);
	if (signer->agent > 0)
		openpgp_await(signer->agent, OPENPGP_LOOK_PATIENCE_MS);
}

static gpgme_error_t
give_passphrase(void *hook, const char *hint, const char *info, int was_bad, int fd)
{
	const struct openpgp_signer *signer = hook;

	(void)hint;
	(void)info;
	if (was_bad)
		return gpgme_error(GPG_ERR_BAD_PASSPHRASE);
	if (signer->passphrase.size > 0 &&
	    gpgme_io_writen(fd, signer->passphrase.data, signer->passphrase.size) != 0)
		return gpgme_error_from_errno(errno);
	return gpgme_io_writen(fd, "\n", 1) == 0 ? 0 : gpgme_error_from_errno(errno);
}

enum status
openpgp_signer_join(struct openpgp_signer *signer, gpgme_ctx_t context)
{
	gpgme_error_t error = gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_LOOPBACK);

	gpgme_set_passphrase_cb(context, give_passphrase, signer);
	if (error == 0 && signer->key != NULL)
		error = gpgme_signers_add(context, signer->key);
	if (error == 0)
		return STATUS_OK;
	log_error("openpgp-signer", LOG_TEXT("error", gpgme_strerror(error)));
	return STATUS_UNAVAILABLE;
}

/* Take the key into the home's keyring and to its agent. */
static enum status
import(struct openpgp_signer *signer, struct openpgp_run *run, struct slice secret_key)
{
	gpgme_import_result_t result;
	gpgme_data_t data = NULL;
	gpgme_error_t error;
	enum status status = STATUS_UNAVAILABLE;

	error = gpgme_data_new_from_mem(&data, (const char *)secret_key.data, secret_key.size, 0);
	/* What GPGME copies on the way to gpg it wipes. */
	if (error == 0)
		error = gpgme_data_set_flag(data, "sensitive", "1");
	if (error == 0)
		error = gpgme_op_import_start(run->context, data);
	if (error == 0)
		status = openpgp_run_wait(run, OPENPGP_LOOK_PATIENCE_MS);
	gpgme_data_release(data);
	if (status != STATUS_OK)
		return status;
	result = gpgme_op_import_result(run->context);
	if (run->error != 0 || result == NULL || result->imports == NULL ||
	    result->secret_read == 0)
		return STATUS_INVALID;
	error = gpgme_get_key(run->context, result->imports->fpr, &signer->key, 1);
	if (error != 0 || !signer->key->can_sign || signer->key->subkeys->fpr == NULL)
		return STATUS_INVALID;
	(void)snprintf(signer->fingerprint, sizeof(signer->fingerprint), "%s",
		       signer->key->subkeys->fpr);
	return STATUS_OK;
}

/* Sign nothing, so that a wrong passphrase is found now and not with the first message. */
static enum status
try_to_sign(struct openpgp_signer *signer)
{
	struct openpgp_run run = {0};
	gpgme_data_t plain = NULL;
	gpgme_data_t signature = NULL;
	gpgme_error_t error;
	enum status status = openpgp_run_open(&signer->idle, signer->home.path, &run);

	if (status == STATUS_OK)
		status = openpgp_signer_join(signer, run.context);
	if (status != STATUS_OK) {
		openpgp_run_close(&run);
		return status;
	}
	error = gpgme_data_new(&plain);
	if (error == 0)
		error = gpgme_data_new(&signature);
	if (error == 0)
		error = gpgme_op_sign_start(run.context, plain, signature, GPGME_SIG_MODE_DETACH);
	status = error == 0 ? openpgp_run_wait(&run, OPENPGP_LOOK_PATIENCE_MS) : STATUS_UNAVAILABLE;
	/* An empty passphrase is none, to gpg. */
	if (status == STATUS_OK && run.error != 0)
		status = gpgme_err_code(run.error) == GPG_ERR_BAD_PASSPHRASE ||
				 gpgme_err_code(run.error) == GPG_ERR_NO_PASSPHRASE
			     ? STATUS_DENIED
			     : STATUS_INVALID;
	openpgp_run_close(&run);
	gpgme_data_release(plain);
	gpgme_data_release(signature);
	return status;
}

/* One secret key of a version that gpg knows. */
static enum status
check_secret_key(struct slice secret_key)
{
	struct arena *arena = arena_new();
	struct openpgp_block *blocks;
	size_t count;
	enum status status = openpgp_read_blocks(secret_key, arena, &blocks, &count);

	if (status == STATUS_NOT_FOUND ||
	    (status == STATUS_OK &&
	     (count != 1 || !blocks[0].secret || blocks[0].components[0].version != 4)))
		status = STATUS_INVALID;
	arena_free(arena);
	return status;
}

static enum status
fill(struct openpgp_signer *signer, struct slice secret_key)
{
	struct openpgp_run run = {0};
	enum status status;

	if (!start_agent(signer))
		return STATUS_UNAVAILABLE;
	status = openpgp_run_open(&signer->idle, signer->home.path, &run);
	if (status == STATUS_OK)
		status = openpgp_signer_join(signer, run.context);
	if (status == STATUS_OK)
		status = import(signer, &run, secret_key);
	openpgp_run_close(&run);
	return status == STATUS_OK ? try_to_sign(signer) : status;
}

enum status
openpgp_signer_open(const char *runtime_folder, struct slice secret_key, struct slice passphrase,
		    struct openpgp_signer **signer_out)
{
	struct openpgp_signer *signer;
	enum status status = check_secret_key(secret_key);

	if (status != STATUS_OK)
		return status;
	signer = calloc(1, sizeof(*signer));
	if (signer == NULL)
		abort();
	signer->agent = -1;
	signer->lifeline = -1;
	openpgp_idle_init(&signer->idle);
	secret_copy(&signer->passphrase, passphrase);
	status = openpgp_home_open(runtime_folder, openpgp_settings, &signer->home);
	if (status == STATUS_OK)
		status = fill(signer, secret_key);
	if (status != STATUS_OK) {
		openpgp_signer_close(signer);
		return status;
	}
	*signer_out = signer;
	return STATUS_OK;
}

void
openpgp_signer_close(struct openpgp_signer *signer)
{
	if (signer == NULL)
		return;
	if (signer->key != NULL)
		gpgme_key_unref(signer->key);
	openpgp_idle_clear(&signer->idle);
	stop_agent(signer);
	openpgp_home_close(&signer->home);
	secret_clear(&signer->passphrase);
	free(signer);
}

const char *
openpgp_signer_fingerprint(const struct openpgp_signer *signer)
{
	return signer->fingerprint;
}

enum status
openpgp_signer_public(struct openpgp_signer *signer, struct arena *arena, struct slice *public_out)
{
	struct openpgp_run run = {0};
	gpgme_data_t data = NULL;
	gpgme_error_t error;
	enum status status = openpgp_run_open(&signer->idle, signer->home.path, &run);
	size_t size = 0;
	char *bytes;

	if (status != STATUS_OK) {
		openpgp_run_close(&run);
		return status;
	}
	gpgme_set_armor(run.context, 1);
	error = gpgme_data_new(&data);
	if (error == 0)
		error = gpgme_op_export_start(run.context, signer->fingerprint, 0, data);
	status = error == 0 ? openpgp_run_wait(&run, OPENPGP_LOOK_PATIENCE_MS) : STATUS_UNAVAILABLE;
	if (status == STATUS_OK && run.error != 0)
		status = STATUS_INVALID;
	openpgp_run_close(&run);
	bytes = data == NULL ? NULL : gpgme_data_release_and_get_mem(data, &size);
	if (status == STATUS_OK && (bytes == NULL || size == 0))
		status = STATUS_INVALID;
	if (status == STATUS_OK && size > OPENPGP_MATERIAL_MAX)
		status = STATUS_TOO_LARGE;
	if (status == STATUS_OK)
		*public_out = arena_copy(arena, slice_of((const unsigned char *)bytes, size));
	gpgme_free(bytes);
	return status;
}
