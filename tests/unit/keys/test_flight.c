#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "keys/flight.h"

#define MANY 1000
#define LONG_MS 20000
#define FOUND_SECONDS 5000
#define NONE_SECONDS 400
#define FAILED_SECONDS 60

/* A source that is told what to say, and counts who asks. */
struct source_stub {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool held; /* look-ups wait */
	bool slow; /* look-ups take a while */
	atomic_int asked;
	int inside, most_inside;
	struct finding says;
};

static struct source_stub stub;

static struct finding
stub_look(void *context, size_t asker, const char *address, int64_t deadline, struct arena *arena)
{
	struct finding finding = stub.says;
	struct candidate candidate = {.bytes = SLICE("key"), .evidence = address};

	(void)context, (void)asker, (void)deadline;
	pthread_mutex_lock(&stub.lock);
	stub.asked++;
	if (++stub.inside > stub.most_inside)
		stub.most_inside = stub.inside;
	pthread_cond_broadcast(&stub.moved);
	while (stub.held)
		pthread_cond_wait(&stub.moved, &stub.lock);
	stub.inside--;
	pthread_mutex_unlock(&stub.lock);
	if (stub.slow)
		usleep(5000);
	if (finding.outcome == FINDING_FOUND)
		finding_add(&finding, &candidate, arena);
	return finding;
}

static struct flights *
start(struct finding says, size_t threads)
{
	struct flight_settings settings = {
	    .askers = 2,
	    .threads = threads,
	    .milliseconds = LONG_MS,
	    .found_seconds = FOUND_SECONDS,
	    .none_seconds = NONE_SECONDS,
	    .failed_seconds = FAILED_SECONDS,
	    .entries = 100,
	    .bytes = (size_t)1024 * 1024,
	    .look = stub_look,
	};
	struct flights *flights;

	memset(&stub, 0, sizeof(stub));
	pthread_mutex_init(&stub.lock, NULL);
	pthread_cond_init(&stub.moved, NULL);
	stub.says = says;
	stub.says.detail = "";
	assert_int_equal(flights_new(&settings, &flights), STATUS_OK);
	return flights;
}

static void
hold(bool held)
{
	pthread_mutex_lock(&stub.lock);
	stub.held = held;
	pthread_cond_broadcast(&stub.moved);
	pthread_mutex_unlock(&stub.lock);
}

static void
wait_inside(int count)
{
	pthread_mutex_lock(&stub.lock);
	while (stub.inside < count)
		pthread_cond_wait(&stub.moved, &stub.lock);
	pthread_mutex_unlock(&stub.lock);
}

static struct finding
take(struct flights *flights, struct flight_ticket ticket, struct arena *arena)
{
	return flights_wait(flights, ticket, clock_monotonic_ms() + LONG_MS, arena);
}

static struct finding
ask(struct flights *flights, const char *address, const char *group, struct arena *arena)
{
	return take(flights, flights_start(flights, 0, address, group), arena);
}

/* MANY addresses of one domain. */
static void
start_many(struct flights *flights, struct flight_ticket tickets[MANY], const char *group,
	   struct arena *arena)
{
	for (size_t i = 0; i < MANY; i++)
		tickets[i] =
		    flights_start(flights, 0, arena_printf(arena, "u%zu@a.example", i), group);
}

static void
who_asks_the_same_waits_for_one_look_up(void **state)
{
	struct flights *flights = start((struct finding){.outcome = FINDING_FOUND}, 4);
	struct flight_ticket tickets[MANY];
	struct arena *arena = arena_new();

	(void)state;
	hold(true);
	for (size_t i = 0; i < MANY; i++)
		tickets[i] = flights_start(flights, 0, "u@a.example", "");
	hold(false);
	for (size_t i = 0; i < MANY; i++) {
		struct finding finding = take(flights, tickets[i], arena);

		assert_int_equal(finding.outcome, FINDING_FOUND);
		assert_true(slice_equal(finding.candidates[0].bytes, SLICE("key")));
	}
	assert_int_equal(stub.asked, 1);
	/* And later ones take what is remembered; another source is another question. */
	assert_true(ask(flights, "u@a.example", "", arena).remembered);
	assert_int_equal(stub.asked, 1);
	assert_false(take(flights, flights_start(flights, 1, "u@a.example", ""), arena).remembered);
	assert_int_equal(stub.asked, 2);
	flights_free(flights);
	arena_free(arena);
}

static void
a_dead_server_is_asked_once(void **state)
{
	struct flights *flights = start(
	    (struct finding){.outcome = FINDING_FAILED, .reason = "timeout", .for_all = true}, 8);
	struct flight_ticket tickets[MANY];
	struct arena *arena = arena_new();

	(void)state;
	hold(true);
	start_many(flights, tickets, "a.example", arena);
	hold(false);
	for (size_t i = 0; i < MANY; i++) {
		struct finding finding = take(flights, tickets[i], arena);

		assert_int_equal(finding.outcome, FINDING_FAILED);
		assert_string_equal(finding.reason, "timeout");
	}
	assert_int_equal(stub.asked, 1);
	assert_true(ask(flights, "later@a.example", "a.example", arena).remembered);
	assert_int_equal(stub.asked, 1);
	/* Another domain is not to blame. */
	assert_false(ask(flights, "u@b.example", "b.example", arena).remembered);
	assert_int_equal(stub.asked, 2);
	flights_free(flights);
	arena_free(arena);
}

static void
a_server_that_answers_is_asked_for_each_by_few_at_once(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key"}, 3);
	struct flight_ticket tickets[MANY];
	struct arena *arena = arena_new();

	(void)state;
	hold(true);
	start_many(flights, tickets, "a.example", arena);
	wait_inside(1);
	hold(false);
	for (size_t i = 0; i < MANY; i++)
		assert_string_equal(take(flights, tickets[i], arena).reason, "no-key");
	assert_int_equal(stub.asked, MANY);
	assert_true(stub.most_inside <= 3);
	flights_free(flights);
	arena_free(arena);
}

static void
a_failure_of_one_address_is_its_own(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_FAILED, .reason = "too-large"}, 2);
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(ask(flights, "a@a.example", "a.example", arena).reason, "too-large");
	assert_string_equal(ask(flights, "b@a.example", "a.example", arena).reason, "too-large");
	assert_int_equal(stub.asked, 2);
	flights_free(flights);
	arena_free(arena);
}

static void
late_is_told_and_the_look_up_goes_on(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key"}, 1);
	struct arena *arena = arena_new();
	struct flight_ticket ticket;

	(void)state;
	hold(true);
	ticket = flights_start(flights, 0, "u@a.example", "a.example");
	wait_inside(1);
	assert_int_equal(flights_wait(flights, ticket, clock_monotonic_ms(), arena).outcome,
			 FINDING_LATE);
	ticket = flights_start(flights, 0, "u@a.example", "a.example");
	hold(false);
	assert_int_equal(take(flights, ticket, arena).outcome, FINDING_NONE);
	assert_int_equal(stub.asked, 1);
	flights_free(flights);
	arena_free(arena);
}

static void
closing_answers_who_was_left_behind(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key"}, 1);
	struct flight_ticket tickets[MANY];
	struct arena *arena = arena_new();

	(void)state;
	hold(true);
	start_many(flights, tickets, "a.example", arena);
	wait_inside(1);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(
		    flights_wait(flights, tickets[i], clock_monotonic_ms(), arena).outcome,
		    FINDING_LATE);
	stub.slow = true;
	hold(false);
	flights_free(flights);
	assert_true(stub.asked < MANY);
	arena_free(arena);
}

static void
memory_is_bounded(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key"}, 2);
	struct flight_ticket tickets[MANY];
	struct arena *arena = arena_new();

	(void)state;
	start_many(flights, tickets, "", arena);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(take(flights, tickets[i], arena).outcome, FINDING_NONE);
	/* One more, so that what nobody holds any more is swept. */
	assert_false(ask(flights, "last@a.example", "", arena).remembered);
	/* The last of them are still there, the first are not. */
	assert_true(ask(flights, "last@a.example", "", arena).remembered);
	assert_false(ask(flights, "u0@a.example", "", arena).remembered);
	flights_free(flights);
	arena_free(arena);
}

/* Few answers, but large ones. */
static void
bytes_are_bounded(void **state)
{
	static char large[100 * 1024];
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key"}, 1);
	struct arena *arena = arena_new();

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	stub.says.detail = large;
	assert_false(ask(flights, "first@a.example", "", arena).remembered);
	assert_true(ask(flights, "first@a.example", "", arena).remembered);
	for (int i = 0; i < 20; i++)
		assert_false(
		    ask(flights, arena_printf(arena, "u%d@a.example", i), "", arena).remembered);
	assert_false(ask(flights, "first@a.example", "", arena).remembered);
	assert_true(ask(flights, "u19@a.example", "", arena).remembered);
	flights_free(flights);
	arena_free(arena);
}

static void
what_expires_is_asked_again(void **state)
{
	struct flights *flights =
	    start((struct finding){.outcome = FINDING_NONE, .reason = "no-key", .seconds = 1}, 2);
	struct arena *arena = arena_new();
	int64_t began = clock_monotonic_ms();

	(void)state;
	assert_false(ask(flights, "u@a.example", "", arena).remembered);
	while (ask(flights, "u@a.example", "", arena).remembered)
		if (clock_monotonic_ms() > began + LONG_MS)
			fail_msg("it never expires");
	assert_true(clock_monotonic_ms() - began >= 1000);
	assert_int_equal(stub.asked, 2);
	flights_free(flights);
	arena_free(arena);
}

static void
answers_tell_how_long_they_count(void **state)
{
	static const struct {
		const char *claim;
		struct finding says;
		int64_t seconds;
	} rows[] = {
	    {"what was found", {.outcome = FINDING_FOUND}, FOUND_SECONDS},
	    {"nothing", {.outcome = FINDING_NONE, .reason = "no-key"}, NONE_SECONDS},
	    {"a failure", {.outcome = FINDING_FAILED, .reason = "too-large"}, FAILED_SECONDS},
	    {"a dead server", {.outcome = FINDING_FAILED, .for_all = true}, FAILED_SECONDS},
	    {"a source that says so", {.outcome = FINDING_FOUND, .seconds = 3000}, 3000},
	    {"but no longer than this", {.outcome = FINDING_NONE, .seconds = 3000}, NONE_SECONDS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct finding says = rows[i].says;
		struct arena *arena = arena_new();
		struct flights *flights;
		int64_t began = clock_monotonic_ms();

		says.reason = says.reason == NULL ? "" : says.reason;
		flights = start(says, 1);
		/* Whoever asks first, who asks again, and who shares its server. */
		for (size_t who = 0; who < 3; who++) {
			struct finding finding = ask(
			    flights, who < 2 ? "u@a.example" : "v@a.example", "a.example", arena);
			int64_t most_gone = (clock_monotonic_ms() - began) / 1000 + 1;

			if (finding.seconds > rows[i].seconds ||
			    finding.seconds < rows[i].seconds - most_gone)
				fail_msg("%s, %zu: %lld", rows[i].claim, who,
					 (long long)finding.seconds);
		}
		flights_free(flights);
		arena_free(arena);
	}
}

/* Those that are answered later have no more time than the first. */
static void
what_is_left_grows_less(void **state)
{
	struct flights *flights = start(
	    (struct finding){
		.outcome = FINDING_FAILED, .reason = "timeout", .seconds = 30, .for_all = true},
	    1);
	int64_t began = clock_monotonic_ms();
	int64_t left = 30;

	(void)state;
	for (bool first = true; left == 30; first = false) {
		struct arena *arena = arena_new();
		struct finding finding =
		    ask(flights, first ? "u@a.example" : "v@a.example", "a.example", arena);

		assert_true(finding.remembered != first && finding.seconds <= left);
		if (clock_monotonic_ms() > began + LONG_MS)
			fail_msg("it stays at %lld", (long long)left);
		left = finding.seconds;
		arena_free(arena);
	}
	assert_int_equal(stub.asked, 1);
	flights_free(flights);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_asks_the_same_waits_for_one_look_up),
	    cmocka_unit_test(a_dead_server_is_asked_once),
	    cmocka_unit_test(a_server_that_answers_is_asked_for_each_by_few_at_once),
	    cmocka_unit_test(a_failure_of_one_address_is_its_own),
	    cmocka_unit_test(late_is_told_and_the_look_up_goes_on),
	    cmocka_unit_test(closing_answers_who_was_left_behind),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(bytes_are_bounded),
	    cmocka_unit_test(what_expires_is_asked_again),
	    cmocka_unit_test(answers_tell_how_long_they_count),
	    cmocka_unit_test(what_is_left_grows_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
