/* store/link, store/lock, store/template and store/thread. */
#include "tests/unit/store/given.h"

#define HASH_A SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define HASH_B SLICE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define HASH_C SLICE("cccccccccccccccccccccccccccccccc")

static void
links_are_found_by_hash_kind_and_code(void **state)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct link_row row;

	(void)state;
	assert_ok(link_insert(given.courier, HASH_A, &id, 1, 4, SLICE("code"), SLICE("wrap")));
	assert_ok(link_insert(given.courier, HASH_B, &id, 2, 1, SLICE(""), SLICE("")));
	assert_ok(link_find(given.portal, HASH_A, 1, given.arena, &row));
	assert_true(id_equal(row.delivery_id, id));
	assert_int_equal(row.kind, 1);
	assert_int_equal(row.generation, 4);
	assert_int_equal(row.ended, LINK_LIVE);
	assert_slice(row.pickup_wrap, SLICE("wrap"));
	assert_int_equal(link_find(given.portal, HASH_A, 2, given.arena, &row), STATUS_NOT_FOUND);
	assert_int_equal(link_find(given.portal, HASH_C, 1, given.arena, &row), STATUS_NOT_FOUND);
	assert_ok(link_find_pickup(given.portal, SLICE("code"), given.arena, &row));
	assert_true(id_equal(row.delivery_id, id));
	assert_int_equal(link_find_pickup(given.portal, SLICE(""), given.arena, &row),
			 STATUS_NOT_FOUND);
}

static void
a_link_is_followed_to_what_lies_behind_it(void **state)
{
	struct delivery_row delivery = given_delivery_row(DELIVERY_READY);
	struct link_path path;
	struct message_row message;
	struct lock_row lock;

	(void)state;
	assert_ok(delivery_insert(given.courier, &delivery));
	assert_ok(
	    link_insert(given.courier, HASH_A, &delivery.id, 1, 4, SLICE("code"), SLICE("wrap")));
	assert_ok(link_follow(given.portal, HASH_A, 1, true, given.arena, &path));
	assert_false(path.has_lock);
	delivery.id = id_new();
	delivery.has_lock = true;
	delivery.lock_id = given_lock();
	assert_ok(delivery_insert(given.courier, &delivery));
	assert_ok(
	    link_insert(given.courier, HASH_B, &delivery.id, 1, 5, SLICE("other"), SLICE("more")));
	assert_ok(link_follow(given.portal, HASH_B, 1, true, given.arena, &path));
	assert_int_equal(path.link.generation, 5);
	assert_slice(path.link.pickup_wrap, SLICE("more"));
	delivery = delivery_now(&delivery.id);
	assert_true(id_equal(path.delivery.id, delivery.id));
	assert_int_equal(path.delivery.state, DELIVERY_READY);
	assert_slice(path.delivery.message_key_wrap, delivery.message_key_wrap);
	assert_int_equal(path.delivery.expires_at, delivery.expires_at);
	assert_int_equal(path.delivery.cleared, delivery.cleared);
	assert_ok(message_read(given.portal, &delivery.message_id, false, given.arena, &message));
	assert_true(id_equal(path.message.id, message.id));
	assert_slice(path.message.chunk, SLICE("sealed\0chunk"));
	assert_slice(path.message.envelope, message.envelope);
	assert_int_equal(path.message.size, message.size);
	assert_int_equal(path.message.claims, message.claims);
	assert_ok(lock_read(given.portal, &delivery.lock_id, given.arena, &lock));
	assert_true(path.has_lock && id_equal(path.lock.id, lock.id));
	assert_slice(path.lock.clue, lock.clue);
	assert_int_equal(path.lock.created_at, lock.created_at);
	/* The chunk is large, and the page with the clue has no use for it. */
	assert_ok(link_follow(given.portal, HASH_B, 1, false, given.arena, &path));
	assert_int_equal(path.message.chunk.size, 0);
	assert_slice(path.message.envelope, message.envelope);
	assert_int_equal(link_follow(given.portal, HASH_B, 2, true, given.arena, &path),
			 STATUS_NOT_FOUND);
	assert_int_equal(link_follow(given.portal, HASH_C, 1, true, given.arena, &path),
			 STATUS_NOT_FOUND);
}

static void
ended_links_still_answer(void **state)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct link_row row;

	(void)state;
	assert_ok(link_insert(given.courier, HASH_A, &id, 1, 1, SLICE("code"), SLICE("wrap")));
	assert_ok(link_insert(given.courier, HASH_B, &id, 2, 1, SLICE(""), SLICE("")));
	assert_ok(link_end_all(given.courier, &id, 1, LINK_SUSPENDED));
	assert_ok(link_end_all(given.courier, &id, 1, LINK_REPLACED));
	assert_ok(link_find(given.portal, HASH_A, 1, given.arena, &row));
	assert_int_equal(row.ended, LINK_SUSPENDED);
	assert_ok(link_find(given.portal, HASH_B, 2, given.arena, &row));
	assert_int_equal(row.ended, LINK_LIVE);
}

static void
a_code_that_is_taken_leaves_the_transaction_usable(void **state)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct link_row row;

	(void)state;
	assert_ok(link_insert(given.courier, HASH_A, &id, 1, 1, SLICE("code"), SLICE("wrap")));
	assert_ok(store_begin(given.courier));
	assert_int_equal(link_insert(given.courier, HASH_B, &id, 1, 2, SLICE("code"), SLICE("w")),
			 STATUS_CONFLICT);
	assert_ok(link_insert(given.courier, HASH_B, &id, 1, 2, SLICE("other"), SLICE("w")));
	assert_ok(store_commit(given.courier));
	assert_ok(link_find(given.portal, HASH_B, 1, given.arena, &row));
}

static void
locks_read_back(void **state)
{
	struct id id = given_lock();
	struct id unknown = id_new();
	struct lock_row row;

	(void)state;
	assert_ok(lock_read(given.courier, &id, given.arena, &row));
	assert_true(id_equal(row.id, id));
	assert_slice(row.public_wrap, SLICE("0123456789abcdef0123456789abcdef"));
	assert_slice(row.salt, SLICE("0123456789abcdef"));
	assert_int_equal(row.ops, 3);
	assert_int_equal(row.memory_kib, 65536);
	assert_int_equal(row.rule, 2);
	assert_slice(row.clue, SLICE("sealed clue"));
	assert_int_equal(row.created_at, NOW);
	assert_int_equal(lock_read(given.courier, &unknown, given.arena, &row), STATUS_NOT_FOUND);
}

static void
saving_a_template_again_replaces_its_lock_and_wishes(void **state)
{
	struct template_row row = {
	    .id = id_new(),
	    .owner = SLICE("owner"),
	    .owner_index = SLICE("owner index"),
	    .recipient = SLICE("recipient"),
	    .recipient_index = SLICE("recipient index"),
	    .has_lock = true,
	    .lock_id = given_lock(),
	    .lifetime_days = 7,
	    .wishes = WISH_OPENED,
	    .way = TEMPLATE_AT_ONCE,
	    .language = "",
	    .created_at = NOW,
	};
	struct template_row found;
	struct id first = row.id;

	(void)state;
	assert_ok(template_save(given.portal, &row));
	row.id = id_new();
	row.lock_id = given_lock();
	row.lifetime_days = 30;
	row.wishes = WISH_FILES | WISH_REPLIED;
	row.way = TEMPLATE_ASK;
	row.remind_days = 5;
	row.link_mail = true;
	row.language = "de";
	assert_ok(template_save(given.portal, &row));
	assert_ok(template_find(given.courier, row.owner_index, row.recipient_index,
				SLICE("domain index"), given.arena, &found));
	assert_true(id_equal(found.id, first));
	assert_true(id_equal(found.lock_id, row.lock_id));
	assert_slice(found.owner, row.owner);
	assert_slice(found.recipient, row.recipient);
	assert_int_equal(found.lifetime_days, 30);
	assert_int_equal(found.wishes, WISH_FILES | WISH_REPLIED);
	assert_int_equal(found.way, TEMPLATE_ASK);
	assert_int_equal(found.remind_days, 5);
	assert_true(found.link_mail);
	assert_string_equal(found.language, "de");
	assert_int_equal(found.used_at, 0);
	assert_ok(template_set_used(given.courier, &first, NOW + 5));
	assert_ok(template_read(given.portal, &first, row.owner_index, given.arena, &found));
	assert_int_equal(found.used_at, NOW + 5);
	assert_int_equal(template_find(given.portal, row.recipient_index, row.owner_index,
				       SLICE("domain index"), given.arena, &found),
			 STATUS_NOT_FOUND);
}

static struct template_row
given_template(struct slice recipient_index)
{
	struct template_row row = {
	    .id = id_new(),
	    .owner = SLICE("owner"),
	    .owner_index = SLICE("owner index"),
	    .recipient = SLICE("recipient"),
	    .recipient_index = recipient_index,
	    .clue = SLICE("clue"),
	    .lifetime_days = 7,
	    .way = TEMPLATE_AT_ONCE,
	    .language = "",
	    .created_at = NOW,
	};

	assert_ok(template_save(given.portal, &row));
	return row;
}

static void
a_recipients_template_goes_before_that_of_the_domain(void **state)
{
	struct template_row domain = given_template(SLICE("domain index"));
	struct template_row found, own;

	(void)state;
	assert_ok(template_find(given.courier, SLICE("owner index"), SLICE("recipient index"),
				SLICE("domain index"), given.arena, &found));
	assert_true(id_equal(found.id, domain.id));
	assert_false(found.has_lock);
	assert_slice(found.clue, SLICE("clue"));
	own = given_template(SLICE("recipient index"));
	assert_ok(template_find(given.courier, SLICE("owner index"), SLICE("recipient index"),
				SLICE("domain index"), given.arena, &found));
	assert_true(id_equal(found.id, own.id));
}

static void
a_template_is_its_owners_alone(void **state)
{
	struct template_row row = given_template(SLICE("recipient index"));
	struct slice stranger = SLICE("another index");
	struct template_row found;

	(void)state;
	assert_int_equal(template_read(given.portal, &row.id, stranger, given.arena, &found),
			 STATUS_NOT_FOUND);
	assert_int_equal(template_delete(given.portal, &row.id, &stranger), STATUS_NOT_FOUND);
	assert_ok(template_delete(given.portal, &row.id, &row.owner_index));
	assert_int_equal(template_read(given.portal, &row.id, row.owner_index, given.arena, &found),
			 STATUS_NOT_FOUND);
}

static void
a_lock_goes_when_nothing_uses_it(void **state)
{
	struct template_row row = given_template(SLICE("recipient index"));
	struct lock_row lock;

	(void)state;
	row.has_lock = true;
	row.lock_id = given_lock();
	assert_ok(template_save(given.portal, &row));
	assert_ok(lock_drop_unused(given.portal, &row.lock_id));
	assert_ok(lock_read(given.portal, &row.lock_id, given.arena, &lock));
	assert_ok(template_delete(given.portal, &row.id, &row.owner_index));
	assert_ok(lock_drop_unused(given.portal, &row.lock_id));
	assert_int_equal(lock_read(given.portal, &row.lock_id, given.arena, &lock),
			 STATUS_NOT_FOUND);
}

static void
threads_are_found_by_any_of_many_hashes(void **state)
{
	struct slice other = SLICE("0123456789abcdef0123456789abcdef");
	struct slice known = SLICE("fedcba9876543210fedcba9876543210");
	struct slice both =
	    SLICE("0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210");

	(void)state;
	assert_ok(thread_note(given.courier, known, NOW));
	assert_ok(thread_note(given.courier, known, NOW + 5));
	assert_ok(thread_find(given.courier, both, 2));
	assert_int_equal(thread_find(given.courier, other, 1), STATUS_NOT_FOUND);
	assert_int_equal(thread_find(given.courier, both, 1), STATUS_INTERNAL);
	assert_ok(thread_sweep(given.courier, NOW + 5));
	assert_ok(thread_find(given.courier, known, 1));
	assert_ok(thread_sweep(given.courier, NOW + 6));
	assert_int_equal(thread_find(given.courier, known, 1), STATUS_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(links_are_found_by_hash_kind_and_code),
	    TEST(a_link_is_followed_to_what_lies_behind_it),
	    TEST(ended_links_still_answer),
	    TEST(a_code_that_is_taken_leaves_the_transaction_usable),
	    TEST(locks_read_back),
	    TEST(saving_a_template_again_replaces_its_lock_and_wishes),
	    TEST(a_recipients_template_goes_before_that_of_the_domain),
	    TEST(a_template_is_its_owners_alone),
	    TEST(a_lock_goes_when_nothing_uses_it),
	    TEST(threads_are_found_by_any_of_many_hashes),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
