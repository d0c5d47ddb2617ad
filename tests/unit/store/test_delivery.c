/* store/delivery: states and who may leave them. */
#include "tests/unit/store/given.h"

enum change {
	CHANGE_SECURING,
	CHANGE_READY,
	CHANGE_OPENED,
	CHANGE_WRONG,
	CHANGE_SUSPENDED,
	CHANGE_RELINKED,
	CHANGE_REPLIED,
	CHANGE_RELAYED_SENT,
	CHANGE_RELAYED_LATER,
	CHANGE_EXPIRED,
	CHANGE_FAILED,
	CHANGE_CLEARED,
};

static enum status
change_state(enum change change, const struct id *id)
{
	struct id lock;
	bool first;

	switch (change) {
	case CHANGE_SECURING:
		lock = given_lock();
		return delivery_set_securing(
		    given.portal, id, &lock,
		    &(struct delivery_wishes){14, WISH_OPENED | WISH_FILES, 3, false, "de",
					      FACTOR_PHONE, SLICE("phone"), MAILBOX_WISH_NEVER,
					      PDF_NONE, (struct slice){NULL, 0}});
	case CHANGE_READY:
		return delivery_set_ready(given.courier, id, SLICE("outer"), SLICE("rescue"),
					  NOW + 1, NOW + 2, NOW + 3);
	case CHANGE_OPENED:
		return delivery_set_opened(given.portal, id, NOW + 3, &first);
	case CHANGE_WRONG:
		return delivery_set_wrong(given.portal, id, NOW + 9, false, NOW);
	case CHANGE_SUSPENDED:
		return delivery_set_wrong(given.portal, id, NOW + 9, true, NOW + 4);
	case CHANGE_RELINKED:
		return delivery_set_relinked(given.courier, id, 2, SLICE("new outer"));
	case CHANGE_REPLIED:
		return delivery_set_replied(given.courier, id, NOW + 5);
	case CHANGE_RELAYED_SENT:
		return delivery_set_relayed(given.courier, id, DELIVERY_SENT,
					    &(struct delivery_answer){.status = "2.0.0",
								      .reply = SLICE("reply"),
								      .at = NOW + 6});
	case CHANGE_RELAYED_LATER:
		return delivery_set_relayed(given.courier, id, DELIVERY_QUEUED,
					    &(struct delivery_answer){.status = "4.0.0",
								      .reply = SLICE("later"),
								      .at = NOW + 6});
	case CHANGE_EXPIRED:
		return delivery_close(given.courier, id, DELIVERY_EXPIRED, CLOSED_BY_TIME, NOW + 7);
	case CHANGE_FAILED:
		return delivery_close(given.courier, id, DELIVERY_FAILED, CLOSED_BY_TIME, NOW + 7);
	case CHANGE_CLEARED:
		return delivery_set_cleared(given.courier, id);
	}
	return STATUS_INTERNAL;
}

#define IN(state) (1u << (state))
#define OPEN_STATES                                                                                \
	(IN(DELIVERY_HELD) | IN(DELIVERY_SECURING) | IN(DELIVERY_READY) | IN(DELIVERY_OPENED))
#define SHOWN_STATES (IN(DELIVERY_READY) | IN(DELIVERY_OPENED))
#define LAST_STATES                                                                                \
	(IN(DELIVERY_SENT) | IN(DELIVERY_FAILED) | IN(DELIVERY_EXPIRED) | IN(DELIVERY_RECALLED) |  \
	 IN(DELIVERY_DESTROYED))

/* `to` 0: the state stays. */
static const struct {
	enum change change;
	unsigned from;
	enum delivery_state to;
} changes[] = {
    {CHANGE_SECURING, IN(DELIVERY_HELD), DELIVERY_SECURING},
    {CHANGE_READY, IN(DELIVERY_SECURING), DELIVERY_READY},
    {CHANGE_OPENED, SHOWN_STATES, DELIVERY_OPENED},
    {CHANGE_WRONG, SHOWN_STATES, 0},
    {CHANGE_SUSPENDED, SHOWN_STATES, 0},
    {CHANGE_RELINKED, SHOWN_STATES, 0},
    {CHANGE_REPLIED, SHOWN_STATES, 0},
    {CHANGE_RELAYED_SENT, IN(DELIVERY_QUEUED), DELIVERY_SENT},
    {CHANGE_RELAYED_LATER, IN(DELIVERY_QUEUED), 0},
    {CHANGE_EXPIRED, OPEN_STATES, DELIVERY_EXPIRED},
    {CHANGE_FAILED, OPEN_STATES, DELIVERY_FAILED},
    {CHANGE_CLEARED, LAST_STATES, 0},
};

static void
each_change_works_from_its_states_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		for (enum delivery_state from = DELIVERY_QUEUED; from <= DELIVERY_DESTROYED;
		     from++) {
			bool allowed = changes[i].from & IN(from);
			enum delivery_state to = allowed && changes[i].to ? changes[i].to : from;
			struct id id = given_delivery(from);

			assert_int_equal(change_state(changes[i].change, &id),
					 allowed ? STATUS_OK : STATUS_CONFLICT);
			assert_int_equal(delivery_now(&id).state, to);
		}
	}
}

static void
reads_back_what_was_inserted(void **state)
{
	struct delivery_row row = given_delivery_row(DELIVERY_READY);
	struct delivery_row found;

	(void)state;
	row.outer_wrap = SLICE("outer");
	row.rescue_wrap = SLICE("rescue");
	row.sender_wrap = SLICE("sender");
	row.has_lock = true;
	row.lock_id = given_lock();
	row.lifetime_days = 7;
	row.wishes = WISH_OPENED | WISH_ACCEPTED;
	row.remind_days = 5;
	row.remind_at = NOW + 9;
	row.by_template = true;
	row.has_link_letter = true;
	row.link_letter = id_new();
	row.secured_at = NOW - 1;
	assert_ok(delivery_insert(given.courier, &row));
	assert_ok(delivery_read(given.portal, &row.id, false, given.arena, &found));
	assert_true(id_equal(found.id, row.id));
	assert_true(id_equal(found.message_id, row.message_id));
	assert_int_equal(found.route, ROUTE_PORTAL);
	assert_string_equal(found.reason, "mark:subject");
	assert_slice(found.recipient, row.recipient);
	assert_slice(found.recipient_index, row.recipient_index);
	assert_slice(found.sender_index, row.sender_index);
	assert_slice(found.temporary_public, row.temporary_public);
	assert_slice(found.gateway_wrap, row.gateway_wrap);
	assert_slice(found.outer_wrap, row.outer_wrap);
	assert_slice(found.rescue_wrap, row.rescue_wrap);
	assert_slice(found.sender_wrap, row.sender_wrap);
	assert_slice(found.message_key_wrap, row.message_key_wrap);
	assert_true(found.has_lock);
	assert_true(id_equal(found.lock_id, row.lock_id));
	assert_int_equal(found.link_generation, 1);
	assert_int_equal(found.lifetime_days, 7);
	assert_int_equal(found.wishes, WISH_OPENED | WISH_ACCEPTED);
	assert_int_equal(found.remind_days, 5);
	assert_int_equal(found.remind_at, NOW + 9);
	assert_true(found.by_template);
	assert_true(id_equal(found.link_letter, row.link_letter));
	assert_int_equal(found.created_at, NOW);
	assert_int_equal(found.secured_at, NOW - 1);
	assert_int_equal(found.opened_at, 0);
	assert_int_equal(found.expires_at, NOW + 1000);
	assert_null(found.relay_status);
	assert_false(found.cleared);
}

static void
deliveries_of_a_message_come_in_order(void **state)
{
	struct delivery_row first = given_delivery_row(DELIVERY_HELD);
	struct delivery_row second = first;
	struct delivery_row *rows;
	struct id unknown = id_new();
	size_t count;

	(void)state;
	second.id = id_new();
	assert_ok(delivery_insert(given.courier, &second));
	assert_ok(delivery_insert(given.courier, &first));
	given_delivery(DELIVERY_HELD);
	assert_ok(delivery_of_message(given.portal, &first.message_id, given.arena, &rows, &count));
	assert_int_equal(count, 2);
	assert_true(id_equal(rows[0].id, first.id));
	assert_true(id_equal(rows[1].id, second.id));
	assert_ok(delivery_of_message(given.portal, &unknown, given.arena, &rows, &count));
	assert_int_equal(count, 0);
	assert_int_equal(delivery_read(given.portal, &unknown, true, given.arena, &first),
			 STATUS_NOT_FOUND);
}

static void
securing_notes_lock_and_wishes_and_ready_changes_the_wraps(void **state)
{
	struct id id = given_delivery(DELIVERY_HELD);
	struct delivery_row row;

	(void)state;
	assert_ok(change_state(CHANGE_SECURING, &id));
	row = delivery_now(&id);
	assert_true(row.has_lock);
	assert_int_equal(row.lifetime_days, 14);
	assert_int_equal(row.wishes, WISH_OPENED | WISH_FILES);
	assert_int_equal(row.remind_days, 3);
	assert_ok(change_state(CHANGE_READY, &id));
	row = delivery_now(&id);
	assert_int_equal(row.gateway_wrap.size, 0);
	assert_int_equal(row.sender_wrap.size, 0);
	assert_slice(row.outer_wrap, SLICE("outer"));
	assert_slice(row.rescue_wrap, SLICE("rescue"));
	assert_int_equal(row.secured_at, NOW + 1);
	assert_int_equal(row.expires_at, NOW + 2);
}

static void
only_the_first_opening_is_the_first(void **state)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct delivery_row row;
	bool first;

	(void)state;
	assert_ok(delivery_set_wrong(given.portal, &id, NOW + 9, false, NOW));
	assert_ok(delivery_set_wrong(given.portal, &id, NOW + 19, false, NOW));
	row = delivery_now(&id);
	assert_int_equal(row.wrong_tries, 2);
	assert_int_equal(row.retry_at, NOW + 19);
	assert_int_equal(row.suspended_at, 0);
	assert_ok(delivery_set_opened(given.portal, &id, NOW + 20, &first));
	assert_true(first);
	row = delivery_now(&id);
	assert_int_equal(row.opened_at, NOW + 20);
	assert_int_equal(row.wrong_tries, 0);
	assert_int_equal(row.retry_at, 0);
	assert_ok(delivery_set_wrong(given.portal, &id, NOW + 29, false, NOW));
	assert_ok(delivery_set_opened(given.portal, &id, NOW + 30, &first));
	assert_false(first);
	row = delivery_now(&id);
	assert_int_equal(row.opened_at, NOW + 20);
	assert_int_equal(row.wrong_tries, 0);
}

static void
suspension_is_lifted_by_the_next_link(void **state)
{
	struct id id = given_delivery(DELIVERY_READY);
	struct delivery_row row;

	(void)state;
	assert_ok(delivery_set_wrong(given.portal, &id, NOW + 9, true, NOW + 4));
	assert_ok(delivery_set_wrong(given.portal, &id, NOW + 9, true, NOW + 8));
	row = delivery_now(&id);
	assert_int_equal(row.suspended_at, NOW + 4);
	assert_int_equal(delivery_set_relinked(given.courier, &id, 3, SLICE("new outer")),
			 STATUS_CONFLICT);
	assert_ok(delivery_set_relinked(given.courier, &id, 2, SLICE("new outer")));
	assert_int_equal(delivery_set_relinked(given.courier, &id, 2, SLICE("newer")),
			 STATUS_CONFLICT);
	row = delivery_now(&id);
	assert_int_equal(row.link_generation, 2);
	assert_slice(row.outer_wrap, SLICE("new outer"));
	assert_int_equal(row.suspended_at, 0);
	assert_int_equal(row.wrong_tries, 0);
	assert_int_equal(row.retry_at, 0);
}

static void
relayed_notes_what_the_relay_said(void **state)
{
	struct id id = given_delivery(DELIVERY_QUEUED);
	struct delivery_row row;

	(void)state;
	assert_ok(change_state(CHANGE_RELAYED_LATER, &id));
	row = delivery_now(&id);
	assert_string_equal(row.relay_status, "4.0.0");
	assert_slice(row.relay_reply, SLICE("later"));
	assert_int_equal(row.closed_at, 0);
	assert_ok(change_state(CHANGE_RELAYED_SENT, &id));
	row = delivery_now(&id);
	assert_string_equal(row.relay_status, "2.0.0");
	assert_int_equal(row.closed_at, NOW + 6);
	assert_int_equal(
	    delivery_set_relayed(given.courier, &id, DELIVERY_READY,
				 &(struct delivery_answer){.status = "2.0.0", .at = NOW}),
	    STATUS_INTERNAL);
}

static void
closing_takes_every_wrap(void **state)
{
	struct id id = given_delivery(DELIVERY_SECURING);
	struct id held = given_delivery(DELIVERY_HELD);
	struct delivery_row row;

	(void)state;
	assert_ok(delivery_close(given.courier, &held, DELIVERY_EXPIRED, CLOSED_BY_TIME, NOW + 7));
	assert_ok(change_state(CHANGE_READY, &id));
	assert_ok(delivery_set_replied(given.courier, &id, NOW + 5));
	assert_ok(delivery_set_replied(given.courier, &id, NOW + 50));
	assert_ok(delivery_close(given.portal, &id, DELIVERY_RECALLED, CLOSED_BY_SENDER, NOW + 7));
	row = delivery_now(&id);
	assert_int_equal(row.state, DELIVERY_RECALLED);
	assert_int_equal(row.closed_at, NOW + 7);
	assert_int_equal(row.replied_at, NOW + 5);
	assert_int_equal(row.gateway_wrap.size + row.outer_wrap.size + row.rescue_wrap.size +
			     row.message_key_wrap.size,
			 0);
	assert_int_equal(cluster_number(&given.cluster,
					"select count(*) from delivery where outer_wrap is null "
					"and rescue_wrap is null and gateway_wrap is null "
					"and sender_wrap is null and message_key_wrap is null"),
			 2);
	assert_int_equal(delivery_close(given.courier, &id, DELIVERY_READY, CLOSED_BY_TIME, NOW),
			 STATUS_INTERNAL);
}

static size_t
claim(enum delivery_work work, int64_t now, int64_t until, size_t most, struct id **ids)
{
	size_t count = 99;

	assert_ok(delivery_claim(given.courier, work, now, until, most, given.arena, ids, &count));
	return count;
}

static void
each_work_is_claimed_once_and_again_after_its_lease(void **state)
{
	struct id securing = given_delivery(DELIVERY_SECURING);
	struct id suspended = given_delivery(DELIVERY_READY);
	struct id closed = given_delivery(DELIVERY_OPENED);
	struct id held = given_delivery(DELIVERY_HELD);
	const struct {
		enum delivery_work work;
		struct id *id;
		int64_t now;
	} works[] = {
	    {DELIVERY_TO_SECURE, &securing, NOW},
	    {DELIVERY_TO_RELINK, &suspended, NOW},
	    {DELIVERY_TO_CLEAR, &closed, NOW},
	    {DELIVERY_TO_EXPIRE, &held, NOW + 500},
	};
	struct id *ids;

	(void)state;
	assert_ok(delivery_set_wrong(given.portal, &suspended, NOW, true, NOW));
	assert_ok(
	    delivery_close(given.portal, &closed, DELIVERY_DESTROYED, CLOSED_BY_RECIPIENT, NOW));
	cluster_number(&given.cluster,
		       "update delivery set expires_at = 1700000500 where state = 2");
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		int64_t now = works[i].now;

		assert_int_equal(claim(works[i].work, now, now + 60, 9, &ids), 1);
		assert_true(id_equal(ids[0], *works[i].id));
		assert_int_equal(claim(works[i].work, now + 59, now + 99, 9, &ids), 0);
		assert_int_equal(claim(works[i].work, now + 60, now + 99, 9, &ids), 1);
	}
	assert_ok(delivery_set_cleared(given.courier, &closed));
	assert_int_equal(claim(DELIVERY_TO_CLEAR, NOW + 200, NOW + 260, 9, &ids), 0);
}

static void
a_change_of_state_ends_the_lease_of_older_work(void **state)
{
	struct id id = given_delivery(DELIVERY_HELD);
	struct id *ids;

	(void)state;
	assert_int_equal(claim(DELIVERY_TO_EXPIRE, NOW + 1000, NOW + 2000, 9, &ids), 1);
	assert_ok(change_state(CHANGE_SECURING, &id));
	assert_int_equal(claim(DELIVERY_TO_SECURE, NOW + 1001, NOW + 2000, 9, &ids), 1);
}

static void
claims_of_two_couriers_share_no_delivery(void **state)
{
	struct id *mine;
	struct id *theirs;
	size_t count;
	size_t rest;

	(void)state;
	for (int i = 0; i < 10; i++)
		given_delivery(DELIVERY_SECURING);
	assert_ok(store_begin(given.courier));
	count = claim(DELIVERY_TO_SECURE, NOW, NOW + 60, 4, &mine);
	assert_ok(delivery_claim(given.rival, DELIVERY_TO_SECURE, NOW, NOW + 60, 9, given.arena,
				 &theirs, &rest));
	assert_ok(store_commit(given.courier));
	assert_int_equal(count, 4);
	assert_int_equal(rest, 6);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < rest; j++)
			assert_false(id_equal(mine[i], theirs[j]));
}

/* One that leaves by verified TLS, and has no wraps of its own. */
static struct delivery_row
given_verified(void)
{
	struct delivery_row row = given_delivery_row(DELIVERY_QUEUED);

	row.route = ROUTE_TLS;
	row.temporary_public = row.gateway_wrap = row.sender_wrap = row.message_key_wrap =
	    (struct slice){NULL, 0};
	row.expires_at = 0;
	row.evidence = SLICE("dane");
	assert_ok(delivery_insert(given.courier, &row));
	return row;
}

static void
what_falls_becomes_what_another_way_needs(void **state)
{
	struct delivery_row row = given_verified();
	struct delivery_row found;

	(void)state;
	assert_ok(change_state(CHANGE_RELAYED_LATER, &row.id));
	row.state = DELIVERY_HELD;
	row.route = ROUTE_PORTAL;
	row.reason = "address-mark";
	row.temporary_public = SLICE("temporary");
	row.gateway_wrap = SLICE("gateway");
	row.sender_wrap = SLICE("sender's link");
	row.message_key_wrap = SLICE("message key");
	row.has_link_letter = true;
	row.link_letter = id_new();
	row.expires_at = NOW + 5;
	row.remind_at = NOW + 4;
	row.wishes = WISH_OPENED;
	row.evidence = (struct slice){NULL, 0};
	assert_ok(delivery_set_fallen(given.courier, &row));
	found = delivery_now(&row.id);
	assert_int_equal(found.state, DELIVERY_HELD);
	assert_int_equal(found.route, ROUTE_PORTAL);
	assert_slice(found.temporary_public, row.temporary_public);
	assert_slice(found.gateway_wrap, row.gateway_wrap);
	assert_slice(found.sender_wrap, row.sender_wrap);
	assert_slice(found.message_key_wrap, row.message_key_wrap);
	assert_true(id_equal(found.link_letter, row.link_letter));
	assert_int_equal(found.expires_at, NOW + 5);
	assert_int_equal(found.remind_at, NOW + 4);
	assert_int_equal(found.wishes, WISH_OPENED);
	assert_int_equal(found.evidence.size, 0);
	/* What the server said is no answer about a notice. */
	assert_true(found.relay_status == NULL || *found.relay_status == '\0');
	assert_int_equal(found.relay_reply.size, 0);
	/* Once only. */
	assert_int_equal(delivery_set_fallen(given.courier, &row), STATUS_CONFLICT);
}

static void
nothing_falls_into_clear_or_after_it_was_handed_over(void **state)
{
	struct delivery_row clear = given_verified();
	struct delivery_row given_away = given_verified();
	struct delivery_row plain = given_delivery_row(DELIVERY_QUEUED);

	(void)state;
	clear.route = ROUTE_PLAIN;
	assert_int_equal(delivery_set_fallen(given.courier, &clear), STATUS_CONFLICT);
	assert_ok(delivery_set_handed_over(given.courier, &given_away.id));
	assert_true(delivery_now(&given_away.id).handed_over);
	given_away.route = ROUTE_PORTAL;
	assert_int_equal(delivery_set_fallen(given.courier, &given_away), STATUS_CONFLICT);
	assert_ok(delivery_insert(given.courier, &plain));
	plain.route = ROUTE_PORTAL;
	assert_int_equal(delivery_set_fallen(given.courier, &plain), STATUS_CONFLICT);
	/* The portal has no say in it. */
	clear.route = ROUTE_PORTAL;
	assert_int_not_equal(delivery_set_fallen(given.portal, &clear), STATUS_OK);
	assert_int_equal(delivery_now(&clear.id).route, ROUTE_TLS);
}

static void
evidence_changes_until_it_has_left(void **state)
{
	struct delivery_row row = given_verified();

	(void)state;
	assert_ok(delivery_set_evidence(given.courier, &row.id, SLICE("dane-ee")));
	assert_ok(change_state(CHANGE_RELAYED_SENT, &row.id));
	assert_slice(delivery_now(&row.id).evidence, SLICE("dane-ee"));
	assert_int_equal(delivery_set_evidence(given.courier, &row.id, SLICE("other")),
			 STATUS_CONFLICT);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_change_works_from_its_states_only),
	    TEST(reads_back_what_was_inserted),
	    TEST(deliveries_of_a_message_come_in_order),
	    TEST(securing_notes_lock_and_wishes_and_ready_changes_the_wraps),
	    TEST(only_the_first_opening_is_the_first),
	    TEST(suspension_is_lifted_by_the_next_link),
	    TEST(relayed_notes_what_the_relay_said),
	    TEST(closing_takes_every_wrap),
	    TEST(each_work_is_claimed_once_and_again_after_its_lease),
	    TEST(a_change_of_state_ends_the_lease_of_older_work),
	    TEST(claims_of_two_couriers_share_no_delivery),
	    TEST(what_falls_becomes_what_another_way_needs),
	    TEST(nothing_falls_into_clear_or_after_it_was_handed_over),
	    TEST(evidence_changes_until_it_has_left),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
