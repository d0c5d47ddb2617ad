/*
 * A PostgreSQL database for one test program: a private cluster made by
 * tools/cluster.sh and destroyed at the end, or a fresh database in the
 * cluster that POSTERN_TEST_DATABASE names (what cluster.sh printed), which is
 * faster for many programs in a row.  Run from the root of the tree.
 */
#ifndef TESTS_CLUSTER_H
#define TESTS_CLUSTER_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

struct cluster {
	char folder[64];   /* empty: a guest in somebody else's cluster */
	char base[128];	   /* "host=..." */
	char database[64]; /* its name */
};

/* Run tools/cluster.sh; what it prints goes to `line`, NULL for none. */
static inline void
cluster_command(const struct cluster *cluster, const char *arguments, char *line, size_t room)
{
	char command[256];
	FILE *pipe;

	snprintf(command, sizeof(command), "POSTERN_PG_OPTIONS='fsync=off' tools/cluster.sh %s",
		 arguments);
	pipe = popen(command, "r");
	if (!pipe || (line && !fgets(line, (int)room, pipe)) || pclose(pipe) != 0) {
		fprintf(stderr, "%s failed for %s\n", command, cluster->folder);
		abort();
	}
	if (line)
		line[strcspn(line, "\n")] = '\0';
}

/* The connection string of a role. */
static inline const char *
cluster_target(const struct cluster *cluster, const char *role, char target[256])
{
	snprintf(target, 256, "%s dbname=%s user=%s", cluster->base, cluster->database, role);
	return target;
}

/* Run SQL as a role; the SQLSTATE, "00000" when it worked.  The first value of the answer, or "".
 */
static inline const char *
cluster_sql(const struct cluster *cluster, const char *role, const char *sql, char state[6],
	    char value[128])
{
	char target[256];
	PGconn *connection = PQconnectdb(cluster_target(cluster, role, target));
	PGresult *result = PQexec(connection, sql);
	const char *found = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(connection) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(connection));
		abort();
	}
	snprintf(state, 6, "%s", found ? found : "00000");
	snprintf(value, 128, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(connection);
	return state;
}

/* The number that a query of the owner gives; a failure ends the program. */
static inline long long
cluster_number(const struct cluster *cluster, const char *sql)
{
	char state[6];
	char value[128];

	if (strcmp(cluster_sql(cluster, "postern", sql, state, value), "00000") != 0) {
		fprintf(stderr, "%s: %s\n", state, sql);
		abort();
	}
	return atoll(value);
}

/* A process that outlives a crash of this one, sees the pipe close, and destroys the cluster. */
static inline void
cluster_guard(const struct cluster *cluster)
{
	char command[256];
	char byte;
	int ends[2];
	pid_t child;

	snprintf(command, sizeof(command), "tools/cluster.sh destroy %s; rmdir %.*s",
		 cluster->folder, (int)(strrchr(cluster->folder, '/') - cluster->folder),
		 cluster->folder);
	if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0)
		abort();
	if (child > 0) {
		close(ends[0]);
		return;
	}
	setsid();
	close(ends[1]);
	if (freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr) &&
	    read(ends[0], &byte, 1) == 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(1);
}

/* A cluster of its own, that can be stopped. */
static inline void
cluster_start_own(struct cluster *cluster)
{
	char arguments[128];

	snprintf(cluster->folder, sizeof(cluster->folder), "/tmp/postern-test-%ld/cluster",
		 (long)getpid());
	snprintf(cluster->database, sizeof(cluster->database), "postern");
	snprintf(arguments, sizeof(arguments), "start %s", cluster->folder);
	cluster_guard(cluster);
	cluster_command(cluster, arguments, cluster->base, sizeof(cluster->base));
}

static inline void
cluster_start(struct cluster *cluster)
{
	const char *shared = getenv("POSTERN_TEST_DATABASE");
	char sql[128];

	memset(cluster, 0, sizeof(*cluster));
	if (!shared || !*shared) {
		cluster_start_own(cluster);
		return;
	}
	snprintf(cluster->base, sizeof(cluster->base), "%s", shared);
	snprintf(cluster->database, sizeof(cluster->database), "postgres");
	snprintf(sql, sizeof(sql), "create database test_%ld", (long)getpid());
	cluster_number(cluster, sql);
	snprintf(cluster->database, sizeof(cluster->database), "test_%ld", (long)getpid());
}

/* Only for a cluster of its own: "fast" or "immediate". */
static inline void
cluster_halt(const struct cluster *cluster, const char *mode)
{
	char arguments[128];

	snprintf(arguments, sizeof(arguments), "stop %s %s", cluster->folder, mode);
	cluster_command(cluster, arguments, NULL, 0);
}

static inline void
cluster_resume(const struct cluster *cluster)
{
	char arguments[128];
	char base[128];

	snprintf(arguments, sizeof(arguments), "start %s", cluster->folder);
	cluster_command(cluster, arguments, base, sizeof(base));
}

static inline void
cluster_end(struct cluster *cluster)
{
	char text[128];

	if (cluster->folder[0]) {
		snprintf(text, sizeof(text), "destroy %s", cluster->folder);
		cluster_command(cluster, text, NULL, 0);
		return;
	}
	snprintf(text, sizeof(text), "drop database %s with (force)", cluster->database);
	snprintf(cluster->database, sizeof(cluster->database), "postgres");
	cluster_number(cluster, text);
}

#endif
