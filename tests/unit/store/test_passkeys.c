/* Rows of passkeys and of what their devices are to sign. */
#include "store/account.h"
#include "store/passkey.h"
#include "tests/unit/store/given.h"

#define OWNER SLICE("owner")
#define HOLDER SLICE("0123456789abcdef0123456789abcdef")
#define FIRST SLICE("a challenge of 32 bytes, first..")
#define SECOND SLICE("a challenge of 32 bytes, second.")

static struct id
insert(struct slice owner, int64_t counter)
{
	struct passkey_row row = {
	    .id = id_new(),
	    .name = SLICE("name"),
	    .credential = SLICE("credential"),
	    .public_key = SLICE("key"),
	    .algorithm = -257,
	    .counter = (uint32_t)counter,
	    .created_at = NOW,
	};

	assert_int_equal(passkey_insert(given.portal, owner, &row), STATUS_OK);
	return row.id;
}

static struct passkey_row
only_one(struct slice owner)
{
	struct passkey_row *rows;
	size_t count;

	assert_int_equal(passkey_list(given.portal, owner, given.arena, &rows, &count), STATUS_OK);
	assert_int_equal(count, 1);
	return rows[0];
}

static void
passkeys_are_kept_by_owner(void **state)
{
	struct id id = insert(OWNER, 4294967295);
	struct id other = insert(SLICE("other"), 0);
	struct passkey_row row = only_one(OWNER);

	(void)state;
	assert_true(id_equal(row.id, id));
	assert_slice(row.name, SLICE("name"));
	assert_slice(row.credential, SLICE("credential"));
	assert_slice(row.public_key, SLICE("key"));
	assert_int_equal(row.algorithm, -257);
	assert_int_equal(row.counter, 4294967295);
	assert_int_equal(row.created_at, NOW);
	assert_int_equal(row.used_at, 0);
	/* Who knows an id only takes nothing away. */
	assert_int_equal(passkey_delete(given.portal, &other, OWNER), STATUS_NOT_FOUND);
	assert_int_equal(passkey_delete(given.portal, &id, OWNER), STATUS_OK);
	assert_int_equal(passkey_delete(given.portal, &id, OWNER), STATUS_NOT_FOUND);
	assert_true(id_equal(only_one(SLICE("other")).id, other));
}

static void
counters_grow_or_stay_nothing(void **state)
{
	static const struct {
		int64_t kept;
		uint32_t shown;
		enum status status;
	} rows[] = {
	    {0, 0, STATUS_OK},		{0, 1, STATUS_OK},	 {7, 8, STATUS_OK},
	    {7, 4294967295, STATUS_OK}, {7, 7, STATUS_CONFLICT}, {7, 6, STATUS_CONFLICT},
	    {7, 0, STATUS_CONFLICT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice owner = SLICE("counting");
		struct id id = insert(owner, rows[i].kept);
		bool taken = rows[i].status == STATUS_OK;

		assert_int_equal(passkey_use(given.portal, &id, rows[i].shown, NOW + 1),
				 rows[i].status);
		assert_int_equal(only_one(owner).counter, taken ? rows[i].shown : rows[i].kept);
		assert_int_equal(only_one(owner).used_at, taken ? NOW + 1 : 0);
		assert_int_equal(passkey_delete(given.portal, &id, owner), STATUS_OK);
	}
}

static enum status
offer(struct slice fresh, int64_t now, struct slice *challenge)
{
	return passkey_challenge_offer(given.portal, HOLDER, fresh, now, now - 180, given.arena,
				       challenge);
}

static enum status
take(int64_t now, struct slice *challenge)
{
	return passkey_challenge_take(given.portal, HOLDER, now - 300, given.arena, challenge);
}

static void
challenges_are_good_for_once_and_not_for_long(void **state)
{
	struct slice challenge;

	(void)state;
	assert_int_equal(take(NOW, &challenge), STATUS_NOT_FOUND);
	assert_int_equal(offer(FIRST, NOW, &challenge), STATUS_OK);
	assert_slice(challenge, FIRST);
	/* Another look is the same one, until little of its time is left. */
	assert_int_equal(offer(SECOND, NOW + 179, &challenge), STATUS_OK);
	assert_slice(challenge, FIRST);
	assert_int_equal(offer(SECOND, NOW + 180, &challenge), STATUS_OK);
	assert_slice(challenge, SECOND);
	assert_int_equal(take(NOW + 479, &challenge), STATUS_OK);
	assert_slice(challenge, SECOND);
	assert_int_equal(take(NOW + 479, &challenge), STATUS_NOT_FOUND);
	/* Too late, and gone all the same. */
	assert_int_equal(offer(FIRST, NOW, &challenge), STATUS_OK);
	assert_int_equal(take(NOW + 300, &challenge), STATUS_NOT_FOUND);
	assert_int_equal(take(NOW, &challenge), STATUS_NOT_FOUND);
}

static void
the_courier_clears_challenges_away(void **state)
{
	struct slice challenge;

	(void)state;
	assert_int_equal(offer(FIRST, NOW, &challenge), STATUS_OK);
	assert_int_equal(passkey_challenge_sweep(given.courier, NOW), STATUS_OK);
	assert_int_equal(take(NOW, &challenge), STATUS_OK);
	assert_int_equal(offer(FIRST, NOW, &challenge), STATUS_OK);
	assert_int_equal(passkey_challenge_sweep(given.courier, NOW + 1), STATUS_OK);
	assert_int_equal(take(NOW, &challenge), STATUS_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passkeys_are_kept_by_owner),
	    cmocka_unit_test(counters_grow_or_stay_nothing),
	    cmocka_unit_test(challenges_are_good_for_once_and_not_for_long),
	    cmocka_unit_test(the_courier_clears_challenges_away),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
