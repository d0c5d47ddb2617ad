#include "ingest/server_certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/log.h"
#include "base/slice.h"

#define CHAIN_MAX 16

/* NULL when it cannot be opened, which is told. */
static FILE *
open_file(struct reading *reading, const char *option)
{
	const char *path = config_text(reading->config, option);
	FILE *file = fopen(path, "re");
	int reason = errno;

	if (file != NULL)
		return file;
	if (reading->checking && reason == EACCES) {
		reading_warning(reading, option, "not checked, this user may not read %s", path);
		return NULL;
	}
	reading_fault(reading, option, "cannot be read: %s: %s", path, strerror(reason));
	return NULL;
}

/* An encrypted key must not make a daemon ask at a terminal. */
static int
no_password(char *buffer, int size, int writing, void *context)
{
	if (size > 0)
		*buffer = '\0';
	(void)writing;
	(void)context;
	return -1;
}

static void
free_certificate(void *argument)
{
	struct server_certificate *certificate = argument;

	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
}

static void
read_chain(struct reading *reading, const char *option, struct server_certificate *certificate)
{
	FILE *file = open_file(reading, option);
	X509 *next;

	if (file == NULL)
		return;
	certificate->leaf = PEM_read_X509_AUX(file, NULL, no_password, NULL);
	if (certificate->leaf == NULL)
		reading_fault(reading, option, "holds no certificate (PEM)");
	while (certificate->leaf != NULL && sk_X509_num(certificate->chain) < CHAIN_MAX &&
	       (next = PEM_read_X509(file, NULL, no_password, NULL)) != NULL) {
		if (sk_X509_push(certificate->chain, next) == 0)
			X509_free(next);
	}
	fclose(file);
}

static void
read_key(struct reading *reading, const char *option, struct server_certificate *certificate)
{
	FILE *file = open_file(reading, option);

	if (file == NULL)
		return;
	certificate->key = PEM_read_PrivateKey(file, NULL, no_password, NULL);
	if (certificate->key == NULL)
		reading_fault(reading, option, "holds no private key (PEM, without a passphrase)");
	fclose(file);
}

static const char *
reason_of(unsigned long error)
{
	const char *reason = ERR_reason_error_string(error);

	return reason == NULL ? "no reason given" : reason;
}

/* As a server would use them: this also refuses keys that are too weak for today. */
static void
try_out(struct reading *reading, const char *chain_option, const char *key_option,
	const struct server_certificate *certificate)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (X509_check_private_key(certificate->leaf, certificate->key) != 1)
		reading_fault(reading, key_option, "does not fit the certificate");
	else if (context == NULL ||
		 SSL_CTX_use_cert_and_key(context, certificate->leaf, certificate->key,
					  certificate->chain, 1) != 1)
		reading_fault(reading, chain_option, "cannot be used: %s",
			      reason_of(ERR_peek_last_error()));
	SSL_CTX_free(context);
}

/* No fault: a daemon with an old certificate still serves those who do not look. */
static void
warn_if_expired(struct reading *reading, const char *option,
		const struct server_certificate *certificate)
{
	if (X509_cmp_current_time(X509_get0_notAfter(certificate->leaf)) > 0)
		return;
	if (reading->checking)
		reading_warning(reading, option, "holds a certificate that has expired");
	else
		log_warning("certificate-expired",
			    LOG_TEXT("path", config_text(reading->config, option)));
}

void
server_certificate_read(struct reading *reading, const char *chain_option, const char *key_option,
			struct server_certificate *certificate_out)
{
	bool has_chain = *config_text(reading->config, chain_option) != '\0';
	bool has_key = *config_text(reading->config, key_option) != '\0';
	struct server_certificate *certificate;

	*certificate_out = (struct server_certificate){.leaf = NULL};
	if (has_chain && !has_key)
		reading_fault(reading, key_option, "must be set beside the certificate");
	if (has_key && !has_chain)
		reading_fault(reading, chain_option, "must be set beside the private key");
	if (!has_chain || !has_key)
		return;
	ERR_clear_error();
	certificate = arena_alloc(reading->arena, sizeof(*certificate));
	certificate->chain = sk_X509_new_null();
	arena_defer(reading->arena, free_certificate, certificate);
	read_chain(reading, chain_option, certificate);
	read_key(reading, key_option, certificate);
	if (certificate->leaf != NULL)
		warn_if_expired(reading, chain_option, certificate);
	if (certificate->leaf == NULL || certificate->key == NULL)
		return;
	try_out(reading, chain_option, key_option, certificate);
	ERR_clear_error();
	*certificate_out = *certificate;
}

static void
free_store(void *store)
{
	X509_STORE_free(store);
}

static bool
holds_revocations(X509_STORE *store)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
		if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_CRL)
			return true;
	return false;
}

X509_STORE *
server_certificate_read_authorities(struct reading *reading, const char *option)
{
	const char *path = config_text(reading->config, option);
	X509_STORE *store;
	FILE *file;

	if (*path == '\0' || (file = open_file(reading, option)) == NULL)
		return NULL;
	fclose(file);
	store = X509_STORE_new();
	if (store == NULL)
		abort();
	arena_defer(reading->arena, free_store, store);
	ERR_clear_error();
	if (X509_STORE_load_file(store, path) != 1) {
		ERR_clear_error();
		reading_fault(reading, option, "holds no certificate (PEM)");
		return NULL;
	}
	if (holds_revocations(store))
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return store;
}

/* "*.example.org" stands for one label in front (RFC 6125 section 6.4.3). */
static bool
fits(const char *pattern, const char *name, bool by_pattern)
{
	const char *dot = strchr(name, '.');

	if (by_pattern)
		return strncmp(pattern, "*.", 2) == 0 && dot != NULL && dot != name &&
		       slice_equal_nocase(slice_from_text(pattern + 1), slice_from_text(dot));
	return slice_equal_nocase(slice_from_text(pattern), slice_from_text(name));
}

const struct server_certificate *
server_certificate_find(const struct server_certificate *certificates, size_t count,
			const char *name)
{
	for (int by_pattern = 0; by_pattern <= 1; by_pattern++) {
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < certificates[i].name_count; j++)
				if (fits(certificates[i].names[j], name, by_pattern != 0))
					return &certificates[i];
	}
	return NULL;
}
