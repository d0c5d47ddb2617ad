#include "portal/figures.h"

#include "base/monitor.h"
#include "mail/reading_figures.h"
#include "store/figures.h"

static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx", NULL};
static const char *const unlocks[] = {"right", "wrong", "throttled", "closed", "failed", NULL};
static const char *const sessions[] = {"message", "desk", NULL};
static const char *const pools[] = {"passphrases", "reading", NULL};

static const int64_t request_times[] = {5,    10,   25,	  50,	 100,	250,   500,
					1000, 2500, 5000, 10000, 30000, 60000, 0};
static const int64_t stretch_times[] = {50, 100, 200, 300, 500, 750, 1000, 2000, 5000, 10000, 0};

enum { REQUESTS, TIMES, UNLOCKS, SESSIONS, BUSY, WAITING, REFUSED, STRETCHING };

static struct metric figures[] = {
    [REQUESTS] = {.name = "postern_portal_requests_total",
		  .help = "Requests by class of the answer's status; none: broken off before.",
		  .kind = METRIC_COUNTER,
		  .labels = {"status"},
		  .values = {classes}},
    [TIMES] = {.name = "postern_portal_request_seconds",
	       .help = "Time from a request's first line to the end of its answer.",
	       .kind = METRIC_HISTOGRAM,
	       .bounds = request_times},
    [UNLOCKS] = {.name = "postern_portal_unlocks_total",
		 .help = "Passphrases that recipients typed, by what came of it.",
		 .kind = METRIC_COUNTER,
		 .labels = {"outcome"},
		 .values = {unlocks}},
    [SESSIONS] = {.name = "postern_portal_sessions_opened_total",
		  .help = "Sessions that were opened, of a message or of a sender's desk.",
		  .kind = METRIC_COUNTER,
		  .labels = {"kind"},
		  .values = {sessions}},
    [BUSY] = {.name = "postern_portal_pool_busy",
	      .help = "Workers that are at work now: on passphrases (Argon2), or reading messages.",
	      .kind = METRIC_GAUGE,
	      .labels = {"pool"},
	      .values = {pools}},
    [WAITING] = {.name = "postern_portal_pool_waiting",
		 .help = "Requests that wait for a worker.",
		 .kind = METRIC_GAUGE,
		 .labels = {"pool"},
		 .values = {pools}},
    [REFUSED] = {.name = "postern_portal_pool_refused_total",
		 .help = "Requests that were asked to try again because too many waited.",
		 .kind = METRIC_COUNTER,
		 .labels = {"pool"},
		 .values = {pools}},
    [STRETCHING] = {.name = "postern_portal_passphrase_seconds",
		    .help = "Time that a worker took for a request with a passphrase (Argon2).",
		    .kind = METRIC_HISTOGRAM,
		    .bounds = stretch_times},
    {.name = NULL},
};

static const struct metric *const tables[] = {figures, reading_figures, NULL};
static struct monitor *monitor;
static struct probe probe;

static bool
is_ready(void *context)
{
	(void)context;
	return probe_ask(&probe) == STATUS_OK;
}

enum status
portal_figures_start(const struct config *config)
{
	struct monitor_settings settings = {
	    .where = config_text(config, "portal.metrics"),
	    .tables = tables,
	    .is_ready = is_ready,
	};

	probe.connection = config_text(config, "portal.database");
	return monitor_start(&settings, &monitor);
}

void
portal_figures_stop(void)
{
	monitor_stop(monitor);
	monitor = NULL;
	probe_close(&probe);
}

void
portal_count_request(int http_status, int64_t milliseconds)
{
	int class = http_status / 100;

	metric_add(&figures[REQUESTS], class >= 1 && class <= 5 ? (size_t) class : 0, 1);
	metric_observe(&figures[TIMES], milliseconds);
}

void
portal_count_unlock(enum status status)
{
	enum { RIGHT, WRONG, THROTTLED, CLOSED, FAILED } outcome = FAILED;

	switch (status) {
	case STATUS_OK:
		outcome = RIGHT;
		portal_count_session(FIGURE_MESSAGE);
		break;
	case STATUS_INVALID:
	case STATUS_DENIED:
		outcome = WRONG;
		break;
	case STATUS_BUSY:
		outcome = THROTTLED;
		break;
	case STATUS_GONE:
	case STATUS_NOT_FOUND:
		outcome = CLOSED;
		break;
	default:
		break;
	}
	metric_add(&figures[UNLOCKS], outcome, 1);
}

void
portal_count_session(enum figure_session session)
{
	metric_add(&figures[SESSIONS], session, 1);
}

static size_t
pool_of(enum route_place place)
{
	return place == PLACE_STRETCH ? 0 : 1;
}

void
portal_pool_waits(enum route_place place)
{
	metric_add(&figures[WAITING], pool_of(place), 1);
}

void
portal_pool_refuses(enum route_place place)
{
	metric_add(&figures[WAITING], pool_of(place), -1);
	metric_add(&figures[REFUSED], pool_of(place), 1);
}

void
portal_pool_begins(enum route_place place)
{
	metric_add(&figures[WAITING], pool_of(place), -1);
	metric_add(&figures[BUSY], pool_of(place), 1);
}

void
portal_pool_ends(enum route_place place, int64_t milliseconds)
{
	metric_add(&figures[BUSY], pool_of(place), -1);
	if (place == PLACE_STRETCH)
		metric_observe(&figures[STRETCHING], milliseconds);
}
