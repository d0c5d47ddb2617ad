#include "ingest/snapshot.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/server_certificate.h"
#include "ingest/listener.h"
#include "ingest/tls.h"
#include "ingest/users.h"

#define ROW(name) "smtp.listeners[]." name
#define NAMED(name) "smtp.certificates[]." name
#define HOST_NAME_SIZE 256

/* The first part is what others see. */
struct held_snapshot {
	struct snapshot snapshot;
	atomic_uint holders;
	struct config *config; /* NULL: somebody else's */
	struct arena *arena;
};

/* What the listeners are made of. */
struct making {
	struct reading reading;
	const struct snapshot_base *base;
	struct snapshot *snapshot;
	struct tls_settings tls; /* where a listener says nothing else */
	struct converse_settings common;
};

static void
free_context(void *context)
{
	SSL_CTX_free(context);
}

/* NULL where there is no certificate. */
static SSL_CTX *
make_context(struct making *making, const struct tls_settings *settings)
{
	struct tls_settings *kept = arena_alloc(making->reading.arena, sizeof(*kept));
	SSL_CTX *context;

	if (settings->certificate->leaf == NULL || making->reading.bad)
		return NULL;
	*kept = *settings;
	if (tls_context_new(kept, &context) != STATUS_OK) {
		making->reading.bad = true;
		return NULL;
	}
	arena_defer(making->reading.arena, free_context, context);
	return context;
}

static void
use_context(struct converse_settings *converse, SSL_CTX *context)
{
	converse->tls = context;
	converse->session.offer_tls = context != NULL;
}

/* The certificates of smtp.certificates. */
static void
read_named(struct making *making)
{
	struct reading *reading = &making->reading;
	const struct config *config = reading->config;
	size_t rows = config_row_count(config, "smtp.certificates");
	struct server_certificate *named =
	    arena_alloc_many(reading->arena, rows + 1, sizeof(*named));

	for (size_t i = 0; i < rows; i++) {
		struct server_certificate *certificate = &named[making->tls.named_count];

		reading->config = config_row(config, "smtp.certificates", i);
		server_certificate_read(reading, NAMED("certificate"), NAMED("private_key"),
					certificate);
		certificate->names =
		    config_list(reading->config, NAMED("names"), &certificate->name_count);
		if (certificate->name_count == 0)
			reading_fault(reading, NAMED("names"), "is empty");
		making->tls.named_count += certificate->leaf != NULL ? 1 : 0;
	}
	reading->config = config;
	making->tls.named = named;
	if (rows > 0 && *config_text(config, "smtp.certificate") == '\0')
		reading_fault(
		    reading, "smtp.certificate",
		    "must be set beside smtp.certificates, for clients that ask for no name");
}

static void
read_common_tls(struct making *making)
{
	struct reading *reading = &making->reading;
	struct server_certificate *certificate = arena_alloc(reading->arena, sizeof(*certificate));

	making->tls.tickets = making->base->tickets;
	server_certificate_read(reading, "smtp.certificate", "smtp.private_key", certificate);
	making->tls.certificate = certificate;
	read_named(making);
	making->tls.authorities = server_certificate_read_authorities(reading, "smtp.client_ca");
	use_context(&making->common, make_context(making, &making->tls));
}

/* The greeting's name; the system's where none is set. */
static const char *
host_name(const struct reading *reading)
{
	const char *configured = config_text(reading->config, "smtp.host_name");
	char *system = arena_alloc(reading->arena, HOST_NAME_SIZE);

	if (*configured != '\0')
		return configured;
	if (gethostname(system, HOST_NAME_SIZE - 1) != 0 || *system == '\0')
		return "localhost";
	return system;
}

static void
read_common(struct making *making)
{
	const struct config *config = making->reading.config;

	making->common = (struct converse_settings){
	    .messenger = making->base->messenger,
	    .session =
		{
		    .host_name = host_name(&making->reading),
		    .bounds = {.line = (size_t)config_number(config, "smtp.line_size"),
			       .header = (size_t)config_number(config, "smtp.header_size"),
			       .hops = (size_t)config_number(config, "smtp.hops")},
		},
	    .rules = &making->snapshot->rules,
	    .rates = making->base->rates,
	    .timeout_ms = config_number(config, "smtp.timeout") * 1000,
	    .text_grace_ms = config_number(config, "smtp.text_grace") * 1000,
	    .text_rate = (uint64_t)config_number(config, "smtp.text_rate"),
	    .session_ms = config_number(config, "smtp.session") * 1000,
	    .stop_fd = making->base->stop_fd,
	};
}

static void
free_users(void *users)
{
	users_free(users);
}

static void
read_users(struct making *making)
{
	struct reading *reading = &making->reading;
	const char *path = config_text(reading->config, "smtp.users_file");
	struct users *users = NULL;
	enum status status;

	if (*path == '\0')
		return;
	if (reading->checking && access(path, R_OK) != 0 && errno == EACCES) {
		reading_warning(reading, "smtp.users_file",
				"not checked, this user may not read %s", path);
		return;
	}
	status = users_load(path, &users);
	if (status != STATUS_OK) {
		reading_fault(reading, "smtp.users_file", "cannot be used: %s: %s", path,
			      status_text(status));
		return;
	}
	arena_defer(reading->arena, free_users, users);
	making->common.session.users = users;
}

static void
check_address(struct reading *reading, const char *option, const char *where)
{
	const char *complaint = listener_complaint(where);

	if (complaint != NULL)
		reading_fault(reading, option, "\"%s\" %s", where, complaint);
}

/* TLS of its own, where a row says so; the rest of it is the common one's. */
static void
read_row_tls(struct making *making, struct converse_settings *converse)
{
	struct reading *reading = &making->reading;
	struct tls_settings tls = making->tls;
	struct server_certificate *certificate = arena_alloc(reading->arena, sizeof(*certificate));
	bool own_authorities = *config_text(reading->config, ROW("client_ca")) != '\0';

	server_certificate_read(reading, ROW("certificate"), ROW("private_key"), certificate);
	if (certificate->leaf != NULL)
		tls.certificate = certificate;
	if (own_authorities)
		tls.authorities = server_certificate_read_authorities(reading, ROW("client_ca"));
	if (certificate->leaf != NULL || own_authorities)
		use_context(converse, make_context(making, &tls));
}

static bool
has_certificate(const struct config *file, const struct config *row)
{
	return *config_text(file, "smtp.certificate") != '\0' ||
	       *config_text(row, ROW("certificate")) != '\0';
}

static void
read_row(struct making *making, const struct config *row, struct snapshot_listener *listener)
{
	struct reading *reading = &making->reading;
	const struct config *file = reading->config;

	reading->config = row;
	listener->where = config_text(row, ROW("address"));
	listener->converse = making->common;
	listener->converse.implicit_tls = config_flag(row, ROW("implicit_tls"));
	if (!config_flag(row, ROW("auth")))
		listener->converse.session.users = NULL;
	check_address(reading, ROW("address"), listener->where);
	read_row_tls(making, &listener->converse);
	if (listener->converse.implicit_tls && !has_certificate(file, row))
		reading_fault(reading, ROW("implicit_tls"), "needs a certificate");
	reading->config = file;
}

static void
read_listeners(struct making *making)
{
	struct reading *reading = &making->reading;
	const struct config *config = reading->config;
	size_t simple, rows = config_row_count(config, "smtp.listeners");
	const char *const *listen = config_list(config, "smtp.listen", &simple);
	struct snapshot *snapshot = making->snapshot;

	snapshot->listeners =
	    arena_alloc_many(reading->arena, simple + rows + 1, sizeof(*snapshot->listeners));
	for (size_t i = 0; i < simple; i++) {
		check_address(reading, "smtp.listen", listen[i]);
		snapshot->listeners[i] = (struct snapshot_listener){
		    .where = listen[i], .simple = true, .converse = making->common};
	}
	for (size_t i = 0; i < rows; i++)
		read_row(making, config_row(config, "smtp.listeners", i),
			 &snapshot->listeners[simple + i]);
	snapshot->listener_count = simple + rows;
	snapshot->plain = (struct snapshot_listener){.where = "", .converse = making->common};
	snapshot->implicit = snapshot->plain;
	snapshot->implicit.converse.implicit_tls = true;
}

static bool
asks_for_certificates(const struct config *config)
{
	for (size_t i = 0; i < config_row_count(config, "smtp.listeners"); i++)
		if (*config_text(config_row(config, "smtp.listeners", i), ROW("client_ca")) != '\0')
			return true;
	return *config_text(config, "smtp.client_ca") != '\0';
}

static void
read_rules(struct making *making)
{
	rules_read(&making->reading, &making->snapshot->rules);
	if (rules_want_certificates(&making->snapshot->rules) &&
	    !asks_for_certificates(making->reading.config))
		reading_fault(&making->reading, "smtp.client_ca",
			      "must be set, here or for a listener, for the certificates that "
			      "smtp.clients names");
	if (rules_want_users(&making->snapshot->rules) &&
	    *config_text(making->reading.config, "smtp.users_file") == '\0')
		reading_fault(&making->reading, "smtp.users_file",
			      "must be set for the users that smtp.clients names");
}

static struct held_snapshot *
read_snapshot(const struct config *config, const struct snapshot_base *base, FILE *faults,
	      bool checking, bool *bad_out)
{
	struct arena *arena = arena_new();
	struct held_snapshot *held = arena_alloc(arena, sizeof(*held));
	struct making making = {
	    .reading = {.config = config, .arena = arena, .faults = faults, .checking = checking},
	    .base = base,
	    .snapshot = &held->snapshot,
	};

	held->arena = arena;
	atomic_init(&held->holders, 1);
	read_common(&making);
	read_users(&making);
	read_common_tls(&making);
	read_listeners(&making);
	read_rules(&making);
	*bad_out = making.reading.bad;
	return held;
}

enum status
snapshot_new(struct config *owned, const struct config *config, const struct snapshot_base *base,
	     FILE *faults, const struct snapshot **snapshot_out)
{
	bool bad;
	struct held_snapshot *held = read_snapshot(config, base, faults, false, &bad);

	if (bad) {
		arena_free(held->arena);
		return STATUS_INVALID;
	}
	held->config = owned;
	*snapshot_out = &held->snapshot;
	return STATUS_OK;
}

const struct snapshot *
snapshot_hold(const struct snapshot *snapshot)
{
	struct held_snapshot *held = (struct held_snapshot *)snapshot;

	atomic_fetch_add_explicit(&held->holders, 1, memory_order_relaxed);
	return snapshot;
}

void
snapshot_release(const struct snapshot *snapshot)
{
	struct held_snapshot *held = (struct held_snapshot *)snapshot;
	struct config *config;

	if (held == NULL || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) != 1)
		return;
	config = held->config;
	arena_free(held->arena);
	config_free(config);
}

static enum status
check(const struct config *config, FILE *faults, bool checking)
{
	struct snapshot_base base = {.tickets = tickets_new(), .stop_fd = -1};
	bool bad;
	struct held_snapshot *held = read_snapshot(config, &base, faults, checking, &bad);

	arena_free(held->arena);
	tickets_free(base.tickets);
	return bad ? STATUS_INVALID : STATUS_OK;
}

enum status
snapshot_check(const struct config *config, FILE *faults)
{
	return check(config, faults, true);
}

enum status
snapshot_check_as_daemon(const struct config *config, FILE *faults)
{
	return check(config, faults, false);
}
