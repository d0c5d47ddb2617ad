#include "keys/ldap.h"

#include <errno.h>
#include <fcntl.h>
#include <ldap.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/bundle.h"
#include "keys/ldap_filter.h"
#include "keys/ldap_watch.h"
#include "mail/address.h"
#include "mail/idn.h"
#include "mail/utf8.h"

#define ENTRIES_MAX 8
#define INCOMING_MAX ((size_t)2 * 1024 * 1024)
#define PASSWORD_MAX ((size_t)1024)
#define EVIDENCE_MAX ((size_t)300)

struct search {
	const struct ldap_directory *directory;
	const char *server;
	const char *filter;
	int64_t deadline;
	struct arena *arena;
	LDAP *connection;
	struct finding finding;
	struct look_failure failure;
};

/* The one that asks for STARTTLS. */
static bool
is_plain(const char *url)
{
	return strncmp(url, "ldap://", 7) == 0;
}

bool
ldap_is_server(const char *url)
{
	LDAPURLDesc *parts = NULL;
	/* libldap takes more: "LDAP://", "URL:ldap://", "pldap://".  What is written in one way
	 * only cannot be taken for something that has TLS already. */
	bool good = (is_plain(url) || strncmp(url, "ldaps://", 8) == 0 ||
		     strncmp(url, "ldapi://", 8) == 0) &&
		    ldap_url_parse(url, &parts) == LDAP_URL_SUCCESS;

	/* What else an LDAP URL can hold has options of its own. */
	good = good && (parts->lud_dn == NULL || *parts->lud_dn == '\0') &&
	       parts->lud_filter == NULL && parts->lud_attrs == NULL && parts->lud_exts == NULL &&
	       parts->lud_host != NULL && *parts->lud_host != '\0';
	ldap_free_urldesc(parts);
	return good;
}

static enum status
fail(struct search *search, int code, const char *reason)
{
	search->failure = (struct look_failure){
	    reason, arena_printf(search->arena, "%s: %s", search->server, ldap_err2string(code))};
	return STATUS_UNAVAILABLE;
}

static const char *
reason_of(int code)
{
	switch (code) {
	case LDAP_TIMEOUT:
	case LDAP_TIMELIMIT_EXCEEDED:
		return "timeout";
	case LDAP_INVALID_CREDENTIALS:
	case LDAP_INAPPROPRIATE_AUTH:
		return "bind-refused";
	case LDAP_CONNECT_ERROR:
		return "tls-failed";
	case LDAP_SERVER_DOWN:
		return "unreachable";
	default:
		return "ldap-failed";
	}
}

static struct timeval
time_left(const struct search *search)
{
	int64_t left = search->deadline - clock_monotonic_ms();

	if (left < 1)
		left = 1;
	return (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
}

static bool
set_tls(struct search *search)
{
	const char *ca_file = search->directory->ca_file;
	int demand = LDAP_OPT_X_TLS_HARD;
	int own = 0;

	if (ldap_set_option(search->connection, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) != 0)
		return false;
	if (*ca_file != '\0' &&
	    ldap_set_option(search->connection, LDAP_OPT_X_TLS_CACERTFILE, ca_file) != 0)
		return false;
	/* Without a context of its own a connection takes what was set for the whole process. */
	return ldap_set_option(search->connection, LDAP_OPT_X_TLS_NEWCTX, &own) == 0;
}

static bool
set_options(struct search *search)
{
	struct timeval left = time_left(search);
	int version = LDAP_VERSION3;
	int never = LDAP_DEREF_NEVER;
	int seconds = (int)left.tv_sec + 1;
	ber_len_t most = INCOMING_MAX;
	Sockbuf *socket = NULL;
	LDAP *connection = search->connection;

	return ldap_set_option(connection, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_RESTART, LDAP_OPT_ON) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_DEREF, &never) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_NETWORK_TIMEOUT, &left) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_TIMEOUT, &left) == 0 &&
	       ldap_set_option(connection, LDAP_OPT_TIMELIMIT, &seconds) == 0 &&
	       ldap_get_option(connection, LDAP_OPT_SOCKBUF, &socket) == 0 && socket != NULL &&
	       ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1 &&
	       set_tls(search);
}

/* The first line of the file, without its end. */
static bool
read_password(const char *path, struct secret *password)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct slice line;
	ssize_t size;

	secret_init(password, PASSWORD_MAX);
	size = fd < 0 ? -1 : read(fd, password->data, PASSWORD_MAX - 1);
	if (fd >= 0)
		close(fd);
	if (size <= 0)
		return false;
	line = slice_of(password->data, (size_t)size);
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] == '\n' || line.data[i] == '\r')
			password->data[i] = '\0';
	return *password->data != '\0';
}

static enum status
sign_in(struct search *search)
{
	const struct ldap_directory *directory = search->directory;
	struct secret password = {NULL, 0};
	struct berval credentials = {0, NULL};
	bool named = *directory->bind_dn != '\0';
	int code;

	if (named && !read_password(directory->password_file, &password)) {
		log_error("ldap-password", LOG_TEXT("file", directory->password_file));
		secret_clear(&password);
		return fail(search, LDAP_LOCAL_ERROR, "bind-refused");
	}
	/* A name with an empty password would be an anonymous bind that looks like a success
	 * (RFC 4513 section 5.1.2); read_password has seen to that. */
	if (named)
		credentials =
		    (struct berval){strlen((const char *)password.data), (char *)password.data};
	code = ldap_sasl_bind_s(search->connection, named ? directory->bind_dn : NULL,
				LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);
	secret_clear(&password);
	return code == LDAP_SUCCESS ? STATUS_OK : fail(search, code, reason_of(code));
}

static enum status
connect_to(struct search *search)
{
	int code;

	if (!set_options(search))
		return fail(search, LDAP_LOCAL_ERROR, "ldap-failed");
	if (is_plain(search->server) && !search->directory->clear) {
		code = ldap_start_tls_s(search->connection, NULL, NULL);
		if (code != LDAP_SUCCESS)
			return fail(search, code,
				    code == LDAP_SERVER_DOWN ? "unreachable" : "tls-failed");
	}
	return sign_in(search);
}

static void
add(struct search *search, LDAPMessage *entry, enum candidate_kind kind, struct slice bytes)
{
	char *name = ldap_get_dn(search->connection, entry);
	const char *where =
	    arena_printf(search->arena, "%s %s", search->server, name == NULL ? "" : name);
	struct candidate candidate = {
	    .source = CANDIDATE_LDAP,
	    .kind = kind,
	    .trust = CANDIDATE_DIRECTORY,
	    .usage = DANE_PKIX_EE,
	    .bytes = bytes,
	    .evidence = utf8_clean_line(slice_from_text(where), EVIDENCE_MAX, search->arena),
	};

	ldap_memfree(name);
	finding_add(&search->finding, &candidate, search->arena);
}

static void
add_bundle(struct search *search, LDAPMessage *entry, struct slice value)
{
	struct slice *certificates;
	size_t count;

	if (bundle_read(value, CANDIDATE_COUNT_MAX, search->arena, &certificates, &count) !=
	    STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++)
		add(search, entry, CANDIDATE_CERTIFICATE, certificates[i]);
}

enum attribute { ATTRIBUTE_CERTIFICATE, ATTRIBUTE_BUNDLE, ATTRIBUTE_KEY };

static void
take_values(struct search *search, LDAPMessage *entry, const char *name, enum attribute attribute)
{
	struct berval **values = ldap_get_values_len(search->connection, entry, name);

	for (size_t i = 0; values != NULL && values[i] != NULL && i < CANDIDATE_COUNT_MAX; i++) {
		struct slice value = slice_of(values[i]->bv_val, values[i]->bv_len);

		if (value.size > CANDIDATE_SIZE_MAX)
			continue;
		value = arena_copy(search->arena, value);
		if (attribute == ATTRIBUTE_BUNDLE)
			add_bundle(search, entry, value);
		else
			add(search, entry,
			    attribute == ATTRIBUTE_KEY ? CANDIDATE_OPENPGP : CANDIDATE_CERTIFICATE,
			    value);
	}
	if (values != NULL)
		ldap_value_free_len(values);
}

/* Servers hand a binary attribute on with or without its option. */
static void
take_entry(struct search *search, LDAPMessage *entry)
{
	take_values(search, entry, "userCertificate;binary", ATTRIBUTE_CERTIFICATE);
	take_values(search, entry, "userCertificate", ATTRIBUTE_CERTIFICATE);
	take_values(search, entry, "userSMIMECertificate;binary", ATTRIBUTE_BUNDLE);
	take_values(search, entry, "userSMIMECertificate", ATTRIBUTE_BUNDLE);
	if (*search->directory->key_attribute != '\0')
		take_values(search, entry, search->directory->key_attribute, ATTRIBUTE_KEY);
}

static enum status
look_in(struct search *search)
{
	const char *key_attribute = search->directory->key_attribute;
	/* Some servers know these names only with the option, some only without. */
	char *wanted[] = {"userCertificate;binary",
			  "userCertificate",
			  "userSMIMECertificate;binary",
			  "userSMIMECertificate",
			  *key_attribute == '\0' ? NULL : (char *)key_attribute,
			  NULL};
	struct timeval left = time_left(search);
	LDAPMessage *result = NULL;
	enum status status = STATUS_OK;
	int code;

	code =
	    ldap_search_ext_s(search->connection, search->directory->base, LDAP_SCOPE_SUBTREE,
			      search->filter, wanted, 0, NULL, NULL, &left, ENTRIES_MAX, &result);
	if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED) {
		size_t entries = 0;

		for (LDAPMessage *entry = ldap_first_entry(search->connection, result);
		     entry != NULL && entries++ < ENTRIES_MAX;
		     entry = ldap_next_entry(search->connection, entry))
			take_entry(search, entry);
	} else if (code != LDAP_NO_SUCH_OBJECT) {
		status = fail(search, code, reason_of(code));
	}
	ldap_msgfree(result);
	return status;
}

static enum status
ask_server(struct search *search)
{
	struct ldap_watch watch;
	enum status status;
	int code = ldap_initialize(&search->connection, search->server);

	if (code != LDAP_SUCCESS)
		return fail(search, code, "unreachable");
	status = ldap_watch_begin(&watch, search->connection, search->deadline);
	if (status != STATUS_OK) {
		ldap_unbind_ext_s(search->connection, NULL, NULL);
		return fail(search, LDAP_LOCAL_ERROR, "ldap-failed");
	}
	status = connect_to(search);
	if (status == STATUS_OK)
		status = look_in(search);
	ldap_unbind_ext_s(search->connection, NULL, NULL);
	if (ldap_watch_end(&watch) && status != STATUS_OK)
		search->failure.reason = "timeout";
	return status;
}

struct finding
ldap_look(const struct ldap_directory *directory, struct slice address, int64_t deadline,
	  struct arena *arena)
{
	struct search search = {
	    .directory = directory,
	    .arena = arena,
	    .finding = {.source = CANDIDATE_LDAP,
			.outcome = FINDING_NONE,
			.reason = "no-entry",
			.detail = ""},
	    .failure = {"wrong-address", ""},
	};
	struct slice local = address_unquote(address_local(address), arena);
	int64_t began = clock_monotonic_ms();
	const char *domain;

	if (idn_to_ascii(address_domain(address), arena, &domain) != STATUS_OK ||
	    ldap_filter_make(directory->filter, local, slice_from_text(domain), arena,
			     &search.filter) != STATUS_OK)
		return finding_failed(CANDIDATE_LDAP, &search.failure, false, arena);
	/* Each server gets its share of the time, so that one that hangs leaves some for the next.
	 */
	for (size_t i = 0; i < directory->server_count; i++) {
		search.server = directory->servers[i];
		search.deadline = began + (deadline - began) * (int64_t)(i + 1) /
					      (int64_t)directory->server_count;
		if (ask_server(&search) == STATUS_OK)
			return search.finding;
	}
	return finding_failed(CANDIDATE_LDAP, &search.failure, true, arena);
}
