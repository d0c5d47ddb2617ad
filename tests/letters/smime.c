/*
 * A letter encrypted by S/MIME as Postern does it, for tests in other languages and
 * for bench/.  The three steps are those of mail/protect_smime.h.
 *
 *	smime [WORD...] CERTIFICATE <LETTER >ENCRYPTED
 *
 * WORD: gcm, oaep, shown (the Subject), legacy (display), sign=CERTIFICATE,KEY (PKCS#8 in DER),
 * again (read it a second time, and fail when that differs).  Certificates are files in DER or
 * PEM.  The letter is a file, not a pipe.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/cms.h"
#include "mail/parse.h"
#include "mail/protect_smime.h"

struct wish {
	struct cms_choices choices;
	struct protect_policy policy;
	const char *sign;
	bool again;
};

static void
stop(const char *what, enum status status)
{
	fprintf(stderr, "%s: %s\n", what, status_text(status));
	exit(1);
}

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
	unsigned char *bytes = arena_alloc(arena, CERTIFICATE_FILE_MAX);
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL)
		stop(path, STATUS_NOT_FOUND);
	size = fread(bytes, 1, CERTIFICATE_FILE_MAX, file);
	fclose(file);
	return slice_of(bytes, size);
}

static struct slice
load_certificate(const char *path, struct arena *arena)
{
	struct slice *ders;
	size_t count;
	enum status status = certificate_find_all(load(path, arena), arena, &ders, &count);

	if (status != STATUS_OK)
		stop(path, status);
	return ders[0];
}

static void
sign(const struct wish *wish, const struct source *inner, struct arena *arena,
     struct source *signed_out)
{
	char *paths = arena_copy_text(arena, wish->sign);
	char *comma = strchr(paths, ',');
	struct cms_signer signer = {.other_count = 0};
	struct slice signature;
	struct secret key;
	enum status status;

	if (comma == NULL)
		stop("sign=CERTIFICATE,KEY", STATUS_INVALID);
	*comma = '\0';
	signer.certificate = load_certificate(paths, arena);
	secret_copy(&key, load(comma + 1, arena));
	signer.key = &key;
	status = cms_sign(inner, &signer, time(NULL), arena, &signature);
	secret_clear(&key);
	if (status == STATUS_OK)
		status = protect_smime_sign(inner, signature, arena, signed_out);
	if (status != STATUS_OK)
		stop("sign", status);
}

static void
digest(const struct source *source, unsigned char *hash)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char bytes[10007];

	EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	for (uint64_t at = 0; at < source->size;) {
		size_t size;

		if (source->read_at(source->context, at, bytes, sizeof(bytes), &size) != STATUS_OK)
			stop("read again", STATUS_INTERNAL);
		EVP_DigestUpdate(context, bytes, size);
		at += size;
	}
	EVP_DigestFinal_ex(context, hash, NULL);
	EVP_MD_CTX_free(context);
}

static void
protect(const struct source *message, const char *certificate, const struct wish *wish,
	struct arena *arena)
{
	struct sink out = {&(int){STDOUT_FILENO}, write_out};
	struct source signed_entity, der, body, sent;
	const struct source *entity;
	struct protected_letter letter;
	enum status status = protect_header(message, &wish->policy, arena, &letter);

	if (status != STATUS_OK)
		stop("header", status);
	entity = &letter.inner;
	if (wish->sign != NULL) {
		sign(wish, entity, arena, &signed_entity);
		entity = &signed_entity;
	}
	status =
	    cms_encrypt(entity, load_certificate(certificate, arena), &wish->choices, arena, &der);
	if (status != STATUS_OK)
		stop("encrypt", status);
	body = cms_base64(&der, arena);
	status = protect_smime(&letter, wish->choices.cipher == CMS_AES_GCM, &body, arena, &sent);
	if (status == STATUS_OK)
		status = source_copy(&sent, 0, sent.size, &out);
	if (status != STATUS_OK)
		stop("write", status);
	if (wish->again) {
		unsigned char first[32], second[32];

		digest(&sent, first);
		digest(&sent, second);
		if (memcmp(first, second, sizeof(first)) != 0)
			stop("a second reading differs", STATUS_INTERNAL);
	}
}

static bool
take_word(const char *word, struct wish *wish)
{
	if (strcmp(word, "gcm") == 0)
		wish->choices.cipher = CMS_AES_GCM;
	else if (strcmp(word, "oaep") == 0)
		wish->choices.transport = CMS_OAEP;
	else if (strcmp(word, "shown") == 0)
		wish->policy.subject = NULL;
	else if (strcmp(word, "again") == 0)
		wish->again = true;
	else if (strncmp(word, "sign=", 5) == 0)
		wish->sign = word + 5;
	else
		return false;
	return true;
}

int
main(int count, char **words)
{
	struct wish wish = {.policy = {.subject = PROTECT_SUBJECT}};
	struct arena *arena = arena_new();
	struct source message = {&(int){STDIN_FILENO}, 0, read_file};
	struct stat info;

	secret_prepare_process();
	mail_prepare();
	for (int i = 1; i < count - 1; i++)
		if (!take_word(words[i], &wish))
			stop(words[i], STATUS_INVALID);
	if (count < 2 || fstat(STDIN_FILENO, &info) != 0)
		stop("usage: smime [WORD...] CERTIFICATE <LETTER", STATUS_INVALID);
	message.size = (uint64_t)info.st_size;
	protect(&message, words[count - 1], &wish, arena);
	arena_free(arena);
	return 0;
}
