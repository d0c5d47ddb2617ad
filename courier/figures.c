#include "courier/figures.h"

#include "base/clock.h"
#include "base/monitor.h"
#include "mail/reading_figures.h"
#include "messenger/figures.h"
#include "store/figures.h"

/* By enum relay_outcome. */
static const char *const outcomes[] = {"sent", "later", "refused", "waiting", NULL};
_Static_assert(sizeof(outcomes) / sizeof(outcomes[0]) == RELAY_WAITING + 2, "a name for each");
static const char *const dues[] = {"due", "later", NULL};

/* By enum outbox_kind; what is not known here is "other". */
static const char *const kinds[] = {
    "other",
    "plain",
    "finish",
    "notice",
    "reply",
    "bounce",
    "opened",
    "suspended-recipient",
    "suspended-sender",
    "expired-unread",
    "sent",
    "asked",
    "new-clue",
    "remind-recipient",
    "remind-sender",
    "taken",
    "replied",
    "accepted",
    "sign-in",
    "delayed",
    "relayed",
    "encrypted",
    "verified",
    "code",
    "account",
    "phone",
    "sheet",
    NULL,
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]) - 1)

static const int64_t seconds[] = {1000,	  2000,	   5000,     10000,    30000,	  60000, 300000,
				  900000, 3600000, 14400000, 86400000, 432000000, 0};

enum { RELAYED, LETTERS, DELIVERY, QUEUE, OLDEST, HELD, RECEIVED, DATABASE };

static struct metric figures[] = {
    [RELAYED] = {.name = "postern_courier_relayed_total",
		 .help =
		     "Recipients by what the relay said; later ones are tried again, waiting ones "
		     "were not asked for.",
		 .kind = METRIC_COUNTER,
		 .labels = {"outcome"},
		 .values = {outcomes}},
    [LETTERS] = {.name = "postern_courier_letters_total",
		 .help = "Letters handed to the relay, by kind; each try counts.",
		 .kind = METRIC_COUNTER,
		 .labels = {"kind"},
		 .values = {kinds}},
    [DELIVERY] = {.name = "postern_courier_delivery_seconds",
		  .help =
		      "Time from receiving a plain message to the relay taking it for a recipient.",
		  .kind = METRIC_HISTOGRAM,
		  .bounds = seconds},
    [QUEUE] = {.name = "postern_courier_queue_letters",
	       .help =
		   "Letters in the outbox, all couriers together: due now, or later (to be tried "
		   "again, or in hand).",
	       .kind = METRIC_GAUGE,
	       .labels = {"kind", "state"},
	       .values = {kinds, dues}},
    [OLDEST] = {.name = "postern_courier_queue_oldest_seconds",
		.help = "Age of the oldest letter in the outbox; 0 when there is none.",
		.kind = METRIC_GAUGE,
		.labels = {"kind"},
		.values = {kinds}},
    [HELD] = {.name = "postern_courier_held_deliveries",
	      .help = "Deliveries that wait for their senders to finish.",
	      .kind = METRIC_GAUGE},
    [RECEIVED] = {.name = "postern_courier_unrouted_messages",
		  .help = "Messages that were taken and are not routed yet.",
		  .kind = METRIC_GAUGE},
    [DATABASE] = {.name = "postern_courier_database_up",
		  .help = "1 when the database answered; else the queue's figures are old.",
		  .kind = METRIC_GAUGE},
    {.name = NULL},
};

static const struct metric *const tables[] = {figures, messenger_figures, reading_figures, NULL};
static struct monitor *monitor;
static struct probe probe;

static size_t
kind_of(enum outbox_kind kind)
{
	return kind < KINDS ? (size_t)kind : 0;
}

static void
show_queue(const struct queue_figure *rows, size_t count, int64_t now)
{
	for (size_t kind = 0; kind < KINDS; kind++) {
		int64_t letters[2] = {0, 0};
		int64_t age = 0;

		for (size_t i = 0; i < count; i++) {
			if (kind_of(rows[i].kind) != kind)
				continue;
			letters[rows[i].later] += rows[i].letters;
			if (now - rows[i].oldest_at > age)
				age = now - rows[i].oldest_at;
		}
		metric_set(&figures[QUEUE], kind, 0, letters[0]);
		metric_set(&figures[QUEUE], kind, 1, letters[1]);
		metric_set(&figures[OLDEST], kind, 0, age);
	}
}

/* On the monitor's thread, which the probe belongs to. */
static void
refresh(void *context)
{
	struct arena *arena = arena_new();
	struct queue_figure *rows;
	int64_t held, received;
	int64_t now = clock_now();
	size_t count;
	enum status status = probe_ask(&probe);

	(void)context;
	if (status == STATUS_OK)
		status = figures_of_queue(probe.store, now, arena, &rows, &count);
	if (status == STATUS_OK)
		status = figures_of_waiting(probe.store, &held, &received);
	if (status == STATUS_OK) {
		show_queue(rows, count, now);
		metric_set(&figures[HELD], 0, 0, held);
		metric_set(&figures[RECEIVED], 0, 0, received);
	}
	metric_set(&figures[DATABASE], 0, 0, status == STATUS_OK);
	arena_free(arena);
}

static bool
is_ready(void *context)
{
	(void)context;
	return probe_ask(&probe) == STATUS_OK;
}

enum status
courier_figures_start(const struct config *config)
{
	struct monitor_settings settings = {
	    .where = config_text(config, "courier.metrics"),
	    .tables = tables,
	    .refresh = refresh,
	    .is_ready = is_ready,
	};

	probe.connection = config_text(config, "courier.database");
	return monitor_start(&settings, &monitor);
}

void
courier_figures_stop(void)
{
	monitor_stop(monitor);
	monitor = NULL;
	probe_close(&probe);
}

void
courier_count_letter(const struct dispatch *dispatch, int64_t now)
{
	bool asked = false;

	for (size_t i = 0; i < dispatch->recipient_count; i++) {
		enum relay_outcome outcome = dispatch->recipients[i].outcome;

		asked = asked || outcome != RELAY_WAITING;
		metric_add(&figures[RELAYED], outcome, 1);
		if (outcome == RELAY_SENT && dispatch->row.kind == OUTBOX_PLAIN)
			metric_observe(&figures[DELIVERY], (now - dispatch->received_at) * 1000);
	}
	if (asked)
		metric_add(&figures[LETTERS], kind_of(dispatch->row.kind), 1);
}
