#include "portal/portal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/monitor.h"
#include "base/service.h"
#include "mail/parse.h"
#include "mail/reader.h"
#include "messenger/letterhead.h"
#include "pdf/options.h"
#include "portal/assets.h"
#include "portal/brand.h"
#include "portal/certificate.h"
#include "portal/figures.h"
#include "portal/reload.h"
#include "portal/server.h"
#include "portal/session.h"

/* They fetch the next chunk of a file while the one before is sent. */
#define AHEAD_THREADS 2
#define AHEAD_WAITING 16

const struct config_option portal_options[] = {
    {"portal.listen", CONFIG_TEXT, "127.0.0.1:8443", 0, 0, false,
     "address and port for browsers (HTTPS); IPv6 in brackets"},
    {"portal.certificate", CONFIG_PATH, NULL, 0, 0, true,
     "certificate chain (PEM); read again on SIGHUP"},
    {"portal.private_key", CONFIG_PATH, NULL, 0, 0, true, "private key of the certificate (PEM)"},
    {"portal.database", CONFIG_TEXT, "dbname=postern user=postern_portal", 0, 0, false,
     "libpq connection string of the portal's role"},
    {"portal.database_connections", CONFIG_NUMBER, "8", 1, 200, false,
     "connections to the database"},
    {"portal.keys", CONFIG_PATH, "keys/portal.keys", 0, 0, false, "the portal's key file"},
    {"portal.static", CONFIG_PATH, "static", 0, 0, false,
     "folder with the style sheet, pictures and scripts"},
    {"portal.templates", CONFIG_PATH, "templates", 0, 0, false, "folder with the pages' templates"},
    {"portal.languages", CONFIG_PATH, "", 0, 0, false,
     "folder of their translations; empty: languages, beside portal.templates"},
    {"portal.workers", CONFIG_NUMBER, "0", 0, 256, false,
     "passphrases checked at the same time (64 MiB each); 0: as many as there are cores"},
    {"portal.waiting", CONFIG_NUMBER, "32", 1, 10000, false,
     "passphrases waiting for that; beyond it visitors are asked to try again"},
    {"portal.connections", CONFIG_NUMBER, "1024", 8, 100000, false,
     "connections from browsers at the same time"},
    {"portal.connections_per_address", CONFIG_NUMBER, "100", 0, 100000, false,
     "of these from one address; 0: no limit (always so behind a listed proxy)"},
    {"portal.trusted_proxies", CONFIG_LIST, "", 0, 0, false,
     "addresses or networks whose X-Forwarded-For is believed (its last entry)"},
    {"portal.reply_size", CONFIG_SIZE, "100 MB", 1024, (int64_t)1 << 40, true,
     "a reply with its files, at most"},
    {"portal.demo_maildir", CONFIG_PATH, "", 0, 0, false,
     "demonstration only: folder of Maildirs that /demo lists; needs a loopback address"},
    {"portal.metrics", CONFIG_TEXT, "", 0, 0, false,
     "where figures are served: loopback address:port or unix:/path; empty: nowhere"},
    {.name = NULL},
};

enum status
portal_check(const struct config *config, FILE *faults)
{
	enum status status = monitor_check(config, "portal.metrics", faults);
	struct brand *brand;

	/* Each program looks only at what it reads. */
	if (brand_load(config, faults, &brand) != STATUS_OK)
		return STATUS_INVALID;
	brand_free(brand);
	return letterhead_check(config, faults) == STATUS_OK ? status : STATUS_INVALID;
}

/* What portal_main opens, in the order it is opened. */
struct opened_site {
	struct site site;
	struct keys keys;
	struct policy *policy;
	struct languages *languages;
	struct assets *assets;
	struct brand *brand;
	struct letterhead *letterhead;
	struct words *words;
	sigset_t signals;
};

/* A socket that systemd holds for us goes before portal.listen. */
static bool
take_listener(struct server_options *options)
{
	options->listener = -1;
	if (service_sockets("https", &options->listener, 1) == 0)
		return false;
	options->address_size = sizeof(options->address);
	if (getsockname(options->listener, (struct sockaddr *)&options->address,
			&options->address_size) != 0)
		options->address.ss_family = AF_UNSPEC;
	return true;
}

static enum status
read_listener(const struct config *config, struct server_options *options)
{
	const char *text = config_text(config, "portal.listen");
	struct network_address address;

	if (!take_listener(options) &&
	    network_parse_listen(text, &options->address, &options->address_size) != STATUS_OK) {
		log_error("configuration", LOG_TEXT("option", "portal.listen"),
			  LOG_TEXT("why", "expects address:port"));
		return STATUS_INVALID;
	}
	/* The demonstration shows everybody's mail to whoever can connect. */
	address = network_from_socket((const struct sockaddr *)&options->address);
	if (*config_text(config, "portal.demo_maildir") != '\0' && !network_is_loopback(&address)) {
		log_error("configuration", LOG_TEXT("option", "portal.demo_maildir"),
			  LOG_TEXT("why", "needs a loopback address in portal.listen"));
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
read_proxies(const struct config *config, struct site *site)
{
	size_t count;
	const char *const *list = config_list(config, "portal.trusted_proxies", &count);

	site->proxies = calloc(count + 1, sizeof(*site->proxies));
	if (site->proxies == NULL)
		return STATUS_UNAVAILABLE;
	for (; site->proxy_count < count; site->proxy_count++) {
		if (network_parse_range(slice_from_text(list[site->proxy_count]),
					&site->proxies[site->proxy_count]) == STATUS_OK)
			continue;
		log_error("configuration", LOG_TEXT("option", "portal.trusted_proxies"),
			  LOG_TEXT("why", "expects addresses or networks"));
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
read_options(const struct config *config, struct site *site, struct server_options *options)
{
	enum status status = read_listener(config, options);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (status == STATUS_OK)
		status = read_proxies(config, site);
	options->workers = (size_t)config_number(config, "portal.workers");
	if (options->workers == 0)
		options->workers = cores < 1 ? 1 : (size_t)cores;
	options->waiting = (size_t)config_number(config, "portal.waiting");
	options->connections = (unsigned)config_number(config, "portal.connections");
	if (site->proxy_count == 0)
		options->connections_per_address =
		    (unsigned)config_number(config, "portal.connections_per_address");
	site->reply_size = (uint64_t)config_number(config, "portal.reply_size");
	site->demo_maildir = config_text(config, "portal.demo_maildir");
	return status;
}

/* Wait a second for one of our signals: 0 when there was none. */
static int
pause_or_signal(const sigset_t *signals)
{
	const struct timespec second = {.tv_sec = 1};
	int number = sigtimedwait(signals, NULL, &second);

	return number < 0 ? 0 : number;
}

/* The database may come up later than we do. */
static enum status
open_store(const struct config *config, struct opened_site *opened)
{
	const char *connection = config_text(config, "portal.database");
	size_t count = (size_t)config_number(config, "portal.database_connections");
	struct messenger *messenger = &opened->site.messenger;
	enum status status;

	while ((status = store_pool_open(connection, count, &messenger->stores)) ==
	       STATUS_UNAVAILABLE) {
		int number = pause_or_signal(&opened->signals);

		log_warning("database-away", LOG_NUMBER("retry", 1));
		if (number == SIGTERM || number == SIGINT)
			return STATUS_UNAVAILABLE;
	}
	if (status == STATUS_OK)
		status = intake_open(connection, count, &messenger->intake);
	if (status == STATUS_OK)
		status = pool_new(AHEAD_THREADS, AHEAD_WAITING, &messenger->ahead);
	if (status != STATUS_OK)
		log_error("database-unusable", LOG_TEXT("status", status_text(status)));
	return status;
}

static enum status
open_files(const struct config *config, struct opened_site *opened)
{
	struct site *site = &opened->site;
	enum status status = policy_from_config(config, stderr, &opened->policy);

	if (status == STATUS_OK)
		status =
		    keyfile_load(config_text(config, "portal.keys"), KEYFILE_PORTAL, &opened->keys);
	if (status == STATUS_OK)
		status = languages_load(config_text(config, "portal.templates"),
					config_text(config, "portal.languages"), stderr,
					&opened->languages);
	if (status == STATUS_OK)
		status =
		    words_load(config_text(config, "portal.templates"), stderr, &opened->words);
	if (status == STATUS_OK)
		status = assets_load(config_text(config, "portal.static"), stderr, &opened->assets);
	if (status == STATUS_OK)
		status = brand_load(config, stderr, &opened->brand);
	if (status == STATUS_OK)
		status = letterhead_load(config, stderr, &opened->letterhead);
	if (status == STATUS_OK)
		status = certificate_load(config_text(config, "portal.certificate"),
					  config_text(config, "portal.private_key"));
	if (status != STATUS_OK) {
		log_error("cannot-start", LOG_TEXT("status", status_text(status)));
		return status;
	}
	site->messenger.keys = &opened->keys;
	site->messenger.policy = opened->policy;
	site->messenger.languages = opened->languages;
	site->messenger.letterhead = opened->letterhead;
	site->words = opened->words;
	site->assets = opened->assets;
	site->brand = opened->brand;
	session_derive_csrf_key(&opened->keys.pepper, &site->csrf_key);
	return messenger_check_language(&site->messenger);
}

static void
close_site(struct opened_site *opened)
{
	struct site *site = &opened->site;

	reader_close(site->messenger.reader);
	if (site->messenger.ahead != NULL)
		pool_free(site->messenger.ahead);
	if (site->messenger.intake != NULL)
		intake_close(site->messenger.intake);
	if (site->messenger.stores != NULL)
		store_pool_close(site->messenger.stores);
	certificate_release();
	secret_clear(&site->csrf_key);
	letterhead_free(opened->letterhead);
	brand_free(opened->brand);
	assets_free(opened->assets);
	words_free(opened->words);
	languages_free(opened->languages);
	if (opened->policy != NULL)
		policy_free(opened->policy);
	keys_clear(&opened->keys);
	free(site->proxies);
}

static void
serve(const struct config *config, const struct opened_site *opened, struct server *server)
{
	struct reload reload = {.running = config, .site = &opened->site};
	int64_t alive_ms = 0;
	int number = 0;

	log_info("ready", LOG_TEXT("listen", config_text(config, "portal.listen")));
	service_ready();
	while (number != SIGTERM && number != SIGINT) {
		service_alive_when_due(&alive_ms);
		number = pause_or_signal(&opened->signals);
		if (number != SIGHUP)
			continue;
		service_reloading();
		portal_reload(&reload, server);
		service_ready();
	}
	service_stopping();
	log_info("stopping", LOG_NUMBER("signal", number));
	server_stop(server);
	portal_reload_release(&reload);
}

int
portal_main(const struct config *config)
{
	struct opened_site opened = {.site.proxy_count = 0};
	struct server_options options = {.connections = 0};
	struct server *server = NULL;
	enum status status;

	/* Before the first thread, so that signals come to this one alone. */
	sigemptyset(&opened.signals);
	sigaddset(&opened.signals, SIGTERM);
	sigaddset(&opened.signals, SIGINT);
	sigaddset(&opened.signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &opened.signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	mail_prepare();

	status = read_options(config, &opened.site, &options);
	if (status == STATUS_OK)
		status = open_files(config, &opened);
	if (status == STATUS_OK)
		status = open_store(config, &opened);
	if (status == STATUS_OK)
		status = pdf_open_reader(config, &opened.site.messenger.reader);
	if (status == STATUS_OK)
		status = portal_figures_start(config);
	if (status == STATUS_OK)
		status = server_start(&opened.site, &options, &server);
	if (status == STATUS_OK)
		serve(config, &opened, server);
	portal_figures_stop();
	close_site(&opened);
	return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
