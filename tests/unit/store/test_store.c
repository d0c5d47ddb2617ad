/* store/store: transactions, waking, and a database that goes away and comes back. */
#include <pthread.h>

#include "base/clock.h"
#include "tests/unit/store/given.h"

static void
commit_keeps_and_rollback_drops(void **state)
{
	(void)state;
	assert_ok(store_begin(given.portal));
	given_lock();
	store_rollback(given.portal);
	store_rollback(given.portal);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from lock"), 0);
	assert_ok(store_begin(given.portal));
	given_lock();
	assert_int_equal(store_begin(given.portal), STATUS_INTERNAL);
	assert_ok(store_commit(given.portal));
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from lock"), 1);
	assert_int_equal(store_commit(given.portal), STATUS_INTERNAL);
}

static void
committing_after_a_failed_statement_is_no_success(void **state)
{
	struct lock_row row = {.id = id_new()};

	(void)state;
	assert_ok(store_begin(given.portal));
	given_lock();
	/* Breaks the check on the key's length. */
	assert_int_equal(lock_insert(given.portal, &row), STATUS_INTERNAL);
	assert_int_equal(store_commit(given.portal), STATUS_INTERNAL);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from lock"), 0);
	given_lock();
}

static void
a_notification_ends_the_wait(void **state)
{
	(void)state;
	assert_ok(store_listen(given.courier, "postern_work"));
	assert_ok(store_begin(given.portal));
	assert_ok(store_notify(given.portal, "postern_work"));
	assert_ok(store_commit(given.portal));
	assert_woken(given.courier);
	assert_int_equal(store_listen(given.courier, "no; drop table lock"), STATUS_INVALID);
}

static void
a_notification_that_comes_with_other_answers_is_not_lost(void **state)
{
	(void)state;
	assert_ok(store_listen(given.courier, "postern_work"));
	assert_ok(store_notify(given.courier, "postern_work"));
	assert_ok(store_ping(given.courier));
	assert_woken(given.courier);
}

static void
a_byte_on_the_wake_pipe_ends_the_wait(void **state)
{
	int64_t before = clock_monotonic_ms();
	bool notified = true;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_ok(store_wait(given.courier, 30000, ends[0], &notified));
	assert_false(notified);
	assert_true(clock_monotonic_ms() - before < 30000);
	close(ends[0]);
	close(ends[1]);
}

struct borrower {
	struct store_pool *pool;
	int failures;
};

static void *
borrow_often(void *argument)
{
	struct borrower *borrower = argument;

	for (int i = 0; i < 50; i++) {
		struct store *store = store_pool_get(borrower->pool);

		if (store_begin(store) != STATUS_OK || store_ping(store) != STATUS_OK)
			borrower->failures++;
		/* Given back with its transaction open. */
		store_pool_put(borrower->pool, store);
	}
	return NULL;
}

static void
a_pool_serves_more_threads_than_it_has_connections(void **state)
{
	struct borrower borrowers[8];
	pthread_t threads[8];
	struct store_pool *pool;
	char target[256];

	(void)state;
	cluster_target(&given.cluster, "postern_portal", target);
	assert_ok(store_pool_open(target, 3, &pool));
	for (int i = 0; i < 8; i++) {
		borrowers[i] = (struct borrower){.pool = pool};
		assert_int_equal(pthread_create(&threads[i], NULL, borrow_often, &borrowers[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(borrowers[i].failures, 0);
	}
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from pg_stat_activity "
							"where datname = current_database() and "
							"state like 'idle in transaction%'"),
			 0);
	store_pool_close(pool);
}

static void
a_connection_lost_while_idle_is_replaced_unseen(void **state)
{
	(void)state;
	assert_ok(store_ping(given.portal));
	cluster_halt(&given.cluster, "fast");
	cluster_resume(&given.cluster);
	assert_ok(store_ping(given.portal));
	given_lock();
}

static void
a_transaction_is_lost_with_its_connection(void **state)
{
	struct lock_row row;
	struct id id;

	(void)state;
	assert_ok(store_begin(given.portal));
	id = given_lock();
	cluster_halt(&given.cluster, "immediate");
	cluster_resume(&given.cluster);
	assert_int_equal(lock_read(given.portal, &id, given.arena, &row), STATUS_UNAVAILABLE);
	/* Still in the transaction that is gone: nothing may run half in, half out of it. */
	assert_int_equal(lock_read(given.portal, &id, given.arena, &row), STATUS_UNAVAILABLE);
	assert_int_equal(store_commit(given.portal), STATUS_UNAVAILABLE);
	assert_int_equal(lock_read(given.portal, &id, given.arena, &row), STATUS_NOT_FOUND);
	assert_ok(store_begin(given.portal));
	given_lock();
	assert_ok(store_commit(given.portal));
}

static void
away_is_unavailable_and_back_is_found_again(void **state)
{
	struct store *fresh;
	char target[256];
	bool notified = true;

	(void)state;
	assert_ok(store_listen(given.courier, "postern_work"));
	cluster_halt(&given.cluster, "fast");
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_ping(given.portal), STATUS_UNAVAILABLE);
	assert_int_equal(store_begin(given.portal), STATUS_UNAVAILABLE);
	assert_int_equal(store_wait(given.courier, 0, -1, &notified), STATUS_UNAVAILABLE);
	assert_false(notified);
	cluster_target(&given.cluster, "postern_portal", target);
	assert_int_equal(store_open(target, &fresh), STATUS_UNAVAILABLE);
	cluster_resume(&given.cluster);
	assert_ok(store_ping(given.portal));
	/* Something may have been notified meanwhile, so the first wait ends at once. */
	assert_woken(given.courier);
	/* And it listens again. */
	assert_ok(store_notify(given.portal, "postern_work"));
	assert_woken(given.courier);
}

static void
a_terminated_backend_is_unavailable_once(void **state)
{
	(void)state;
	assert_ok(store_begin(given.portal));
	cluster_number(&given.cluster, "select count(pg_terminate_backend(pid, 5000)) from "
				       "pg_stat_activity where usename = 'postern_portal' and "
				       "datname = current_database()");
	assert_int_equal(store_ping(given.portal), STATUS_UNAVAILABLE);
	store_rollback(given.portal);
	assert_ok(store_ping(given.portal));
}

static void
sqlstates_become_statuses(void **state)
{
	static const struct {
		const char *sqlstate;
		enum status status;
	} table[] = {
	    {"08006", STATUS_UNAVAILABLE}, {"57P01", STATUS_UNAVAILABLE},
	    {"57P03", STATUS_UNAVAILABLE}, {"40001", STATUS_UNAVAILABLE},
	    {"40P01", STATUS_UNAVAILABLE}, {"53300", STATUS_UNAVAILABLE},
	    {"53200", STATUS_UNAVAILABLE}, {"57014", STATUS_UNAVAILABLE},
	    {"25006", STATUS_UNAVAILABLE}, {"53100", STATUS_FULL},
	    {"23505", STATUS_CONFLICT},	   {"55P03", STATUS_BUSY},
	    {"42501", STATUS_INTERNAL},	   {"23503", STATUS_INTERNAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(store_status_from_sqlstate(table[i].sqlstate), table[i].status);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(commit_keeps_and_rollback_drops),
	    TEST(committing_after_a_failed_statement_is_no_success),
	    TEST(a_notification_ends_the_wait),
	    TEST(a_notification_that_comes_with_other_answers_is_not_lost),
	    TEST(a_byte_on_the_wake_pipe_ends_the_wait),
	    TEST(a_pool_serves_more_threads_than_it_has_connections),
	    TEST(a_connection_lost_while_idle_is_replaced_unseen),
	    TEST(a_transaction_is_lost_with_its_connection),
	    TEST(away_is_unavailable_and_back_is_found_again),
	    TEST(a_terminated_backend_is_unavailable_once),
	    TEST(sqlstates_become_statuses),
	};

	return cmocka_run_group_tests(tests, given_start_own, given_end);
}
