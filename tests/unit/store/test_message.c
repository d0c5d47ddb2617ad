/* store/message: the courier's way through messages. */
#include "tests/unit/store/given.h"

static const struct message_findings findings = {.manifest = SLICE("manifest"),
						 .sender = SLICE("sender"),
						 .sender_index = SLICE("index"),
						 .subject = SLICE("subject"),
						 .transfer = TRANSFER_BINARY,
						 .returns = 2,
						 .envelope_id = SLICE("envelope id")};
static const struct message_findings other = {.manifest = SLICE("other"),
					      .sender = SLICE("other"),
					      .sender_index = SLICE("other"),
					      .subject = SLICE("other")};

static void
reads_back_what_intake_wrote(void **state)
{
	struct id id = given_message();
	struct message_row row;

	(void)state;
	assert_ok(message_read(given.courier, &id, false, given.arena, &row));
	assert_true(id_equal(row.id, id));
	assert_int_equal(row.origin, MESSAGE_BY_SMTP);
	assert_int_equal(row.state, MESSAGE_RECEIVED);
	assert_int_equal(row.received_at, NOW);
	assert_int_equal(row.size, 5);
	assert_int_equal(row.chunk_count, 1);
	assert_slice(row.chunk, SLICE("sealed\0chunk"));
	assert_slice(row.gateway_wrap, SLICE("gateway"));
	assert_slice(row.envelope, SLICE("envelope"));
	assert_int_equal(row.manifest.size, 0);
	assert_false(row.has_parent);
	assert_int_equal(row.claims, 0);
}

static void
an_unknown_message_is_not_found(void **state)
{
	unsigned char bytes[8];
	struct id id = id_new();
	struct message_row row;
	size_t size;

	(void)state;
	assert_int_equal(message_read(given.courier, &id, false, given.arena, &row),
			 STATUS_NOT_FOUND);
	assert_int_equal(message_read(given.courier, &id, true, given.arena, &row),
			 STATUS_NOT_FOUND);
	assert_int_equal(message_chunk(given.courier, &id, 0, bytes, sizeof(bytes), &size),
			 STATUS_NOT_FOUND);
	assert_int_equal(message_destroy(given.courier, &id), STATUS_NOT_FOUND);
	assert_int_equal(message_drop_gateway_wrap(given.courier, &id), STATUS_NOT_FOUND);
}

static size_t
claim(struct store *store, int64_t now, int64_t until, size_t most, struct id **ids)
{
	size_t count = 99;

	assert_ok(message_claim(store, now, until, most, given.arena, ids, &count));
	return count;
}

static void
claims_new_ones_first_and_old_ones_singly(void **state)
{
	struct id first = given_message();
	struct id second = given_message();
	struct id third;
	struct message_row row;
	struct id *ids;

	(void)state;
	assert_int_equal(claim(given.courier, NOW, NOW + 60, 10, &ids), 2);
	assert_true(id_equal(ids[0], first));
	assert_true(id_equal(ids[1], second));
	/* The lease holds. */
	assert_int_equal(claim(given.courier, NOW + 59, NOW + 99, 10, &ids), 0);
	/* It is over, but a message never claimed goes first. */
	third = given_message();
	assert_int_equal(claim(given.courier, NOW + 60, NOW + 200, 10, &ids), 1);
	assert_true(id_equal(ids[0], third));
	assert_int_equal(claim(given.courier, NOW + 60, NOW + 200, 10, &ids), 1);
	assert_true(id_equal(ids[0], first));
	assert_int_equal(claim(given.courier, NOW + 60, NOW + 200, 10, &ids), 1);
	assert_true(id_equal(ids[0], second));
	assert_int_equal(claim(given.courier, NOW + 60, NOW + 200, 10, &ids), 0);
	assert_ok(message_read(given.courier, &first, false, given.arena, &row));
	assert_int_equal(row.claims, 2);
}

static void
claims_no_more_than_asked(void **state)
{
	struct id *ids;

	(void)state;
	for (int i = 0; i < 5; i++)
		given_message();
	assert_int_equal(claim(given.courier, NOW, NOW + 60, 2, &ids), 2);
	assert_int_equal(claim(given.rival, NOW, NOW + 60, 9, &ids), 3);
}

/* While another connection's claim is still open, this one goes around its rows. */
static void
claims_of_two_couriers_share_no_message(void **state)
{
	struct id *mine;
	struct id *theirs;
	size_t count;
	size_t rest;

	(void)state;
	for (int i = 0; i < 20; i++)
		given_message();
	assert_ok(store_begin(given.courier));
	count = claim(given.courier, NOW, NOW + 60, 7, &mine);
	assert_ok(store_begin(given.rival));
	rest = claim(given.rival, NOW, NOW + 60, 20, &theirs);
	assert_int_equal(count, 7);
	assert_int_equal(rest, 13);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < rest; j++)
			assert_false(id_equal(mine[i], theirs[j]));
	assert_ok(store_commit(given.courier));
	assert_ok(store_commit(given.rival));
	assert_int_equal(claim(given.rival, NOW, NOW + 60, 20, &theirs), 0);
}

static void
a_locked_row_is_busy_for_others(void **state)
{
	struct id id = given_message();
	struct message_row row;

	(void)state;
	assert_ok(store_begin(given.courier));
	assert_ok(message_read(given.courier, &id, true, given.arena, &row));
	assert_ok(store_begin(given.rival));
	assert_int_equal(message_read(given.rival, &id, true, given.arena, &row), STATUS_BUSY);
	assert_ok(message_read(given.rival, &id, false, given.arena, &row));
	store_rollback(given.courier);
	assert_ok(message_read(given.rival, &id, true, given.arena, &row));
	store_rollback(given.rival);
}

static void
is_routed_once(void **state)
{
	struct id id = given_message();
	struct message_row row;
	struct id *ids;

	(void)state;
	assert_ok(message_set_routed(given.courier, &id, &findings));
	assert_int_equal(message_set_routed(given.courier, &id, &other), STATUS_CONFLICT);
	assert_int_equal(message_set_stuck(given.courier, &id), STATUS_CONFLICT);
	assert_ok(message_read(given.portal, &id, false, given.arena, &row));
	assert_int_equal(row.state, MESSAGE_ROUTED);
	assert_slice(row.manifest, SLICE("manifest"));
	assert_slice(row.sender, SLICE("sender"));
	assert_slice(row.sender_index, SLICE("index"));
	assert_slice(row.subject, SLICE("subject"));
	assert_slice(row.gateway_wrap, SLICE("gateway"));
	assert_ok(message_drop_gateway_wrap(given.courier, &id));
	assert_ok(message_read(given.portal, &id, false, given.arena, &row));
	assert_int_equal(row.gateway_wrap.size, 0);
	assert_int_equal(claim(given.courier, NOW, NOW + 60, 9, &ids), 0);
}

static void
a_stuck_message_is_not_claimed(void **state)
{
	struct id id = given_message();
	struct id *ids;

	(void)state;
	assert_ok(message_set_stuck(given.courier, &id));
	assert_int_equal(claim(given.courier, NOW, NOW + 60, 9, &ids), 0);
}

/* Three chunks and, when `whole`, the message row. */
static struct id
given_large(bool whole, int64_t started)
{
	struct intake_message letter = given_letter();

	letter.chunk = SLICE("");
	letter.chunk_count = 3;
	assert_ok(intake_stage(given.intake, &letter.id, 0, SLICE("one"), started));
	assert_ok(intake_stage(given.intake, &letter.id, 1, SLICE("two\0two"), started));
	assert_ok(intake_stage(given.intake, &letter.id, 2, SLICE("three"), started));
	if (whole)
		assert_ok(intake_commit(given.intake, &letter));
	return letter.id;
}

static void
chunks_come_back_one_by_one(void **state)
{
	struct id id = given_large(true, NOW);
	unsigned char bytes[7];
	size_t size;

	(void)state;
	assert_ok(message_chunk(given.portal, &id, 1, bytes, sizeof(bytes), &size));
	assert_slice(slice_of(bytes, size), SLICE("two\0two"));
	assert_ok(message_chunk(given.portal, &id, 2, bytes, sizeof(bytes), &size));
	assert_slice(slice_of(bytes, size), SLICE("three"));
	assert_int_equal(message_chunk(given.portal, &id, 3, bytes, sizeof(bytes), &size),
			 STATUS_NOT_FOUND);
	assert_int_equal(message_chunk(given.portal, &id, 1, bytes, 6, &size), STATUS_TOO_LARGE);
}

static void
destroying_leaves_a_tombstone(void **state)
{
	struct id id = given_large(true, NOW);
	struct message_row row;

	(void)state;
	assert_ok(message_set_routed(given.courier, &id, &findings));
	assert_ok(message_destroy(given.courier, &id));
	assert_ok(message_read(given.courier, &id, false, given.arena, &row));
	assert_int_equal(row.state, MESSAGE_DESTROYED);
	assert_int_equal(row.received_at, NOW);
	assert_int_equal(row.chunk.size + row.gateway_wrap.size + row.envelope.size +
			     row.manifest.size + row.sender.size + row.sender_index.size +
			     row.subject.size,
			 0);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk"), 0);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from upload"), 0);
	assert_ok(message_destroy(given.courier, &id));
}

/* In chunks of nothing, but more of them than one statement takes. */
static void
many_chunks_go_in_several_steps(void **state)
{
	struct id id = given_large(true, NOW);
	size_t deleted;

	(void)state;
	assert_ok(message_set_routed(given.courier, &id, &findings));
	cluster_number(&given.cluster,
		       "with more as (insert into chunk (message_id, number, body) select "
		       "(select min(message_id::text)::uuid from chunk), number, '' from "
		       "generate_series(10, 3500) number returning 1) select count(*) from more");
	assert_ok(message_destroy(given.courier, &id));
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk"), 0);
	given_large(false, NOW - 100);
	cluster_number(&given.cluster,
		       "with more as (insert into chunk (message_id, number, body) select "
		       "(select min(message_id::text)::uuid from chunk), number, '' from "
		       "generate_series(10, 3500) number returning 1) select count(*) from more");
	given_large(false, NOW - 90);
	given_large(true, NOW - 80);
	assert_ok(message_sweep_uploads(given.courier, NOW - 50, &deleted));
	assert_int_equal(deleted, 3 + 3491 + 3);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk"), 3);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from upload"), 0);
}

static void
the_sweep_takes_only_old_uploads_without_a_message(void **state)
{
	struct id young;
	size_t deleted;

	(void)state;
	/* More than one round of the sweep. */
	for (int i = 0; i < 25; i++)
		given_large(false, NOW - 100);
	given_large(true, NOW - 100);
	young = given_large(false, NOW);
	assert_ok(message_sweep_uploads(given.courier, NOW - 50, &deleted));
	assert_int_equal(deleted, 75);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk"), 6);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from upload"), 1);
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from chunk join message "
							"on message.id = message_id"),
			 3);
	assert_ok(message_sweep_uploads(given.courier, NOW - 50, &deleted));
	assert_int_equal(deleted, 0);
	(void)young;
}

static void
replies_are_found_by_what_they_answer(void **state)
{
	struct intake_message reply = given_letter();
	struct id delivery = given_delivery(DELIVERY_OPENED);
	struct message_row row;
	struct id *ids;
	size_t count;

	(void)state;
	reply.origin = MESSAGE_BY_PORTAL;
	reply.has_parent = true;
	reply.parent_delivery = delivery;
	assert_ok(intake_commit(given.replies, &reply));
	assert_ok(message_replies(given.courier, &delivery, given.arena, &ids, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(ids[0], reply.id));
	assert_ok(message_read(given.courier, &reply.id, false, given.arena, &row));
	assert_int_equal(row.origin, MESSAGE_BY_PORTAL);
	assert_true(row.has_parent);
	assert_true(id_equal(row.parent_delivery, delivery));
	assert_ok(message_replies(given.courier, &reply.id, given.arena, &ids, &count));
	assert_int_equal(count, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reads_back_what_intake_wrote),
	    TEST(an_unknown_message_is_not_found),
	    TEST(claims_new_ones_first_and_old_ones_singly),
	    TEST(claims_no_more_than_asked),
	    TEST(claims_of_two_couriers_share_no_message),
	    TEST(a_locked_row_is_busy_for_others),
	    TEST(is_routed_once),
	    TEST(a_stuck_message_is_not_claimed),
	    TEST(chunks_come_back_one_by_one),
	    TEST(destroying_leaves_a_tombstone),
	    TEST(many_chunks_go_in_several_steps),
	    TEST(the_sweep_takes_only_old_uploads_without_a_message),
	    TEST(replies_are_found_by_what_they_answer),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
