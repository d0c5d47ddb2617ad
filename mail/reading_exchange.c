#include "mail/reading_exchange.h"

#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stock.h"
#include "mail/reader_part.h"
#include "mail/reading_figures.h"

/* A task gets its seconds of processor time, and more for a large message, all of which is
 * digested; on the clock more, for the machine may be busy. */
#define CPU_STEP ((uint64_t)33554432) /* one more for each so many bytes */
#define WALL_MS 6000U
#define WALL_STEP_MS 2000U
#define WALL_STEPS_MAX 300U
/* Waiting for a place among the reader's tasks comes on top. */
#define PLACE_MS 10000
#define TRIES 3

static struct stock rooms = STOCK_OF(FRAME_MAX);

/* One try. */
struct talk {
	const struct source *message;
	struct channel channel;
	struct reading_answer *answer; /* of this try */
	int64_t deadline;
	bool first_only;       /* there is no message to be asked for */
	bool heard;	       /* anything at all */
	enum answer_step step; /* of the last frame */
	enum status source;    /* what the message's source gave */
};

static struct frame_start
start_of(enum reading_kind kind, uint64_t size)
{
	uint64_t steps = size / CPU_STEP;
	unsigned more = steps > WALL_STEPS_MAX ? WALL_STEPS_MAX : (unsigned)steps;
	unsigned seconds = reading_tasks[kind].cpu_seconds + more;

	return (struct frame_start){.task = (unsigned char)kind,
				    .cpu_seconds = seconds,
				    .wall_ms = WALL_MS + seconds * WALL_STEP_MS,
				    .size = size};
}

/* Every wait on the socket ends with the deadline; so does the row of them. */
static enum status
limit_waits(int socket, int64_t milliseconds)
{
	struct timeval limit = {.tv_sec = milliseconds / 1000,
				.tv_usec = (milliseconds % 1000) * 1000};

	if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
	    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
		return STATUS_UNAVAILABLE;
	return STATUS_OK;
}

/* DATA for the READ that was asked. */
static enum status
give_data(struct talk *talk)
{
	unsigned char *bytes = talk->channel.room + FRAME_HEADER;
	size_t size = 0;

	while (size < talk->answer->read_size) {
		size_t got = 0;

		talk->source =
		    talk->message->read_at(talk->message->context, talk->answer->read_offset + size,
					   bytes + size, talk->answer->read_size - size, &got);
		if (talk->source != STATUS_OK)
			return talk->source;
		if (got == 0)
			break;
		size += got;
	}
	return channel_send(&talk->channel, FRAME_DATA, 0, slice_of(bytes, size));
}

/* Until the last frame.  STATUS_UNAVAILABLE: the socket was closed without a word. */
static enum status
converse(struct talk *talk, struct slice request)
{
	enum status status = channel_send_all(&talk->channel, FRAME_REQUEST, 0, request);

	talk->step = ANSWER_MORE;
	/* A task that ended before it had all has left its reason. */
	if (status == STATUS_UNAVAILABLE)
		status = STATUS_OK;
	while (status == STATUS_OK) {
		struct frame frame;

		status = clock_monotonic_ms() > talk->deadline
			     ? STATUS_BUSY
			     : channel_receive(&talk->channel, &frame);
		if (status == STATUS_INVALID) {
			talk->step = ANSWER_BROKEN;
			return STATUS_OK;
		}
		if (status != STATUS_OK)
			return status;
		talk->heard = true;
		talk->step = reading_answer_take(talk->answer, &frame);
		if (talk->first_only && talk->answer->first_done && talk->step == ANSWER_MORE) {
			talk->step = ANSWER_DONE;
			return STATUS_OK;
		}
		if (talk->step == ANSWER_READ)
			status = give_data(talk);
		else if (talk->step != ANSWER_MORE)
			return STATUS_OK;
		if (talk->source != STATUS_OK)
			return talk->source;
		/* As above: what ended it is still to be read. */
		if (status == STATUS_UNAVAILABLE)
			status = STATUS_OK;
	}
	return status;
}

/* One try with a task's socket in hand. */
static enum status
try_with(struct reader *reader, const struct frame_start *start, struct slice request,
	 const int ends[2], struct talk *talk)
{
	int64_t patience = (int64_t)start->wall_ms + PLACE_MS;
	unsigned generation = 0;
	enum status status = limit_waits(ends[0], patience);
	struct frame_start life = *start;

	/* One that may be asked again outlives this task. */
	if (reading_tasks[start->task].again)
		life.wall_ms += READER_KEPT_MS;
	if (status == STATUS_OK)
		status = reader_begin(reader, &life, ends[1], &generation);
	close(ends[1]);
	if (status != STATUS_OK)
		return STATUS_UNAVAILABLE;
	talk->deadline = clock_monotonic_ms() + patience;
	talk->channel.socket = ends[0];
	status = converse(talk, request);
	if (talk->source != STATUS_OK)
		return talk->source;
	/* A reader that gives no sign, or is gone. */
	if (status == STATUS_UNAVAILABLE || (status == STATUS_BUSY && !talk->heard)) {
		reader_lost(reader, generation);
		return STATUS_UNAVAILABLE;
	}
	return status;
}

static enum exchange_end
end_of(const struct talk *talk, enum status status)
{
	const struct frame_ended *ended = &talk->answer->ended;

	if (status == STATUS_BUSY)
		return EXCHANGE_LATE;
	if (talk->step == ANSWER_DONE)
		return EXCHANGE_DONE;
	if (talk->step == ANSWER_BROKEN)
		return EXCHANGE_BROKEN;
	return ended->end == FRAME_END_LATE ||
		       (ended->end == FRAME_END_SIGNAL && ended->number == SIGXCPU)
		   ? EXCHANGE_LATE
		   : EXCHANGE_DIED;
}

/* Whether another try may end otherwise: the message is not what ended this one. */
static bool
was_disturbed(const struct talk *talk, enum status status)
{
	const struct frame_ended *ended = &talk->answer->ended;

	if (status == STATUS_UNAVAILABLE)
		return talk->source == STATUS_OK;
	return status == STATUS_OK && talk->step == ANSWER_ENDED &&
	       (ended->end == FRAME_END_NONE ||
		(ended->end == FRAME_END_SIGNAL && ended->number == SIGKILL));
}

static void
report(enum reading_kind kind, const char *label, const struct talk *talk,
       const struct exchange *exchange)
{
	static const char *const words[] = {
	    [EXCHANGE_DONE] = "refused",
	    [EXCHANGE_DIED] = "died",
	    [EXCHANGE_LATE] = "late",
	    [EXCHANGE_BROKEN] = "nonsense",
	};

	log_warning("reading-failed", LOG_TEXT("message", label),
		    LOG_TEXT("task", reading_tasks[kind].name),
		    LOG_TEXT("why", words[exchange->end]),
		    LOG_NUMBER("signal", talk->answer->ended.end == FRAME_END_SIGNAL
					     ? talk->answer->ended.number
					     : 0),
		    LOG_TEXT("status", status_text(exchange->status)));
}

static void
count(enum reading_kind kind, const struct exchange *exchange, int64_t milliseconds)
{
	enum figure_reading end = FIGURE_KILLED;

	if (exchange->end == EXCHANGE_DONE)
		end = exchange->status == STATUS_OK ? FIGURE_READ : FIGURE_UNREADABLE;
	else if (exchange->end == EXCHANGE_LATE)
		end = FIGURE_LATE;
	reading_count(kind, end, milliseconds);
}

static void
begin_answer(enum reading_kind kind, struct talk *talk, struct arena *arena)
{
	const struct reading_task *task = &reading_tasks[kind];

	talk->answer = arena_alloc(arena, sizeof(*talk->answer));
	reading_answer_init(talk->answer, talk->message->size, task->first_max, task->result_max,
			    arena);
	talk->heard = false;
}

/* A process that has read this message already, if there is one.  False: it gave no answer, which
 * may have many reasons; a fresh one must tell. */
static bool
ask_kept(struct reader *reader, enum reading_kind kind, const char *label, struct slice request,
	 struct talk *talk, struct arena *arena)
{
	const unsigned char number = (unsigned char)kind;
	uint64_t size = talk->message->size;
	int64_t patience = start_of(kind, size).wall_ms;
	int socket = reader_take(reader, label, size);
	enum status status;

	if (socket < 0)
		return false;
	begin_answer(kind, talk, arena);
	talk->deadline = clock_monotonic_ms() + patience;
	talk->channel.socket = socket;
	status = limit_waits(socket, patience);
	if (status == STATUS_OK)
		status = channel_send(&talk->channel, FRAME_AGAIN, 0, slice_of(&number, 1));
	if (status == STATUS_OK)
		status = converse(talk, request);
	if (status != STATUS_OK || talk->step != ANSWER_DONE) {
		close(socket);
		return false;
	}
	reader_keep(reader, label, size, socket);
	return true;
}

static enum status
ask_process(struct reader *reader, enum reading_kind kind, const char *label, struct slice request,
	    struct talk *talk, struct arena *arena)
{
	const struct reading_task *task = &reading_tasks[kind];
	struct frame_start start = start_of(kind, talk->message->size);
	enum status status = STATUS_UNAVAILABLE;
	bool again = true;

	if (task->again && ask_kept(reader, kind, label, request, talk, arena))
		return STATUS_OK;
	if (talk->source != STATUS_OK)
		return talk->source;
	for (int i = 0; i < TRIES && again; i++) {
		int ends[2];

		if (channel_pair(ends) != STATUS_OK)
			return STATUS_UNAVAILABLE;
		begin_answer(kind, talk, arena);
		status = try_with(reader, &start, request, ends, talk);
		if (task->again && status == STATUS_OK && talk->step == ANSWER_DONE)
			reader_keep(reader, label, start.size, ends[0]);
		else
			close(ends[0]);
		again = was_disturbed(talk, status);
		if (again)
			log_warning("reading-disturbed", LOG_TEXT("message", label),
				    LOG_TEXT("task", task->name));
	}
	if (again && status == STATUS_OK && talk->answer->ended.end == FRAME_END_NONE)
		status = STATUS_UNAVAILABLE;
	return status;
}

/* The same without a process. */
static enum status
ask_within(enum reading_kind kind, struct slice request, struct talk *talk, struct arena *arena)
{
	const struct reading_task *task = &reading_tasks[kind];
	struct reading_job *job = arena_alloc(arena, sizeof(*job));
	struct reading_answer *answer = arena_alloc(arena, sizeof(*answer));
	enum status status;

	/* It needs what a reader brings: fonts, limits. */
	if (task->run == NULL)
		return STATUS_UNAVAILABLE;
	*job = (struct reading_job){.request = request, .message = talk->message, .arena = arena};
	text_init_in(&job->first, arena, task->first_max);
	text_init_in(&job->result, arena, task->result_max);
	status = task->first == NULL ? STATUS_OK : task->first(job);
	answer->first_done = status == STATUS_OK;
	if (status == STATUS_OK && !talk->first_only)
		status = task->run(job);
	answer->first = job->first;
	answer->result = job->result;
	answer->status = status;
	talk->answer = answer;
	talk->step = ANSWER_DONE;
	/* Reading was the source's part. */
	return status == STATUS_UNAVAILABLE || status == STATUS_DAMAGED ? status : STATUS_OK;
}

static enum status
ask(struct reader *reader, enum reading_kind kind, const char *label, struct slice request,
    struct talk *talk, struct arena *arena, struct exchange *exchange_out)
{
	int64_t began = clock_monotonic_ms();
	struct exchange result;
	enum status status;

	if (request.size > reading_tasks[kind].request_max)
		return STATUS_TOO_LARGE;
	talk->channel.room = stock_take(&rooms);
	if (talk->channel.room == NULL)
		return STATUS_UNAVAILABLE;
	status = ask_process(reader, kind, label, request, talk, arena);
	sodium_memzero(talk->channel.room, FRAME_MAX);
	stock_give(&rooms, talk->channel.room);
	if (status == STATUS_UNAVAILABLE)
		reading_count(kind, FIGURE_NO_READER, clock_monotonic_ms() - began);
	if (status != STATUS_OK && status != STATUS_BUSY)
		return status;
	result = (struct exchange){.end = end_of(talk, status),
				   .status = talk->answer->status,
				   .result = text_slice(&talk->answer->result)};
	if (result.end != EXCHANGE_DONE)
		result.status = STATUS_INVALID;
	count(kind, &result, clock_monotonic_ms() - began);
	if (result.status != STATUS_OK)
		report(kind, label, talk, &result);
	*exchange_out = result;
	return STATUS_OK;
}

static enum status
ask_either(struct reader *reader, enum reading_kind kind, const char *label, struct slice request,
	   struct talk *talk, struct arena *arena, struct exchange *exchange_out)
{
	enum status status;

	if (!reader_is_within(reader))
		return ask(reader, kind, label, request, talk, arena, exchange_out);
	status = ask_within(kind, request, talk, arena);
	if (talk->answer == NULL)
		return status;
	*exchange_out = (struct exchange){.end = EXCHANGE_DONE,
					  .status = talk->answer->status,
					  .result = text_slice(&talk->answer->result)};
	return status;
}

enum status
exchange(struct reader *reader, enum reading_kind kind, const char *label, struct slice request,
	 const struct source *message, struct arena *arena, struct exchange *exchange_out)
{
	struct talk talk = {.message = message, .source = STATUS_OK};

	return ask_either(reader, kind, label, request, &talk, arena, exchange_out);
}

enum status
exchange_first(struct reader *reader, enum reading_kind kind, const char *label,
	       struct slice request, struct arena *arena, struct slice *first_out)
{
	struct slice nothing = {NULL, 0};
	struct source message = source_from_slice(&nothing);
	struct talk talk = {.message = &message, .source = STATUS_OK, .first_only = true};
	struct exchange answer;
	enum status status = ask_either(reader, kind, label, request, &talk, arena, &answer);

	if (status == STATUS_OK)
		*first_out = answer.status == STATUS_OK ? text_slice(&talk.answer->first) : nothing;
	return status;
}
