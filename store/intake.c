#include "store/intake.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/batch.h"

/* More in one transaction gains nothing that shows, and makes its first member wait. */
#define TOGETHER_MAX 16
#define TOGETHER_BYTES ((size_t)1 << 20)

#define CHUNK_MAX ((size_t)1 << 20)

/* The courier is woken at most this often; again after this long when waking it failed. */
#define WAKE_EVERY_MS 20
#define WAKE_AGAIN_MS 500

/* After a connection could not be made, requests are refused at once for this long, so that a
 * host that swallows packets does not cost each of them the connection's time-out. */
#define AWAY_MS 200

/* Belongs to the caller who waits for it; a semaphore, because unlike a condition it may go as soon
 * as its owner is awake. */
struct request {
	struct batch_request batch;
	size_t bytes;
	sem_t done;
	struct request *next;
};

struct intake {
	char *target;
	pthread_mutex_t mutex;
	pthread_cond_t work;	    /* the queue has grown, or the end has come */
	pthread_cond_t wake_wanted; /* the same for the thread that wakes the courier */
	struct request *first;
	struct request **last;
	size_t waiting;	 /* requests in the queue */
	size_t busy;	 /* workers that run a batch */
	int64_t lost_at; /* when a connection was last found dead */
	bool wake;
	bool stopping;
	bool waker_stopping; /* only after the last commit */
	pthread_t waker;
	pthread_t *workers;
	size_t worker_count;
};

struct staging {
	struct request request;
};

/* Take along whoever is ready; the mutex is held. */
static size_t
take_together(struct intake *intake, struct request *taken[TOGETHER_MAX])
{
	size_t bytes = 0;
	size_t count = 0;

	while (intake->first && count < TOGETHER_MAX &&
	       (count == 0 || bytes + intake->first->bytes <= TOGETHER_BYTES)) {
		struct request *request = intake->first;

		intake->first = request->next;
		if (!intake->first)
			intake->last = &intake->first;
		intake->waiting--;
		bytes += request->bytes;
		taken[count++] = request;
	}
	return count;
}

static void
run_together(struct store *store, struct request *const *taken, size_t count, int64_t *away_until)
{
	struct batch_request *requests[TOGETHER_MAX];

	for (size_t i = 0; i < count; i++) {
		requests[i] = &taken[i]->batch;
		requests[i]->status = STATUS_UNAVAILABLE;
	}
	if (!store->handle && clock_monotonic_ms() < *away_until)
		return;
	batch_run(store, requests, count);
	if (!store->handle)
		*away_until = clock_monotonic_ms() + AWAY_MS;
}

/*
 * Whether it is worth another transaction at the same time; the mutex is held.  An idle intake
 * starts at once.  While others are busy, whoever waits is better taken along by the first of them
 * to end than given a transaction of their own, until there are many of them: each further worker
 * asks for twice as many.  A worker that ends looks again, so nobody is forgotten.
 */
static bool
is_worth_it(const struct intake *intake)
{
	return intake->first && intake->waiting >> intake->busy > 0;
}

/* Hand back what is done.  The requests are gone with it.  True when the courier has work. */
static bool
hand_back(struct request *const *taken, size_t count)
{
	bool arrived = false;

	for (size_t i = 0; i < count; i++) {
		arrived |= taken[i]->batch.durable && taken[i]->batch.status == STATUS_OK;
		sem_post(&taken[i]->done);
	}
	return arrived;
}

static void *
work(void *argument)
{
	struct intake *intake = argument;
	struct store *store = store_new(intake->target);
	int64_t away_until = 0;

	pthread_mutex_lock(&intake->mutex);
	for (;;) {
		struct request *taken[TOGETHER_MAX];
		int64_t lost_at;
		bool arrived;
		size_t count;

		while (!is_worth_it(intake) && !(intake->stopping && !intake->first))
			pthread_cond_wait(&intake->work, &intake->mutex);
		count = take_together(intake, taken);
		if (count == 0)
			break;
		intake->busy++;
		lost_at = intake->lost_at;
		pthread_mutex_unlock(&intake->mutex);
		store_doubt(store, lost_at);
		run_together(store, taken, count, &away_until);
		arrived = hand_back(taken, count);
		pthread_mutex_lock(&intake->mutex);
		intake->busy--;
		if (store->lost_at > intake->lost_at)
			intake->lost_at = store->lost_at;
		if (arrived && !intake->wake) {
			intake->wake = true;
			pthread_cond_signal(&intake->wake_wanted);
		}
	}
	/* The others wait for the queue to be empty, which nobody else tells them. */
	pthread_cond_broadcast(&intake->work);
	pthread_mutex_unlock(&intake->mutex);
	store_close(store);
	return NULL;
}

/* NOTIFY takes a lock that all of its senders share until they have committed, so it is kept out of
 * the transactions, and rare.  A commit is always followed by one: `wake` is taken back before. */
static void *
wake_courier(void *argument)
{
	struct intake *intake = argument;
	struct store *store = store_new(intake->target);

	pthread_mutex_lock(&intake->mutex);
	for (;;) {
		int64_t pause_until;
		enum status status;

		while (!intake->wake && !intake->waker_stopping)
			pthread_cond_wait(&intake->wake_wanted, &intake->mutex);
		if (!intake->wake)
			break;
		intake->wake = false;
		pthread_mutex_unlock(&intake->mutex);
		status = store_notify(store, "postern_work");
		pause_until =
		    clock_monotonic_ms() + (status == STATUS_OK ? WAKE_EVERY_MS : WAKE_AGAIN_MS);
		pthread_mutex_lock(&intake->mutex);
		if (intake->waker_stopping && status != STATUS_OK)
			break;
		if (status != STATUS_OK)
			intake->wake = true;
		while (!intake->waker_stopping && clock_monotonic_ms() < pause_until)
			(void)clock_wait(&intake->wake_wanted, &intake->mutex, pause_until);
	}
	pthread_mutex_unlock(&intake->mutex);
	store_close(store);
	return NULL;
}

static void
submit(struct intake *intake, struct request *request)
{
	bool worth_it;

	sem_init(&request->done, 0, 0);
	pthread_mutex_lock(&intake->mutex);
	*intake->last = request;
	intake->last = &request->next;
	intake->waiting++;
	worth_it = is_worth_it(intake);
	pthread_mutex_unlock(&intake->mutex);
	if (worth_it)
		pthread_cond_signal(&intake->work);
}

static enum status
await(struct request *request)
{
	while (sem_wait(&request->done) != 0)
		continue; /* interrupted by a signal */
	sem_destroy(&request->done);
	return request->batch.status;
}

static struct parameters *
add_statement(struct request *request, const char *statement)
{
	struct batch_request *batch = &request->batch;
	struct parameters *parameters = &batch->parameters[batch->count];

	batch->statements[batch->count++] = statement;
	bind_none(parameters);
	return parameters;
}

static void
add_chunk(struct request *request, const struct id *message, uint32_t number, struct slice sealed)
{
	struct parameters *parameters = add_statement(request, "intake_chunk");

	bind_id(parameters, message);
	bind_number(parameters, number);
	bind_bytes(parameters, sealed);
}

enum status
intake_stage_begin(struct intake *intake, const struct id *message, uint32_t number,
		   struct slice sealed, int64_t now, struct staging **staging_out)
{
	struct staging *staging;

	if (sealed.size > CHUNK_MAX)
		return STATUS_TOO_LARGE;
	staging = calloc(1, sizeof(*staging));
	if (!staging)
		abort();
	staging->request.bytes = sealed.size;
	if (number == 0) {
		struct parameters *parameters = add_statement(&staging->request, "intake_upload");

		bind_id(parameters, message);
		bind_number(parameters, now);
	}
	add_chunk(&staging->request, message, number, sealed);
	submit(intake, &staging->request);
	*staging_out = staging;
	return STATUS_OK;
}

enum status
intake_stage_end(struct staging *staging)
{
	enum status status = await(&staging->request);

	free(staging);
	return status;
}

enum status
intake_stage(struct intake *intake, const struct id *message, uint32_t number, struct slice sealed,
	     int64_t now)
{
	struct staging *staging;
	enum status status = intake_stage_begin(intake, message, number, sealed, now, &staging);

	return status == STATUS_OK ? intake_stage_end(staging) : status;
}

/* In the transaction of the reply: it is sent and its draft is gone, or neither. */
static void
add_sent(struct request *request, const struct intake_message *message)
{
	struct parameters *parameters = add_statement(request, "intake_sent");

	bind_id(parameters, &message->sent->id);
	bind_id(parameters, &message->parent_delivery);
	bind_bytes(parameters, message->sent->key_wrap);
	bind_bytes(parameters, message->sent->sealed);
	bind_number(parameters, message->received_at);
	parameters = add_statement(request, "intake_drop_draft");
	bind_id(parameters, &message->parent_delivery);
	bind_id(parameters, &message->last_file);
}

enum status
intake_commit(struct intake *intake, const struct intake_message *message)
{
	struct request request = {.bytes = message->chunk.size, .batch.durable = true};
	bool alone = message->chunk_count <= 1;
	bool by_smtp = message->origin == MESSAGE_BY_SMTP;
	struct parameters *parameters;

	if (message->chunk.size > CHUNK_MAX)
		return STATUS_TOO_LARGE;
	if (by_smtp && message->has_parent)
		return STATUS_INVALID;
	if (!alone && message->chunk.size > 0)
		add_chunk(&request, &message->id, message->chunk_count - 1, message->chunk);
	parameters = add_statement(&request, by_smtp ? "intake_message" : "intake_reply");
	bind_id(parameters, &message->id);
	bind_number(parameters, message->received_at);
	bind_number(parameters, (int64_t)message->size);
	bind_number(parameters, message->chunk_count);
	bind_bytes_or_null(parameters, alone ? message->chunk : slice_of(NULL, 0));
	bind_bytes(parameters, message->gateway_wrap);
	bind_bytes(parameters, message->envelope);
	if (!by_smtp) {
		bind_id(parameters, message->has_parent ? &message->parent_delivery : NULL);
		bind_bytes_or_null(parameters, message->once);
	}
	if (message->has_parent && message->sent != NULL)
		add_sent(&request, message);
	submit(intake, &request);
	return await(&request);
}

static void
join_all(struct intake *intake)
{
	pthread_mutex_lock(&intake->mutex);
	intake->stopping = true;
	pthread_cond_broadcast(&intake->work);
	pthread_mutex_unlock(&intake->mutex);
	for (size_t i = 0; i < intake->worker_count; i++)
		pthread_join(intake->workers[i], NULL);
	/* After the workers: the last commit wants its NOTIFY too. */
	pthread_mutex_lock(&intake->mutex);
	intake->waker_stopping = true;
	pthread_cond_broadcast(&intake->wake_wanted);
	pthread_mutex_unlock(&intake->mutex);
	pthread_join(intake->waker, NULL);
}

static void
release(struct intake *intake)
{
	pthread_cond_destroy(&intake->wake_wanted);
	pthread_cond_destroy(&intake->work);
	pthread_mutex_destroy(&intake->mutex);
	free(intake->workers);
	free(intake->target);
	free(intake);
}

enum status
intake_open(const char *connection, size_t connections, struct intake **intake_out)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		abort();
	intake->target = strdup(connection);
	intake->workers = calloc(connections ? connections : 1, sizeof(*intake->workers));
	if (!intake->target || !intake->workers)
		abort();
	intake->last = &intake->first;
	pthread_mutex_init(&intake->mutex, NULL);
	pthread_cond_init(&intake->work, NULL);
	clock_prepare_condition(&intake->wake_wanted);
	if (pthread_create(&intake->waker, NULL, wake_courier, intake) != 0) {
		release(intake);
		return STATUS_BUSY;
	}
	while (intake->worker_count < connections &&
	       pthread_create(&intake->workers[intake->worker_count], NULL, work, intake) == 0)
		intake->worker_count++;
	if (intake->worker_count == 0) {
		join_all(intake);
		release(intake);
		return STATUS_BUSY;
	}
	*intake_out = intake;
	return STATUS_OK;
}

void
intake_close(struct intake *intake)
{
	if (!intake)
		return;
	join_all(intake);
	release(intake);
}
