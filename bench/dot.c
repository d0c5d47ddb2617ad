/*
 * How long the final dot waits for its reply while mail comes in at a fixed rate.
 *
 *	dot PORT RATE SESSIONS SIZE COUNT
 *
 * COUNT messages of SIZE bytes to 127.0.0.1:PORT, RATE of them per second, over SESSIONS that stay
 * open.  Every message has its time; whichever session is free takes the next one, so that a slow
 * reply does not hold back what is due.  Prints milliseconds from the write of the dot to its 250
 * (p50, p99, the slowest), the messages per second that came about, and how far behind its time the
 * latest message began, in milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SESSIONS_MAX 100
#define LINE_WIDTH 72

struct session {
	int socket;
	size_t filled;
	char buffer[2048];
};

struct run {
	struct sockaddr_in address;
	double rate;
	size_t count;
	char *body;
	size_t body_size;
	int64_t begun; /* nanoseconds, as all times here */
	atomic_size_t next;
	int64_t *took;
	_Atomic int64_t latest;
	pthread_barrier_t ready;
};

static int64_t
nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
fail(const char *what)
{
	fprintf(stderr, "dot: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
write_all(struct session *session, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = send(session->socket, bytes, size, MSG_NOSIGNAL);

		if (written <= 0)
			fail("send");
		bytes += written;
		size -= (size_t)written;
	}
}

/* Read one reply, all its lines, which must begin with `wanted`. */
static void
expect(struct session *session, char wanted)
{
	for (;;) {
		char *end = memchr(session->buffer, '\n', session->filled);
		ssize_t got;

		if (end != NULL) {
			size_t length = (size_t)(end - session->buffer) + 1;
			int last = length < 4 || session->buffer[3] != '-';

			if (session->buffer[0] != wanted) {
				fprintf(stderr, "dot: reply %.*s", (int)length, session->buffer);
				exit(1);
			}
			session->filled -= length;
			memmove(session->buffer, end + 1, session->filled);
			if (last)
				return;
			continue;
		}
		got = recv(session->socket, session->buffer + session->filled,
			   sizeof(session->buffer) - session->filled, 0);
		if (got <= 0)
			fail("recv");
		session->filled += (size_t)got;
	}
}

static void
ask(struct session *session, const char *command, char wanted)
{
	write_all(session, command, strlen(command));
	expect(session, wanted);
}

static void
open_session(struct session *session, const struct run *run)
{
	int yes = 1;

	session->filled = 0;
	session->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (session->socket < 0 || connect(session->socket, (const struct sockaddr *)&run->address,
					   sizeof(run->address)) != 0)
		fail("connect");
	/* The dot is written alone: it must not wait for the body's acknowledgement. */
	setsockopt(session->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	expect(session, '2');
	ask(session, "EHLO client.corp.example\r\n", '2');
}

/* Nanoseconds from the dot to its reply. */
static int64_t
send_message(struct session *session, const struct run *run)
{
	int64_t dotted;

	ask(session, "MAIL FROM:<sender@corp.example>\r\n", '2');
	ask(session, "RCPT TO:<carol@example.net>\r\n", '2');
	ask(session, "DATA\r\n", '3');
	write_all(session, run->body, run->body_size);
	dotted = nanoseconds();
	ask(session, "\r\n.\r\n", '2');
	return nanoseconds() - dotted;
}

static void *
serve_session(void *argument)
{
	struct run *run = argument;
	struct session session;
	size_t number;

	open_session(&session, run);
	if (pthread_barrier_wait(&run->ready) == PTHREAD_BARRIER_SERIAL_THREAD)
		run->begun = nanoseconds();
	pthread_barrier_wait(&run->ready);
	while ((number = run->next++) < run->count) {
		int64_t due = run->begun + (int64_t)((double)number * 1e9 / run->rate);
		struct timespec when = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
		int64_t late;

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
			;
		late = nanoseconds() - due;
		if (late > run->latest)
			run->latest = late;
		run->took[number] = send_message(&session, run);
	}
	ask(&session, "QUIT\r\n", '2');
	close(session.socket);
	return NULL;
}

/* A head and lines of x. */
static void
make_body(struct run *run, size_t size)
{
	static const char head[] = "From: sender@corp.example\r\nTo: carol@example.net\r\n"
				   "Subject: measured\r\nMessage-ID: <bench@corp.example>\r\n\r\n";
	size_t used = sizeof(head) - 1;

	run->body_size = size > used ? size : used;
	run->body = malloc(run->body_size);
	if (run->body == NULL)
		fail("malloc");
	memset(run->body, 'x', run->body_size);
	memcpy(run->body, head, used);
	for (size_t at = used + LINE_WIDTH; at + 2 < run->body_size; at += LINE_WIDTH + 2)
		memcpy(run->body + at, "\r\n", 2);
}

static int
compare(const void *left, const void *right)
{
	const int64_t *a = left;
	const int64_t *b = right;

	return (*a > *b) - (*a < *b);
}

static void
report(struct run *run, int64_t end)
{
	qsort(run->took, run->count, sizeof(*run->took), compare);
	printf("%.3f %.3f %.3f %.1f %.1f\n", (double)run->took[run->count / 2] / 1e6,
	       (double)run->took[run->count * 99 / 100] / 1e6,
	       (double)run->took[run->count - 1] / 1e6,
	       (double)run->count * 1e9 / (double)(end - run->begun), (double)run->latest / 1e6);
}

int
main(int count, char **arguments)
{
	pthread_t threads[SESSIONS_MAX];
	struct run run = {.address.sin_family = AF_INET};
	size_t sessions = count == 6 ? strtoul(arguments[3], NULL, 10) : 0;

	if (count == 6) {
		run.address.sin_port = htons((uint16_t)strtoul(arguments[1], NULL, 10));
		run.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		run.rate = strtod(arguments[2], NULL);
		run.count = strtoul(arguments[5], NULL, 10);
	}
	if (sessions == 0 || sessions > SESSIONS_MAX || run.rate <= 0 || run.count == 0) {
		fprintf(stderr, "usage: dot PORT RATE SESSIONS SIZE COUNT\n");
		return 2;
	}
	make_body(&run, strtoul(arguments[4], NULL, 10));
	run.took = calloc(run.count, sizeof(*run.took));
	if (run.took == NULL || pthread_barrier_init(&run.ready, NULL, (unsigned)sessions) != 0)
		fail("memory");
	for (size_t i = 0; i < sessions; i++)
		if (pthread_create(&threads[i], NULL, serve_session, &run) != 0)
			fail("pthread_create");
	for (size_t i = 0; i < sessions; i++)
		pthread_join(threads[i], NULL);
	report(&run, nanoseconds());
	free(run.took);
	free(run.body);
	return 0;
}
