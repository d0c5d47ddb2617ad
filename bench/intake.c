/*
 * How many messages a second intake commits: the database's share of what
 * ingest can do.  Prints one line per size and number of threads.
 *
 *	bench-intake "host=... dbname=postern" [CONNECTIONS [SECONDS]]
 *
 * The owner role postern migrates and empties the tables; intake runs as postern_ingest.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/intake.h"
#include "store/schema.h"

#define THREADS_MAX 64

struct run {
	struct intake *intake;
	size_t size;
	int64_t until;
	atomic_size_t done;
	atomic_size_t failed;
	_Atomic int64_t slowest;
};

static const unsigned char body[32768];

static void *
send_until_over(void *argument)
{
	struct run *run = argument;
	int64_t now;

	while ((now = clock_monotonic_ms()) < run->until) {
		struct intake_message message = {
		    .id = id_new(),
		    .origin = MESSAGE_BY_SMTP,
		    .received_at = clock_now(),
		    .size = run->size,
		    .chunk_count = 1,
		    .chunk = slice_of(body, run->size),
		    .gateway_wrap = slice_of(body, 82),
		    .envelope = slice_of(body, 200),
		};
		int64_t took;

		if (intake_commit(run->intake, &message) == STATUS_OK)
			run->done++;
		else
			run->failed++;
		took = clock_monotonic_ms() - now;
		if (took > run->slowest)
			run->slowest = took;
	}
	return NULL;
}

static void
run_owner(const char *target, const char *sql)
{
	PGconn *connection = PQconnectdb(target);
	PGresult *result = PQexec(connection, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		fprintf(stderr, "%s", PQerrorMessage(connection));
		exit(1);
	}
	PQclear(result);
	PQfinish(connection);
}

static void
measure(const char *target, size_t connections, size_t size, int threads, int seconds)
{
	struct run run = {.size = size};
	pthread_t senders[THREADS_MAX];
	int64_t begun;

	if (intake_open(target, connections, &run.intake) != STATUS_OK)
		exit(1);
	begun = clock_monotonic_ms();
	run.until = begun + seconds * 1000;
	for (int i = 0; i < threads; i++)
		if (pthread_create(&senders[i], NULL, send_until_over, &run) != 0)
			exit(1);
	for (int i = 0; i < threads; i++)
		pthread_join(senders[i], NULL);
	printf("%6zu bytes  %2d threads  %zu connections  %8.0f messages/s  slowest %3lld ms  "
	       "failed %zu\n",
	       size, threads, connections,
	       (double)run.done * 1000 / (double)(clock_monotonic_ms() - begun),
	       (long long)run.slowest, run.failed);
	fflush(stdout);
	intake_close(run.intake);
}

int
main(int count, char **arguments)
{
	static const size_t sizes[] = {2048, 20480};
	static const int threads[] = {1, 10, 50};
	size_t connections = count > 2 ? strtoul(arguments[2], NULL, 10) : 4;
	int seconds = count > 3 ? atoi(arguments[3]) : 3;
	char owner[256];
	char ingest[256];
	int applied;

	if (count < 2) {
		fprintf(stderr, "usage: bench-intake CONNECTION [CONNECTIONS [SECONDS]]\n");
		return 2;
	}
	log_open("bench", LOG_LEVEL_WARNING);
	snprintf(owner, sizeof(owner), "%s user=postern options='-c client_min_messages=warning'",
		 arguments[1]);
	snprintf(ingest, sizeof(ingest), "%s user=postern_ingest", arguments[1]);
	if (schema_migrate(owner, &applied) != STATUS_OK)
		return 1;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t j = 0; j < sizeof(threads) / sizeof(threads[0]); j++) {
			run_owner(owner, "truncate message cascade");
			measure(ingest, connections, sizes[i], threads[j], seconds);
		}
	}
	return 0;
}
