#include "portal/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "portal/certificate.h"
#include "portal/exchange.h"

#define THREADS 4
#define IDLE_SECONDS 60
#define CONNECTION_MEMORY ((size_t)32768) /* header fields, and pieces of the body */
#define BACKLOG 1024
#define DRAIN_MS 10000

/* The library shares the connections out evenly among its threads, and one that is full refuses
 * while others have room. */
#define UNEVENNESS 2

struct server {
	struct exchange_host host;
	struct deadlines *deadlines;
	struct MHD_Daemon *daemon;
	int listener;
};

static struct deadline *
deadline_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static void
on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	      enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		deadline_remove(server->deadlines, *socket_context);
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = deadline_add(server->deadlines, info->connect_fd);
}

static void *
on_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct server *server = context;

	return exchange_new(&server->host, target, deadline_of(connection));
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *piece, size_t *size, void **request)
{
	(void)context;
	(void)url;
	(void)version;
	return exchange_handle(*request, connection, method, piece, size);
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **request,
	     enum MHD_RequestTerminationCode code)
{
	(void)context;
	(void)connection;
	(void)code;
	if (*request != NULL)
		exchange_complete(*request);
	*request = NULL;
}

/* The library's remarks, without their values: those may come from a client. */
static void
on_remark(void *context, const char *format, va_list arguments)
{
	(void)context;
	(void)arguments;
	log_debug("http-library", LOG_TEXT("remark", format));
}

static int
listen_on(const struct server_options *options)
{
	int on = 1;
	int fd;

	if (options->listener >= 0)
		return options->listener;
	fd = socket(options->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const void *)&options->address, options->address_size) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Not strict: the library's own refusals leave without our header fields (and 0.9.75 sends
 * their head twice); the guard refuses the same and more. */
static struct MHD_Daemon *
start_daemon(struct server *server, const struct server_options *options)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG |
			 MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;

	return MHD_start_daemon(
	    flags, 0, NULL, NULL, on_request, server,			    /* */
	    MHD_OPTION_EXTERNAL_LOGGER, on_remark, server,		    /* first */
	    MHD_OPTION_LISTEN_SOCKET, server->listener,			    /* */
	    MHD_OPTION_HTTPS_PRIORITIES, CERTIFICATE_PRIORITIES,	    /* */
	    MHD_OPTION_HTTPS_CERT_CALLBACK, certificate_give,		    /* */
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, server,		    /* */
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,	    /* */
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,		    /* */
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,		    /* */
	    MHD_OPTION_CONNECTION_LIMIT, options->connections * UNEVENNESS, /* */
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, /* */
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, /* */
	    MHD_OPTION_STRICT_FOR_CLIENT, 0,			   /* */
	    MHD_OPTION_END);
}

static void
free_server(struct server *server)
{
	deadlines_free(server->deadlines);
	if (server->listener >= 0)
		close(server->listener);
	pthread_mutex_destroy(&server->host.lock);
	free(server);
}

static void
stop_pools(struct exchange_host *host)
{
	struct pool *pools[2];

	pthread_mutex_lock(&host->lock);
	pools[0] = host->stretch;
	pools[1] = host->read;
	host->stretch = NULL;
	host->read = NULL;
	pthread_mutex_unlock(&host->lock);
	for (size_t i = 0; i < 2; i++)
		if (pools[i] != NULL)
			pool_free(pools[i]); /* every job resumes its connection */
}

enum status
server_start(const struct site *site, const struct server_options *options,
	     struct server **server_out)
{
	struct server *server = calloc(1, sizeof(*server));
	enum status status;

	if (server == NULL)
		return STATUS_UNAVAILABLE;
	atomic_init(&server->host.site, site);
	pthread_mutex_init(&server->host.lock, NULL);
	server->listener = listen_on(options);
	if (server->listener < 0) {
		log_error("cannot-listen", LOG_TEXT("why", strerror(errno)));
		free_server(server);
		return STATUS_UNAVAILABLE;
	}
	status = deadlines_new(&server->deadlines);
	if (status == STATUS_OK)
		status = pool_new(options->workers, options->waiting, &server->host.stretch);
	if (status == STATUS_OK)
		status = pool_new(options->workers, options->waiting, &server->host.read);
	if (status == STATUS_OK) {
		server->daemon = start_daemon(server, options);
		if (server->daemon == NULL)
			status = STATUS_UNAVAILABLE;
	}
	if (status != STATUS_OK) {
		log_error("cannot-serve", LOG_TEXT("status", status_text(status)));
		stop_pools(&server->host);
		free_server(server);
		return status;
	}
	*server_out = server;
	return STATUS_OK;
}

void
server_use_site(struct server *server, const struct site *site)
{
	atomic_store(&server->host.site, site);
}

void
server_stop(struct server *server)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	int64_t until = clock_monotonic_ms() + DRAIN_MS;

	MHD_quiesce_daemon(server->daemon);
	while (atomic_load(&server->host.active) > 0 && clock_monotonic_ms() < until)
		nanosleep(&pause, NULL);
	stop_pools(&server->host);
	MHD_stop_daemon(server->daemon);
	free_server(server);
}
