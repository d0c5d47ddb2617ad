/* The relay and TLS: whom it believes, and that nothing goes in clear that must not.  The
 * certificate is made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>

#include "base/secret.h"
#include "tests/unit/mail/script_server.h"

static char folder[64];
static SSL_CTX *tls_context;

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static char ca_path[128];
static char password_path[128];

static void
demand_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_ENCRYPT;
}

static void
allow_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_MAY;
}

static void
verify_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_VERIFY;
	settings->ca_file = ca_path;
}

static void
verify_by_others(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_VERIFY;
}

static void
verify_other_name(struct relay_settings *settings)
{
	verify_tls(settings);
	settings->host = "localhost"; /* the certificate says 127.0.0.1 */
}

/* The other way round: what it is called elsewhere, and what its certificate says. */
static void
verify_given_name(struct relay_settings *settings)
{
	verify_other_name(settings);
	settings->name = "127.0.0.1";
}

/* SHA-256 of the certificate and of its public key, as made for the test. */
static char fingerprints[2][96];
static const char *pinned[2] = {NULL, NULL};

static void
pin(struct relay_settings *settings, const char *one, const char *other)
{
	pinned[0] = one;
	pinned[1] = other;
	settings->tls = RELAY_TLS_FINGERPRINT;
	settings->fingerprints = pinned;
	settings->fingerprint_count = 2;
}

#define OTHER_PRINT "0000000000000000000000000000000000000000000000000000000000000000"

static void
pin_certificate(struct relay_settings *settings)
{
	pin(settings, OTHER_PRINT, fingerprints[0]);
}

static void
pin_key(struct relay_settings *settings)
{
	pin(settings, fingerprints[1], OTHER_PRINT);
}

static void
pin_other(struct relay_settings *settings)
{
	pin(settings, OTHER_PRINT, OTHER_PRINT);
}

static void
implicit_tls(struct relay_settings *settings)
{
	verify_tls(settings);
	settings->implicit_tls = true;
}

static void
with_password(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_MAY;
	settings->user = "postern";
	settings->password_file = password_path;
}

#define STARTTLS                                                                                   \
	{"STARTTLS\r\n", "220 Go\r\n"},                                                            \
	{                                                                                          \
		"<tls>", ""                                                                        \
	}

static const struct {
	const char *claim;
	void (*change)(struct relay_settings *settings);
	bool implicit;
	struct step script[14];
	enum status status;
	enum relay_outcome outcome;
	const char *must_not_be_seen;
} tls_stories[] = {
    {"TLS demanded and offered",
     demand_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"TLS demanded, not offered",
     demand_tls,
     false,
     {GREET, HELLO("")},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS demanded, refused",
     demand_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS", "454 4.7.0 Not now\r\n"}},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS taken where offered",
     allow_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"and left where not", allow_tls, false, {GREET, HELLO(""), LETTER}, STATUS_OK, RELAY_SENT, ""},
    {"a known certificate",
     verify_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"an unknown certificate",
     verify_by_others,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a certificate of another host",
     verify_other_name,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a certificate of the name that is given",
     verify_given_name,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a certificate that is known by its fingerprint",
     pin_certificate,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a key that is known by its fingerprint",
     pin_key,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"another fingerprint",
     pin_other,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a fingerprint, and no TLS",
     pin_certificate,
     false,
     {GREET, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS from the beginning",
     implicit_tls,
     true,
     {GREET, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a password over TLS",
     with_password,
     false,
     {GREET,
      HELLO("250-STARTTLS\r\n"),
      STARTTLS,
      HELLO("250-AUTH PLAIN\r\n"),
      {"AUTH PLAIN", "334 \r\n"},
      {"AHBvc3Rlcm4Ac2VjcmV0IHdvcmQ=\r\n", "235 2.7.0 Ok\r\n"},
      LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"no password in clear",
     with_password,
     false,
     {GREET, HELLO("250-AUTH PLAIN\r\n")},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "AUTH"},
    {"a wrong password",
     with_password,
     false,
     {GREET,
      HELLO("250-STARTTLS\r\n"),
      STARTTLS,
      HELLO("250-AUTH PLAIN\r\n"),
      {"AUTH PLAIN", "334 \r\n"},
      {"", "535 5.7.8 No\r\n"}},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"what was offered before TLS is void",
     demand_tls,
     false,
     {GREET, HELLO("250-SIZE 1\r\n250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     "SIZE="},
};

static void
never_falls_back_to_clear_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tls_stories) / sizeof(tls_stories[0]); i++) {
		struct arena *arena = arena_new();
		struct server server = {.tls = tls_context,
					.implicit_tls = tls_stories[i].implicit};
		struct relay_recipient recipient;
		enum status status =
		    send_one(tls_stories[i].script, tls_stories[i].change, "fred@example.net",
			     SLICE("x\r\n"), arena, &recipient, &server);

		if (status != tls_stories[i].status || recipient.outcome != tls_stories[i].outcome)
			fail_msg("%s: %s, outcome %d, %s", tls_stories[i].claim,
				 status_text(status), recipient.outcome, recipient.reply);
		if (*tls_stories[i].must_not_be_seen != '\0' &&
		    strstr(server.seen, tls_stories[i].must_not_be_seen) != NULL)
			fail_msg("%s: %s", tls_stories[i].claim, server.seen);
		arena_free(arena);
	}
}

/* A handshake that fails: with MAY a new connection in clear, never the same one; else nothing. */
static void
goes_in_clear_on_a_new_connection_only(void **state)
{
	static const struct step broken[] = {
	    GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "220 Go\r\n"}, {"", NULL}};
	static const struct step clear[] = {GREET, HELLO("250-STARTTLS\r\n"), LETTER, END};
	static const struct step *const scripts[] = {broken, clear, NULL};
	static const struct {
		void (*change)(struct relay_settings *settings);
		enum status status;
	} cases[] = {{allow_tls, STATUS_OK},
		     {demand_tls, STATUS_UNAVAILABLE},
		     {with_password, STATUS_UNAVAILABLE}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct relay_recipient recipient = {.address = "fred@example.net"};
		struct arena *arena = arena_new();
		struct server server = {.tls = tls_context};
		struct relay *relay = begin(&server, scripts, cases[i].change);
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 cases[i].status);
		assert_int_equal(relay_may_go_elsewhere(relay), cases[i].status != STATUS_OK);
		end(&server, relay);
		arena_free(arena);
	}
}

/* What can be better later is told apart from a server that has no TLS, or shows somebody else. */
static void
tells_whether_it_was_about_tls(void **state)
{
	static const struct {
		const char *claim;
		void (*change)(struct relay_settings *settings);
		struct step script[6];
		bool unverified;
	} rows[] = {
	    {"no TLS", verify_tls, {GREET, HELLO("")}, true},
	    {"TLS put off",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "454 4.7.0 Not now\r\n"}},
	     false},
	    {"TLS put off, and gone",
	     demand_tls,
	     {GREET,
	      HELLO("250-STARTTLS\r\n"),
	      {"STARTTLS\r\n", "421 4.3.2 Going down\r\n"},
	      {"", NULL}},
	     false},
	    {"TLS refused",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "554 5.7.0 No\r\n"}},
	     true},
	    {"a handshake that breaks",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "220 Go\r\n"}, {"", NULL}},
	     true},
	    {"another certificate",
	     verify_by_others,
	     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS},
	     true},
	    {"a greeting that puts off", verify_tls, {{"", "421 4.3.2 Busy\r\n"}}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct step *const scripts[] = {rows[i].script, NULL};
		struct relay_recipient recipient = {.address = "fred@example.net"};
		struct arena *arena = arena_new();
		struct server server = {.tls = tls_context};
		struct relay *relay = begin(&server, scripts, rows[i].change);
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 STATUS_UNAVAILABLE);
		if (relay_is_unverified(relay) != rows[i].unverified)
			fail_msg("%s", rows[i].claim);
		assert_true(relay_may_go_elsewhere(relay));
		end(&server, relay);
		arena_free(arena);
	}
}

/* The first with colons and capitals, as people copy it; the second without. */
static void
note_fingerprints(X509 *certificate)
{
	unsigned char digest[2][EVP_MAX_MD_SIZE], *key = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);

	assert_int_equal(X509_digest(certificate, EVP_sha256(), digest[0], NULL), 1);
	assert_int_equal(EVP_Digest(key, (size_t)size, digest[1], NULL, EVP_sha256(), NULL), 1);
	OPENSSL_free(key);
	for (size_t i = 0; i < 32; i++) {
		snprintf(fingerprints[0] + i * 3, 4, i == 31 ? "%02X" : "%02X:", digest[0][i]);
		snprintf(fingerprints[1] + i * 2, 3, "%02x", digest[1][i]);
	}
}

/* A self-signed certificate for 127.0.0.1, good for an hour around now. */
static void
make_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);
	X509_EXTENSION *names =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *file;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -1800);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 1800);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1,
				   0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	X509_add_ext(certificate, names, -1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	snprintf(ca_path, sizeof(ca_path), "%s/ca.pem", folder);
	file = fopen(ca_path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	fclose(file);
	tls_context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(tls_context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls_context, key), 1);
	note_fingerprints(certificate);
	X509_EXTENSION_free(names);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static int
set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	secret_prepare_process();
	snprintf(folder, sizeof(folder), "/tmp/relay-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	make_certificate();
	write_file("password", "secret word\n");
	snprintf(password_path, sizeof(password_path), "%s/password", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	SSL_CTX_free(tls_context);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(never_falls_back_to_clear_text),
	    cmocka_unit_test(goes_in_clear_on_a_new_connection_only),
	    cmocka_unit_test(tells_whether_it_was_about_tls),
	};

	return cmocka_run_group_tests_name("mail/relay_tls", tests, set_up, tear_down);
}
