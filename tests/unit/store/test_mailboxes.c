/* store/mailbox. */
#include "store/mailbox.h"
#include "store/signed_in.h"
#include "tests/unit/store/given.h"

#define HASH_A SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define HASH_B SLICE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define HASH_C SLICE("cccccccccccccccccccccccccccccccc")
#define ALL (MAILBOX_READ | MAILBOX_UNREAD)

static struct mailbox_row
given_mailbox(struct slice index)
{
	struct mailbox_row row = {
	    .id = id_new(),
	    .address = SLICE("an address"),
	    .address_index = index,
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
	return row;
}

/* A delivery that came into it then. */
static struct id
put(const struct mailbox_row *mailbox, int64_t came_at)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct mailbox_message_row row = {id, mailbox->id, SLICE("key"), SLICE("link"), came_at};

	assert_ok(mailbox_message_insert(given.courier, &row));
	return id;
}

static void
an_address_has_one(void **state)
{
	struct mailbox_row row = given_mailbox(SLICE("fred")), again = row, found;

	(void)state;
	again.id = id_new();
	assert_int_equal(mailbox_insert(given.portal, &again), STATUS_CONFLICT);
	assert_ok(mailbox_find(given.courier, SLICE("fred"), given.arena, &found));
	assert_true(id_equal(found.id, row.id));
	assert_true(id_equal(found.lock_id, row.lock_id));
	assert_slice(found.public, row.public);
	assert_slice(found.private_wrap, row.private_wrap);
	assert_slice(found.salt, row.salt);
	assert_int_equal(found.memory_kib, 65536);
	assert_int_equal(found.changed_at, NOW);
	assert_int_equal(mailbox_find(given.portal, SLICE("gina"), given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
of_two_new_locks_one_counts(void **state)
{
	struct mailbox_row row = given_mailbox(SLICE("fred")), found;
	struct id old = row.lock_id;

	(void)state;
	row.lock_id = id_new();
	row.private_wrap = SLICE("another wrap");
	row.changed_at = NOW + 5;
	assert_ok(mailbox_set_lock(given.portal, &old, &row));
	row.lock_id = id_new();
	assert_int_equal(mailbox_set_lock(given.portal, &old, &row), STATUS_CONFLICT);
	assert_ok(mailbox_read(given.portal, &row.id, given.arena, &found));
	assert_slice(found.private_wrap, SLICE("another wrap"));
	assert_int_equal(found.changed_at, NOW + 5);
}

static void
lists_are_newest_first_and_their_own(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred")), gina = given_mailbox(SLICE("gina"));
	struct id first = put(&fred, NOW + 1), second = put(&fred, NOW + 2);
	struct desk_place place = desk_place_first();
	struct mailbox_line_row *rows;
	struct mailbox_message_row row;
	struct mailbox_usage usage;
	bool opened;
	size_t count;

	(void)state;
	put(&gina, NOW + 3);
	assert_ok(delivery_set_opened(given.portal, &first, NOW + 9, &opened));
	assert_ok(mailbox_list(given.portal, &fred.id, &place, ALL, 9, given.arena, &rows, &count));
	assert_int_equal(count, 2);
	assert_true(id_equal(rows[0].delivery_id, second));
	assert_slice(rows[0].link_wrap, SLICE("link"));
	assert_int_equal(rows[1].opened_at, NOW + 9);
	place = (struct desk_place){rows[0].came_at, rows[0].delivery_id};
	assert_ok(mailbox_list(given.portal, &fred.id, &place, ALL, 9, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(rows[0].delivery_id, first));
	place = desk_place_first();
	assert_ok(mailbox_list(given.portal, &fred.id, &place, MAILBOX_UNREAD, 9, given.arena,
			       &rows, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(rows[0].delivery_id, second));
	assert_ok(mailbox_usage(given.courier, &fred.id, &usage));
	assert_int_equal(usage.messages, 2);
	/* What lies in one is in no other. */
	assert_ok(mailbox_message_read(given.portal, &first, &fred.id, given.arena, &row));
	assert_int_equal(mailbox_message_read(given.portal, &first, &gina.id, given.arena, &row),
			 STATUS_NOT_FOUND);
	row = (struct mailbox_message_row){first, gina.id, SLICE("k"), SLICE("l"), NOW};
	assert_int_equal(mailbox_message_insert(given.portal, &row), STATUS_CONFLICT);
}

static void
what_is_over_lies_in_none(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred")), found;
	struct id id = put(&fred, NOW);

	(void)state;
	assert_ok(mailbox_of_delivery(given.courier, &id, given.arena, &found));
	assert_ok(delivery_close(given.courier, &id, DELIVERY_EXPIRED, CLOSED_BY_TIME, NOW + 1));
	assert_int_equal(mailbox_of_delivery(given.courier, &id, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static struct mailbox_session_row
given_session(const struct mailbox_row *mailbox, struct slice token_hash, bool owes)
{
	struct mailbox_session_row row = {.id = id_new(),
					  .mailbox_id = mailbox->id,
					  .sealed = SLICE("sealed"),
					  .place = SLICE("place"),
					  .owes = owes,
					  .created_at = NOW};

	assert_ok(mailbox_session_insert(given.portal, token_hash, &row));
	return row;
}

static void
a_factor_lets_in_once_and_not_who_was_ended(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred"));
	struct mailbox_session_row owing = given_session(&fred, HASH_A, true), found;

	(void)state;
	owing.sealed = SLICE("sealed anew");
	owing.created_at = NOW + 5;
	assert_int_equal(mailbox_session_renew(given.portal, &owing.id, HASH_C, SLICE("x")),
			 STATUS_NOT_FOUND);
	assert_ok(mailbox_session_admit(given.portal, HASH_B, &owing));
	assert_int_equal(mailbox_session_admit(given.portal, HASH_C, &owing), STATUS_NOT_FOUND);
	assert_ok(
	    mailbox_session_find(given.portal, HASH_B, NOW + 5, NOW, NOW, given.arena, &found));
	assert_true(!found.owes && found.created_at == NOW + 5);
	assert_slice(found.sealed, SLICE("sealed anew"));
	assert_ok(mailbox_session_renew(given.portal, &owing.id, HASH_C, SLICE("once more")));
	assert_int_equal(
	    mailbox_session_find(given.portal, HASH_B, NOW + 5, NOW, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_ok(
	    mailbox_session_find(given.portal, HASH_C, NOW + 5, NOW, NOW, given.arena, &found));
	assert_slice(found.sealed, SLICE("once more"));
	owing = given_session(&fred, HASH_A, true);
	assert_ok(mailbox_session_delete(given.portal, &owing.id));
	assert_int_equal(mailbox_session_admit(given.portal, HASH_B, &owing), STATUS_NOT_FOUND);
}

static void
who_is_signed_in_is_listed_and_ends(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred")), gina = given_mailbox(SLICE("gina"));
	struct mailbox_session_row own = given_session(&fred, HASH_A, false), found;
	struct id lying = put(&fred, NOW);
	struct session_row reader = {lying, SLICE("sealed"), NOW, NOW};
	struct signed_in_row *rows;
	size_t count;

	(void)state;
	given_session(&fred, HASH_B, true);
	given_session(&gina, HASH_C, false);
	assert_ok(session_insert(given.portal, HASH_A, &reader));
	assert_ok(
	    signed_in_list(given.portal, SLICE("fred"), NOW, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(rows[0].id, own.id) && rows[0].in_mailbox);
	assert_slice(rows[0].place, SLICE("place"));
	/* Who owes a factor, and who reads by a message's own passphrase, end with the others. */
	assert_ok(signed_in_end_mailbox(given.portal, SLICE("fred"), &own.id));
	assert_ok(mailbox_session_find(given.portal, HASH_A, NOW, NOW, NOW, given.arena, &found));
	assert_int_equal(
	    mailbox_session_find(given.portal, HASH_B, NOW, NOW, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_int_equal(session_find(given.portal, HASH_A, NOW, NOW, NOW, given.arena, &reader),
			 STATUS_NOT_FOUND);
	assert_ok(mailbox_session_find(given.portal, HASH_C, NOW, NOW, NOW, given.arena, &found));
	/* Nobody ends another's. */
	assert_ok(signed_in_end(given.portal, &own.id, SLICE("gina")));
	assert_ok(mailbox_session_find(given.portal, HASH_A, NOW, NOW, NOW, given.arena, &found));
	assert_ok(signed_in_end(given.portal, &own.id, SLICE("fred")));
	assert_int_equal(
	    mailbox_session_find(given.portal, HASH_A, NOW, NOW, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
}

static void
a_mailbox_is_entered_by_its_present_lock(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred"));
	struct id old = fred.lock_id;

	(void)state;
	assert_ok(mailbox_enter(given.portal, &fred.id, &old));
	fred.lock_id = id_new();
	assert_ok(mailbox_set_lock(given.portal, &old, &fred));
	assert_int_equal(mailbox_enter(given.portal, &fred.id, &old), STATUS_NOT_FOUND);
	assert_ok(mailbox_enter(given.portal, &fred.id, &fred.lock_id));
}

/* Its sender chose one for the newest notice. */
static void
given_language(const char *language)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "update delivery set language = '%s' where id = (select delivery_id from "
		 "mailbox_message order by came_at desc limit 1)",
		 language);
	cluster_number(&given.cluster, sql);
}

static void
its_language_is_that_of_its_newest_notice(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred"));
	struct id old = fred.lock_id;
	const char *language = "none";

	(void)state;
	assert_ok(mailbox_language(given.courier, SLICE("fred"), given.arena, &language));
	assert_string_equal(language, "");
	fred.lock_id = id_new();
	fred.language = "fr";
	assert_ok(mailbox_set_lock(given.portal, &old, &fred));
	assert_ok(mailbox_language(given.courier, SLICE("fred"), given.arena, &language));
	assert_string_equal(language, "fr");
	put(&fred, NOW + 1);
	given_language("de");
	put(&fred, NOW + 2);
	given_language("es");
	put(&fred, NOW + 3);
	assert_ok(mailbox_language(given.courier, SLICE("fred"), given.arena, &language));
	assert_string_equal(language, "es");
	assert_int_equal(mailbox_language(given.courier, SLICE("gina"), given.arena, &language),
			 STATUS_NOT_FOUND);
}

static void
sessions_end_alone_together_and_by_age(void **state)
{
	struct mailbox_row fred = given_mailbox(SLICE("fred"));
	struct mailbox_session_row row = {
	    .id = id_new(), .mailbox_id = fred.id, .sealed = SLICE("sealed"), .created_at = NOW};
	struct mailbox_session_row owing = row, found;

	(void)state;
	owing.id = id_new();
	owing.owes = true;
	assert_ok(mailbox_session_insert(given.portal, HASH_A, &row));
	assert_ok(mailbox_session_insert(given.portal, HASH_B, &owing));
	assert_ok(
	    mailbox_session_find(given.portal, HASH_A, NOW + 60, NOW, NOW, given.arena, &found));
	assert_false(found.owes);
	assert_int_equal(found.seen_at, NOW + 60);
	assert_int_equal(mailbox_session_find(given.portal, HASH_A, NOW + 60, NOW + 61, NOW,
					      given.arena, &found),
			 STATUS_NOT_FOUND);
	/* Tries are of one that owes something. */
	assert_int_equal(mailbox_session_try(given.portal, &row.id, 2), STATUS_BUSY);
	assert_ok(mailbox_session_try(given.portal, &owing.id, 2));
	assert_ok(mailbox_session_try(given.portal, &owing.id, 2));
	assert_int_equal(mailbox_session_try(given.portal, &owing.id, 2), STATUS_BUSY);
	assert_ok(mailbox_session_delete(given.portal, &row.id));
	assert_int_equal(
	    mailbox_session_find(given.portal, HASH_A, NOW + 60, NOW, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_ok(mailbox_session_sweep(given.courier, NOW, NOW));
	assert_ok(mailbox_session_find(given.portal, HASH_B, NOW, NOW, NOW, given.arena, &found));
	assert_ok(mailbox_session_delete_of(given.portal, &fred.id));
	assert_int_equal(
	    mailbox_session_find(given.portal, HASH_B, NOW, NOW, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_ok(mailbox_delete(given.portal, &fred.id));
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_address_has_one),
	    TEST(of_two_new_locks_one_counts),
	    TEST(lists_are_newest_first_and_their_own),
	    TEST(what_is_over_lies_in_none),
	    TEST(a_factor_lets_in_once_and_not_who_was_ended),
	    TEST(who_is_signed_in_is_listed_and_ends),
	    TEST(a_mailbox_is_entered_by_its_present_lock),
	    TEST(its_language_is_that_of_its_newest_notice),
	    TEST(sessions_end_alone_together_and_by_age),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
