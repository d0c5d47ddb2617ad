#include "crypto/openpgp_part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define PIECE ((size_t)16384)
#define LAST_LINE "-----END PGP MESSAGE-----\n"
#define LAST_LINE_SIZE (sizeof(LAST_LINE) - 1)

/* One message on its way through gpg. */
struct flow {
	const struct source *plain;
	uint64_t position;
	const struct sink *sink;
	enum status status;	   /* of source or sink: why it was broken off */
	char tail[LAST_LINE_SIZE]; /* the last bytes that gpg wrote */
};

static ssize_t
read_plain(void *handle, void *buffer, size_t size)
{
	struct flow *flow = handle;
	size_t got = 0;

	if (flow->position < flow->plain->size) {
		flow->status =
		    flow->plain->read_at(flow->plain->context, flow->position, buffer, size, &got);
		if (flow->status == STATUS_OK && got == 0)
			flow->status = STATUS_INVALID;
	}
	if (flow->status != STATUS_OK) {
		errno = EIO;
		return -1;
	}
	flow->position += got;
	return (ssize_t)got;
}

static void
remember_tail(struct flow *flow, struct slice bytes)
{
	if (bytes.size >= LAST_LINE_SIZE) {
		memcpy(flow->tail, bytes.data + bytes.size - LAST_LINE_SIZE, LAST_LINE_SIZE);
		return;
	}
	memmove(flow->tail, flow->tail + bytes.size, LAST_LINE_SIZE - bytes.size);
	memcpy(flow->tail + LAST_LINE_SIZE - bytes.size, bytes.data, bytes.size);
}

/* gpg ends lines with LF, mail with CRLF. */
static enum status
write_lines(const struct sink *sink, struct slice bytes)
{
	unsigned char lines[PIECE * 2];
	size_t size = 0;

	for (size_t at = 0; at < bytes.size;) {
		size_t end = slice_find_byte(bytes, '\n', at);
		struct slice line = slice_part(bytes, at, end);

		memcpy(lines + size, line.data, line.size);
		size += line.size;
		at += line.size;
		if (end == SLICE_NONE)
			break;
		lines[size++] = '\r';
		lines[size++] = '\n';
		at++;
	}
	return sink_write(sink, slice_of(lines, size));
}

static ssize_t
write_armour(void *handle, const void *buffer, size_t size)
{
	struct flow *flow = handle;
	struct slice bytes = slice_of(buffer, size);

	for (size_t at = 0; at < size && flow->status == STATUS_OK; at += PIECE)
		flow->status = write_lines(flow->sink, slice_part(bytes, at, at + PIECE));
	if (flow->status != STATUS_OK) {
		errno = EIO;
		return -1;
	}
	remember_tail(flow, bytes);
	return (ssize_t)size;
}

static struct gpgme_data_cbs plain_calls = {.read = read_plain};
static struct gpgme_data_cbs armour_calls = {.write = write_armour};

/* GPGME asks one of its own buffers for each step, of 512 bytes where nobody tells it otherwise. */
static gpgme_error_t
open_data(struct gpgme_data_cbs *calls, struct flow *flow, gpgme_data_t *data_out)
{
	gpgme_error_t error = gpgme_data_new_from_cbs(data_out, calls, flow);

	if (error == 0)
		error = gpgme_data_set_flag(*data_out, "io-buffer-size", "65536");
	if (error == 0)
		error = gpgme_data_set_flag(*data_out, "sensitive", "1");
	return error;
}

static gpgme_error_t
start(struct openpgp_run *run, const char *recipient, bool sign, gpgme_data_t plain,
      gpgme_data_t armour)
{
	/* What is in a message can be chosen by strangers who see how long it became: compression
	 * would tell them what else is in it.  And files are packed already, mostly. */
	gpgme_encrypt_flags_t flags =
	    GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS;

	gpgme_set_armor(run->context, 1);
	if (sign)
		return gpgme_op_encrypt_sign_ext_start(run->context, NULL, recipient, flags, plain,
						       armour);
	return gpgme_op_encrypt_ext_start(run->context, NULL, recipient, flags, plain, armour);
}

/* What became of it.  GPGME does not learn how its child ended: one that was killed midway looks
 * like one that was ready, but for its last line. */
static enum status
judge(const struct openpgp_run *run, const struct flow *flow)
{
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(run->context);
	gpgme_err_code_t code = gpgme_err_code(run->error);

	if (flow->status != STATUS_OK)
		return flow->status;
	if ((result != NULL && result->invalid_recipients != NULL) ||
	    code == GPG_ERR_UNUSABLE_PUBKEY || code == GPG_ERR_NO_PUBKEY) {
		log_info("openpgp-key-unusable", LOG_TEXT("error", gpgme_strerror(run->error)));
		return STATUS_GONE;
	}
	if (run->error != 0) {
		log_error("openpgp-encrypt", LOG_TEXT("error", gpgme_strerror(run->error)));
		return STATUS_UNAVAILABLE;
	}
	if (flow->position != flow->plain->size ||
	    memcmp(flow->tail, LAST_LINE, LAST_LINE_SIZE) != 0) {
		log_error("openpgp-encrypt", LOG_TEXT("error", "gpg ended early"));
		return STATUS_UNAVAILABLE;
	}
	return STATUS_OK;
}

static enum status
run_flow(struct openpgp_run *run, const char *recipient, bool sign, struct flow *flow)
{
	gpgme_data_t plain = NULL;
	gpgme_data_t armour = NULL;
	gpgme_error_t error = open_data(&plain_calls, flow, &plain);
	enum status status = STATUS_UNAVAILABLE;

	if (error == 0)
		error = open_data(&armour_calls, flow, &armour);
	if (error == 0)
		error = start(run, recipient, sign, plain, armour);
	if (error != 0)
		log_error("openpgp-encrypt", LOG_TEXT("error", gpgme_strerror(error)));
	else
		status = openpgp_run_wait(run, OPENPGP_STREAM_PATIENCE_MS);
	if (status == STATUS_OK)
		status = judge(run, flow);
	gpgme_data_release(plain);
	gpgme_data_release(armour);
	return status;
}

enum status
openpgp_encrypt(struct openpgp *openpgp, struct slice key, struct openpgp_signer *signer,
		const struct source *plain, const struct sink *sink)
{
	/* /proc/PID/fd is no way to hand over a file in memory: processes that hold secrets are not
	 * dumpable, and then it belongs to root.  It is a public key, in a folder on memory. */
	char path[OPENPGP_HOME_SIZE + 16];
	char recipient[sizeof(path) + 16];
	struct flow flow = {.plain = plain, .sink = sink};
	struct openpgp_run run = {0};
	enum status status;

	if (key.size > OPENPGP_MATERIAL_MAX)
		return STATUS_TOO_LARGE;
	status = openpgp_home_put(&openpgp->home, key, path);
	if (status != STATUS_OK)
		return status;
	(void)snprintf(recipient, sizeof(recipient), "--file\n%s", path);
	status = signer == NULL ? openpgp_run_open(&openpgp->idle, openpgp->home.path, &run)
				: openpgp_run_open(&signer->idle, signer->home.path, &run);
	if (status == STATUS_OK && signer != NULL)
		status = openpgp_signer_join(signer, run.context);
	if (status == STATUS_OK)
		status = run_flow(&run, recipient, signer != NULL, &flow);
	openpgp_run_close(&run);
	(void)unlink(path);
	return status;
}
