/* messenger/accept and messenger/content: what went in, in pieces of any size, comes out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "crypto/chunk.h"
#include "messenger/accept.h"
#include "messenger/content.h"
#include "store/message.h"
#include "store/schema.h"
#include "tests/cluster.h"

#define NOW ((int64_t)1700000000)
#define LARGEST (3 * CHUNK_SIZE + 5)

static struct cluster cluster;
static struct pair gateway;
static struct keys keys;
static struct messenger ingest, courier;
static unsigned char text[LARGEST], back[LARGEST];

static int
start(void **state)
{
	char target[256];
	int applied;

	(void)state;
	log_open("test", LOG_LEVEL_ERROR);
	secret_prepare_process();
	cluster_start(&cluster);
	pair_new(&gateway);
	memcpy(keys.gateway_public, gateway.public, sizeof(gateway.public));
	keys.gateway_private = gateway.private;
	ingest.keys = courier.keys = &keys;
	assert_int_equal(schema_migrate(cluster_target(&cluster, "postern", target), &applied),
			 STATUS_OK);
	assert_int_equal(
	    intake_open(cluster_target(&cluster, "postern_ingest", target), 2, &ingest.intake),
	    STATUS_OK);
	assert_int_equal(store_pool_open(cluster_target(&cluster, "postern_courier", target), 2,
					 &courier.stores),
			 STATUS_OK);
	for (size_t i = 0; i < LARGEST; i++)
		text[i] = (unsigned char)(i * 2654435761U >> 11);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	intake_close(ingest.intake);
	store_pool_close(courier.stores);
	pair_clear(&gateway);
	cluster_end(&cluster);
	return 0;
}

static const struct envelope *
given_envelope(void)
{
	static const struct envelope_recipient recipients[] = {{.address = "fred@example.net"}};
	static const struct envelope envelope = {
	    .sender = "alice@corp.example",
	    .recipients = recipients,
	    .recipient_count = 1,
	    .client_name = "client",
	    .client_address = "192.0.2.1",
	    .received_at = NOW,
	};

	return &envelope;
}

static struct id
accept(size_t size, size_t piece)
{
	struct acceptance *acceptance;
	struct id id;

	assert_int_equal(messenger_accept_open(&ingest, MESSAGE_BY_SMTP, &acceptance), STATUS_OK);
	id = messenger_accept_id(acceptance);
	for (size_t at = 0; at < size; at += piece) {
		size_t part = piece < size - at ? piece : size - at;

		assert_int_equal(messenger_accept_write(acceptance, slice_of(text + at, part)),
				 STATUS_OK);
	}
	assert_int_equal(messenger_accept_commit(acceptance, given_envelope(), NULL), STATUS_OK);
	return id;
}

/* An opened message. */
struct reading {
	struct arena *arena;
	struct message_row row;
	struct secret key;
	struct source source;
};

static void
open_reading(const struct id *id, struct reading *reading)
{
	struct store *store = store_pool_get(courier.stores);

	reading->arena = arena_new();
	assert_int_equal(message_read(store, id, false, reading->arena, &reading->row), STATUS_OK);
	store_pool_put(courier.stores, store);
	assert_int_equal(content_key_by_gateway(&courier, &reading->row, &reading->key), STATUS_OK);
	assert_int_equal(
	    content_open(&courier, &reading->row, &reading->key, reading->arena, &reading->source),
	    STATUS_OK);
}

static void
close_reading(struct reading *reading)
{
	arena_free(reading->arena);
	secret_clear(&reading->key);
}

static void
every_size_in_every_piece_comes_out_again(void **state)
{
	static const struct {
		size_t size, piece;
		long long chunks;
	} rows[] = {
	    {0, 1, 1},
	    {1, 1, 1},
	    {4096, 4096, 1},
	    {4097, 4096, 1},
	    {32768, 1000, 1},
	    {32769, 32768, 1},
	    {200000, 65536, 1},
	    {CHUNK_SIZE - 1, 65536, 1},
	    {CHUNK_SIZE, 65536, 1},
	    {CHUNK_SIZE + 1, 65536, 2},
	    {2 * CHUNK_SIZE, LARGEST, 2},
	    {LARGEST, LARGEST, 4},
	    {LARGEST, 7777, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct id id = accept(rows[i].size, rows[i].piece);
		struct reading reading;

		print_message("  %zu bytes in pieces of %zu\n", rows[i].size, rows[i].piece);
		open_reading(&id, &reading);
		assert_int_equal(reading.source.size, rows[i].size);
		assert_int_equal(reading.row.chunk_count, rows[i].chunks);
		assert_int_equal(source_read_exactly(&reading.source, 0, back, rows[i].size),
				 STATUS_OK);
		assert_memory_equal(back, text, rows[i].size);
		close_reading(&reading);
	}
	/* A message of one chunk has it in its row, every other has one row for each. */
	assert_int_equal(cluster_number(&cluster, "select count(*) from chunk"), 2 + 2 + 4 + 4);
	assert_int_equal(cluster_number(&cluster, "select count(*) from upload"), 4);
}

static void
any_range_can_be_read_in_any_order(void **state)
{
	static const uint64_t offsets[] = {3 * CHUNK_SIZE, 0, CHUNK_SIZE - 1, 2 * CHUNK_SIZE + 17,
					   CHUNK_SIZE,	   1, LARGEST - 1};
	struct id id = accept(LARGEST, 65536);
	struct reading reading;
	size_t size;

	(void)state;
	open_reading(&id, &reading);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		size_t wanted = LARGEST - (size_t)offsets[i];

		if (wanted > CHUNK_SIZE + 100)
			wanted = CHUNK_SIZE + 100;
		assert_int_equal(source_read_exactly(&reading.source, offsets[i], back, wanted),
				 STATUS_OK);
		assert_memory_equal(back, text + offsets[i], wanted);
	}
	assert_int_equal(
	    reading.source.read_at(reading.source.context, LARGEST, back, sizeof(back), &size),
	    STATUS_OK);
	assert_int_equal(size, 0);
	close_reading(&reading);
}

static void
what_is_damaged_or_gone_is_told_where_it_is(void **state)
{
	struct id id = accept(LARGEST, 65536);
	struct reading reading;

	(void)state;
	cluster_number(&cluster, "with damaged as (update chunk set body = overlay(body placing "
				 "'\\x0102' from 99) where number = 1 returning 1) select "
				 "count(*) from damaged");
	cluster_number(&cluster, "with gone as (delete from chunk where number = 2 returning 1) "
				 "select count(*) from gone");
	open_reading(&id, &reading);
	assert_int_equal(source_read_exactly(&reading.source, 0, back, CHUNK_SIZE), STATUS_OK);
	assert_memory_equal(back, text, CHUNK_SIZE);
	assert_int_equal(source_read_exactly(&reading.source, CHUNK_SIZE, back, 1), STATUS_DAMAGED);
	assert_int_equal(source_read_exactly(&reading.source, 2 * CHUNK_SIZE, back, 1),
			 STATUS_DAMAGED);
	assert_int_equal(source_read_exactly(&reading.source, 3 * CHUNK_SIZE, back, 5), STATUS_OK);
	assert_memory_equal(back, text + 3 * CHUNK_SIZE, 5);
	close_reading(&reading);
}

static void
a_chunk_that_could_not_be_stored_ends_the_message(void **state)
{
	struct acceptance *acceptance;
	enum status status = STATUS_OK;

	(void)state;
	cluster_number(&cluster, "truncate chunk, upload, message cascade");
	cluster_number(&cluster, "create unique index once on chunk (number)");
	accept(LARGEST, 65536);
	/* The first chunk of the second one is refused: told at the next, or at the latest. */
	assert_int_equal(messenger_accept_open(&ingest, MESSAGE_BY_SMTP, &acceptance), STATUS_OK);
	for (size_t at = 0; at < LARGEST && status == STATUS_OK; at += CHUNK_SIZE)
		status = messenger_accept_write(
		    acceptance,
		    slice_of(text + at, at + CHUNK_SIZE < LARGEST ? CHUNK_SIZE : LARGEST - at));
	assert_int_equal(status, STATUS_CONFLICT);
	assert_int_equal(messenger_accept_commit(acceptance, given_envelope(), NULL),
			 STATUS_CONFLICT);
	assert_int_equal(messenger_accept_open(&ingest, MESSAGE_BY_SMTP, &acceptance), STATUS_OK);
	assert_int_equal(messenger_accept_write(acceptance, slice_of(text, CHUNK_SIZE + 1)),
			 STATUS_OK);
	assert_int_equal(messenger_accept_commit(acceptance, given_envelope(), NULL),
			 STATUS_CONFLICT);
	assert_int_equal(cluster_number(&cluster, "select count(*) from message"), 1);
	cluster_number(&cluster, "drop index once");
}

/* With a pool the next chunk is fetched before it is asked for: the bytes are the same, whatever is
 * asked for then, and whatever has become of it. */
static void
reading_ahead_changes_nothing(void **state)
{
	struct id id = accept(LARGEST, 65536);
	struct pool *pool;
	struct reading reading;

	(void)state;
	assert_int_equal(pool_new(1, 1, &pool), STATUS_OK);
	courier.ahead = pool;
	for (int turn = 0; turn < 3; turn++) {
		open_reading(&id, &reading);
		for (uint64_t at = 0; at < LARGEST; at += 50000) {
			size_t size = LARGEST - at < 50000 ? (size_t)(LARGEST - at) : 50000;

			assert_int_equal(source_read_exactly(&reading.source, at, back, size),
					 STATUS_OK);
			assert_memory_equal(back, text + at, size);
			/* Back, while the next is on its way. */
			if (turn == 1 && at / 50000 % 4 == 3) {
				assert_int_equal(
				    source_read_exactly(&reading.source, at / 2, back, 9),
				    STATUS_OK);
				assert_memory_equal(back, text + at / 2, 9);
			}
			/* Away, while it is. */
			if (turn == 2 && at > CHUNK_SIZE)
				break;
		}
		close_reading(&reading);
	}
	/* What was not there is looked for again when it is wanted. */
	cluster_number(&cluster, "with gone as (delete from chunk where number = 2 returning 1) "
				 "select count(*) from gone");
	open_reading(&id, &reading);
	assert_int_equal(source_read_exactly(&reading.source, 0, back, 2 * CHUNK_SIZE), STATUS_OK);
	assert_int_equal(source_read_exactly(&reading.source, 2 * CHUNK_SIZE, back, 1),
			 STATUS_DAMAGED);
	assert_int_equal(source_read_exactly(&reading.source, 3 * CHUNK_SIZE, back, 5), STATUS_OK);
	close_reading(&reading);
	courier.ahead = NULL;
	pool_free(pool);
}

/* More of them than may have chunks beside each other on their way. */
static void
many_large_messages_come_in_at_once(void **state)
{
	enum { MESSAGES = 7, ROUNDS = 9, STEP = CHUNK_SIZE - 1000 };
	struct acceptance *acceptances[MESSAGES];
	struct id ids[MESSAGES];

	(void)state;
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(messenger_accept_open(&ingest, MESSAGE_BY_SMTP, &acceptances[i]),
				 STATUS_OK);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < MESSAGES; i++)
			assert_int_equal(messenger_accept_write(acceptances[i],
								slice_of(text + i + round, STEP)),
					 STATUS_OK);
	for (int i = 0; i < MESSAGES; i++) {
		ids[i] = messenger_accept_id(acceptances[i]);
		/* One is given up with chunks on their way. */
		if (i == 3)
			messenger_accept_abort(acceptances[i]);
		else
			assert_int_equal(
			    messenger_accept_commit(acceptances[i], given_envelope(), NULL),
			    STATUS_OK);
	}
	for (int i = 0; i < MESSAGES; i++) {
		struct reading reading;

		if (i == 3)
			continue;
		open_reading(&ids[i], &reading);
		for (int round = 0; round < ROUNDS; round++) {
			assert_int_equal(source_read_exactly(&reading.source,
							     (uint64_t)round * STEP, back, STEP),
					 STATUS_OK);
			assert_memory_equal(back, text + i + round, STEP);
		}
		close_reading(&reading);
	}
}

static void
what_is_given_up_can_be_swept(void **state)
{
	struct acceptance *acceptance;
	struct store *store = store_pool_get(courier.stores);
	size_t deleted;

	(void)state;
	cluster_number(&cluster, "truncate chunk, upload, message cascade");
	assert_int_equal(messenger_accept_open(&ingest, MESSAGE_BY_SMTP, &acceptance), STATUS_OK);
	assert_int_equal(messenger_accept_write(acceptance, slice_of(text, LARGEST)), STATUS_OK);
	messenger_accept_abort(acceptance);
	messenger_accept_abort(NULL);
	assert_int_equal(cluster_number(&cluster, "select count(*) from chunk"), 3);
	assert_int_equal(message_sweep_uploads(store, INT64_MAX, &deleted), STATUS_OK);
	assert_int_equal(deleted, 3);
	assert_int_equal(cluster_number(&cluster, "select count(*) from chunk"), 0);
	store_pool_put(courier.stores, store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_size_in_every_piece_comes_out_again),
	    cmocka_unit_test(any_range_can_be_read_in_any_order),
	    cmocka_unit_test(what_is_damaged_or_gone_is_told_where_it_is),
	    cmocka_unit_test(a_chunk_that_could_not_be_stored_ends_the_message),
	    cmocka_unit_test(reading_ahead_changes_nothing),
	    cmocka_unit_test(many_large_messages_come_in_at_once),
	    cmocka_unit_test(what_is_given_up_can_be_swept),
	};

	return cmocka_run_group_tests(tests, start, end);
}
