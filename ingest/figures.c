#include "ingest/figures.h"

#include <string.h>

#include "base/clock.h"
#include "base/monitor.h"
#include "store/figures.h"

static const char *const refusals[] = {"number", "rate", "resources", "other", NULL};
static const char *const logins[] = {"passed", "failed", NULL};
static const char *const versions[] = {"TLSv1.2", "TLSv1.3", "other", NULL};
/* Every code that RFC 5321 and its extensions know for a refusal. */
static const char *const codes[] = {"421", "450", "451", "452", "454", "455", "500",   "501", "502",
				    "503", "504", "521", "523", "530", "534", "535",   "538", "550",
				    "551", "552", "553", "554", "555", "556", "other", NULL};
static const int64_t times[] = {1,   2,	   5,	 10,   25,    50,    100, 250,
				500, 1000, 2500, 5000, 10000, 30000, 0};

enum { OPEN, ACCEPTED, REFUSED, REPLIES, TLS, LOGINS, MESSAGES, FAILED, BYTES, RECIPIENTS, COMMIT };

static struct metric figures[] = {
    [OPEN] = {.name = "postern_ingest_connections_open",
	      .help = "Connections that are served now.",
	      .kind = METRIC_GAUGE},
    [ACCEPTED] = {.name = "postern_ingest_sessions_total",
		  .help = "Connections that were served.",
		  .kind = METRIC_COUNTER},
    [REFUSED] = {.name = "postern_ingest_connections_refused_total",
		 .help = "Connections that were not served, by cause.",
		 .kind = METRIC_COUNTER,
		 .labels = {"cause"},
		 .values = {refusals}},
    [REPLIES] = {.name = "postern_ingest_refusals_total",
		 .help = "Replies that refuse something, by their code.",
		 .kind = METRIC_COUNTER,
		 .labels = {"code"},
		 .values = {codes}},
    [TLS] = {.name = "postern_ingest_tls_sessions_total",
	     .help = "Sessions that came under TLS, by its version.",
	     .kind = METRIC_COUNTER,
	     .labels = {"version"},
	     .values = {versions}},
    [LOGINS] = {.name = "postern_ingest_logins_total",
		.help = "Attempts to authenticate, by what came of them.",
		.kind = METRIC_COUNTER,
		.labels = {"outcome"},
		.values = {logins}},
    [MESSAGES] = {.name = "postern_ingest_messages_total",
		  .help = "Messages that were committed and acknowledged.",
		  .kind = METRIC_COUNTER},
    [FAILED] = {.name = "postern_ingest_messages_failed_total",
		.help = "Messages that came whole and could not be stored.",
		.kind = METRIC_COUNTER},
    [BYTES] = {.name = "postern_ingest_bytes_total",
	       .help = "Bytes of the messages that were taken.",
	       .kind = METRIC_COUNTER},
    [RECIPIENTS] = {.name = "postern_ingest_recipients_total",
		    .help = "Recipients of the messages that were taken.",
		    .kind = METRIC_COUNTER},
    [COMMIT] = {.name = "postern_ingest_commit_seconds",
		.help = "Time from a message's last byte to the end of its commit.",
		.kind = METRIC_HISTOGRAM,
		.bounds = times},
    {.name = NULL},
};

static const struct metric *const tables[] = {figures, NULL};
static struct monitor *monitor;
static struct probe probe;

static bool
is_ready(void *context)
{
	(void)context;
	return probe_ask(&probe) == STATUS_OK;
}

enum status
ingest_figures_start(const struct config *config)
{
	struct monitor_settings settings = {
	    .where = config_text(config, "ingest.metrics"),
	    .tables = tables,
	    .is_ready = is_ready,
	};

	probe.connection = config_text(config, "ingest.database");
	return monitor_start(&settings, &monitor);
}

void
ingest_figures_stop(void)
{
	monitor_stop(monitor);
	monitor = NULL;
	probe_close(&probe);
}

void
ingest_count_opened(void)
{
	metric_add(&figures[OPEN], 0, 1);
	metric_add(&figures[ACCEPTED], 0, 1);
}

void
ingest_count_closed(void)
{
	metric_add(&figures[OPEN], 0, -1);
}

/* Position of the word, or of the last one, which stands for all others. */
static size_t
find_word(const char *const *words, const char *word)
{
	size_t i = 0;

	while (words[i + 1] != NULL && strcmp(words[i], word) != 0)
		i++;
	return i;
}

void
ingest_count_turned_away(const char *cause)
{
	metric_add(&figures[REFUSED], find_word(refusals, cause), 1);
}

void
ingest_count_login(bool passed)
{
	metric_add(&figures[LOGINS], passed ? 0 : 1, 1);
}

void
ingest_count_reply(int code)
{
	const char text[4] = {(char)('0' + code / 100 % 10), (char)('0' + code / 10 % 10),
			      (char)('0' + code % 10), '\0'};

	if (code >= 400)
		metric_add(&figures[REPLIES], find_word(codes, text), 1);
}

void
ingest_count_tls(const char *version)
{
	metric_add(&figures[TLS], find_word(versions, version), 1);
}

void
ingest_count_message(enum status status, uint64_t bytes, size_t recipients, int64_t began_ms)
{
	metric_observe(&figures[COMMIT], clock_monotonic_ms() - began_ms);
	if (status != STATUS_OK) {
		metric_add(&figures[FAILED], 0, 1);
		return;
	}
	metric_add(&figures[MESSAGES], 0, 1);
	metric_add(&figures[BYTES], 0, (int64_t)bytes);
	metric_add(&figures[RECIPIENTS], 0, (int64_t)recipients);
}
