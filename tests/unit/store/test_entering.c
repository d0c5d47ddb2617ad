/* What lets people in: codes to sign in and of messages, sheets of numbers, sessions, places,
 * resets, and counting. */
#include <pthread.h>
#include <unistd.h>

#include "store/account.h"
#include "store/signed_in.h"
#include "tests/unit/store/given.h"

#define HASH_A SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define HASH_B SLICE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define HASH_C SLICE("cccccccccccccccccccccccccccccccc")

static void
a_code_to_sign_in_is_good_for_so_many_tries(void **state)
{
	struct sign_in_row row = {
	    .id = id_new(),
	    .address = SLICE("address"),
	    .address_index = SLICE("address index"),
	    .code_hash = HASH_A,
	    .code_wrap = SLICE("wrap"),
	    .created_at = NOW,
	};
	struct sign_in_row found;

	(void)state;
	assert_ok(sign_in_insert(given.portal, HASH_A, &row));
	for (int i = 1; i <= 5; i++) {
		assert_ok(sign_in_try(given.portal, HASH_A, NOW - 600, 5, given.arena, &found));
		assert_int_equal(found.tries, i);
	}
	assert_int_equal(sign_in_try(given.portal, HASH_A, NOW - 600, 5, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(sign_in_find(given.portal, HASH_A, NOW, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_ok(sign_in_read(given.courier, &row.id, given.arena, &found));
	assert_slice(found.code_wrap, SLICE("wrap"));
	assert_ok(sign_in_mailed(given.courier, &row.id));
	assert_ok(sign_in_read(given.courier, &row.id, given.arena, &found));
	assert_int_equal(found.code_wrap.size, 0);
	assert_ok(sign_in_delete(given.portal, &row.id));
	assert_int_equal(sign_in_delete(given.portal, &row.id), STATUS_NOT_FOUND);
	assert_int_equal(sign_in_read(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);
}

/* A sheet of two numbers for HASH_A's recipient HASH_B. */
static struct id
given_sheet(void)
{
	struct id id = id_new();

	assert_ok(sheet_insert(given.portal, &id, HASH_A, HASH_B, false, NOW));
	for (int number = 1; number <= 2; number++)
		assert_ok(sheet_number_insert(given.portal, &(struct sheet_number_row){
								.sheet_id = id,
								.number = number,
								.public = HASH_A,
							    }));
	return id;
}

static void
numbers_of_a_sheet_are_asked_for_in_turn_and_once(void **state)
{
	struct id sheet = given_sheet(), other = id_new();
	struct sheet_row row;
	struct sheet_number_row next;

	(void)state;
	assert_int_equal(sheet_insert(given.portal, &other, HASH_A, HASH_B, false, NOW),
			 STATUS_CONFLICT);
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, false, given.arena, &row));
	assert_true(id_equal(row.id, sheet) && row.left == 2 && row.created_at == NOW);
	assert_int_equal(sheet_find(given.portal, HASH_B, HASH_A, false, given.arena, &row),
			 STATUS_NOT_FOUND);
	for (int number = 1; number <= 2; number++) {
		assert_ok(sheet_next(given.portal, HASH_A, HASH_B, given.arena, &next));
		assert_int_equal(next.number, number);
		assert_slice(next.public, HASH_A);
		assert_ok(sheet_number_use(given.portal, &sheet, number, NOW + number));
		assert_int_equal(sheet_number_use(given.portal, &sheet, number, NOW + 9),
				 STATUS_CONFLICT);
	}
	assert_int_equal(sheet_next(given.portal, HASH_A, HASH_B, given.arena, &next),
			 STATUS_NOT_FOUND);
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, false, given.arena, &row));
	assert_int_equal(row.left, 0);
}

/* Beside the sheet of numbers; a password that is taken is nowhere any more. */
static void
passwords_of_a_sheet_are_taken_once(void **state)
{
	struct id numbers = given_sheet(), passwords = id_new(), other = id_new();
	struct sheet_taken taken;
	struct sheet_row row;

	(void)state;
	assert_ok(sheet_insert(given.portal, &passwords, HASH_A, HASH_B, true, NOW));
	assert_int_equal(sheet_insert(given.portal, &other, HASH_A, HASH_B, true, NOW),
			 STATUS_CONFLICT);
	for (int number = 1; number <= 2; number++)
		assert_ok(sheet_number_insert(given.portal, &(struct sheet_number_row){
								.sheet_id = passwords,
								.number = number,
								.password_wrap = SLICE("sealed"),
							    }));
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, true, given.arena, &row));
	assert_true(id_equal(row.id, passwords) && row.left == 2);
	for (int number = 1; number <= 2; number++) {
		assert_ok(
		    sheet_take(given.courier, HASH_A, HASH_B, NOW + number, given.arena, &taken));
		assert_true(id_equal(taken.number.sheet_id, passwords));
		assert_int_equal(taken.number.number, number);
		assert_slice(taken.number.password_wrap, SLICE("sealed"));
		assert_int_equal(taken.made_at, NOW);
		assert_int_equal(taken.left, 2 - number);
	}
	assert_int_equal(sheet_take(given.courier, HASH_A, HASH_B, NOW, given.arena, &taken),
			 STATUS_NOT_FOUND);
	assert_int_equal(sheet_take(given.courier, HASH_B, HASH_A, NOW, given.arena, &taken),
			 STATUS_NOT_FOUND);
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, true, given.arena, &row));
	assert_int_equal(row.left, 0);
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, false, given.arena, &row));
	assert_true(id_equal(row.id, numbers) && row.left == 2);
}

static void
a_sheet_takes_along_what_was_begun_with_it(void **state)
{
	struct id sheet = given_sheet();
	struct factor_row row = {
	    .id = id_new(),
	    .delivery_id = given_delivery(DELIVERY_READY),
	    .sealed = SLICE("sealed"),
	    .has_sheet = true,
	    .sheet_id = sheet,
	    .number = 2,
	    .created_at = NOW,
	};
	struct factor_row found;

	(void)state;
	assert_ok(factor_insert(given.portal, HASH_A, &row));
	assert_ok(factor_find(given.portal, HASH_A, NOW - 600, given.arena, &found));
	assert_true(found.has_sheet && id_equal(found.sheet_id, sheet));
	assert_true(found.number == 2 && found.sheet_at == NOW);
	assert_int_equal(sheet_delete(given.portal, &sheet, HASH_B), STATUS_CONFLICT);
	assert_ok(sheet_delete(given.portal, &sheet, HASH_A));
	assert_int_equal(factor_find(given.portal, HASH_A, NOW - 600, given.arena, &found),
			 STATUS_NOT_FOUND);
	/* It stays for as long as somebody can ask for it, and a day. */
	sheet = given_sheet();
	assert_ok(sheet_sweep(given.courier, NOW));
	assert_ok(sheet_delete(given.portal, &sheet, HASH_A));
	sheet = given_sheet();
	assert_ok(sheet_sweep(given.courier, NOW + 1));
	assert_int_equal(sheet_delete(given.portal, &sheet, HASH_A), STATUS_CONFLICT);
}

static void
given_session(struct slice token_hash, struct slice owner, struct id *id_out)
{
	struct desk_session_row row = {
	    .id = id_new(),
	    .address = SLICE("address"),
	    .address_index = owner,
	    .place = SLICE("place"),
	    .created_at = NOW,
	};

	assert_ok(desk_session_insert(given.portal, token_hash, &row));
	*id_out = row.id;
}

/* How many are signed in, the newest of whom is told. */
static size_t
signed_in(struct slice owner, int64_t idle_since, size_t most, struct signed_in_row *newest_out)
{
	struct signed_in_row *rows;
	size_t count;

	assert_ok(
	    signed_in_list(given.portal, owner, idle_since, NOW, most, given.arena, &rows, &count));
	if (count > 0)
		*newest_out = rows[0];
	return count;
}

static void
sessions_of_a_person_end_one_by_one_or_together(void **state)
{
	struct slice alice = SLICE("alice"), bob = SLICE("bob");
	struct id first, second, other;
	struct signed_in_row row;

	(void)state;
	given_session(HASH_A, alice, &first);
	given_session(HASH_B, alice, &second);
	given_session(HASH_C, bob, &other);
	assert_int_equal(signed_in(alice, NOW, 9, &row), 2);
	assert_true(id_equal(row.id, second) && !row.in_mailbox);
	assert_slice(row.place, SLICE("place"));
	assert_int_equal(row.seen_at, NOW);
	assert_int_equal(signed_in(alice, NOW, 1, &row), 1);
	/* What is over is not shown, and nobody ends what is another's. */
	assert_int_equal(signed_in(alice, NOW + 1, 9, &row), 0);
	assert_ok(signed_in_end(given.portal, &other, alice));
	assert_ok(desk_session_end_others(given.portal, alice, &first));
	assert_int_equal(signed_in(alice, NOW, 9, &row), 1);
	assert_true(id_equal(row.id, first));
	assert_ok(signed_in_end(given.portal, &first, alice));
	assert_ok(desk_session_end_others(given.portal, alice, NULL));
	assert_int_equal(signed_in(alice, NOW, 9, &row), 0);
	assert_int_equal(signed_in(bob, NOW, 9, &row), 1);
}

static void
who_is_forgotten_comes_for_the_first_time(void **state)
{
	struct slice alice = SLICE("alice"), place = HASH_A;
	struct reset_row reset = {.id = id_new(),
				  .address = SLICE("address"),
				  .begun_by = SLICE("ann"),
				  .begun_at = NOW,
				  .ready_at = NOW,
				  .lapses_at = NOW + 9};
	struct account_event_row event = {.id = id_new(),
					  .what = ACCOUNT_NEW_PLACE,
					  .owner_index = alice,
					  .address = SLICE("address"),
					  .created_at = NOW},
				 found;
	struct store *owner;
	char target[256];
	bool flag;

	(void)state;
	assert_ok(account_first(given.portal, alice, NOW, &flag));
	assert_ok(place_use(given.portal, alice, place, NOW, NOW - 9, 3, &flag));
	assert_ok(store_open(cluster_target(&given.cluster, "postern", target), &owner));
	assert_ok(reset_insert(owner, alice, &reset));
	store_close(owner);
	assert_ok(account_event_insert(given.portal, &event));
	/* Its mail has not left yet. */
	assert_ok(outbox_insert(given.portal, &(struct outbox_row){.id = id_new(),
								   .kind = OUTBOX_ACCOUNT,
								   .has_code = true,
								   .code_id = event.id,
								   .created_at = NOW,
								   .next_at = NOW}));
	assert_ok(place_forget(given.portal, alice));
	assert_ok(reset_forget(given.portal, alice));
	assert_ok(account_event_forget(given.portal, alice));
	assert_ok(account_first(given.portal, alice, NOW, &flag));
	assert_true(flag);
	assert_ok(place_use(given.portal, alice, place, NOW, NOW - 9, 3, &flag));
	assert_false(flag);
	assert_int_equal(reset_find(given.portal, alice, NOW, given.arena, &reset),
			 STATUS_NOT_FOUND);
	assert_ok(account_sweep(given.courier, 0, 0));
	assert_ok(account_event_read(given.courier, &event.id, given.arena, &found));
	cluster_number(&given.cluster, "update outbox set state = 2");
	assert_ok(account_sweep(given.courier, 0, 0));
	assert_int_equal(account_event_read(given.courier, &event.id, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
places_are_known_for_a_while_and_only_so_many(void **state)
{
	struct slice alice = SLICE("alice");
	unsigned char hash[32] = {0};
	struct slice place = slice_of(hash, sizeof(hash));
	bool flag;

	(void)state;
	assert_ok(account_first(given.portal, alice, NOW, &flag));
	assert_true(flag);
	assert_ok(account_first(given.portal, alice, NOW + 1, &flag));
	assert_false(flag);
	for (int i = 0; i < 4; i++) {
		hash[0] = (unsigned char)i;
		assert_ok(place_use(given.portal, alice, place, NOW + i, NOW - 10, 3, &flag));
		assert_false(flag);
	}
	/* The oldest was forgotten, the next one is known, but not for ever. */
	hash[0] = 1;
	assert_ok(place_use(given.portal, alice, place, NOW + 5, NOW - 10, 3, &flag));
	assert_true(flag);
	assert_ok(place_use(given.portal, SLICE("bob"), place, NOW, NOW - 10, 3, &flag));
	assert_false(flag);
	assert_ok(place_use(given.portal, alice, place, NOW + 9, NOW + 5, 3, &flag));
	assert_false(flag);
	hash[0] = 0;
	assert_ok(place_use(given.portal, alice, place, NOW + 10, NOW - 10, 3, &flag));
	assert_false(flag);
	assert_ok(place_sweep(given.courier, NOW + 11));
	assert_ok(place_use(given.portal, alice, place, NOW + 11, NOW - 10, 3, &flag));
	assert_false(flag);
}

static void
a_reset_is_begun_once_and_ends_once(void **state)
{
	struct slice alice = SLICE("alice");
	struct reset_row row = {
	    .id = id_new(),
	    .address = SLICE("address"),
	    .begun_by = SLICE("ann"),
	    .begun_at = NOW,
	    .ready_at = NOW + 10,
	    .lapses_at = NOW + 20,
	};
	struct reset_row found, *rows;
	struct store *owner;
	char target[256];
	size_t count;

	(void)state;
	assert_ok(store_open(cluster_target(&given.cluster, "postern", target), &owner));
	assert_ok(reset_insert(owner, alice, &row));
	row.id = id_new();
	assert_int_equal(reset_insert(owner, alice, &row), STATUS_CONFLICT);
	assert_ok(reset_find(given.portal, alice, NOW + 19, given.arena, &found));
	assert_int_equal(found.ready_at, NOW + 10);
	assert_int_equal(reset_find(given.portal, alice, NOW + 20, given.arena, &found),
			 STATUS_NOT_FOUND);
	/* One that has lapsed makes room. */
	row.begun_at = NOW + 20;
	row.lapses_at = NOW + 40;
	assert_ok(reset_insert(owner, alice, &row));
	assert_ok(reset_find(given.portal, alice, NOW + 21, given.arena, &found));
	assert_ok(reset_end(given.portal, &found.id, RESET_STOPPED, SLICE(""), NOW + 22));
	assert_int_equal(reset_end(owner, &found.id, RESET_COMPLETED, SLICE("ben"), NOW + 23),
			 STATUS_CONFLICT);
	assert_ok(reset_list(owner, alice, 9, given.arena, &rows, &count));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].state, RESET_STOPPED);
	assert_int_equal(rows[0].ended_at, NOW + 22);
	assert_int_equal(rows[1].state, RESET_LAPSED);
	store_close(owner);
}

static void
a_code_besides_the_passphrase_is_good_for_so_many_tries(void **state)
{
	struct id delivery = given_delivery(DELIVERY_READY), other = given_delivery(DELIVERY_READY);
	struct factor_row row = {
	    .id = id_new(),
	    .delivery_id = delivery,
	    .sealed = SLICE("sealed"),
	    .code_wrap = SLICE("wrap"),
	    .created_at = NOW,
	};
	struct factor_row found;

	(void)state;
	assert_ok(factor_insert(given.portal, HASH_A, &row));
	assert_int_equal(
	    factor_try(given.portal, HASH_A, &other, NOW - 600, 5, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_int_equal(factor_try(given.portal, HASH_A, &delivery, NOW, 5, given.arena, &found),
			 STATUS_NOT_FOUND);
	for (int i = 1; i <= 5; i++) {
		assert_ok(
		    factor_try(given.portal, HASH_A, &delivery, NOW - 600, 5, given.arena, &found));
		assert_int_equal(found.tries, i);
		assert_slice(found.sealed, SLICE("sealed"));
	}
	assert_int_equal(
	    factor_try(given.portal, HASH_A, &delivery, NOW - 600, 5, given.arena, &found),
	    STATUS_NOT_FOUND);
	/* Looking counts nothing. */
	assert_ok(factor_find(given.portal, HASH_A, NOW - 600, given.arena, &found));
	assert_int_equal(found.tries, 5);
	assert_int_equal(factor_find(given.portal, HASH_A, NOW, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_ok(factor_read(given.courier, &row.id, given.arena, &found));
	assert_slice(found.code_wrap, SLICE("wrap"));
	assert_ok(factor_mailed(given.courier, &row.id));
	assert_ok(factor_read(given.courier, &row.id, given.arena, &found));
	assert_int_equal(found.code_wrap.size, 0);
	/* It goes with the sessions. */
	assert_ok(session_delete_of(given.portal, &other));
	assert_ok(factor_read(given.courier, &row.id, given.arena, &found));
	assert_ok(session_delete_of(given.portal, &delivery));
	assert_int_equal(factor_read(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);

	row.id = id_new();
	assert_ok(factor_insert(given.portal, HASH_A, &row));
	assert_ok(factor_sweep(given.courier, NOW));
	assert_ok(factor_read(given.courier, &row.id, given.arena, &found));
	assert_ok(factor_sweep(given.courier, NOW + 1));
	assert_int_equal(factor_read(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
a_session_lives_while_it_is_used(void **state)
{
	struct session_row row = {
	    .delivery_id = given_delivery(DELIVERY_OPENED),
	    .sealed = SLICE("sealed"),
	    .created_at = NOW,
	    .seen_at = NOW,
	};
	struct session_row found;

	(void)state;
	assert_ok(session_insert(given.portal, HASH_A, &row));
	assert_ok(
	    session_find(given.portal, HASH_A, NOW + 50, NOW - 10, NOW - 100, given.arena, &found));
	assert_true(id_equal(found.delivery_id, row.delivery_id));
	assert_slice(found.sealed, SLICE("sealed"));
	assert_int_equal(found.created_at, NOW);
	assert_int_equal(found.seen_at, NOW + 50);
	/* Used at NOW + 50, so not idle since NOW + 40. */
	assert_ok(session_find(given.portal, HASH_A, NOW + 100, NOW + 40, NOW - 100, given.arena,
			       &found));
	assert_int_equal(session_find(given.portal, HASH_A, NOW + 300, NOW + 200, NOW - 100,
				      given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(
	    session_find(given.portal, HASH_A, NOW + 300, NOW, NOW + 1, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_int_equal(session_find(given.portal, HASH_B, NOW, 0, 0, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
sessions_end_alone_with_their_delivery_or_by_age(void **state)
{
	struct session_row row = {
	    .delivery_id = given_delivery(DELIVERY_OPENED),
	    .sealed = SLICE("sealed"),
	    .created_at = NOW,
	    .seen_at = NOW,
	};
	struct session_row found;

	(void)state;
	assert_ok(session_insert(given.portal, HASH_A, &row));
	assert_ok(session_insert(given.portal, HASH_B, &row));
	assert_ok(session_delete(given.portal, HASH_A));
	assert_ok(session_delete(given.portal, HASH_A));
	assert_int_equal(session_find(given.portal, HASH_A, NOW, 0, 0, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_ok(session_find(given.portal, HASH_B, NOW, 0, 0, given.arena, &found));
	assert_ok(session_delete_of(given.portal, &row.delivery_id));
	assert_int_equal(session_find(given.portal, HASH_B, NOW, 0, 0, given.arena, &found),
			 STATUS_NOT_FOUND);
	row.seen_at = NOW + 100;
	assert_ok(session_insert(given.portal, HASH_C, &row));
	assert_ok(session_sweep(given.courier, NOW + 100, NOW));
	assert_ok(session_find(given.portal, HASH_C, NOW, 0, 0, given.arena, &found));
	assert_ok(session_sweep(given.courier, NOW, NOW + 1));
	assert_int_equal(session_find(given.portal, HASH_C, NOW, 0, 0, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
no_more_is_taken_than_there_is(void **state)
{
	struct throttle_row row;

	(void)state;
	assert_ok(throttle_take(given.portal, SLICE("take"), NOW, NOW - 100, NOW + 100, 2));
	assert_ok(throttle_take(given.courier, SLICE("take"), NOW + 50, NOW - 50, NOW + 150, 2));
	assert_int_equal(
	    throttle_take(given.portal, SLICE("take"), NOW + 99, NOW - 1, NOW + 199, 2),
	    STATUS_BUSY);
	assert_ok(throttle_read(given.portal, SLICE("take"), &row));
	assert_int_equal(row.failures, 2);
	assert_int_equal(row.first_at, NOW);
	/* The next window, and one after the clock was set back. */
	assert_ok(throttle_take(given.portal, SLICE("take"), NOW + 100, NOW, NOW + 200, 1));
	assert_int_equal(
	    throttle_take(given.portal, SLICE("take"), NOW + 101, NOW + 1, NOW + 201, 1),
	    STATUS_BUSY);
	assert_ok(throttle_take(given.portal, SLICE("take"), NOW + 99, NOW - 1, NOW + 199, 1));
}

static void *
take_the_last(void *argument)
{
	struct store *store = argument;
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = throttle_take(store, SLICE("last"), NOW, NOW - 100, NOW + 100, 1);
	if (status == STATUS_OK)
		status = store_commit(store);
	return status == STATUS_OK ? argument : NULL;
}

/* The second waits for the first, and comes too late. */
static void
only_one_takes_the_last(void **state)
{
	pthread_t second;
	void *taken;

	(void)state;
	assert_ok(store_begin(given.portal));
	assert_ok(throttle_take(given.portal, SLICE("last"), NOW, NOW - 100, NOW + 100, 1));
	assert_int_equal(pthread_create(&second, NULL, take_the_last, given.courier), 0);
	usleep(50000);
	assert_ok(store_commit(given.portal));
	assert_int_equal(pthread_join(second, &taken), 0);
	assert_null(taken);
	store_rollback(given.courier);
}

static void
failures_are_counted_within_their_window(void **state)
{
	struct throttle_row row;

	(void)state;
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 0);
	assert_int_equal(row.first_at, 0);
	assert_ok(throttle_take(given.portal, SLICE("key"), NOW, NOW - 100, NOW + 1, 9));
	assert_ok(throttle_take(given.portal, SLICE("key"), NOW + 50, NOW - 50, NOW + 60, 9));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 2);
	assert_int_equal(row.first_at, NOW);
	assert_int_equal(row.retry_at, NOW + 60);
	/* One is given back, unless it was of a window that is over. */
	assert_ok(throttle_give_back(given.portal, SLICE("key"), NOW));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 2);
	assert_ok(throttle_give_back(given.portal, SLICE("key"), NOW - 1));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 1);
	assert_ok(throttle_take(given.portal, SLICE("key"), NOW + 200, NOW + 100, NOW + 201, 9));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 1);
	assert_int_equal(row.first_at, NOW + 200);
	assert_ok(throttle_sweep(given.courier, NOW + 200));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 1);
	assert_ok(throttle_sweep(given.courier, NOW + 201));
	assert_ok(throttle_read(given.portal, SLICE("key"), &row));
	assert_int_equal(row.failures, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_code_to_sign_in_is_good_for_so_many_tries),
	    TEST(numbers_of_a_sheet_are_asked_for_in_turn_and_once),
	    TEST(passwords_of_a_sheet_are_taken_once),
	    TEST(a_sheet_takes_along_what_was_begun_with_it),
	    TEST(sessions_of_a_person_end_one_by_one_or_together),
	    TEST(places_are_known_for_a_while_and_only_so_many),
	    TEST(who_is_forgotten_comes_for_the_first_time),
	    TEST(a_reset_is_begun_once_and_ends_once),
	    TEST(a_code_besides_the_passphrase_is_good_for_so_many_tries),
	    TEST(a_session_lives_while_it_is_used),
	    TEST(sessions_end_alone_with_their_delivery_or_by_age),
	    TEST(no_more_is_taken_than_there_is),
	    TEST(only_one_takes_the_last),
	    TEST(failures_are_counted_within_their_window),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
