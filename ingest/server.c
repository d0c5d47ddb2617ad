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
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "ingest/figures.h"
#include "ingest/listener.h"

#define STACK_SIZE ((size_t)262144)
#define IDLE_SECONDS 10		  /* a thread without a connection waits so long for one */
#define DRAIN_MS ((int64_t)60000) /* for messages in hand when the server stops */
#define ACCEPT_PAUSE_MS 100	  /* when there is no descriptor or memory for one more */

enum place_state { PLACE_FREE, PLACE_WAITING, PLACE_TAKEN };

/* One connection. */
struct place {
	enum place_state state;
	int fd;
	struct network_address address;
};

struct server {
	const struct server_settings *settings;
	struct converse_settings converse;
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	int signal_fd;
	int64_t complained; /* when the last shortage was logged */

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t arrived;
	pthread_cond_t left;
	struct place *places; /* settings->connections of them */
	size_t used;
	size_t waiting;
	size_t threads;
	size_t idle_threads;
	bool closing;
};

/* With the lock held: the first place that waits for a thread. */
static struct place *
take_waiting(struct server *server)
{
	for (size_t i = 0; i < server->settings->connections; i++) {
		struct place *place = &server->places[i];

		if (place->state == PLACE_WAITING) {
			place->state = PLACE_TAKEN;
			server->waiting--;
			return place;
		}
	}
	return NULL;
}

/* With the lock held: wait for a connection; NULL when there is none for a while. */
static struct place *
wait_for_place(struct server *server)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	server->idle_threads++;
	while (server->waiting == 0 && !server->closing) {
		if (pthread_cond_timedwait(&server->arrived, &server->lock, &until) == ETIMEDOUT)
			break;
	}
	server->idle_threads--;
	return server->waiting > 0 ? take_waiting(server) : NULL;
}

static void
serve_place(struct server *server, struct place *place, unsigned char *buffer)
{
	char text[NETWORK_ADDRESS_TEXT_SIZE];
	struct session_rules rules = server->settings->rules;
	struct converse_client client = {
	    .fd = place->fd,
	    .address = network_address_text(&place->address, text),
	    .rules = &rules,
	};

	rules.may_send = network_list_holds(&server->settings->networks, &place->address);
	converse(&server->converse, &client, buffer);
	pthread_mutex_lock(&server->lock);
	/* Closed under the lock, because cutting off looks the descriptor up there. */
	close(place->fd);
	place->state = PLACE_FREE;
	server->used--;
}

static void *
run_thread(void *argument)
{
	struct server *server = argument;
	unsigned char *buffer = malloc(CONVERSE_BUFFER_SIZE);
	struct place *place;

	if (buffer == NULL)
		abort();
	pthread_mutex_lock(&server->lock);
	while ((place = wait_for_place(server)) != NULL) {
		pthread_mutex_unlock(&server->lock);
		serve_place(server, place, buffer);
	}
	free(buffer);
	server->threads--;
	pthread_cond_broadcast(&server->left);
	pthread_mutex_unlock(&server->lock);
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
		  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
		  pthread_create(&thread, &attributes, run_thread, server) == 0;
	pthread_attr_destroy(&attributes);
	server->threads += started;
	return started;
}

/* With the lock held: a place for one more connection from this address, or NULL. */
static struct place *
find_place(struct server *server, const struct network_address *address)
{
	struct place *found = NULL;
	size_t same = 0;

	for (size_t i = 0; i < server->settings->connections; i++) {
		struct place *place = &server->places[i];

		if (place->state == PLACE_FREE) {
			if (found == NULL)
				found = place;
		} else if (memcmp(&place->address, address, sizeof(*address)) == 0) {
			same++;
		}
	}
	return same < server->settings->connections_per_client ? found : NULL;
}

/* Hand the connection to a thread; false when there are too many. */
static bool
admit(struct server *server, int fd, const struct network_address *address)
{
	struct place *place;

	pthread_mutex_lock(&server->lock);
	place = find_place(server, address);
	if (place != NULL && server->idle_threads <= server->waiting && !start_thread(server))
		place = NULL;
	if (place != NULL) {
		*place = (struct place){.state = PLACE_WAITING, .fd = fd, .address = *address};
		server->used++;
		server->waiting++;
		pthread_cond_signal(&server->arrived);
	}
	pthread_mutex_unlock(&server->lock);
	return place != NULL;
}

/* Best effort: whoever comes in too many is not waited for. */
static void
turn_away(int fd, const struct network_address *address)
{
	char name[NETWORK_ADDRESS_TEXT_SIZE];
	struct text reply;
	ssize_t sent;

	ingest_count_turned_away(INGEST_TOO_MANY);
	text_init(&reply, 512);
	reply_write(REPLY_TOO_MANY_CONNECTIONS, &reply);
	sent = send(fd, reply.data, reply.size, MSG_NOSIGNAL);
	log_warning("connection-refused", LOG_TEXT("client", network_address_text(address, name)),
		    LOG_TEXT("told", sent > 0 ? "yes" : "no"));
	text_clear(&reply);
	close(fd);
}

/* False when the system has nothing left for one more connection. */
static bool
accept_one(struct server *server, int listener)
{
	const int on = 1;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	struct network_address address;
	int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
	address = network_address_from_socket(&peer);
	/* Replies are gathered before they are sent; waiting for more helps nobody. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		log_debug("no-delay-failed", LOG_TEXT("reason", strerror(errno)));
	if (!admit(server, fd, &address))
		turn_away(fd, &address);
	return true;
}

static void
pause_accepting(struct server *server)
{
	const struct timespec pause = {.tv_nsec = ACCEPT_PAUSE_MS * 1000000L};
	int64_t now = clock_monotonic_ms();

	ingest_count_turned_away(INGEST_NO_RESOURCES);
	if (now - server->complained >= 1000) {
		server->complained = now;
		log_error("accept-failed", LOG_TEXT("reason", strerror(errno)));
	}
	nanosleep(&pause, NULL);
}

static void
serve(struct server *server)
{
	struct pollfd fds[LISTENERS_MAX + 1];

	for (size_t i = 0; i < server->listener_count; i++)
		fds[i] = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
	fds[server->listener_count] = (struct pollfd){.fd = server->signal_fd, .events = POLLIN};
	for (;;) {
		if (poll(fds, server->listener_count + 1, -1) < 0)
			continue;
		if (fds[server->listener_count].revents != 0)
			return;
		for (size_t i = 0; i < server->listener_count; i++) {
			if (fds[i].revents != 0 && !accept_one(server, server->listeners[i]))
				pause_accepting(server);
		}
	}
}

/* With the lock held: wait until no thread is left; false when the time is over. */
static bool
wait_for_threads(struct server *server, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	while (server->threads > 0) {
		if (pthread_cond_timedwait(&server->left, &server->lock, &until) == ETIMEDOUT)
			return server->threads == 0;
	}
	return true;
}

static void
drain(struct server *server)
{
	const uint64_t one = 1;

	for (size_t i = 0; i < server->listener_count; i++)
		close(server->listeners[i]);
	server->listener_count = 0;
	if (write(server->converse.stop_fd, &one, sizeof(one)) < 0)
		log_error("stop-failed", LOG_TEXT("reason", strerror(errno)));
	pthread_mutex_lock(&server->lock);
	server->closing = true;
	pthread_cond_broadcast(&server->arrived);
	log_info("stopping", LOG_NUMBER("sessions", server->used));
	if (!wait_for_threads(server, DRAIN_MS)) {
		log_warning("cutting-off", LOG_NUMBER("sessions", server->used));
		for (size_t i = 0; i < server->settings->connections; i++) {
			if (server->places[i].state != PLACE_FREE)
				shutdown(server->places[i].fd, SHUT_RDWR);
		}
		/* What is left now waits for the store, which has bounds of its own. */
		while (server->threads > 0)
			pthread_cond_wait(&server->left, &server->lock);
	}
	pthread_mutex_unlock(&server->lock);
}

void
server_run(struct server *server)
{
	log_info("ready", LOG_NUMBER("connections", server->settings->connections));
	service_ready();
	serve(server);
	service_stopping();
	drain(server);
	log_info("stopped", LOG_TEXT("reason", "signal"));
}

static bool
open_signals(struct server *server)
{
	sigset_t stop;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, &stop, NULL) != 0)
		return false;
	server->signal_fd = signalfd(-1, &stop, SFD_CLOEXEC);
	server->converse.stop_fd = eventfd(0, EFD_CLOEXEC);
	return server->signal_fd >= 0 && server->converse.stop_fd >= 0;
}

/* Deadlines are of the clock that never jumps. */
static void
init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum status
server_open(const struct server_settings *settings, struct server **server_out)
{
	struct server *server = calloc(1, sizeof(*server));
	enum status status = STATUS_OK;

	if (server == NULL)
		return STATUS_UNAVAILABLE;
	server->settings = settings;
	server->converse = settings->converse;
	server->signal_fd = -1;
	server->converse.stop_fd = -1;
	pthread_mutex_init(&server->lock, NULL);
	init_condition(&server->arrived);
	init_condition(&server->left);
	server->places = calloc(settings->connections, sizeof(*server->places));
	if (server->places == NULL || !open_signals(server))
		status = STATUS_UNAVAILABLE;
	for (size_t i = 0; i < settings->listen_count && status == STATUS_OK; i++)
		status =
		    listener_open(settings->listen[i], server->listeners, &server->listener_count);
	if (status != STATUS_OK) {
		server_close(server);
		return status;
	}
	*server_out = server;
	return STATUS_OK;
}

void
server_close(struct server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		close(server->listeners[i]);
	if (server->signal_fd >= 0)
		close(server->signal_fd);
	if (server->converse.stop_fd >= 0)
		close(server->converse.stop_fd);
	pthread_cond_destroy(&server->arrived);
	pthread_cond_destroy(&server->left);
	pthread_mutex_destroy(&server->lock);
	free(server->places);
	free(server);
}
