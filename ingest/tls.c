#include "ingest/tls.h"

#include <openssl/err.h>

#include "base/log.h"

/* Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"

static enum status
fail(SSL_CTX *context, const char *what)
{
	char reason[256];

	ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
	log_error("tls-setup-failed", LOG_TEXT("what", what), LOG_TEXT("reason", reason));
	SSL_CTX_free(context);
	return STATUS_INVALID;
}

enum status
tls_context_new(const char *certificate, const char *private_key, SSL_CTX **context_out)
{
	static const unsigned char session_context[] = "postern ingest";
	SSL_CTX *context;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_server_method());
	if (context == NULL)
		return fail(NULL, "context");
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) != 1 ||
	    SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1) !=
		1)
		return fail(context, "protocol");
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return fail(context, "certificate");
	if (SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return fail(context, "private-key");
	*context_out = context;
	return STATUS_OK;
}
