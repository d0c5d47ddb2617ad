#include "mail/reader_part.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define ITSELF "/proc/self/exe"
#define START_SECONDS 20
#define STEADY_MS 10000 /* one that lived so long starts again at once */
#define LONGEST_DELAY_MS 10000
#define LONGEST_WAIT_MS 1000 /* of a task for a start; then it is refused */
#define SOCKET 3	     /* where the reader finds its end */
#define KEPT_MAX 8	     /* processes that wait to be asked again */
#define KEPT_IDLE_MS 5000
#define NAME_SIZE 64

/* A process that has read a message, and may be asked about it again: by no other one. */
struct kept {
	int socket; /* -1: a free place */
	char name[NAME_SIZE];
	uint64_t size;
	int64_t until; /* monotonic milliseconds */
};

struct reader {
	pthread_mutex_t lock; /* for all below */
	bool within;
	int socket; /* -1: none */
	pid_t process;
	unsigned generation;
	int64_t started_at; /* monotonic milliseconds */
	int64_t start_at;   /* not sooner */
	int64_t delay;
	struct kept kept[KEPT_MAX];
	const char *const *fonts;
	size_t font_count;
	unsigned fonts_loaded; /* a bit for each */
};

static struct reader nobody = {.lock = PTHREAD_MUTEX_INITIALIZER, .within = true, .socket = -1};

struct reader *
reader_within(void)
{
	return &nobody;
}

bool
reader_is_within(const struct reader *reader)
{
	return reader->within;
}

/* Nothing of ours goes along: no descriptor, no variable, no blocked signal. */
static bool
spawn(const struct reader *reader, int socket, pid_t *process_out)
{
	char *words[READER_FONTS_MAX + 3] = {"postern", "reader"};
	char *variables[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failed;

	for (size_t i = 0; i < reader->font_count; i++)
		words[i + 2] = (char *)reader->fonts[i];
	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, 0, 1);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(&actions, socket, SOCKET);
	if (failed == 0)
		failed = posix_spawn_file_actions_addclosefrom_np(&actions, SOCKET + 1);
	if (failed == 0)
		failed = posix_spawnattr_setsigmask(&attributes, &none);
	if (failed == 0)
		failed = posix_spawnattr_setsigdefault(&attributes, &all);
	if (failed == 0)
		failed = posix_spawnattr_setflags(&attributes,
						  POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (failed == 0)
		failed = posix_spawn(process_out, ITSELF, &actions, &attributes, words, variables);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failed == 0;
}

/* End what there is.  The lock is held. */
static void
end(struct reader *reader)
{
	int how = 0;
	pid_t ended;

	if (reader->socket < 0)
		return;
	close(reader->socket);
	reader->socket = -1;
	kill(reader->process, SIGKILL);
	do
		ended = waitpid(reader->process, &how, 0);
	while (ended < 0 && errno == EINTR);
	reader->process = 0;
}

static void
let_go(struct kept *kept)
{
	if (kept->socket >= 0)
		close(kept->socket);
	kept->socket = -1;
}

/* Those that have waited long enough.  The lock is held. */
static void
let_go_idle(struct reader *reader)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < KEPT_MAX; i++)
		if (reader->kept[i].until <= now)
			let_go(&reader->kept[i]);
}

int
reader_take(struct reader *reader, const char *name, uint64_t size)
{
	int socket = -1;

	pthread_mutex_lock(&reader->lock);
	let_go_idle(reader);
	for (size_t i = 0; i < KEPT_MAX && socket < 0; i++) {
		struct kept *kept = &reader->kept[i];

		if (kept->socket < 0 || kept->size != size || strcmp(kept->name, name) != 0)
			continue;
		socket = kept->socket;
		kept->socket = -1;
	}
	pthread_mutex_unlock(&reader->lock);
	return socket;
}

void
reader_keep(struct reader *reader, const char *name, uint64_t size, int socket)
{
	struct kept *place = &reader->kept[0];

	/* A name that does not fit is no name. */
	if (*name == '\0' || strlen(name) >= NAME_SIZE) {
		close(socket);
		return;
	}
	pthread_mutex_lock(&reader->lock);
	let_go_idle(reader);
	for (size_t i = 1; i < KEPT_MAX && place->socket >= 0; i++)
		if (reader->kept[i].socket < 0 || reader->kept[i].until < place->until)
			place = &reader->kept[i];
	let_go(place);
	*place = (struct kept){
	    .socket = socket, .size = size, .until = clock_monotonic_ms() + KEPT_IDLE_MS};
	memcpy(place->name, name, strlen(name) + 1);
	pthread_mutex_unlock(&reader->lock);
}

/* Wait for the word that it is ready. */
static bool
is_ready(int socket, unsigned *fonts_out)
{
	unsigned char room[FRAME_MAX];
	struct channel channel = {socket, room};
	struct timeval limit = {.tv_sec = START_SECONDS};
	struct frame frame;

	if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
	    channel_receive(&channel, &frame) != STATUS_OK || frame.kind != FRAME_READY ||
	    frame.payload.size != FRAME_READY_SIZE)
		return false;
	*fonts_out = (unsigned)frame_get(frame.payload.data, FRAME_READY_SIZE);
	return true;
}

/* The lock is held. */
static enum status
start(struct reader *reader)
{
	int ends[2];
	bool spawned;

	reader->started_at = clock_monotonic_ms();
	reader->start_at = reader->started_at + reader->delay;
	reader->delay = reader->delay == 0 ? 250 : reader->delay * 2;
	if (reader->delay > LONGEST_DELAY_MS)
		reader->delay = LONGEST_DELAY_MS;
	if (channel_pair(ends) != STATUS_OK)
		return STATUS_BUSY;
	spawned = spawn(reader, ends[1], &reader->process);
	close(ends[1]);
	if (!spawned) {
		close(ends[0]);
		log_error("reader-not-started", LOG_TEXT("why", "cannot be run"));
		return STATUS_BUSY;
	}
	reader->socket = ends[0];
	reader->generation++;
	if (!is_ready(reader->socket, &reader->fonts_loaded)) {
		log_error("reader-not-started", LOG_TEXT("why", "it does not get ready"));
		end(reader);
		return STATUS_BUSY;
	}
	log_info("reader-started", LOG_NUMBER("pid", reader->process),
		 LOG_NUMBER("fonts", __builtin_popcount(reader->fonts_loaded)));
	return STATUS_OK;
}

/* Start it when that may be done.  The lock is held. */
static enum status
start_when_due(struct reader *reader)
{
	int64_t now = clock_monotonic_ms();

	if (now - reader->started_at >= STEADY_MS)
		reader->delay = 0;
	if (now < reader->start_at) {
		int64_t wait = reader->start_at - now;
		struct timespec pause = {wait / 1000, (wait % 1000) * 1000000};

		if (wait > LONGEST_WAIT_MS)
			return STATUS_BUSY;
		nanosleep(&pause, NULL);
	}
	return start(reader);
}

enum status
reader_open(const char *const *fonts, size_t font_count, struct reader **reader_out)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	enum status status;

	if (reader == NULL)
		return STATUS_UNAVAILABLE;
	pthread_mutex_init(&reader->lock, NULL);
	reader->socket = -1;
	reader->fonts = fonts;
	reader->font_count = font_count < READER_FONTS_MAX ? font_count : READER_FONTS_MAX;
	for (size_t i = 0; i < KEPT_MAX; i++)
		reader->kept[i].socket = -1;
	status = start(reader);
	if (status != STATUS_OK) {
		reader_close(reader);
		return STATUS_UNAVAILABLE;
	}
	*reader_out = reader;
	return STATUS_OK;
}

void
reader_close(struct reader *reader)
{
	if (reader == NULL || reader->within)
		return;
	for (size_t i = 0; i < KEPT_MAX; i++)
		let_go(&reader->kept[i]);
	end(reader);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}

enum status
reader_begin(struct reader *reader, const struct frame_start *task, int descriptor,
	     unsigned *generation_out)
{
	enum status status = STATUS_UNAVAILABLE;

	pthread_mutex_lock(&reader->lock);
	if (reader->socket >= 0)
		status = channel_send_start(reader->socket, task, descriptor);
	if (status != STATUS_OK) {
		if (reader->socket >= 0)
			log_warning("reader-ended", LOG_NUMBER("pid", reader->process));
		end(reader);
		status = start_when_due(reader);
		if (status == STATUS_OK &&
		    channel_send_start(reader->socket, task, descriptor) != STATUS_OK)
			status = STATUS_BUSY;
	}
	*generation_out = reader->generation;
	pthread_mutex_unlock(&reader->lock);
	return status;
}

void
reader_lost(struct reader *reader, unsigned generation)
{
	pthread_mutex_lock(&reader->lock);
	if (reader->generation == generation && reader->socket >= 0) {
		log_warning("reader-ended", LOG_NUMBER("pid", reader->process));
		end(reader);
	}
	pthread_mutex_unlock(&reader->lock);
}

static unsigned
fonts_loaded(struct reader *reader)
{
	unsigned loaded;

	pthread_mutex_lock(&reader->lock);
	loaded = reader->fonts_loaded;
	pthread_mutex_unlock(&reader->lock);
	return loaded;
}

bool
reader_has_fonts(struct reader *reader)
{
	return fonts_loaded(reader) != 0;
}

bool
reader_has_font(struct reader *reader, size_t font)
{
	return font < READER_FONTS_MAX && (fonts_loaded(reader) >> font & 1U) != 0;
}

pid_t
reader_process(struct reader *reader)
{
	pid_t process;

	pthread_mutex_lock(&reader->lock);
	process = reader->process;
	pthread_mutex_unlock(&reader->lock);
	return process;
}
