/* store/outbox. */
#include "tests/unit/store/given.h"

static struct outbox_row
given_mail(enum outbox_kind kind, int64_t due)
{
	struct delivery_row delivery = given_delivery_row(DELIVERY_READY);
	struct outbox_row row = {
	    .id = id_new(),
	    .kind = kind,
	    .message_id = delivery.message_id,
	    .has_delivery = true,
	    .delivery_id = delivery.id,
	    .generation = 2,
	    .created_at = NOW,
	    .next_at = due,
	};

	assert_ok(delivery_insert(given.courier, &delivery));
	assert_ok(outbox_insert(given.courier, &row));
	return row;
}

static size_t
claim(struct store *store, int64_t now, int64_t until, size_t most, struct outbox_row **rows)
{
	size_t count = 99;

	assert_ok(outbox_claim(store, now, until, most, NULL, 0, given.arena, rows, &count));
	return count;
}

static void
mails_are_claimed_when_due_oldest_first(void **state)
{
	struct outbox_row later = given_mail(OUTBOX_NOTICE, NOW + 20);
	struct outbox_row sooner = given_mail(OUTBOX_FINISH, NOW + 10);
	struct outbox_row *rows;
	int64_t due;

	(void)state;
	assert_ok(outbox_next_due(given.courier, &due));
	assert_int_equal(due, NOW + 10);
	assert_int_equal(claim(given.courier, NOW + 9, NOW + 99, 9, &rows), 0);
	assert_int_equal(claim(given.courier, NOW + 30, NOW + 90, 9, &rows), 2);
	assert_true(id_equal(rows[0].id, sooner.id));
	assert_int_equal(rows[0].kind, OUTBOX_FINISH);
	assert_true(id_equal(rows[0].message_id, sooner.message_id));
	assert_true(rows[0].has_delivery);
	assert_true(id_equal(rows[0].delivery_id, sooner.delivery_id));
	assert_int_equal(rows[0].generation, 2);
	assert_int_equal(rows[0].created_at, NOW);
	assert_int_equal(rows[0].next_at, NOW + 10);
	assert_true(id_equal(rows[1].id, later.id));
	/* Leased: due again when the lease ends. */
	assert_int_equal(claim(given.rival, NOW + 89, NOW + 99, 9, &rows), 0);
	assert_ok(outbox_next_due(given.courier, &due));
	assert_int_equal(due, NOW + 90);
	assert_int_equal(claim(given.rival, NOW + 90, NOW + 190, 1, &rows), 1);
	assert_ok(outbox_set_later(given.courier, &sooner.id, NOW + 500));
	assert_ok(outbox_set_sent(given.courier, &later.id));
	assert_int_equal(claim(given.courier, NOW + 500, NOW + 600, 9, &rows), 1);
	assert_true(id_equal(rows[0].id, sooner.id));
	assert_int_equal(rows[0].tries, 1);
	assert_ok(outbox_set_failed(given.courier, &sooner.id));
	assert_ok(outbox_next_due(given.courier, &due));
	assert_true(due == INT64_MAX);
}

static void
a_mail_that_is_done_is_done(void **state)
{
	struct outbox_row row = given_mail(OUTBOX_NOTICE, NOW);

	(void)state;
	assert_ok(outbox_set_sent(given.courier, &row.id));
	assert_int_equal(outbox_set_sent(given.courier, &row.id), STATUS_CONFLICT);
	assert_int_equal(outbox_set_failed(given.courier, &row.id), STATUS_CONFLICT);
	assert_int_equal(outbox_set_later(given.courier, &row.id, NOW), STATUS_CONFLICT);
	assert_int_equal(outbox_lock(given.courier, &row.id), STATUS_CONFLICT);
}

static void
a_mail_is_locked_by_one_courier(void **state)
{
	struct outbox_row row = given_mail(OUTBOX_NOTICE, NOW);

	(void)state;
	assert_ok(store_begin(given.courier));
	assert_ok(outbox_lock(given.courier, &row.id));
	assert_ok(store_begin(given.rival));
	assert_int_equal(outbox_lock(given.rival, &row.id), STATUS_BUSY);
	assert_ok(outbox_set_sent(given.courier, &row.id));
	assert_ok(store_commit(given.courier));
	assert_int_equal(outbox_lock(given.rival, &row.id), STATUS_CONFLICT);
	store_rollback(given.rival);
}

static void
a_second_receipt_is_refused_and_the_transaction_goes_on(void **state)
{
	struct outbox_row row = given_mail(OUTBOX_OPENED, NOW);

	(void)state;
	assert_ok(store_begin(given.portal));
	row.id = id_new();
	assert_int_equal(outbox_insert(given.portal, &row), STATUS_CONFLICT);
	row.kind = OUTBOX_SUSPENDED_SENDER;
	assert_ok(outbox_insert(given.portal, &row));
	assert_ok(store_commit(given.portal));
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from outbox"), 2);
}

static void
claims_of_two_couriers_share_no_mail(void **state)
{
	struct outbox_row *mine;
	struct outbox_row *theirs;
	size_t count;
	size_t rest;

	(void)state;
	for (int i = 0; i < 8; i++)
		given_mail(OUTBOX_NOTICE, NOW + i);
	assert_ok(store_begin(given.courier));
	count = claim(given.courier, NOW + 99, NOW + 200, 3, &mine);
	rest = claim(given.rival, NOW + 99, NOW + 200, 9, &theirs);
	assert_ok(store_commit(given.courier));
	assert_int_equal(count, 3);
	assert_int_equal(rest, 5);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < rest; j++)
			assert_false(id_equal(mine[i].id, theirs[j].id));
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(mails_are_claimed_when_due_oldest_first),
	    TEST(a_mail_that_is_done_is_done),
	    TEST(a_mail_is_locked_by_one_courier),
	    TEST(a_second_receipt_is_refused_and_the_transaction_goes_on),
	    TEST(claims_of_two_couriers_share_no_mail),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
