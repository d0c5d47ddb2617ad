#include "ingest/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "ingest/figures.h"
#include "ingest/places.h"

#define STACK_SIZE ((size_t)262144)
#define IDLE_MS 10000		  /* a thread without a connection waits so long for one */
#define DRAIN_MS ((int64_t)60000) /* for messages in hand when the server stops */
#define ACCEPT_PAUSE_MS 100	  /* when there is no descriptor or memory for one more */

struct server {
	struct server_settings settings;
	const struct snapshot *snapshot; /* of the main thread: what new connections get */
	struct listeners listeners;
	int signal_fd;
	int stop_fd;
	int64_t told_away;  /* when a connection was last logged as refused */
	size_t turned_away; /* since then */
	int64_t complained; /* when the last shortage was logged */
	int64_t said_alive; /* to the service manager */

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t arrived;
	pthread_cond_t left;
	struct places places;
	size_t threads;
	size_t idle_threads;
	bool has_ended; /* a thread, that nobody has joined yet: */
	pthread_t ended;
	bool closing;
};

/* With the lock held: wait for a connection; NULL when there is none for a while. */
static struct place *
wait_for_place(struct server *server)
{
	int64_t until = clock_monotonic_ms() + IDLE_MS;

	server->idle_threads++;
	while (server->places.waiting == 0 && !server->closing)
		if (!clock_wait(&server->arrived, &server->lock, until))
			break;
	server->idle_threads--;
	return server->places.waiting > 0 ? places_take_waiting(&server->places) : NULL;
}

struct seat {
	struct server *server;
	struct place *place;
};

static bool
change_rule(void *context, const struct rule *rule)
{
	struct seat *seat = context;
	struct server *server = seat->server;
	bool room;

	if (!rates_take(seat->place->converse->rates, RATE_CONNECTIONS, rule->key,
			&seat->place->address, rule->connections_per_minute, clock_monotonic_ms()))
		return false;
	pthread_mutex_lock(&server->lock);
	room = places_has_room(&server->places, rule);
	if (room)
		seat->place->rule_key = rule->key;
	pthread_mutex_unlock(&server->lock);
	return room;
}

static void
serve_place(struct server *server, struct place *place, unsigned char *buffer)
{
	const struct snapshot *snapshot = place->snapshot;
	struct seat seat = {server, place};
	struct converse_client client = {
	    .fd = place->fd,
	    .address = &place->address,
	    .rule = place->rule,
	    .change_rule = change_rule,
	    .context = &seat,
	};

	converse(place->converse, &client, buffer);
	snapshot_release(snapshot);
	pthread_mutex_lock(&server->lock);
	/* Closed under the lock, because cutting off looks the descriptor up there. */
	close(place->fd);
	place->state = PLACE_FREE;
	server->places.used--;
}

/* A thread ends with what libraries do behind it, and the process must not go on with its own end
 * meanwhile: so each one waits for the one that ended before it, and the last is waited for by
 * whoever stops the server. */
static void
join_ended(bool has_ended, pthread_t ended)
{
	if (has_ended)
		(void)pthread_join(ended, NULL);
}

static void *
run_thread(void *argument)
{
	struct server *server = argument;
	unsigned char *buffer = malloc(CONVERSE_BUFFER_SIZE);
	struct place *place;
	bool has_before;
	pthread_t before;

	if (buffer == NULL)
		abort();
	pthread_mutex_lock(&server->lock);
	while ((place = wait_for_place(server)) != NULL) {
		pthread_mutex_unlock(&server->lock);
		serve_place(server, place, buffer);
	}
	free(buffer);
	has_before = server->has_ended;
	before = server->ended;
	server->has_ended = true;
	server->ended = pthread_self();
	server->threads--;
	pthread_cond_broadcast(&server->left);
	pthread_mutex_unlock(&server->lock);
	join_ended(has_before, before);
	return NULL;
}

/* With the lock held. */
static bool
start_thread(struct server *server)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	started = pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0 &&
		  pthread_create(&thread, &attributes, run_thread, server) == 0;
	pthread_attr_destroy(&attributes);
	server->threads += started;
	return started;
}

/* Hand the connection to a thread; NULL, or why not. */
static const char *
admit(struct server *server, int fd, const struct network_address *address,
      const struct listener *listener)
{
	const struct converse_settings *converse = &listener->settings->converse;
	const struct rule *rule = rules_match(converse->rules, address, NULL, "");
	struct place *place;

	if (!rates_take(converse->rates, RATE_CONNECTIONS, rule->key, address,
			rule->connections_per_minute, clock_monotonic_ms()))
		return "rate";
	pthread_mutex_lock(&server->lock);
	place = places_find(&server->places, address, rule);
	if (place != NULL && server->idle_threads <= server->places.waiting &&
	    !start_thread(server))
		place = NULL;
	if (place != NULL) {
		*place = (struct place){
		    .state = PLACE_WAITING,
		    .fd = fd,
		    .address = *address,
		    .rule = rule,
		    .rule_key = rule->key,
		    .snapshot = snapshot_hold(server->snapshot),
		    .converse = converse,
		};
		server->places.used++;
		server->places.waiting++;
		pthread_cond_signal(&server->arrived);
	}
	pthread_mutex_unlock(&server->lock);
	return place != NULL ? NULL : "number";
}

/* Best effort: whoever comes in too many is not waited for, and cannot be told where TLS comes
 * first. */
static void
turn_away(struct server *server, int fd, const struct network_address *address,
	  const struct listener *listener, const char *reason)
{
	char name[NETWORK_ADDRESS_TEXT_SIZE];
	int64_t now = clock_monotonic_ms();
	struct text reply;

	ingest_count_turned_away(reason);
	text_init(&reply, 512);
	reply_write(REPLY_TOO_MANY_CONNECTIONS, &reply);
	if (!listener->settings->converse.implicit_tls &&
	    send(fd, reply.data, reply.size, MSG_NOSIGNAL) < 0)
		log_debug("not-told", LOG_TEXT("reason", strerror(errno)));
	text_clear(&reply);
	close(fd);
	/* A storm must not fill the disk with lines. */
	server->turned_away++;
	if (now - server->told_away < 1000)
		return;
	log_warning("connection-refused", LOG_TEXT("client", network_address_text(address, name)),
		    LOG_TEXT("over", reason), LOG_NUMBER("since-last", server->turned_away));
	server->told_away = now;
	server->turned_away = 0;
}

/* False when the system has nothing left for one more connection. */
static bool
accept_one(struct server *server, const struct listener *listener)
{
	const int on = 1;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	struct network_address address;
	const char *refusal;
	int fd =
	    accept4(listener->fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
	address = network_address_from_socket(&peer);
	/* Replies are gathered before they are sent; waiting for more helps nobody. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		log_debug("no-delay-failed", LOG_TEXT("reason", strerror(errno)));
	refusal = admit(server, fd, &address, listener);
	if (refusal != NULL)
		turn_away(server, fd, &address, listener, refusal);
	return true;
}

static void
pause_accepting(struct server *server)
{
	const struct timespec pause = {.tv_nsec = ACCEPT_PAUSE_MS * 1000000L};
	int64_t now = clock_monotonic_ms();

	ingest_count_turned_away("resources");
	if (now - server->complained >= 1000) {
		server->complained = now;
		log_error("accept-failed", LOG_TEXT("reason", strerror(errno)));
	}
	nanosleep(&pause, NULL);
}

/* Take new settings, whole or not at all. */
static void
reload(struct server *server)
{
	const struct snapshot *next;

	service_reloading();
	next = server->settings.reload(server->settings.context);
	if (next != NULL && listeners_follow(&server->listeners, next) != STATUS_OK) {
		log_error("configuration-kept", LOG_TEXT("reason", "listeners"));
		snapshot_release(next);
	} else if (next != NULL) {
		snapshot_release(server->snapshot);
		server->snapshot = next;
		log_info("reloaded", LOG_NUMBER("listeners", server->listeners.count));
	}
	service_ready();
}

/* False when it is time to stop. */
static bool
heed_signals(struct server *server)
{
	struct signalfd_siginfo signal_info;
	bool again = false;

	/* Several of them that came meanwhile are one. */
	while (read(server->signal_fd, &signal_info, sizeof(signal_info)) ==
	       (ssize_t)sizeof(signal_info)) {
		if (signal_info.ssi_signo != SIGHUP)
			return false;
		again = true;
	}
	if (again)
		reload(server);
	return true;
}

/* Wait for something to do; false when it is a signal. */
static bool
accept_some(struct server *server)
{
	int64_t watchdog = service_watchdog_ms();
	struct pollfd fds[LISTENERS_MAX + 1];
	size_t count = server->listeners.count;

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = server->listeners.all[i].fd, .events = POLLIN};
	fds[count] = (struct pollfd){.fd = server->signal_fd, .events = POLLIN};
	if (poll(fds, count + 1, watchdog == 0 ? -1 : (int)watchdog) < 0)
		return true;
	service_alive_when_due(&server->said_alive);
	if (fds[count].revents != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (fds[i].revents != 0 && !accept_one(server, &server->listeners.all[i]))
			pause_accepting(server);
	}
	return true;
}

static void
serve(struct server *server)
{
	while (accept_some(server) || heed_signals(server))
		continue;
}

/* With the lock held: wait until no thread is left; false when the time is over. */
static bool
wait_for_threads(struct server *server, int64_t ms)
{
	int64_t until = clock_monotonic_ms() + ms;

	while (server->threads > 0)
		if (!clock_wait(&server->left, &server->lock, until))
			return server->threads == 0;
	return true;
}

static void
drain(struct server *server)
{
	const uint64_t one = 1;

	service_stopping();
	listeners_close(&server->listeners);
	if (write(server->stop_fd, &one, sizeof(one)) < 0)
		log_error("stop-failed", LOG_TEXT("reason", strerror(errno)));
	pthread_mutex_lock(&server->lock);
	server->closing = true;
	pthread_cond_broadcast(&server->arrived);
	log_info("stopping", LOG_NUMBER("sessions", server->places.used));
	if (!wait_for_threads(server, DRAIN_MS)) {
		log_warning("cutting-off", LOG_NUMBER("sessions", server->places.used));
		for (size_t i = 0; i < server->places.room; i++) {
			if (server->places.all[i].state != PLACE_FREE)
				shutdown(server->places.all[i].fd, SHUT_RDWR);
		}
		/* What is left now waits for the store, which has bounds of its own. */
		while (server->threads > 0)
			pthread_cond_wait(&server->left, &server->lock);
	}
	pthread_mutex_unlock(&server->lock);
	join_ended(server->has_ended, server->ended);
	server->has_ended = false;
}

void
server_run(struct server *server)
{
	log_info("ready", LOG_NUMBER("connections", server->settings.connections));
	service_ready();
	serve(server);
	service_stopping();
	drain(server);
	log_info("stopped", LOG_TEXT("reason", "signal"));
}

static bool
open_signals(struct server *server)
{
	sigset_t heeded;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&heeded);
	sigaddset(&heeded, SIGTERM);
	sigaddset(&heeded, SIGINT);
	sigaddset(&heeded, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &heeded, NULL) != 0)
		return false;
	server->signal_fd = signalfd(-1, &heeded, SFD_CLOEXEC | SFD_NONBLOCK);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	return server->signal_fd >= 0 && server->stop_fd >= 0;
}

enum status
server_new(const struct server_settings *settings, struct server **server_out)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return STATUS_UNAVAILABLE;
	server->settings = *settings;
	server->signal_fd = -1;
	server->stop_fd = -1;
	pthread_mutex_init(&server->lock, NULL);
	clock_prepare_condition(&server->arrived);
	clock_prepare_condition(&server->left);
	if (!places_init(&server->places, settings->connections) || !open_signals(server)) {
		log_error("server-failed", LOG_TEXT("reason", strerror(errno)));
		server_free(server);
		return STATUS_UNAVAILABLE;
	}
	listeners_inherit(&server->listeners);
	*server_out = server;
	return STATUS_OK;
}

int
server_stop_fd(const struct server *server)
{
	return server->stop_fd;
}

enum status
server_open(struct server *server, const struct snapshot *snapshot)
{
	server->snapshot = snapshot;
	return listeners_follow(&server->listeners, snapshot);
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	listeners_close(&server->listeners);
	snapshot_release(server->snapshot);
	if (server->signal_fd >= 0)
		close(server->signal_fd);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	pthread_cond_destroy(&server->arrived);
	pthread_cond_destroy(&server->left);
	pthread_mutex_destroy(&server->lock);
	places_clear(&server->places);
	free(server);
}
