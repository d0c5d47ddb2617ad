/*
 * The limit that the portal is measured against: the same HTTP library with the same TLS
 * settings, answering every GET with as many constant bytes, discarding every POST.
 *
 *	constant PORT CERTIFICATE KEY SIZE
 *
 * Serves on 127.0.0.1 until its standard input ends.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "portal/certificate.h"

#define THREADS 4
#define CONNECTION_MEMORY ((size_t)32768)

static enum MHD_Result
answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *bytes, size_t *size, void **request)
{
	static int begun;
	struct MHD_Response *response = context;

	(void)url;
	(void)version;
	(void)bytes;
	(void)method;
	if (*request == NULL) {
		*request = &begun;
		return MHD_YES;
	}
	if (*size > 0) {
		*size = 0;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static struct MHD_Daemon *
start(int port, struct MHD_Response *response)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer,
	    response, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_PRIORITIES,
	    CERTIFICATE_PRIORITIES, MHD_OPTION_HTTPS_CERT_CALLBACK, certificate_give,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    CONNECTION_MEMORY, MHD_OPTION_END);
}

int
main(int count, char **arguments)
{
	size_t size = count == 5 ? strtoul(arguments[4], NULL, 10) : 0;
	struct MHD_Response *response;
	struct MHD_Daemon *daemon;
	char *page;
	char byte;

	if (size == 0 || certificate_load(arguments[2], arguments[3]) != STATUS_OK) {
		fprintf(stderr, "usage: constant PORT CERTIFICATE KEY SIZE\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	page = malloc(size);
	if (page == NULL)
		return 1;
	memset(page, 'x', size);
	response = MHD_create_response_from_buffer(size, page, MHD_RESPMEM_MUST_FREE);
	daemon = start(atoi(arguments[1]), response);
	if (daemon == NULL)
		return 1;
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	MHD_stop_daemon(daemon);
	MHD_destroy_response(response);
	certificate_release();
	return 0;
}
