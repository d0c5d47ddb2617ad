/* What the tests of store/ start from: a migrated database, its roles' connections, and rows. */
#ifndef TESTS_STORE_GIVEN_H
#define TESTS_STORE_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/delivery.h"
#include "store/desk.h"
#include "store/factor.h"
#include "store/intake.h"
#include "store/link.h"
#include "store/lock.h"
#include "store/message.h"
#include "store/outbox.h"
#include "store/place.h"
#include "store/reset.h"
#include "store/schema.h"
#include "store/session.h"
#include "store/sheet.h"
#include "store/store.h"
#include "store/template.h"
#include "store/thread.h"
#include "tests/cluster.h"

#define NOW ((int64_t)1700000000)

struct given {
	struct cluster cluster;
	struct arena *arena;
	struct store *courier;
	struct store *rival; /* a second courier */
	struct store *portal;
	struct intake *intake;	/* as ingest */
	struct intake *replies; /* as portal */
};

static struct given given;

static inline int
given_start(void **state)
{
	char target[256];
	int applied;

	(void)state;
	log_open("test", LOG_LEVEL_ERROR);
	if (!given.cluster.database[0])
		cluster_start(&given.cluster);
	given.arena = arena_new();
	assert_int_equal(
	    schema_migrate(cluster_target(&given.cluster, "postern", target), &applied), STATUS_OK);
	cluster_target(&given.cluster, "postern_courier", target);
	assert_int_equal(store_open(target, &given.courier), STATUS_OK);
	assert_int_equal(store_open(target, &given.rival), STATUS_OK);
	cluster_target(&given.cluster, "postern_portal", target);
	assert_int_equal(store_open(target, &given.portal), STATUS_OK);
	assert_int_equal(intake_open(target, 1, &given.replies), STATUS_OK);
	cluster_target(&given.cluster, "postern_ingest", target);
	assert_int_equal(intake_open(target, 4, &given.intake), STATUS_OK);
	return 0;
}

/* The same in a cluster that the test may stop. */
static inline int
given_start_own(void **state)
{
	cluster_start_own(&given.cluster);
	return given_start(state);
}

static inline int
given_end(void **state)
{
	(void)state;
	intake_close(given.intake);
	intake_close(given.replies);
	store_close(given.portal);
	store_close(given.rival);
	store_close(given.courier);
	arena_free(given.arena);
	cluster_end(&given.cluster);
	return 0;
}

/* Every test starts with empty tables. */
static inline int
given_nothing(void **state)
{
	(void)state;
	cluster_number(&given.cluster,
		       "truncate message, chunk, upload, lock, delivery, link, "
		       "template, outbox, session, throttle, taken, thread, sign_in, "
		       "desk_session, writing, draft_file, factor_try, sheet, sheet_number, "
		       "mailbox, mailbox_message, mailbox_session, give_up, "
		       "account, account_place, account_factor, recovery_code, account_event, "
		       "account_reset");
	return 0;
}

/* A notification ends the wait; the end of the time does not count.  A bound, not a measure. */
static inline void
assert_woken(struct store *store)
{
	bool notified = false;

	assert_int_equal(store_wait(store, 30000, -1, &notified), STATUS_OK);
	assert_true(notified);
}

static inline struct intake_message
given_letter(void)
{
	return (struct intake_message){
	    .id = id_new(),
	    .origin = MESSAGE_BY_SMTP,
	    .received_at = NOW,
	    .size = 5,
	    .chunk_count = 1,
	    .chunk = SLICE("sealed\0chunk"),
	    .gateway_wrap = SLICE("gateway"),
	    .envelope = SLICE("envelope"),
	};
}

static inline struct id
given_message(void)
{
	struct intake_message letter = given_letter();

	assert_int_equal(intake_commit(given.intake, &letter), STATUS_OK);
	return letter.id;
}

static inline struct id
given_lock(void)
{
	struct lock_row row = {
	    .id = id_new(),
	    .public_wrap = SLICE("0123456789abcdef0123456789abcdef"),
	    .salt = SLICE("0123456789abcdef"),
	    .ops = 3,
	    .memory_kib = 65536,
	    .rule = 2,
	    .clue = SLICE("sealed clue"),
	    .created_at = NOW,
	};

	assert_int_equal(lock_insert(given.portal, &row), STATUS_OK);
	return row.id;
}

static inline struct delivery_row
given_delivery_row(enum delivery_state state)
{
	return (struct delivery_row){
	    .id = id_new(),
	    .message_id = given_message(),
	    .state = state,
	    .route = state == DELIVERY_QUEUED ? ROUTE_PLAIN : ROUTE_PORTAL,
	    .reason = "mark:subject",
	    .recipient = SLICE("sealed recipient"),
	    .recipient_index = SLICE("recipient"),
	    .sender_index = SLICE("sender"),
	    .temporary_public = SLICE("temporary"),
	    .gateway_wrap = SLICE("gateway"),
	    .sender_wrap = SLICE("sender's link"),
	    .message_key_wrap = SLICE("message key"),
	    .link_generation = 1,
	    .created_at = NOW,
	    .expires_at = NOW + 1000,
	};
}

static inline struct id
given_delivery(enum delivery_state state)
{
	struct delivery_row row = given_delivery_row(state);

	assert_int_equal(delivery_insert(given.courier, &row), STATUS_OK);
	return row.id;
}

static inline struct delivery_row
delivery_now(const struct id *id)
{
	struct delivery_row row;

	assert_int_equal(delivery_read(given.courier, id, false, given.arena, &row), STATUS_OK);
	return row;
}

#define assert_slice(found, expected) assert_true(slice_equal((found), (expected)))
#define assert_ok(call) assert_int_equal((call), STATUS_OK)

#endif
