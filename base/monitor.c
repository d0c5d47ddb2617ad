#include "base/monitor.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/monitor_listen.h"
#include "base/text.h"

#define CONNECTIONS 16
#define IDLE_SECONDS 5
#define CONNECTION_MEMORY ((size_t)8192)
#define PAGE_MAX ((size_t)262144)
#define REFRESH_MS 5000
#define READY_MS 1000

struct monitor {
	struct monitor_settings settings;
	struct MHD_Daemon *daemon;
	int listener;
	int64_t refreshed_ms; /* 0: never */
	int64_t asked_ms;
	bool ready;
};

static bool
is_due(int64_t *last_ms, int64_t every)
{
	int64_t now = clock_monotonic_ms();

	if (*last_ms != 0 && now - *last_ms < every)
		return false;
	*last_ms = now;
	return true;
}

static unsigned
write_figures(struct monitor *monitor, struct text *page)
{
	const struct monitor_settings *settings = &monitor->settings;

	if (settings->refresh != NULL && is_due(&monitor->refreshed_ms, REFRESH_MS))
		settings->refresh(settings->context);
	for (const struct metric *const *table = settings->tables; *table != NULL; table++)
		metrics_write(*table, page);
	return text_ok(page) ? MHD_HTTP_OK : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static unsigned
write_readiness(struct monitor *monitor, struct text *page)
{
	if (is_due(&monitor->asked_ms, READY_MS))
		monitor->ready = monitor->settings.is_ready(monitor->settings.context);
	text_append_text(page, monitor->ready ? "ok\n" : "database away\n");
	return monitor->ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned
write_page(struct monitor *monitor, const char *path, struct text *page)
{
	if (strcmp(path, "/metrics") == 0)
		return write_figures(monitor, page);
	if (strcmp(path, "/readyz") == 0)
		return write_readiness(monitor, page);
	if (strcmp(path, "/healthz") == 0) {
		text_append_text(page, "ok\n");
		return MHD_HTTP_OK;
	}
	text_append_text(page, "not found\n");
	return MHD_HTTP_NOT_FOUND;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned code, struct slice body)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(body.size, (void *)body.data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type",
				"text/plain; version=0.0.4; charset=utf-8");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	/* What else came with the request, a body for one, is never read. */
	MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

/* Called with the header fields; answered at once, whatever would follow. */
/* NOLINTBEGIN(readability-non-const-parameter): the type is the library's. */
static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *piece, size_t *size, void **request)
{
	struct monitor *monitor = context;
	struct text page;
	unsigned code;
	enum MHD_Result result;

	(void)version;
	(void)piece;
	(void)request;
	if (*size > 0)
		return MHD_NO;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, SLICE("GET only\n"));
	text_init(&page, PAGE_MAX);
	code = write_page(monitor, url, &page);
	result = answer(connection, code, text_slice(&page));
	text_clear(&page);
	return result;
}
/* NOLINTEND(readability-non-const-parameter) */

static void
on_remark(void *context, const char *format, va_list arguments)
{
	(void)context;
	(void)arguments;
	log_debug("http-library", LOG_TEXT("remark", format));
}

enum status
monitor_check(const struct config *config, const char *option, FILE *faults)
{
	const char *where = config_text(config, option);
	struct monitor_address address;

	if (*where == '\0' || monitor_parse(where, &address) == STATUS_OK)
		return STATUS_OK;
	config_fault(config, option, faults,
		     "expects a loopback address such as 127.0.0.1:9464, or unix:/path");
	return STATUS_INVALID;
}

enum status
monitor_start(const struct monitor_settings *settings, struct monitor **monitor_out)
{
	struct monitor *monitor;
	enum status status;

	*monitor_out = NULL;
	if (*settings->where == '\0')
		return STATUS_OK;
	monitor = calloc(1, sizeof(*monitor));
	if (monitor == NULL)
		return STATUS_UNAVAILABLE;
	monitor->settings = *settings;
	status = monitor_listen(settings->where, &monitor->listener);
	if (status != STATUS_OK) {
		log_error("monitor-failed", LOG_TEXT("where", settings->where),
			  LOG_TEXT("reason", status == STATUS_INVALID ? "no loopback address"
								      : strerror(errno)));
		free(monitor);
		return status;
	}
	monitor->daemon =
	    MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0,
			     NULL, NULL, on_request, monitor,			    /* */
			     MHD_OPTION_EXTERNAL_LOGGER, on_remark, monitor,	    /* first */
			     MHD_OPTION_LISTEN_SOCKET, monitor->listener,	    /* */
			     MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,    /* */
			     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, /* */
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, /* */
			     MHD_OPTION_END);
	if (monitor->daemon == NULL) {
		log_error("monitor-failed", LOG_TEXT("where", settings->where),
			  LOG_TEXT("reason", "no thread"));
		monitor_unlisten(settings->where, monitor->listener);
		free(monitor);
		return STATUS_UNAVAILABLE;
	}
	log_info("monitored", LOG_TEXT("where", settings->where));
	*monitor_out = monitor;
	return STATUS_OK;
}

void
monitor_stop(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	/* The library closes the listener. */
	MHD_stop_daemon(monitor->daemon);
	monitor_unlisten(monitor->settings.where, -1);
	free(monitor);
}
