/* store/intake: many threads, few connections, and a database that goes away. */
#include <pthread.h>

#include "base/clock.h"
#include "tests/unit/store/given.h"

#define THREADS 32
#define EACH 20

struct sender {
	int failures;
	int large; /* every so-manyth message is staged in chunks */
};

static enum status
send_large(struct intake_message *letter)
{
	static const unsigned char chunk[40000];
	enum status status = STATUS_OK;

	letter->chunk = (struct slice){0};
	letter->chunk_count = 3;
	for (uint32_t i = 0; i < 3 && status == STATUS_OK; i++)
		status = intake_stage(given.intake, &letter->id, i,
				      slice_of(chunk, sizeof(chunk) - i), NOW);
	return status == STATUS_OK ? intake_commit(given.intake, letter) : status;
}

static void *
send_many(void *argument)
{
	struct sender *sender = argument;

	for (int i = 0; i < EACH; i++) {
		struct intake_message letter = given_letter();
		enum status status = i % sender->large == 0 ? send_large(&letter)
							    : intake_commit(given.intake, &letter);

		if (status != STATUS_OK)
			sender->failures++;
	}
	return NULL;
}

static void
every_message_of_many_threads_is_there(void **state)
{
	struct sender senders[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){.large = 5};
		assert_int_equal(pthread_create(&threads[i], NULL, send_many, &senders[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(senders[i].failures, 0);
	}
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from message"),
			 THREADS * EACH);
	assert_int_equal(
	    cluster_number(&given.cluster,
			   "select count(*) from message m where chunk_count = 3 and "
			   "(select array_agg(octet_length(body) order by number) from "
			   "chunk where message_id = m.id) = '{40000,39999,39998}'"),
	    THREADS * EACH / 5);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from upload"),
			 THREADS * EACH / 5);
}

/* Sends the same id as somebody else; only one of each pair may succeed. */
struct twin {
	struct intake_message letter;
	enum status status;
};

static void *
send_twin(void *argument)
{
	struct twin *twin = argument;

	twin->status = intake_commit(given.intake, &twin->letter);
	return NULL;
}

static void
a_refused_row_costs_nobody_else_theirs(void **state)
{
	struct twin twins[THREADS];
	pthread_t threads[THREADS];
	int taken = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		twins[i].letter = given_letter();
		/* Half of them break a check of the table, the first two share an id. */
		if (i % 2)
			twins[i].letter.chunk_count = 0;
	}
	twins[2].letter.id = twins[0].letter.id;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_twin, &twins[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++) {
		if (i % 2)
			assert_int_equal(twins[i].status, STATUS_INTERNAL);
		else if (i > 2)
			assert_int_equal(twins[i].status, STATUS_OK);
		else
			taken += twins[i].status == STATUS_OK;
	}
	assert_int_equal(taken, 1);
	assert_true((twins[0].status == STATUS_CONFLICT) != (twins[2].status == STATUS_CONFLICT));
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from message"),
			 THREADS / 2 - 1);
}

static void
too_large_a_chunk_is_refused_here(void **state)
{
	static const unsigned char bytes[(1 << 20) + 1];
	struct intake_message letter = given_letter();

	(void)state;
	letter.chunk = slice_of(bytes, sizeof(bytes));
	assert_int_equal(intake_commit(given.intake, &letter), STATUS_TOO_LARGE);
	assert_int_equal(intake_stage(given.intake, &letter.id, 0, letter.chunk, NOW),
			 STATUS_TOO_LARGE);
	letter.chunk = slice_of(bytes, 1 << 20);
	assert_ok(intake_commit(given.intake, &letter));
}

static void
the_last_chunk_comes_with_its_message_or_not_at_all(void **state)
{
	struct intake_message letter = given_letter();
	struct staging *staging;

	(void)state;
	letter.chunk_count = 3;
	for (uint32_t i = 0; i < 2; i++) {
		assert_ok(intake_stage_begin(given.intake, &letter.id, i, SLICE("staged"), NOW,
					     &staging));
		assert_ok(intake_stage_end(staging));
	}
	letter.size = (uint64_t)-1; /* which the table refuses */
	assert_int_equal(intake_commit(given.intake, &letter), STATUS_INTERNAL);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk"), 2);
	letter.size = 5;
	assert_ok(intake_commit(given.intake, &letter));
	assert_int_equal(cluster_number(&given.cluster,
					"select count(*) from chunk c, message m where "
					"c.message_id = m.id and m.chunk is null and "
					"c.number = 2 and c.body = 'sealed\\000chunk'"),
			 1);
	/* The same chunk twice: neither it nor the message. */
	assert_int_equal(intake_commit(given.intake, &letter), STATUS_CONFLICT);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from upload"), 1);
}

static void
a_chunk_that_fails_on_its_way_is_told_at_its_end(void **state)
{
	struct id message = id_new();
	struct staging *first;
	struct staging *second;

	(void)state;
	assert_ok(intake_stage(given.intake, &message, 0, SLICE("x"), NOW));
	assert_ok(intake_stage_begin(given.intake, &message, 1, SLICE("x"), NOW, &first));
	assert_ok(intake_stage_begin(given.intake, &message, 0, SLICE("y"), NOW, &second));
	assert_ok(intake_stage_end(first));
	assert_int_equal(intake_stage_end(second), STATUS_CONFLICT);
}

static void
ingest_cannot_pass_a_message_off_as_a_reply(void **state)
{
	struct intake_message letter = given_letter();

	(void)state;
	letter.origin = MESSAGE_BY_PORTAL;
	assert_int_equal(intake_commit(given.intake, &letter), STATUS_INTERNAL);
	letter.origin = MESSAGE_BY_SMTP;
	letter.has_parent = true;
	assert_int_equal(intake_commit(given.intake, &letter), STATUS_INVALID);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from message"), 0);
}

/* The leading edge and the trailing one: after each commit a NOTIFY follows, however soon after the
 * one before. */
static void
every_commit_wakes_the_courier(void **state)
{
	struct id *ids;
	size_t count;
	size_t seen = 0;

	(void)state;
	assert_ok(store_listen(given.courier, "postern_work"));
	for (int i = 0; i < 10; i++)
		given_message();
	while (seen < 10) {
		assert_woken(given.courier);
		assert_ok(
		    message_claim(given.courier, NOW, NOW + 60, 100, given.arena, &ids, &count));
		seen += count;
	}
	assert_int_equal(seen, 10);
}

static void
closing_wakes_for_the_last_commit(void **state)
{
	struct intake_message letter = given_letter();
	struct intake *intake;
	char target[256];

	(void)state;
	assert_ok(store_listen(given.rival, "postern_work"));
	assert_ok(
	    intake_open(cluster_target(&given.cluster, "postern_ingest", target), 2, &intake));
	assert_ok(intake_commit(intake, &letter));
	letter.id = id_new();
	assert_ok(intake_commit(intake, &letter));
	intake_close(intake);
	assert_woken(given.rival);
}

static void
away_is_unavailable_soon_and_back_is_found_again(void **state)
{
	struct intake_message letter = given_letter();
	enum status status;
	int64_t before;
	struct message_row row;

	(void)state;
	assert_ok(intake_commit(given.intake, &letter));
	cluster_halt(&given.cluster, "immediate");
	before = clock_monotonic_ms();
	for (int i = 0; i < 20; i++) {
		struct intake_message lost = given_letter();

		assert_int_equal(intake_commit(given.intake, &lost), STATUS_UNAVAILABLE);
		assert_int_equal(intake_stage(given.intake, &lost.id, 0, SLICE("x"), NOW),
				 STATUS_UNAVAILABLE);
	}
	/* Not a measure: a bound that only a wait for something would break. */
	assert_true(clock_monotonic_ms() - before < 20000);
	cluster_resume(&given.cluster);
	do {
		letter.id = id_new();
		status = intake_commit(given.intake, &letter);
		assert_true(status == STATUS_OK || status == STATUS_UNAVAILABLE);
	} while (status != STATUS_OK && clock_monotonic_ms() - before < 60000);
	assert_int_equal(status, STATUS_OK);
	assert_ok(message_read(given.courier, &letter.id, false, given.arena, &row));
}

/* What a sender was told is there after the database was killed, again and again. */
struct witness {
	struct id kept[10000];
	size_t count;
	bool stop;
	pthread_mutex_t mutex;
};

static void *
send_and_remember(void *argument)
{
	struct witness *witness = argument;
	bool stop = false;

	while (!stop) {
		struct intake_message letter = given_letter();
		enum status status = intake_commit(given.intake, &letter);

		pthread_mutex_lock(&witness->mutex);
		stop = witness->stop || witness->count == 10000;
		if (status == STATUS_OK && witness->count < 10000)
			witness->kept[witness->count++] = letter.id;
		pthread_mutex_unlock(&witness->mutex);
	}
	return NULL;
}

static void
what_was_promised_survives_kills_of_the_database(void **state)
{
	static struct witness witness = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[8];
	struct message_row row;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_and_remember, &witness), 0);
	for (int i = 0; i < 3; i++) {
		size_t before;
		size_t now;

		pthread_mutex_lock(&witness.mutex);
		before = witness.count;
		pthread_mutex_unlock(&witness.mutex);
		do {
			struct intake_message letter = given_letter();

			if (intake_commit(given.intake, &letter) != STATUS_OK)
				sched_yield();
			pthread_mutex_lock(&witness.mutex);
			now = witness.count;
			pthread_mutex_unlock(&witness.mutex);
		} while (now < before + 50 && now < 9000);
		cluster_halt(&given.cluster, "immediate");
		cluster_resume(&given.cluster);
	}
	pthread_mutex_lock(&witness.mutex);
	witness.stop = true;
	pthread_mutex_unlock(&witness.mutex);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_true(witness.count >= 150);
	for (size_t i = 0; i < witness.count; i++)
		assert_ok(message_read(given.courier, &witness.kept[i], false, given.arena, &row));
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_message_of_many_threads_is_there),
	    TEST(a_refused_row_costs_nobody_else_theirs),
	    TEST(too_large_a_chunk_is_refused_here),
	    TEST(the_last_chunk_comes_with_its_message_or_not_at_all),
	    TEST(a_chunk_that_fails_on_its_way_is_told_at_its_end),
	    TEST(ingest_cannot_pass_a_message_off_as_a_reply),
	    TEST(every_commit_wakes_the_courier),
	    TEST(closing_wakes_for_the_last_commit),
	    TEST(away_is_unavailable_soon_and_back_is_found_again),
	    TEST(what_was_promised_survives_kills_of_the_database),
	};

	return cmocka_run_group_tests(tests, given_start_own, given_end);
}
