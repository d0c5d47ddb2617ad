/* store/link, store/lock, store/session and store/outbox. */
#include <pthread.h>
#include <unistd.h>

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

	assert_ok(sheet_insert(given.portal, &id, HASH_A, HASH_B, NOW));
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
	assert_int_equal(sheet_insert(given.portal, &other, HASH_A, HASH_B, NOW), STATUS_CONFLICT);
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, given.arena, &row));
	assert_true(id_equal(row.id, sheet) && row.left == 2 && row.created_at == NOW);
	assert_int_equal(sheet_find(given.portal, HASH_B, HASH_A, given.arena, &row),
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
	assert_ok(sheet_find(given.portal, HASH_A, HASH_B, given.arena, &row));
	assert_int_equal(row.left, 0);
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

static void
sessions_of_a_person_end_one_by_one_or_together(void **state)
{
	struct slice alice = SLICE("alice"), bob = SLICE("bob");
	struct id first, second, other;
	struct desk_session_row *rows;
	size_t count;

	(void)state;
	given_session(HASH_A, alice, &first);
	given_session(HASH_B, alice, &second);
	given_session(HASH_C, bob, &other);
	assert_ok(desk_session_list(given.portal, alice, NOW, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 2);
	assert_true(id_equal(rows[0].id, second));
	assert_slice(rows[0].place, SLICE("place"));
	assert_int_equal(rows[0].seen_at, NOW);
	assert_ok(desk_session_list(given.portal, alice, NOW, NOW, 1, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	/* What is over is not shown, and nobody ends what is another's. */
	assert_ok(
	    desk_session_list(given.portal, alice, NOW + 1, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	assert_ok(desk_session_end(given.portal, &other, alice));
	assert_ok(desk_session_end_others(given.portal, alice, &first));
	assert_ok(desk_session_list(given.portal, alice, NOW, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(rows[0].id, first));
	assert_ok(desk_session_end(given.portal, &first, alice));
	assert_ok(desk_session_end_others(given.portal, alice, NULL));
	assert_ok(desk_session_list(given.portal, alice, NOW, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	assert_ok(desk_session_list(given.portal, bob, NOW, NOW, 9, given.arena, &rows, &count));
	assert_int_equal(count, 1);
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
	    TEST(a_code_to_sign_in_is_good_for_so_many_tries),
	    TEST(numbers_of_a_sheet_are_asked_for_in_turn_and_once),
	    TEST(a_sheet_takes_along_what_was_begun_with_it),
	    TEST(sessions_of_a_person_end_one_by_one_or_together),
	    TEST(places_are_known_for_a_while_and_only_so_many),
	    TEST(a_reset_is_begun_once_and_ends_once),
	    TEST(a_code_besides_the_passphrase_is_good_for_so_many_tries),
	    TEST(a_session_lives_while_it_is_used),
	    TEST(sessions_end_alone_with_their_delivery_or_by_age),
	    TEST(no_more_is_taken_than_there_is),
	    TEST(only_one_takes_the_last),
	    TEST(failures_are_counted_within_their_window),
	    TEST(mails_are_claimed_when_due_oldest_first),
	    TEST(a_mail_that_is_done_is_done),
	    TEST(a_mail_is_locked_by_one_courier),
	    TEST(a_second_receipt_is_refused_and_the_transaction_goes_on),
	    TEST(claims_of_two_couriers_share_no_mail),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
