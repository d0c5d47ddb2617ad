#include "courier/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timekeeper.h"
#include "courier/send.h"
#include "messenger/work.h"
#include "store/heartbeat.h"

#define IDLE_MS 1000 /* a wake may be lost; time passes without one */
#define TROUBLE_MS 1000
#define SWEEP_MS 60000

/* What the threads work by. */
struct plan {
	const struct messenger *messenger;
	struct send_ways ways;
};

struct worker {
	struct workers *workers;
	pthread_t thread;
	const struct messenger *uses; /* in its round; NULL between two */
};

struct workers {
	pthread_mutex_t lock; /* for all below, but for the numbers of threads */
	pthread_cond_t changed;
	struct plan plan;
	unsigned long wakes;
	bool stopping;
	int64_t swept_at;  /* by the monotonic clock, ms */
	int64_t looked_at; /* when a thread last looked for work that nobody spoke of; likewise */
	struct timekeeper timekeeper;
	size_t count;
	struct worker each[];
};

typedef enum status work_some(const struct messenger *messenger, int64_t now, bool *worked_out);

/* The time by which something may be destroyed or given up. */
static int64_t
sure_now(struct workers *workers)
{
	int64_t now = clock_now(), sure;
	bool doubted, doubts;

	pthread_mutex_lock(&workers->lock);
	doubted = timekeeper_doubts(&workers->timekeeper);
	sure = timekeeper_sure(&workers->timekeeper, now, clock_monotonic_ms() / 1000);
	doubts = timekeeper_doubts(&workers->timekeeper);
	pthread_mutex_unlock(&workers->lock);
	if (doubts && !doubted)
		log_error("clock-jumped", LOG_NUMBER("ahead", now - sure),
			  LOG_NUMBER("believed-in", workers->timekeeper.patience));
	else if (doubted && !doubts)
		log_warning("clock-believed", LOG_NUMBER("time", now));
	return sure;
}

/* One round over every kind of work. */
static enum status
work_round(struct workers *workers, const struct plan *plan, bool *worked_out)
{
	static const struct {
		work_some *some;
		bool destroys;
	} kinds[] = {
	    {messenger_route_some, false},	{messenger_seal_some, false},
	    {messenger_relink_some, false},	{messenger_expire_some, true},
	    {messenger_remind_some, false},	{messenger_clear_some, false},
	    {messenger_revocation_some, false}, {messenger_find_some, false},
	    {messenger_give_up_some, true},	{messenger_reset_some, true},
	};
	enum status status = STATUS_OK;
	bool worked;

	*worked_out = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == STATUS_OK; i++) {
		status = kinds[i].some(
		    plan->messenger, kinds[i].destroys ? sure_now(workers) : clock_now(), &worked);
		*worked_out = *worked_out || (status == STATUS_OK && worked);
	}
	if (status == STATUS_OK) {
		status = send_some(plan->messenger, &plan->ways, clock_now(), sure_now(workers),
				   &worked);
		*worked_out = *worked_out || (status == STATUS_OK && worked);
	}
	/* Behind all that somebody waits for. */
	if (status == STATUS_OK) {
		status = messenger_harvest_some(plan->messenger, clock_now(), &worked);
		*worked_out = *worked_out || (status == STATUS_OK && worked);
	}
	return status;
}

static bool
is_stopping(struct workers *workers, unsigned long *wakes_out)
{
	bool stopping;

	pthread_mutex_lock(&workers->lock);
	stopping = workers->stopping;
	*wakes_out = workers->wakes;
	pthread_mutex_unlock(&workers->lock);
	return stopping;
}

/* Wait until somebody wakes, or the time is over.  False: the other threads go on waiting, for one
 * that looks is enough. */
static bool
wait_for_wake(struct workers *workers, unsigned long wakes, int64_t milliseconds)
{
	int64_t until = clock_monotonic_ms() + milliseconds;
	bool woken = true;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stopping && workers->wakes == wakes) {
		int64_t now;

		if (clock_wait(&workers->changed, &workers->lock, until))
			continue;
		now = clock_monotonic_ms();
		if (now >= workers->looked_at + milliseconds) {
			workers->looked_at = now;
			woken = false;
			break;
		}
		until = workers->looked_at + milliseconds;
	}
	pthread_mutex_unlock(&workers->lock);
	return woken;
}

static enum status
note_heartbeat(struct workers *workers, const struct messenger *messenger)
{
	int64_t sure = sure_now(workers);
	struct store *store = store_pool_get(messenger->stores);
	enum status status = heartbeat_note(store, sure);

	store_pool_put(messenger->stores, store);
	return status;
}

/* Once a minute, by whichever thread comes first. */
static void
sweep_when_due(struct workers *workers, const struct messenger *messenger)
{
	int64_t now = clock_monotonic_ms();
	bool due;
	enum status status;

	pthread_mutex_lock(&workers->lock);
	due = now - workers->swept_at >= SWEEP_MS;
	if (due)
		workers->swept_at = now;
	pthread_mutex_unlock(&workers->lock);
	if (!due)
		return;
	status = note_heartbeat(workers, messenger);
	if (status == STATUS_OK)
		status = messenger_sweep(messenger, sure_now(workers));
	if (status != STATUS_OK)
		log_warning("sweep-failed", LOG_TEXT("status", status_text(status)));
}

/* What holds from now on, until the round is over. */
static struct plan
begin_round(struct worker *worker)
{
	struct plan plan;

	pthread_mutex_lock(&worker->workers->lock);
	plan = worker->workers->plan;
	worker->uses = plan.messenger;
	pthread_mutex_unlock(&worker->workers->lock);
	return plan;
}

static void
end_round(struct worker *worker)
{
	pthread_mutex_lock(&worker->workers->lock);
	worker->uses = NULL;
	pthread_mutex_unlock(&worker->workers->lock);
}

static void *
work(void *argument)
{
	struct worker *worker = argument;
	struct workers *workers = worker->workers;
	unsigned long wakes;
	bool woken = true;

	while (!is_stopping(workers, &wakes)) {
		struct plan plan = begin_round(worker);
		bool worked = false;
		enum status status = work_round(workers, &plan, &worked);

		if (status == STATUS_OK && !worked) {
			relay_pool_tidy(plan.ways.relays);
			sweep_when_due(workers, plan.messenger);
		}
		end_round(worker);
		if (status != STATUS_OK) {
			log_warning("work-interrupted", LOG_TEXT("status", status_text(status)));
			woken = wait_for_wake(workers, wakes, TROUBLE_MS);
		} else if (!worked) {
			woken = wait_for_wake(workers, wakes, IDLE_MS);
		} else if (!woken) {
			/* It looked alone, and there is more. */
			workers_wake(workers);
			woken = true;
		}
	}
	return NULL;
}

static enum status
last_heartbeat(const struct messenger *messenger, int64_t *seen_at_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = heartbeat_read(store, seen_at_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
workers_start(const struct messenger *messenger, const struct send_ways *ways, size_t count,
	      int64_t patience, struct workers **workers_out)
{
	int64_t seen_at;
	enum status status = last_heartbeat(messenger, &seen_at);
	struct workers *workers = calloc(1, sizeof(*workers) + count * sizeof(workers->each[0]));

	if (status != STATUS_OK || workers == NULL) {
		free(workers);
		return status == STATUS_OK ? STATUS_UNAVAILABLE : status;
	}
	workers->plan = (struct plan){messenger, *ways};
	timekeeper_start(&workers->timekeeper, patience, seen_at, clock_now(),
			 clock_monotonic_ms() / 1000);
	pthread_mutex_init(&workers->lock, NULL);
	clock_prepare_condition(&workers->changed);
	for (; workers->count < count; workers->count++) {
		struct worker *worker = &workers->each[workers->count];

		worker->workers = workers;
		if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
			workers_stop(workers);
			return STATUS_UNAVAILABLE;
		}
	}
	*workers_out = workers;
	return STATUS_OK;
}

void
workers_use(struct workers *workers, const struct messenger *messenger,
	    const struct send_ways *ways)
{
	pthread_mutex_lock(&workers->lock);
	workers->plan = (struct plan){messenger, *ways};
	workers->wakes++;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
}

bool
workers_are_using(struct workers *workers, const struct messenger *messenger)
{
	bool used;

	pthread_mutex_lock(&workers->lock);
	used = workers->plan.messenger == messenger;
	for (size_t i = 0; i < workers->count; i++)
		used = used || workers->each[i].uses == messenger;
	pthread_mutex_unlock(&workers->lock);
	return used;
}

void
workers_wake(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->wakes++;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
}

void
workers_stop(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	for (size_t i = 0; i < workers->count; i++)
		pthread_join(workers->each[i].thread, NULL);
	pthread_cond_destroy(&workers->changed);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}
