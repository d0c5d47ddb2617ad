#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/connection.h"
#include "store/query.h"

/* How long store_wait waits with no database, so that nobody spins. */
#define AWAY_WAIT_MS 1000

enum status
store_open(const char *connection, struct store **store_out)
{
	struct store *store = store_new(connection);
	enum status status = store_connect(store);

	if (status != STATUS_OK) {
		store_close(store);
		return status;
	}
	store->missed = false;
	*store_out = store;
	return STATUS_OK;
}

enum status
store_ping(struct store *store)
{
	struct parameters none;
	PGresult *result;
	enum status status;

	bind_none(&none);
	status = query_run(store, "store_ping", &none, &result);
	if (status == STATUS_OK)
		PQclear(result);
	return status;
}

/* BEGIN, COMMIT, ROLLBACK, LISTEN: `*tag_ok_out` says whether the server did what was asked. */
static enum status
run_command(struct store *store, const char *command, const char *tag, bool *tag_ok_out)
{
	enum status status;
	PGresult *result;

	if (!PQsendQuery(store->handle, command))
		store_drop(store);
	result = store_result(store);
	status = store_check(store, result, tag);
	if (status == STATUS_OK)
		*tag_ok_out = strcmp(PQcmdStatus(result), tag) == 0;
	PQclear(result);
	return status;
}

static enum status
begin(struct store *store, const char *command, const char *tag)
{
	bool done = false;
	enum status status;

	if (store->in_transaction) {
		log_error("database-nested-transaction", LOG_TEXT("what", "begin"));
		return STATUS_INTERNAL;
	}
	status = store_ready(store);
	if (status == STATUS_OK)
		status = run_command(store, command, tag, &done);
	if (status == STATUS_OK)
		store->in_transaction = true;
	return status;
}

enum status
store_begin(struct store *store)
{
	return begin(store, "begin", "BEGIN");
}

enum status
store_begin_lazy(struct store *store)
{
	return begin(store, "begin; set local synchronous_commit = off", "SET");
}

enum status
store_commit(struct store *store)
{
	bool done = false;
	enum status status;

	if (!store->in_transaction)
		return STATUS_INTERNAL;
	status = store_ready(store);
	if (status == STATUS_OK)
		status = run_command(store, "commit", "COMMIT", &done);
	store->in_transaction = false;
	/* COMMIT of a transaction in which a statement failed rolls back, and says so only here. */
	if (status == STATUS_OK && !done) {
		log_error("database-commit-of-failed", LOG_TEXT("what", "rolled back"));
		return STATUS_INTERNAL;
	}
	/* Whether it is in or out, the next call must not run inside it. */
	if (status != STATUS_OK)
		store_drop(store);
	return status;
}

void
store_rollback(struct store *store)
{
	bool done = false;

	if (!store->in_transaction)
		return;
	if (store->handle && run_command(store, "rollback", "ROLLBACK", &done) != STATUS_OK)
		store_drop(store);
	store->in_transaction = false;
}

enum status
store_end(struct store *store, enum status status)
{
	if (status == STATUS_OK)
		status = store_commit(store);
	if (status != STATUS_OK)
		store_rollback(store);
	return status;
}

enum status
store_notify(struct store *store, const char *channel)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_text(&parameters, channel);
	status = query_run(store, "store_notify", &parameters, &result);
	if (status == STATUS_OK)
		PQclear(result);
	return status;
}

static enum status
remember_channel(struct store *store, const char *channel)
{
	char *copy;

	for (size_t i = 0; i < store->channel_count; i++)
		if (strcmp(store->channels[i], channel) == 0)
			return STATUS_OK;
	if (store->channel_count == STORE_CHANNELS_MAX)
		return STATUS_TOO_LARGE;
	copy = strdup(channel);
	if (!copy)
		abort();
	store->channels[store->channel_count++] = copy;
	return STATUS_OK;
}

enum status
store_listen(struct store *store, const char *channel)
{
	size_t length = strlen(channel);
	enum status status;

	/* LISTEN takes no parameter, so the name must be one that needs no quotes. */
	if (length == 0 || length > 63 || strspn(channel, "abcdefghijklmnopqrstuvwxyz_") != length)
		return STATUS_INVALID;
	status = remember_channel(store, channel);
	if (status == STATUS_OK)
		status = store_ready(store);
	return status == STATUS_OK ? store_listen_now(store, channel) : status;
}

/* Take everything that was notified; true when there was something. */
static bool
take_notifications(struct store *store)
{
	PGnotify *notify;
	bool any = store->missed;

	store->missed = false;
	while ((notify = PQnotifies(store->handle))) {
		any = true;
		PQfreemem(notify);
	}
	return any;
}

enum status
store_wait(struct store *store, int timeout_ms, int wake_fd, bool *notified_out)
{
	int64_t deadline = clock_monotonic_ms() + timeout_ms;

	*notified_out = false;
	for (;;) {
		struct pollfd wanted[2] = {{.fd = -1, .events = POLLIN},
					   {.fd = wake_fd, .events = POLLIN}};
		enum status status = store_ready(store);
		int64_t left;
		int ready;

		if (status == STATUS_OK && take_notifications(store)) {
			*notified_out = true;
			return STATUS_OK;
		}
		if (status == STATUS_OK)
			wanted[0].fd = PQsocket(store->handle);
		left = deadline - clock_monotonic_ms();
		if (left < 0)
			left = 0;
		if (status != STATUS_OK && left > AWAY_WAIT_MS)
			left = AWAY_WAIT_MS;
		ready = poll(wanted, 2, (int)left);
		if (ready < 0 && errno != EINTR)
			return STATUS_INTERNAL;
		if (status != STATUS_OK)
			return status;
		if (ready > 0 && wanted[1].revents)
			return STATUS_OK;
		if (ready == 0)
			return STATUS_OK;
		/* The socket is readable: store_ready takes it in, and connects anew if it was the
		 * end. */
	}
}

enum status
store_status_from_sqlstate(const char *sqlstate)
{
	static const struct {
		const char *prefix;
		enum status status;
	} table[] = {
	    {"08", STATUS_UNAVAILABLE},	   /* connection */
	    {"25006", STATUS_UNAVAILABLE}, /* no longer the primary */
	    {"40001", STATUS_UNAVAILABLE}, /* serialisation */
	    {"40P01", STATUS_UNAVAILABLE}, /* deadlock */
	    {"53100", STATUS_FULL},
	    {"53", STATUS_UNAVAILABLE},	   /* no memory, too many connections */
	    {"55P03", STATUS_BUSY},	   /* lock_timeout */
	    {"57014", STATUS_UNAVAILABLE}, /* statement_timeout */
	    {"57P0", STATUS_UNAVAILABLE},  /* shutdown, crash, starting up */
	    {"58030", STATUS_UNAVAILABLE}, /* input/output error */
	    {"23505", STATUS_CONFLICT},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].status;
	return STATUS_INTERNAL;
}
