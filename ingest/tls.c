#include "ingest/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "base/log.h"

/* Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"

#define CHAIN_DEPTH 8

static enum status
fail(SSL_CTX *context, const char *what)
{
	char reason[256];

	ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
	log_error("tls-setup-failed", LOG_TEXT("what", what), LOG_TEXT("reason", reason));
	SSL_CTX_free(context);
	return STATUS_INTERNAL;
}

/* SSL_CTX_set_cert_cb(3): 1 to go on. */
static int
choose_certificate(SSL *ssl, void *argument)
{
	const struct tls_settings *settings = argument;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct server_certificate *certificate =
	    name == NULL ? NULL
			 : server_certificate_find(settings->named, settings->named_count, name);

	if (certificate == NULL)
		return 1;
	return SSL_use_cert_and_key(ssl, certificate->leaf, certificate->key, certificate->chain,
				    1);
}

/* Whether it was good is kept in the session, where the rules look. */
static int
take_any_certificate(int good, X509_STORE_CTX *store)
{
	(void)good;
	(void)store;
	return 1;
}

static bool
ask_for_certificates(SSL_CTX *context, X509_STORE *authorities)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(authorities);

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (authority != NULL && SSL_CTX_add_client_CA(context, authority) != 1)
			return false;
	}
	SSL_CTX_set1_verify_cert_store(context, authorities);
	SSL_CTX_set_verify_depth(context, CHAIN_DEPTH);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, take_any_certificate);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	return SSL_CTX_set_num_tickets(context, 0) == 1 &&
	       SSL_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) == 1;
}

enum status
tls_context_new(const struct tls_settings *settings, SSL_CTX **context_out)
{
	static const unsigned char session_context[] = "postern ingest";
	const struct server_certificate *certificate = settings->certificate;
	SSL_CTX *context;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_server_method());
	if (context == NULL)
		return fail(NULL, "context");
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Tickets do without a store of sessions, which would grow by each client. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) != 1 ||
	    SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1) !=
		1)
		return fail(context, "protocol");
	if (SSL_CTX_use_cert_and_key(context, certificate->leaf, certificate->key,
				     certificate->chain, 1) != 1)
		return fail(context, "certificate");
	if (tickets_use(settings->tickets, context) != STATUS_OK)
		return fail(context, "tickets");
	if (settings->authorities != NULL && !ask_for_certificates(context, settings->authorities))
		return fail(context, "client-ca");
	/* The settings are only read. */
	SSL_CTX_set_cert_cb(context, choose_certificate, (void *)settings);
	*context_out = context;
	return STATUS_OK;
}
