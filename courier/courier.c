#include "courier/courier.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "courier/figures.h"
#include "courier/reload.h"
#include "courier/settings.h"
#include "courier/worker.h"
#include "mail/parse.h"
#include "mail/reader.h"
#include "messenger/finder.h"
#include "messenger/letterhead.h"
#include "messenger/messenger.h"
#include "pdf/options.h"

#define WAIT_MS 1000
/* For each: its transaction, the claim, the chunk reader, the search for keys. */
#define STORES_PER_WORKER 4

struct courier {
	struct messenger messenger;
	struct keys keys;
	struct policy *policy;
	struct languages *languages;
	struct finder *finder;
	struct letterhead *letterhead;
	struct arena *arena; /* of the relay's settings */
	struct send_ways ways;
	struct reload reload;
	struct workers *workers;
	struct store *ears; /* listens for work */
};

static enum status
fail(const char *what, enum status status)
{
	log_error("start-failed", LOG_TEXT("what", what), LOG_TEXT("status", status_text(status)));
	return status;
}

static enum status
prepare(struct courier *courier, const struct config *config)
{
	size_t workers = (size_t)config_number(config, "courier.workers");
	const char *database = config_text(config, "courier.database");
	struct relay_pool_settings relay;
	enum status status = policy_from_config(config, stderr, &courier->policy);

	if (status == STATUS_OK)
		status = settings_relay(config, stderr, courier->arena, &relay);
	if (status != STATUS_OK)
		return fail("configuration", status);
	status = relay_pool_open(&relay, &courier->ways.relays);
	if (status != STATUS_OK)
		return fail("relay", status);
	courier->ways.direct = direct_new(config);
	courier->ways.phone = phone_new(config);
	status = keyfile_load(config_text(config, "courier.keys"), KEYFILE_COURIER, &courier->keys);
	if (status != STATUS_OK)
		return fail("keys", status);
	status =
	    languages_load(config_text(config, "courier.templates"),
			   config_text(config, "courier.languages"), stderr, &courier->languages);
	if (status != STATUS_OK)
		return fail("templates", status);
	status = store_pool_open(database, workers * STORES_PER_WORKER, &courier->messenger.stores);
	if (status == STATUS_OK)
		status = store_open(database, &courier->ears);
	if (status == STATUS_OK)
		status = store_listen(courier->ears, "postern_work");
	if (status != STATUS_OK)
		return fail("database", status);
	status = pdf_open_reader(config, &courier->messenger.reader);
	if (status != STATUS_OK)
		return fail("reader", status);
	status = letterhead_load(config, stderr, &courier->letterhead);
	if (status != STATUS_OK)
		return fail("configuration", status);
	status = finder_open(config, true, stderr, &courier->finder);
	if (status != STATUS_OK)
		return fail("keys of recipients", status);
	courier->messenger.keys = &courier->keys;
	courier->messenger.finder = courier->finder;
	courier->messenger.policy = courier->policy;
	courier->messenger.languages = courier->languages;
	courier->messenger.letterhead = courier->letterhead;
	status = messenger_check_language(&courier->messenger);
	if (status != STATUS_OK)
		return fail("configuration", status);
	courier->reload = (struct reload){
	    .running = config, .messenger = &courier->messenger, .first = courier->ways.relays};
	status = courier_figures_start(config);
	if (status != STATUS_OK)
		return fail("metrics", status);
	return workers_start(&courier->messenger, &courier->ways, workers,
			     config_number(config, "courier.clock_patience"), &courier->workers);
}

static void
release(struct courier *courier)
{
	if (courier->workers != NULL)
		workers_stop(courier->workers);
	courier_reload_release(&courier->reload);
	courier_figures_stop();
	relay_pool_close(courier->ways.relays);
	direct_free(courier->ways.direct);
	phone_free(courier->ways.phone);
	reader_close(courier->messenger.reader);
	if (courier->messenger.stores != NULL)
		store_pool_close(courier->messenger.stores);
	if (courier->ears != NULL)
		store_close(courier->ears);
	finder_close(courier->finder);
	letterhead_free(courier->letterhead);
	languages_free(courier->languages);
	policy_free(courier->policy);
	keys_clear(&courier->keys);
	arena_free(courier->arena);
}

/* SIGTERM, SIGINT and SIGHUP become readable, for all threads. */
static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when it is time to stop.  SIGHUP is served here. */
static bool
take_signals(struct courier *courier, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			return true;
		service_reloading();
		courier_reload(&courier->reload, courier->workers);
		service_ready();
	}
	return false;
}

static void
serve(struct courier *courier, int signals)
{
	int64_t alive_ms = 0;

	log_info("ready", LOG_NUMBER("pid", getpid()));
	service_ready();
	while (!take_signals(courier, signals)) {
		bool notified;
		enum status status = store_wait(courier->ears, WAIT_MS, signals, &notified);

		courier_reload_tidy(&courier->reload, courier->workers);
		service_alive_when_due(&alive_ms);
		if (notified)
			workers_wake(courier->workers);
		if (status == STATUS_OK)
			continue;
		/* The workers notice by themselves; here only the ears are opened again. */
		if (store_listen(courier->ears, "postern_work") != STATUS_OK)
			usleep(WAIT_MS * 1000 / 2);
	}
	service_stopping();
	log_info("stopping", LOG_NUMBER("pid", getpid()));
}

int
courier_main(const struct config *config)
{
	struct courier courier = {.arena = arena_new()};
	int signals;
	enum status status;

	mail_prepare();
	signal(SIGPIPE, SIG_IGN);
	signals = open_signals();
	status = signals < 0 ? STATUS_INTERNAL : prepare(&courier, config);
	if (status == STATUS_OK)
		serve(&courier, signals);
	release(&courier);
	return status == STATUS_OK ? 0 : 1;
}
