/* store/key: whose key was found where, and what is thought of it. */
#include "store/key.h"
#include "store/key_search.h"
#include "tests/unit/store/given_keys.h"

static struct key_row
key_row_of(struct slice address, struct slice print)
{
	return (struct key_row){
	    .id = id_new(),
	    .kind = KEY_CERTIFICATE,
	    .standing = KEY_FOUND,
	    .source = 3,
	    .address = SLICE("sealed address"),
	    .address_index = address,
	    .print_index = print,
	    .material = SLICE("sealed key"),
	    .evidence = SLICE("sealed evidence"),
	    .capabilities = 1,
	    .vouched = true,
	    .seen_at = NOW,
	    .expires_at = NOW + 1000,
	};
}

static size_t
keys_of(struct slice address, struct key_row **rows_out)
{
	size_t count;

	assert_ok(key_of_address(given.portal, address, 10, given.arena, rows_out, &count));
	return count;
}

static void
a_key_is_put_once_and_seen_again(void **state)
{
	struct key_row row = key_row_of(FRED, PRINT_A), *rows;
	struct id id;

	(void)state;
	assert_ok(key_put(given.courier, &row));
	assert_int_equal(keys_of(FRED, &rows), 1);
	assert_true(id_equal(rows[0].id, row.id));
	assert_int_equal(rows[0].kind, KEY_CERTIFICATE);
	assert_int_equal(rows[0].standing, KEY_FOUND);
	assert_int_equal(rows[0].source, 3);
	assert_slice(rows[0].address, SLICE("sealed address"));
	assert_slice(rows[0].material, SLICE("sealed key"));
	assert_slice(rows[0].evidence, SLICE("sealed evidence"));
	assert_int_equal(rows[0].capabilities, 1);
	assert_true(rows[0].vouched);
	assert_null(rows[0].reason);
	assert_int_equal(rows[0].found_at, NOW);
	assert_int_equal(rows[0].expires_at, NOW + 1000);
	assert_int_equal(keys_of(CAROL, &rows), 0);

	row.seen_at = NOW + 5;
	row.material = SLICE("longer lived");
	row.capabilities = 0;
	row.vouched = false;
	row.standing = KEY_REVIEW;
	row.reason = "expired";
	assert_ok(key_put(given.courier, &row));
	assert_int_equal(keys_of(FRED, &rows), 1);
	assert_slice(rows[0].material, SLICE("longer lived"));
	assert_int_equal(rows[0].found_at, NOW);
	assert_int_equal(rows[0].seen_at, NOW + 5);
	assert_int_equal(rows[0].capabilities, 1);
	assert_false(rows[0].vouched);
	assert_int_equal(rows[0].standing, KEY_REVIEW);
	assert_string_equal(rows[0].reason, "expired");

	/* What another source cannot show takes nothing from what this one could. */
	row.standing = KEY_FOUND;
	assert_ok(key_put(given.courier, &row));
	row.standing = KEY_REVIEW;
	row.source = 4;
	assert_int_equal(key_put(given.courier, &row), STATUS_CONFLICT);
	keys_of(FRED, &rows);
	assert_int_equal(rows[0].standing, KEY_FOUND);
	assert_int_equal(rows[0].source, 3);

	row.id = id_new();
	assert_int_equal(key_put(given.courier, &row), STATUS_CONFLICT);
	assert_ok(key_find(given.courier, FRED, PRINT_A, given.arena, &id));
	assert_true(id_equal(id, rows[0].id));
	assert_int_equal(key_find(given.courier, FRED, PRINT_B, given.arena, &id),
			 STATUS_NOT_FOUND);
}

static void
what_the_administrator_decided_stays(void **state)
{
	struct key_row row = key_row_of(FRED, PRINT_A), other = key_row_of(FRED, PRINT_B), *rows;
	struct key_row carols = key_row_of(CAROL, PRINT_A);
	struct store *owner = open_owner();

	(void)state;
	assert_ok(key_put(given.courier, &row));
	other.seen_at = NOW + 9;
	assert_ok(key_put(given.courier, &other));
	assert_int_equal(keys_of(FRED, &rows), 2);
	assert_true(id_equal(rows[0].id, other.id));
	assert_ok(key_set_standing(owner, &row.id, KEY_ACCEPTED, NULL));
	row.standing = KEY_REVIEW;
	assert_ok(key_put(given.courier, &row));
	keys_of(FRED, &rows);
	assert_true(id_equal(rows[0].id, row.id));
	assert_int_equal(rows[0].standing, KEY_ACCEPTED);

	assert_ok(key_ban(owner, &row.id));
	row.standing = KEY_FOUND;
	assert_ok(key_put(given.courier, &row));
	/* For every address that it is found for, now and later. */
	assert_ok(key_put(given.courier, &carols));
	assert_int_equal(keys_of(CAROL, &rows), 1);
	assert_int_equal(rows[0].standing, KEY_BANNED);
	assert_ok(key_read(owner, &row.id, given.arena, &row));
	assert_int_equal(row.standing, KEY_BANNED);
	assert_ok(key_delete(owner, &row.id));
	assert_int_equal(key_read(owner, &row.id, given.arena, &row), STATUS_NOT_FOUND);
	assert_int_equal(key_delete(owner, &row.id), STATUS_NOT_FOUND);
	assert_int_equal(key_ban(owner, &row.id), STATUS_NOT_FOUND);
	store_close(owner);
}

static void
what_its_maker_revoked_stays_revoked(void **state)
{
	struct key_row row = key_row_of(FRED, PRINT_A), carols = key_row_of(CAROL, PRINT_A), *rows;
	const struct key_sweep sweep = {KEY_REVIEW, 1, 20, NOW + 50};
	struct store *owner = open_owner();

	(void)state;
	row.kind = carols.kind = KEY_OPENPGP;
	assert_ok(key_put(given.courier, &row));
	assert_ok(key_put(given.courier, &carols));
	assert_ok(key_set_standing(owner, &carols.id, KEY_ACCEPTED, NULL));

	assert_ok(key_withdraw(given.courier, PRINT_A));
	assert_int_equal(keys_of(FRED, &rows), 1);
	assert_int_equal(rows[0].standing, KEY_REVIEW);
	assert_string_equal(rows[0].reason, "revoked");
	assert_int_equal(keys_of(CAROL, &rows), 1);
	assert_int_equal(rows[0].standing, KEY_REVIEW);

	/* Whoever has not heard of it. */
	assert_int_equal(key_put(given.courier, &row), STATUS_CONFLICT);
	row.standing = KEY_ACCEPTED;
	assert_int_equal(key_put(given.courier, &row), STATUS_CONFLICT);
	row.standing = KEY_FOUND;
	row.source = 10;
	row.seen_at = NOW + 5;
	assert_int_equal(key_put_brought(given.courier, &row, 3, NOW + 5), STATUS_CONFLICT);
	row.standing = KEY_REVIEW;
	row.reason = "revoked";
	assert_ok(key_put(given.courier, &row));
	assert_ok(key_sweep(given.courier, &sweep, 10));
	assert_int_equal(keys_of(FRED, &rows), 1);

	/* A ban stays one, and of certificates other lists tell. */
	assert_ok(key_ban(owner, &row.id));
	assert_ok(key_withdraw(given.courier, PRINT_A));
	keys_of(FRED, &rows);
	assert_int_equal(rows[0].standing, KEY_BANNED);
	row = key_row_of(FRED, PRINT_B);
	assert_ok(key_put(given.courier, &row));
	assert_ok(key_withdraw(given.courier, PRINT_B));
	assert_ok(key_read(owner, &row.id, given.arena, &row));
	assert_int_equal(row.standing, KEY_FOUND);
	store_close(owner);
}

static void
the_portal_decides_nothing(void **state)
{
	struct key_row row = key_row_of(FRED, PRINT_A);

	(void)state;
	assert_int_equal(key_put(given.portal, &row), STATUS_INTERNAL);
	assert_ok(key_put(given.courier, &row));
	assert_int_equal(key_set_standing(given.portal, &row.id, KEY_ACCEPTED, NULL),
			 STATUS_INTERNAL);
	assert_int_equal(key_delete(given.portal, &row.id), STATUS_INTERNAL);
}

static void
keys_are_listed_in_order_and_swept(void **state)
{
	struct key_row first = key_row_of(FRED, PRINT_A), second = key_row_of(CAROL, PRINT_B);
	/* All but the last spare it: for its standing, its source, its age. */
	static const struct key_sweep sweeps[] = {
	    {KEY_REVIEW, 3, 3, NOW + 50}, {KEY_FOUND, 1, 2, NOW + 50},
	    {KEY_FOUND, 4, 20, NOW + 50}, {KEY_ACCEPTED, 3, 3, NOW + 50},
	    {KEY_FOUND, 1, 3, NOW + 50},
	};
	struct id none = {0};
	struct key_row *rows;
	size_t count;

	(void)state;
	second.seen_at = NOW + 100;
	second.standing = KEY_REVIEW;
	second.reason = "wrong-address";
	assert_ok(key_put(given.courier, &first));
	assert_ok(key_put(given.courier, &second));
	assert_ok(key_list(given.courier, false, 0, &none, 10, given.arena, &rows, &count));
	assert_int_equal(count, 2);
	assert_true(id_equal(rows[0].id, first.id));
	assert_ok(key_list(given.courier, false, NOW, &first.id, 10, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(rows[0].id, second.id));
	assert_ok(key_list(given.courier, true, 0, &none, 10, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].reason, "wrong-address");
	assert_ok(key_by_print(given.courier, PRINT_A, 10, given.arena, &rows, &count));
	assert_int_equal(count, 1);
	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		assert_ok(key_sweep(given.courier, &sweeps[i], 10));
		assert_ok(key_list(given.courier, false, 0, &none, 10, given.arena, &rows, &count));
		assert_int_equal(count, i < 4 ? 2 : 1);
	}
	assert_true(id_equal(rows[0].id, second.id));
}

#define BROUGHT 11 /* sources from here on are anybody's */

static struct key_row
brought_row_of(struct slice address, struct slice print, int64_t seen_at)
{
	struct key_row row = key_row_of(address, print);

	row.source = BROUGHT;
	row.seen_at = seen_at;
	row.vouched = false;
	row.material = SLICE("brought key");
	return row;
}

/* What stands there for an address when there is one key only. */
static struct key_row
only_key_of(struct slice address)
{
	struct key_row *rows;

	assert_int_equal(keys_of(address, &rows), 1);
	return rows[0];
}

static void
what_is_brought_takes_the_place_of_nothing_better(void **state)
{
	static const struct {
		const char *claim;
		enum key_standing standing; /* of what is there */
		int source;
		int64_t seen_at;
		bool searched; /* later, without finding it */
		enum key_standing brought;
		bool taken;
	} rows[] = {
	    {"brought before", KEY_FOUND, BROUGHT, NOW - 1, false, KEY_FOUND, true},
	    {"brought before, and believed now", KEY_REVIEW, 13, NOW - 1, false, KEY_FOUND, true},
	    {"in review again", KEY_REVIEW, BROUGHT, NOW - 1, false, KEY_REVIEW, true},
	    {"believed before", KEY_FOUND, BROUGHT, NOW - 1, false, KEY_REVIEW, false},
	    {"seen later", KEY_FOUND, BROUGHT, NOW + 1, false, KEY_FOUND, false},
	    {"imported", KEY_FOUND, 10, NOW - 1, false, KEY_FOUND, false},
	    {"imported, in review", KEY_REVIEW, 10, NOW - 1, false, KEY_FOUND, false},
	    {"given by a source", KEY_FOUND, 3, NOW - 1, false, KEY_FOUND, false},
	    {"given no more", KEY_FOUND, 3, NOW - 9, true, KEY_FOUND, true},
	    {"given no more, not believed", KEY_FOUND, 3, NOW - 9, true, KEY_REVIEW, false},
	    {"accepted", KEY_ACCEPTED, BROUGHT, NOW - 1, false, KEY_FOUND, false},
	    {"banned", KEY_BANNED, BROUGHT, NOW - 1, false, KEY_FOUND, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key_row there = key_row_of(FRED, PRINT_A), now;
		struct key_row row = brought_row_of(FRED, PRINT_A, NOW);
		struct key_search_row search = {.address_index = FRED,
						.address = SLICE("sealed"),
						.answered_at = NOW - 5,
						.until = NOW + 10};
		enum status status;

		given_no_keys(NULL);
		there.standing = rows[i].standing;
		there.source = rows[i].source;
		there.seen_at = rows[i].seen_at;
		assert_ok(key_put(given.courier, &there));
		if (rows[i].searched)
			assert_ok(key_search_answer(given.courier, &search));
		row.id = there.id;
		row.standing = rows[i].brought;
		status = key_put_brought(given.courier, &row, BROUGHT, NOW);
		now = only_key_of(FRED);
		if (status != (rows[i].taken ? STATUS_OK : STATUS_CONFLICT) ||
		    slice_equal(now.material, SLICE("brought key")) != rows[i].taken ||
		    now.standing != (rows[i].taken ? rows[i].brought : rows[i].standing))
			fail_msg("%s: %s", rows[i].claim, status_text(status));
	}
	/* What is banned is banned for others too. */
	struct key_row carols = brought_row_of(CAROL, PRINT_A, NOW - 100);
	assert_ok(key_put_brought(given.courier, &carols, BROUGHT, NOW));
	carols = only_key_of(CAROL);
	assert_int_equal(carols.standing, KEY_BANNED);
	assert_int_equal(carols.found_at, NOW);
	assert_int_equal(carols.seen_at, NOW - 100);
}

static void
what_an_owner_signed_last_counts(void **state)
{
	struct key_row row = key_row_of(FRED, PRINT_A);

	(void)state;
	assert_ok(key_put(given.courier, &row));
	assert_ok(key_set_told(given.courier, &row.id, 6, NOW));
	assert_int_equal(only_key_of(FRED).capabilities, 6);
	assert_ok(key_set_told(given.courier, &row.id, 7, NOW - 1));
	assert_int_equal(only_key_of(FRED).capabilities, 6);
	/* A certificate is found again: it says what its owner has said otherwise since. */
	row.capabilities = 3;
	assert_ok(key_put(given.courier, &row));
	assert_int_equal(only_key_of(FRED).capabilities, 6);
	assert_ok(key_set_told(given.courier, &row.id, 4, NOW + 1));
	assert_int_equal(only_key_of(FRED).capabilities, 4);
	assert_int_equal(only_key_of(FRED).material.size, SLICE("sealed key").size);
}

static void
of_what_is_brought_the_last_few_stay(void **state)
{
	static const enum key_standing standings[] = {KEY_FOUND, KEY_REVIEW, KEY_ACCEPTED};
	struct key_row imported = key_row_of(FRED, SLICE("imported")), *rows;
	size_t count;

	(void)state;
	imported.source = BROUGHT - 1;
	imported.seen_at = NOW - 1000;
	assert_ok(key_put(given.courier, &imported));
	for (int i = 0; i < 12; i++) {
		struct key_row row = brought_row_of(
		    FRED, slice_from_text(arena_printf(given.arena, "print %d", i)), NOW + i);

		row.standing = standings[i % 3];
		assert_ok(key_put_brought(given.courier, &row, BROUGHT, NOW));
		row.address_index = CAROL;
		row.id = id_new();
		assert_ok(key_put_brought(given.courier, &row, BROUGHT, NOW));
	}
	assert_ok(key_trim(given.courier, FRED, BROUGHT, 2));
	assert_ok(key_of_address(given.courier, FRED, 20, given.arena, &rows, &count));
	/* All that were accepted, two others of each standing, and what came from elsewhere; what
	 * is used stands before what is not. */
	assert_int_equal(count, 4 + 2 + 2 + 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows[i].standing, i < 4   ? KEY_ACCEPTED
						   : i < 7 ? KEY_FOUND
							   : KEY_REVIEW);
	assert_int_equal(rows[4].seen_at, NOW + 9);
	assert_int_equal(rows[5].seen_at, NOW + 6);
	assert_int_equal(rows[7].seen_at, NOW + 10);
	assert_ok(key_of_address(given.courier, CAROL, 20, given.arena, &rows, &count));
	assert_int_equal(count, 12);
	/* The newest of all addresses' stay in review: two were found at the same time. */
	assert_ok(key_sweep_review(given.courier, BROUGHT, 3, 100));
	assert_ok(key_of_address(given.courier, CAROL, 20, given.arena, &rows, &count));
	assert_int_equal(keys_of(FRED, &rows) + count, 9 + 12 - 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_key_is_put_once_and_seen_again),
	    TEST(what_the_administrator_decided_stays),
	    TEST(what_its_maker_revoked_stays_revoked),
	    TEST(the_portal_decides_nothing),
	    TEST(keys_are_listed_in_order_and_swept),
	    TEST(what_is_brought_takes_the_place_of_nothing_better),
	    TEST(what_an_owner_signed_last_counts),
	    TEST(of_what_is_brought_the_last_few_stay),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
