/* What finding and believing keys needs besides them: store/harvest, store/key_search,
 * store/own_key and store/authority. */
#include "store/authority.h"
#include "store/harvest.h"
#include "store/key_search.h"
#include "store/own_key.h"
#include "tests/unit/store/given_keys.h"

#define HASH_A SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define HASH_B SLICE("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
#define HASH_C SLICE("cccccccccccccccccccccccccccccccc")

static void
messages_are_looked_at_once(void **state)
{
	struct id first = id_new(), second = id_new();
	struct harvest_row row;

	(void)state;
	assert_ok(harvest_note(given.courier, &first, SLICE("wrap"), NOW, 2));
	assert_ok(harvest_note(given.courier, &first, SLICE("wrap"), NOW, 2));
	assert_ok(harvest_note(given.courier, &second, SLICE("wrap"), NOW + 1, 2));
	/* Too many wait. */
	struct id third = id_new();
	assert_ok(harvest_note(given.courier, &third, SLICE("wrap"), NOW, 2));
	assert_ok(harvest_claim(given.courier, NOW, NOW + 10, NOW - 10, given.arena, &row));
	assert_true(id_equal(row.message, first));
	assert_slice(row.key_wrap, SLICE("wrap"));
	assert_int_equal(row.claims, 1);
	assert_int_equal(outbox_check_done(given.courier, &first), STATUS_BUSY);
	assert_ok(harvest_claim(given.rival, NOW, NOW + 10, NOW - 10, given.arena, &row));
	assert_true(id_equal(row.message, second));
	assert_int_equal(harvest_claim(given.rival, NOW, NOW + 10, NOW - 10, given.arena, &row),
			 STATUS_NOT_FOUND);
	assert_ok(harvest_done(given.courier, &first));
	assert_ok(outbox_check_done(given.courier, &first));
	/* One that nobody finished is taken again; not when it is old. */
	assert_ok(harvest_claim(given.courier, NOW + 10, NOW + 20, NOW - 10, given.arena, &row));
	assert_true(id_equal(row.message, second));
	assert_int_equal(row.claims, 2);
	assert_int_equal(
	    harvest_claim(given.courier, NOW + 20, NOW + 30, NOW + 1, given.arena, &row),
	    STATUS_NOT_FOUND);
	assert_ok(harvest_sweep(given.courier, NOW));
	assert_int_equal(outbox_check_done(given.courier, &second), STATUS_BUSY);
	assert_ok(harvest_sweep(given.courier, NOW + 1));
	assert_ok(outbox_check_done(given.courier, &second));
	/* It is the courier's alone. */
	assert_int_equal(harvest_note(given.portal, &first, SLICE("wrap"), NOW, 2),
			 STATUS_INTERNAL);
}

static void
a_question_is_taken_once_and_answered(void **state)
{
	struct key_search_row row, *rows;
	size_t count;

	(void)state;
	assert_int_equal(key_search_read(given.portal, FRED, given.arena, &row), STATUS_NOT_FOUND);
	assert_ok(key_search_ask(given.portal, FRED, SLICE("sealed"), NOW));
	assert_ok(key_search_ask(given.portal, FRED, SLICE("sealed"), NOW + 1));
	assert_ok(key_search_read(given.portal, FRED, given.arena, &row));
	assert_int_equal(row.asked_at, NOW);
	assert_int_equal(row.answered_at, 0);
	assert_ok(key_search_claim(given.courier, NOW, NOW + 10, 5, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_slice(rows[0].address_index, FRED);
	assert_slice(rows[0].address, SLICE("sealed"));
	assert_ok(key_search_claim(given.rival, NOW, NOW + 10, 5, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	/* One that nobody answered is taken again. */
	assert_ok(key_search_claim(given.rival, NOW + 10, NOW + 20, 5, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	row.answered_at = NOW + 11;
	row.until = NOW + 100;
	row.outcome = SLICE("nothing anywhere");
	assert_ok(key_search_answer(given.rival, &row));
	assert_ok(
	    key_search_claim(given.courier, NOW + 99, NOW + 110, 5, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	assert_ok(key_search_read(given.portal, FRED, given.arena, &row));
	assert_int_equal(row.answered_at, NOW + 11);
	assert_int_equal(row.until, NOW + 100);
	assert_slice(row.outcome, SLICE("nothing anywhere"));
	/* As long as the answer counts, nobody asks again. */
	assert_ok(key_search_ask(given.portal, FRED, SLICE("sealed"), NOW + 50));
	assert_ok(
	    key_search_claim(given.courier, NOW + 50, NOW + 60, 5, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	assert_ok(key_search_ask(given.portal, FRED, SLICE("sealed"), NOW + 101));
	assert_ok(
	    key_search_claim(given.courier, NOW + 101, NOW + 110, 5, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_ok(key_search_forget(given.courier, FRED));
	assert_int_equal(key_search_read(given.portal, FRED, given.arena, &row), STATUS_NOT_FOUND);
}

static void
old_answers_are_swept_and_questions_are_not(void **state)
{
	struct key_search_row row = {.address_index = FRED,
				     .address = SLICE("sealed"),
				     .answered_at = NOW,
				     .until = NOW + 10,
				     .outcome = SLICE("outcome")};

	(void)state;
	assert_ok(key_search_answer(given.courier, &row));
	assert_ok(key_search_ask(given.portal, CAROL, SLICE("sealed"), NOW + 50));
	assert_ok(key_search_sweep(given.courier, NOW + 20, 10));
	assert_int_equal(key_search_read(given.portal, FRED, given.arena, &row), STATUS_NOT_FOUND);
	assert_ok(key_search_read(given.portal, CAROL, given.arena, &row));
}

static void
own_keys_are_found_by_address_while_they_hold(void **state)
{
	struct own_key_row row = {.id = id_new(),
				  .kind = KEY_OPENPGP,
				  .address = SLICE("sealed"),
				  .address_index = FRED,
				  .print_index = PRINT_A,
				  .material = SLICE("public"),
				  .evidence = SLICE("what it is"),
				  .key_wrap = SLICE("wrap"),
				  .private = SLICE("sealed private"),
				  .added_at = NOW,
				  .expires_at = NOW + 100},
			   found;
	struct store *owner = open_owner();
	struct own_key_row *rows;
	struct id none = {0};
	size_t count;

	(void)state;
	assert_int_equal(own_key_put(given.courier, &row), STATUS_INTERNAL);
	assert_ok(own_key_put(owner, &row));
	row.id = id_new();
	assert_int_equal(own_key_put(owner, &row), STATUS_CONFLICT);
	assert_ok(own_key_find(given.courier, FRED, KEY_OPENPGP, NOW, given.arena, &found));
	assert_slice(found.private, SLICE("sealed private"));
	assert_slice(found.key_wrap, SLICE("wrap"));
	assert_slice(found.evidence, SLICE("what it is"));
	assert_int_equal(
	    own_key_find(given.courier, FRED, KEY_CERTIFICATE, NOW, given.arena, &found),
	    STATUS_NOT_FOUND);
	assert_int_equal(
	    own_key_find(given.courier, FRED, KEY_OPENPGP, NOW + 100, given.arena, &found),
	    STATUS_NOT_FOUND);
	/* The portal has no business with them. */
	assert_int_equal(own_key_find(given.portal, FRED, KEY_OPENPGP, NOW, given.arena, &found),
			 STATUS_INTERNAL);
	assert_ok(own_key_list(owner, &none, 10, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_ok(own_key_read(owner, &rows[0].id, given.arena, &found));
	assert_ok(own_key_delete(owner, &rows[0].id));
	assert_int_equal(own_key_delete(owner, &rows[0].id), STATUS_NOT_FOUND);
	store_close(owner);
}

static void
authorities_are_the_administrators(void **state)
{
	struct authority_row row = {.id = id_new(),
				    .print = HASH_A,
				    .certificate = SLICE("certificate"),
				    .root = true,
				    .added_at = NOW};
	int64_t version, then;
	struct store *owner = open_owner();
	struct authority_row *rows;
	size_t found;

	(void)state;
	assert_int_equal(authority_put(given.courier, &row), STATUS_INTERNAL);
	assert_ok(authority_version(given.courier, &version));
	assert_int_equal(version, 0);
	assert_ok(authority_put(owner, &row));
	assert_int_equal(authority_put(owner, &row), STATUS_CONFLICT);
	assert_ok(authority_version(given.courier, &version));
	assert_int_not_equal(version, 0);
	assert_ok(authority_list(given.courier, 10, given.arena, &rows, &found));
	assert_int_equal(found, 1);
	assert_slice(rows[0].print, HASH_A);
	assert_slice(rows[0].certificate, SLICE("certificate"));
	assert_true(rows[0].root);
	assert_ok(authority_delete(owner, &row.id));
	assert_int_equal(authority_delete(owner, &row.id), STATUS_NOT_FOUND);
	/* Another one in its place, in the same second. */
	row.id = id_new();
	row.print = HASH_B;
	assert_ok(authority_put(owner, &row));
	assert_ok(authority_version(given.courier, &then));
	assert_int_not_equal(then, version);
	store_close(owner);
}

static void
lists_are_fetched_while_they_are_of_use(void **state)
{
	struct revocation_task *tasks;
	struct revocation_row row;
	size_t count;

	(void)state;
	assert_ok(revocation_want(given.courier, HASH_A, "http://ca.example/a.crl", SLICE("issuer"),
				  NOW, NOW));
	assert_ok(revocation_want(given.courier, HASH_B, "http://ca.example/b.crl", SLICE("issuer"),
				  NOW - 5000, NOW - 5000));
	assert_ok(revocation_claim(given.courier, NOW, NOW + 60, NOW - 1000, 10, given.arena,
				   &tasks, &count));
	assert_int_equal(count, 1);
	assert_slice(tasks[0].hash, HASH_A);
	assert_string_equal(tasks[0].place, "http://ca.example/a.crl");
	assert_slice(tasks[0].issuer, SLICE("issuer"));
	assert_ok(revocation_claim(given.rival, NOW, NOW + 60, NOW - 1000, 10, given.arena, &tasks,
				   &count));
	assert_int_equal(count, 0);
	assert_ok(revocation_fail(given.courier, HASH_A, "timeout", NOW + 7, NOW + 300));
	assert_ok(revocation_read(given.courier, HASH_A, given.arena, &row));
	assert_int_equal(row.list.size, 0);
	assert_string_equal(row.fault, "timeout");
	assert_int_equal(row.tried_at, NOW + 7);
	assert_ok(revocation_store(given.courier, HASH_A, SLICE("list"), NOW + 300, NOW + 9000,
				   NOW + 8000));
	assert_ok(revocation_read(given.courier, HASH_A, given.arena, &row));
	assert_slice(row.list, SLICE("list"));
	assert_int_equal(row.fetched_at, NOW + 300);
	assert_int_equal(row.until, NOW + 9000);
	assert_null(row.fault);
	assert_ok(revocation_want(given.courier, HASH_B, "http://ca.example/b.crl", SLICE("issuer"),
				  NOW, NOW));
	assert_ok(revocation_claim(given.courier, NOW, NOW + 60, NOW - 1000, 10, given.arena,
				   &tasks, &count));
	assert_int_equal(count, 1);
	assert_slice(tasks[0].hash, HASH_B);
	/* Answers of responders are kept, but not asked for ahead. */
	assert_ok(revocation_want(given.courier, HASH_C, "", SLICE(""), 0, NOW));
	assert_ok(revocation_claim(given.courier, NOW, NOW + 60, NOW - 1000, 10, given.arena,
				   &tasks, &count));
	assert_int_equal(count, 0);
	assert_ok(revocation_sweep(given.courier, NOW + 1, 10));
	assert_int_equal(revocation_read(given.courier, HASH_A, given.arena, &row),
			 STATUS_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(messages_are_looked_at_once),
	    TEST(a_question_is_taken_once_and_answered),
	    TEST(old_answers_are_swept_and_questions_are_not),
	    TEST(own_keys_are_found_by_address_while_they_hold),
	    TEST(authorities_are_the_administrators),
	    TEST(lists_are_fetched_while_they_are_of_use),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
