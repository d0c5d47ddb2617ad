/*
 * crypto/openpgp for tests in other languages, as one process that holds secrets (not dumpable).
 *
 *	openpgp choose RUNTIME KEY ADDRESS [NOW]
 *		a line of JSON: reason, fingerprints, algorithm, end; user id and "minimal" in hex
 *	openpgp encrypt RUNTIME KEY [SECRET-KEY [PASSPHRASE]] <PLAIN >ARMOURED
 *		to a key as `choose` gave it; PLAIN must be a file
 *	openpgp protect RUNTIME KEY [SECRET-KEY [PASSPHRASE]] <MESSAGE >MESSAGE
 *		a whole message as PGP/MIME
 *	openpgp repeat RUNTIME KEY [SECRET-KEY [PASSPHRASE]] <PLAIN
 *		the same a hundred times, to nowhere: milliseconds for each
 *	openpgp hold RUNTIME KEY [SECRET-KEY [PASSPHRASE]]
 *		say "open", and keep homes and agents until the input ends
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/openpgp.h"
#include "keys/same_address.h"
#include "mail/protect_openpgp.h"

#define REPEATS 100

struct job {
	struct arena *arena;
	struct openpgp *openpgp;
	struct openpgp_signer *signer;
	struct slice key;
};

static enum status
read_file(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	ssize_t got = pread(*(int *)context, bytes, room, (off_t)offset);

	if (got < 0)
		return STATUS_UNAVAILABLE;
	*size_out = (size_t)got;
	return STATUS_OK;
}

static enum status
write_out(void *context, struct slice bytes)
{
	return file_write_all(*(int *)context, bytes) ? STATUS_OK : STATUS_UNAVAILABLE;
}

static struct slice
load(const char *path, struct arena *arena)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *bytes;
	struct stat facts;
	size_t size;

	if (fd < 0 || fstat(fd, &facts) != 0) {
		perror(path);
		exit(2);
	}
	size = (size_t)facts.st_size;
	bytes = arena_alloc(arena, size + 1);
	if (read(fd, bytes, size) != (ssize_t)size) {
		perror(path);
		exit(2);
	}
	close(fd);
	return slice_of(bytes, size);
}

static bool
matches(void *context, struct slice address)
{
	return same_address(*(const struct slice *)context, address, LOCAL_ANY_CASE);
}

static json_t *
hex(struct slice bytes, struct arena *arena)
{
	char *text = arena_alloc(arena, HEX_LENGTH(bytes.size) + 1);

	encode_hex(bytes, text);
	return json_string(text);
}

/* The fingerprint of what is encrypted to: all that is kept beside the primary key, if anything is.
 */
static const char *
subkey_of(struct slice minimal, struct arena *arena)
{
	struct openpgp_block *blocks;
	const struct openpgp_component *key;
	size_t count;
	char *text = arena_alloc(arena, HEX_LENGTH(SHA1_SIZE) + 1);

	if (openpgp_read_blocks(minimal, arena, &blocks, &count) != STATUS_OK)
		return "";
	key = &blocks[0].components[0];
	for (size_t at = 1; at < blocks[0].count; at++)
		if (blocks[0].components[at].kind == OPENPGP_SUBKEY)
			key = &blocks[0].components[at];
	for (size_t at = 0; at < SHA1_SIZE; at++)
		(void)snprintf(text + 2 * at, 3, "%02X", key->fingerprint[at]);
	return text;
}

static int
choose(const struct job *job, const char *address, int64_t now)
{
	struct slice wanted = slice_from_text(address);
	struct openpgp_choice choice;
	enum status status =
	    openpgp_choose(job->openpgp, job->key, matches, &wanted, now, job->arena, &choice);
	json_t *said;

	if (status != STATUS_OK) {
		fprintf(stderr, "%s\n", status_text(status));
		return 1;
	}
	said = json_pack("{ss}", "reason", openpgp_reason_text(choice.reason));
	json_object_set_new(said, "fingerprint", json_string(choice.fingerprint));
	json_object_set_new(said, "subkey", json_string(subkey_of(choice.minimal, job->arena)));
	json_object_set_new(said, "algorithm", json_string(choice.algorithm));
	json_object_set_new(said, "valid_until", json_integer(choice.valid_until));
	json_object_set_new(said, "user_id", hex(choice.user_id, job->arena));
	json_object_set_new(said, "minimal", hex(choice.minimal, job->arena));
	json_dumpf(said, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(said);
	return 0;
}

/* The standard input as a source. */
static struct source
input(int *fd)
{
	struct stat facts;

	if (fstat(*fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		fprintf(stderr, "the input must be a file\n");
		exit(2);
	}
	return (struct source){fd, (uint64_t)facts.st_size, read_file};
}

static int
finish(enum status status)
{
	struct rusage usage;

	if (status != STATUS_OK) {
		fprintf(stderr, "%s\n", status_text(status));
		return 1;
	}
	getrusage(RUSAGE_SELF, &usage);
	fprintf(stderr, "%ld KiB\n", usage.ru_maxrss);
	return 0;
}

static int
encrypt(const struct job *job)
{
	int in = STDIN_FILENO;
	int out = STDOUT_FILENO;
	struct source plain = input(&in);
	struct sink sink = {&out, write_out};

	return finish(openpgp_encrypt(job->openpgp, job->key, job->signer, &plain, &sink));
}

static enum status
drop(void *context, struct slice bytes)
{
	(void)context;
	(void)bytes;
	return STATUS_OK;
}

static int
repeat(const struct job *job)
{
	int in = STDIN_FILENO;
	struct source plain = input(&in);
	struct sink sink = {NULL, drop};
	int64_t began = clock_monotonic_ms();
	enum status status = STATUS_OK;

	for (int at = 0; at < REPEATS && status == STATUS_OK; at++)
		status = openpgp_encrypt(job->openpgp, job->key, job->signer, &plain, &sink);
	printf("%.2f\n", (double)(clock_monotonic_ms() - began) / REPEATS);
	return finish(status);
}

static int
protect(const struct job *job)
{
	struct protect_policy policy = {.subject = PROTECT_SUBJECT};
	int in = STDIN_FILENO;
	int out = STDOUT_FILENO;
	struct source message = input(&in);
	struct sink sink = {&out, write_out};
	struct protected_letter letter;
	struct protect_frame frame;
	enum status status = protect_header(&message, &policy, job->arena, &letter);

	if (status == STATUS_OK)
		status = protect_openpgp(&letter, job->arena, &frame);
	if (status == STATUS_OK)
		status = sink_write(&sink, frame.before);
	if (status == STATUS_OK)
		status = openpgp_encrypt(job->openpgp, job->key, job->signer, &letter.inner, &sink);
	if (status == STATUS_OK)
		status = sink_write(&sink, frame.behind);
	return finish(status);
}

static int
hold(void)
{
	char byte;

	printf("open\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}

static int
run(struct job *job, int count, char **arguments)
{
	const char *verb = arguments[1];
	enum status status;

	if (count < 4)
		return 2;
	job->key = load(arguments[3], job->arena);
	if (strcmp(verb, "choose") == 0 && count >= 5)
		return choose(job, arguments[4],
			      count > 5 ? strtoll(arguments[5], NULL, 10) : clock_now());
	if (count > 4) {
		status = openpgp_signer_open(arguments[2], load(arguments[4], job->arena),
					     slice_from_text(count > 5 ? arguments[5] : ""),
					     &job->signer);
		if (status != STATUS_OK) {
			fprintf(stderr, "signer: %s\n", status_text(status));
			return 1;
		}
	}
	if (strcmp(verb, "encrypt") == 0)
		return encrypt(job);
	if (strcmp(verb, "protect") == 0)
		return protect(job);
	if (strcmp(verb, "repeat") == 0)
		return repeat(job);
	if (strcmp(verb, "hold") == 0)
		return hold();
	return 2;
}

int
main(int count, char **arguments)
{
	struct job job = {0};
	int code = 1;

	if (count < 3)
		return 2;
	secret_prepare_process();
	log_open("openpgp", LOG_LEVEL_INFO);
	job.arena = arena_new();
	if (openpgp_open(arguments[2], &job.openpgp) == STATUS_OK)
		code = run(&job, count, arguments);
	openpgp_signer_close(job.signer);
	openpgp_close(job.openpgp);
	arena_free(job.arena);
	return code;
}
