#include "reader/child.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "reader/tasks.h"

/* Exit statuses tell the log where it ended. */
enum { EXIT_SERVED = 0, EXIT_NOT_CONFINED = 10, EXIT_NO_SENSE = 11, EXIT_ALONE = 12 };

/* This process serves one task: what it needs need not be allocated. */
static unsigned char room[FRAME_MAX];
static struct channel channel = {SANDBOX_SOCKET, room};

/* A piece of the message, the last that was asked for. */
static struct {
	uint64_t offset;
	size_t size;
	unsigned char bytes[FRAME_PAYLOAD_MAX];
} piece;

static void
fetch(uint64_t offset)
{
	unsigned char asked[12];
	struct frame frame;

	frame_put(asked, offset, 8);
	frame_put(asked + 8, FRAME_PAYLOAD_MAX, 4);
	if (channel_send(&channel, FRAME_READ, 0, slice_of(asked, sizeof(asked))) != STATUS_OK ||
	    channel_receive(&channel, &frame) != STATUS_OK)
		_exit(EXIT_ALONE);
	if (frame.kind != FRAME_DATA)
		_exit(EXIT_NO_SENSE);
	memcpy(piece.bytes, frame.payload.data, frame.payload.size);
	piece.offset = offset;
	piece.size = frame.payload.size;
}

static enum status
read_message(void *context, uint64_t offset, unsigned char *bytes, size_t size, size_t *size_out)
{
	const struct source *message = context;
	size_t inside;

	if (offset >= message->size || size == 0) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (offset < piece.offset || offset - piece.offset >= piece.size)
		fetch(offset);
	inside = (size_t)(offset - piece.offset);
	if (inside >= piece.size) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (size > piece.size - inside)
		size = piece.size - inside;
	memcpy(bytes, piece.bytes + inside, size);
	*size_out = size;
	return STATUS_OK;
}

static void
hear_request(struct text *request)
{
	struct frame frame = {.flag = 0};

	while ((frame.flag & FRAME_LAST) == 0) {
		if (channel_receive(&channel, &frame) != STATUS_OK)
			_exit(EXIT_ALONE);
		if (frame.kind != FRAME_REQUEST)
			_exit(EXIT_NO_SENSE);
		text_append(request, frame.payload);
	}
	if (!text_ok(request))
		_exit(EXIT_NO_SENSE);
}

static void
say(enum frame_kind kind, enum status status, struct slice bytes)
{
	if (channel_send_all(&channel, kind, status, bytes) != STATUS_OK)
		_exit(EXIT_ALONE);
}

/* The answer; a long one with its size in front. */
static void
say_result(const struct reading_job *job, enum status status)
{
	struct slice bytes = job->given.size > 0 ? job->given : text_slice(&job->result);
	unsigned char size[8];

	if (status != STATUS_OK)
		bytes = SLICE("");
	if (bytes.size > FRAME_PAYLOAD_MAX) {
		frame_put(size, bytes.size, sizeof(size));
		if (channel_send(&channel, FRAME_SIZE, 0, slice_of(size, sizeof(size))) !=
		    STATUS_OK)
			_exit(EXIT_ALONE);
	}
	say(FRAME_RESULT, status, bytes);
}

/* One task, and its answer. */
static void
serve(enum reading_kind kind, const struct source *message)
{
	const struct reading_task *task = &reading_tasks[kind];
	struct arena *arena = arena_new();
	struct reading_job job = {.message = message, .arena = arena};
	struct text request;
	enum status status = STATUS_OK;

	text_init(&request, task->request_max);
	text_init(&job.first, task->first_max);
	text_init(&job.result, task->result_max);
	hear_request(&request);
	job.request = text_slice(&request);
	if (task->first != NULL) {
		status = task->first(&job);
		if (status == STATUS_OK && !text_ok(&job.first))
			status = STATUS_TOO_LARGE;
		if (status == STATUS_OK)
			say(FRAME_FIRST, STATUS_OK, text_slice(&job.first));
	}
	if (status == STATUS_OK)
		status = tasks_find_run(kind)(&job);
	if (status == STATUS_OK && (!text_ok(&job.result) || job.given.size > task->result_max))
		status = STATUS_TOO_LARGE;
	say_result(&job, status);
	/* All memory goes with the process, and faster than piece by piece. */
	if (!task->again)
		_exit(EXIT_SERVED);
	text_clear(&request);
	text_clear(&job.first);
	text_clear(&job.result);
	arena_free(arena);
}

/* Half of the processor time is left for one more task. */
static bool
has_time(unsigned cpu_seconds)
{
	struct timespec used;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 &&
	       used.tv_sec * 2 + used.tv_nsec / 500000000 < (time_t)cpu_seconds;
}

/* What is asked next about this message. */
static enum reading_kind
hear_next(void)
{
	struct frame frame;

	if (channel_receive(&channel, &frame) != STATUS_OK)
		_exit(EXIT_SERVED);
	if (frame.kind != FRAME_AGAIN || frame.payload.size != 1 ||
	    frame.payload.data[0] >= READING_KINDS || !reading_tasks[frame.payload.data[0]].again)
		_exit(EXIT_NO_SENSE);
	return (enum reading_kind)frame.payload.data[0];
}

static _Noreturn void
serve_all(const struct frame_start *start)
{
	const struct source message = {(void *)&message, start->size, read_message};

	serve((enum reading_kind)start->task, &message);
	while (has_time(start->cpu_seconds))
		serve(hear_next(), &message);
	_exit(EXIT_SERVED);
}

void
child_serve(const struct sandbox *sandbox, const struct frame_start *start, int socket)
{
	/* Nobody is left to answer to when the reader is gone. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || dup2(socket, SANDBOX_SOCKET) < 0)
		_exit(EXIT_NOT_CONFINED);
#if !defined(__SANITIZE_ADDRESS__)
	/* The log is not a stranger's to write. */
	if (dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		_exit(EXIT_NOT_CONFINED);
#endif
	if (close_range(SANDBOX_SOCKET + 1, ~0U, 0) != 0 ||
	    sandbox_enter(sandbox, start->cpu_seconds, reading_tasks[start->task].memory) !=
		STATUS_OK)
		_exit(EXIT_NOT_CONFINED);
	serve_all(start);
}
