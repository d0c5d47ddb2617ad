/* store/give_up, and what a sender asks for in store/reset. */
#include "store/give_up.h"
#include "store/mailbox.h"
#include "store/outbox.h"
#include "store/reset.h"
#include "tests/unit/store/given.h"

#define HASH_A SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define HASH_B SLICE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define FRED SLICE("fred")
#define HOUR 3600

static struct id
given_mailbox(void)
{
	struct mailbox_row row = {
	    .id = id_new(),
	    .address = SLICE("an address"),
	    .address_index = FRED,
	    .public = HASH_A,
	    .private_wrap = SLICE("a wrap"),
	    .lock_id = id_new(),
	    .salt = SLICE("sixteen bytes it"),
	    .ops = 3,
	    .memory_kib = 65536,
	    .rule = 1,
	    .created_at = NOW,
	};

	assert_ok(mailbox_insert(given.portal, &row));
	return row.id;
}

static struct give_up_row
given_asked(struct slice hash, int64_t now)
{
	struct give_up_row row = {
	    .id = id_new(),
	    .owner_index = FRED,
	    .address = SLICE("an address"),
	    .language = "de",
	    .link_wrap = SLICE("a wrap"),
	    .asked_at = now,
	    .lapses_at = now + HOUR,
	};

	assert_ok(give_up_lapse(given.portal, FRED, now));
	assert_ok(give_up_ask(given.portal, hash, &row));
	return row;
}

static struct give_up_row
given_begun(const struct id *mailbox, struct slice hash)
{
	struct give_up_row row = given_asked(hash, NOW);

	row.mailbox_id = *mailbox;
	row.language = NULL;
	row.begun_at = NOW + 1;
	row.ready_at = NOW + 2 * HOUR;
	assert_ok(give_up_begin(given.portal, &row));
	return row;
}

static void
one_link_at_a_time(void **state)
{
	struct give_up_row row = given_asked(HASH_A, NOW), again = row, found;

	(void)state;
	again.id = id_new();
	assert_int_equal(give_up_ask(given.portal, HASH_B, &again), STATUS_CONFLICT);
	assert_ok(give_up_find_link(given.portal, HASH_A, given.arena, &found));
	assert_true(id_equal(found.id, row.id));
	assert_int_equal(found.state, GIVE_UP_ASKED);
	assert_string_equal(found.language, "de");
	assert_false(found.has_mailbox);
	assert_ok(give_up_mailed(given.courier, &row.id));
	assert_ok(give_up_read(given.courier, &row.id, given.arena, &found));
	assert_int_equal(found.link_wrap.size, 0);
	/* Its time is over: it makes room, and is told apart from none. */
	given_asked(HASH_B, NOW + HOUR);
	assert_ok(give_up_find_link(given.portal, HASH_A, given.arena, &found));
	assert_int_equal(found.state, GIVE_UP_LAPSED);
}

static void
it_is_begun_once_and_by_a_link_in_its_time(void **state)
{
	struct id mailbox = given_mailbox();
	struct give_up_row row = given_begun(&mailbox, HASH_A), other, found;

	(void)state;
	assert_int_equal(give_up_begin(given.portal, &row), STATUS_CONFLICT);
	assert_ok(give_up_of_mailbox(given.courier, &mailbox, NOW, given.arena, &found));
	assert_int_equal(found.state, GIVE_UP_WAITS);
	/* A language that is not known leaves the one it was asked for in. */
	assert_string_equal(found.language, "de");
	other = given_asked(HASH_B, NOW);
	other.mailbox_id = mailbox;
	assert_int_equal(give_up_begin(given.portal, &other), STATUS_CONFLICT);
	assert_ok(give_up_stop(given.portal, &row.id, NOW));
	assert_int_equal(give_up_stop(given.portal, &row.id, NOW), STATUS_CONFLICT);
	other.begun_at = NOW + HOUR;
	assert_int_equal(give_up_begin(given.portal, &other), STATUS_GONE);
	assert_int_equal(give_up_of_mailbox(given.courier, &mailbox, NOW, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
it_is_due_in_its_time_and_done_once(void **state)
{
	struct id mailbox = given_mailbox();
	struct give_up_row row = given_begun(&mailbox, HASH_A), found;
	struct id *ids;
	size_t count;

	(void)state;
	assert_ok(give_up_due(given.courier, row.ready_at - 1, 9, given.arena, &ids, &count));
	assert_int_equal(count, 0);
	assert_ok(give_up_due(given.courier, row.ready_at, 9, given.arena, &ids, &count));
	assert_int_equal(count, 1);
	assert_ok(store_begin(given.courier));
	assert_ok(give_up_lock(given.courier, &row.id, given.arena, &found));
	assert_ok(mailbox_lock(given.courier, &mailbox));
	assert_ok(give_up_done(given.courier, &row.id, row.ready_at));
	assert_ok(mailbox_delete(given.courier, &mailbox));
	assert_ok(store_end(given.courier, STATUS_OK));
	assert_int_equal(give_up_done(given.courier, &row.id, row.ready_at), STATUS_CONFLICT);
	assert_int_equal(give_up_lock(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(give_up_find_link(given.portal, HASH_A, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_ok(give_up_read(given.courier, &row.id, given.arena, &found));
	assert_int_equal(found.state, GIVE_UP_DONE);
	assert_false(found.has_mailbox);
}

static void
a_mailbox_that_is_closed_takes_it_along(void **state)
{
	struct id mailbox = given_mailbox();
	struct give_up_row row = given_begun(&mailbox, HASH_A), found;

	(void)state;
	assert_ok(mailbox_delete(given.portal, &mailbox));
	assert_int_equal(give_up_read(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(mailbox_lock(given.courier, &mailbox), STATUS_NOT_FOUND);
}

/* Nothing of its owner stays but the record of what was done, and that names nobody once it is
 * told. */
static void
its_owner_is_forgotten_with_it(void **state)
{
	struct id mailbox = given_mailbox();
	struct give_up_row done = given_begun(&mailbox, HASH_A), stopped, asked, found;
	struct outbox_row letter = {.id = id_new(),
				    .kind = OUTBOX_GIVE_UP,
				    .has_code = true,
				    .code_id = done.id,
				    .created_at = NOW,
				    .next_at = NOW};

	(void)state;
	assert_ok(outbox_insert(given.courier, &letter));
	assert_ok(give_up_done(given.courier, &done.id, NOW));
	stopped = given_begun(&mailbox, HASH_A);
	assert_ok(give_up_stop(given.portal, &stopped.id, NOW));
	asked = given_asked(HASH_B, NOW);
	assert_ok(give_up_forget(given.portal, SLICE("gina")));
	assert_ok(give_up_read(given.courier, &asked.id, given.arena, &found));
	assert_ok(give_up_forget(given.portal, FRED));
	assert_int_equal(give_up_read(given.courier, &asked.id, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(give_up_read(given.courier, &stopped.id, given.arena, &found),
			 STATUS_NOT_FOUND);
	/* The mail about it has to know where to go. */
	assert_ok(give_up_sweep(given.courier, NOW, NOW));
	assert_ok(give_up_read(given.courier, &done.id, given.arena, &found));
	assert_true(found.address.size > 0);
	assert_ok(outbox_set_sent(given.courier, &letter.id));
	assert_ok(give_up_sweep(given.courier, NOW, NOW));
	assert_ok(give_up_read(given.courier, &done.id, given.arena, &found));
	assert_int_equal(found.address.size, 0);
	assert_int_equal(found.state, GIVE_UP_DONE);
}

static void
what_lies_there_is_doomed_and_lost(void **state)
{
	struct id mailbox = given_mailbox(), id = given_delivery(DELIVERY_READY);
	struct mailbox_message_row message = {id, mailbox, SLICE("key"), SLICE("link"), NOW};
	struct delivery_row found;
	bool doomed;

	(void)state;
	assert_ok(mailbox_message_insert(given.courier, &message));
	assert_ok(give_up_dooms(given.courier, &id, NOW, &doomed));
	assert_false(doomed);
	given_begun(&mailbox, HASH_A);
	assert_ok(give_up_dooms(given.portal, &id, NOW, &doomed));
	assert_true(doomed);
	assert_ok(delivery_read(given.portal, &id, false, given.arena, &found));
	assert_false(delivery_is_lost(&found));
	assert_ok(delivery_set_lost(given.courier, &id, NOW));
	assert_ok(delivery_read(given.portal, &id, false, given.arena, &found));
	assert_true(delivery_is_lost(&found) && !delivery_in_mailbox(&found));
	assert_int_equal(mailbox_message_read(given.portal, &id, &mailbox, given.arena, &message),
			 STATUS_NOT_FOUND);
}

static void
records_are_kept_and_forgotten(void **state)
{
	struct id mailbox = given_mailbox();
	struct give_up_row row = given_begun(&mailbox, HASH_A), asked = given_asked(HASH_B, NOW),
			   found, *rows;
	size_t count;

	(void)state;
	assert_ok(give_up_stop(given.portal, &row.id, NOW + 5));
	assert_ok(give_up_list(given.courier, FRED, 9, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	/* What was never more than asked for goes with its link. */
	assert_ok(give_up_sweep(given.courier, NOW + HOUR, NOW + 5));
	assert_int_equal(give_up_read(given.courier, &asked.id, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_ok(give_up_read(given.courier, &row.id, given.arena, &found));
	assert_ok(give_up_sweep(given.courier, NOW + HOUR, NOW + 6));
	assert_int_equal(give_up_read(given.courier, &row.id, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
a_sender_asks_somebody_agrees(void **state)
{
	struct reset_row row = {.id = id_new(),
				.owner_index = FRED,
				.address = SLICE("an address"),
				.begun_by = SLICE("alice"),
				.link_wrap = SLICE("a wrap"),
				.begun_at = NOW,
				.lapses_at = NOW + HOUR},
			 again = row, found;
	struct id *ids;
	size_t count;

	(void)state;
	assert_ok(reset_ask(given.portal, HASH_A, &row));
	again.id = id_new();
	assert_int_equal(reset_ask(given.portal, HASH_B, &again), STATUS_CONFLICT);
	assert_ok(reset_find_link(given.portal, HASH_A, given.arena, &found));
	assert_true(found.by_sender);
	assert_int_equal(found.state, RESET_ASKED);
	/* Nothing is due before somebody has agreed, nor before its time. */
	assert_ok(reset_due(given.courier, NOW + 99 * HOUR, 9, given.arena, &ids, &count));
	assert_int_equal(count, 0);
	assert_int_equal(reset_end_agreed(given.courier, &row.id, NOW), STATUS_CONFLICT);
	assert_ok(reset_agree(given.portal, &row.id, NOW + HOUR, (struct slice){NULL, 0}));
	assert_int_equal(reset_agree(given.portal, &row.id, NOW, (struct slice){NULL, 0}),
			 STATUS_CONFLICT);
	assert_int_equal(reset_end_agreed(given.courier, &row.id, NOW), STATUS_CONFLICT);
	assert_ok(reset_due(given.courier, NOW + HOUR, 9, given.arena, &ids, &count));
	assert_int_equal(count, 1);
	assert_ok(reset_end_agreed(given.courier, &row.id, NOW + HOUR));
	assert_ok(reset_read(given.courier, &row.id, given.arena, &found));
	assert_int_equal(found.state, RESET_COMPLETED);
	assert_ok(reset_forget(given.courier, FRED));
	assert_int_equal(reset_read(given.courier, &row.id, given.arena, &found), STATUS_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_link_at_a_time),
	    TEST(it_is_begun_once_and_by_a_link_in_its_time),
	    TEST(it_is_due_in_its_time_and_done_once),
	    TEST(a_mailbox_that_is_closed_takes_it_along),
	    TEST(its_owner_is_forgotten_with_it),
	    TEST(what_lies_there_is_doomed_and_lost),
	    TEST(records_are_kept_and_forgotten),
	    TEST(a_sender_asks_somebody_agrees),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
