/* messenger/known_key and evidence: keys as sealed rows, and what is thought of them over time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "messenger/finder.h"
#include "messenger/known_key.h"
#include "store/schema.h"
#include "tests/cluster.h"

#define NOW ((int64_t)1700000000)
#define FRED "fred@example.net"
#define PRINT "4F1A09C377DE8B205E6CA1F903BD42E8"

static struct cluster cluster;
static struct keys keys;
static struct policy policy = {.ladders = {.common = {{ROUTE_SMIME, ROUTE_PORTAL}, 2}}};
static struct messenger messenger = {.keys = &keys, .policy = &policy};
static struct store *courier;
static struct arena *arena;

static int
start(void **state)
{
	char target[256];
	int applied;

	(void)state;
	log_open("test", LOG_LEVEL_ERROR);
	secret_prepare_process();
	cluster_start(&cluster);
	secret_random(&keys.display_key, 32);
	arena = arena_new();
	assert_int_equal(schema_migrate(cluster_target(&cluster, "postern", target), &applied),
			 STATUS_OK);
	assert_int_equal(store_open(cluster_target(&cluster, "postern_courier", target), &courier),
			 STATUS_OK);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	store_close(courier);
	arena_free(arena);
	secret_clear(&keys.display_key);
	cluster_end(&cluster);
	return 0;
}

static struct belief_answer
answer_for(const char *fingerprint, const char *reason)
{
	static const unsigned char material[] = {0x30, 0x82, 0x00, 0xff, 0x00};
	static const struct slice chain[] = {{(const unsigned char *)"step", 4},
					     {(const unsigned char *)"root", 4}};

	return (struct belief_answer){
	    .reason = reason,
	    .detail = "",
	    .fingerprint = fingerprint,
	    .owner = "Fred <" FRED ">",
	    .issuer = "An authority",
	    .algorithm = "RSA 3072",
	    .expires_at = NOW + 1000,
	    .material = slice_of(material, sizeof(material)),
	    .chain = chain,
	    .chain_count = 2,
	    .capabilities = {.aes256_gcm = true},
	};
}

/* Note one that came from there; its id. */
static struct id
note_from(enum origin origin, const char *address, const struct belief_answer *answer,
	  enum key_standing standing, int64_t now)
{
	struct known_key_found found = {
	    .address = address,
	    .origin = origin,
	    .place = "ldap://directory.example",
	    .kind = KEY_CERTIFICATE,
	    .standing = standing,
	    .answer = answer,
	};
	struct id id;

	assert_int_equal(known_key_note(&messenger, courier, &found, now, arena, &id), STATUS_OK);
	return id;
}

static struct id
note(const char *address, const struct belief_answer *answer, enum key_standing standing,
     int64_t now)
{
	return note_from(ORIGIN_LDAP, address, answer, standing, now);
}

/* All of an address. */
static size_t
known(const char *address, struct known_key **keys_out)
{
	size_t count;

	assert_int_equal(known_keys_of(&messenger, courier, address, arena, keys_out, &count),
			 STATUS_OK);
	return count;
}

static void
what_was_noted_is_read_again(void **state)
{
	struct belief_answer answer = answer_for(PRINT, "");
	struct id id = note("read@example.net", &answer, KEY_FOUND, NOW);
	struct known_key *found;

	(void)state;
	assert_int_equal(known("READ@Example.NET", &found), 1);
	assert_true(id_equal(found[0].id, id));
	assert_int_equal(found[0].standing, KEY_FOUND);
	assert_string_equal(found[0].address, "read@example.net");
	assert_true(slice_equal(found[0].material, answer.material));
	assert_int_equal(found[0].chain_count, 2);
	assert_true(slice_equal(found[0].chain[1], slice_from_text("root")));
	assert_true(found[0].gcm);
	assert_false(found[0].oaep);
	assert_string_equal(found[0].evidence.source, "ldap");
	assert_string_equal(found[0].evidence.place, "ldap://directory.example");
	assert_string_equal(found[0].evidence.fingerprint, PRINT);
	assert_string_equal(found[0].evidence.algorithm, "RSA 3072");
	assert_int_equal(found[0].evidence.expires_at, NOW + 1000);
	assert_int_equal(known("else@example.net", &found), 0);
}

static void
what_is_not_believed_is_for_review(void **state)
{
	struct belief_answer answer = answer_for("00", "untrusted"), good = answer_for("00", "");
	struct known_key *found;
	struct id id = note(FRED, &answer, KEY_FOUND, NOW), again;

	(void)state;
	assert_int_equal(known(FRED, &found), 1);
	assert_int_equal(found[0].standing, KEY_REVIEW);
	assert_string_equal(found[0].reason, "untrusted");
	/* Seen again and believed now: the same row, which is used from then on. */
	again = note(FRED, &good, KEY_FOUND, NOW + 5);
	assert_true(id_equal(again, id));
	assert_int_equal(known(FRED, &found), 1);
	assert_int_equal(found[0].standing, KEY_FOUND);
	assert_string_equal(found[0].reason, "");
	assert_int_equal(found[0].found_at, NOW);
	assert_int_equal(found[0].seen_at, NOW + 5);
}

static void
decisions_outlive_findings(void **state)
{
	struct belief_answer accepted = answer_for("AA", ""), refused = answer_for("AA", "expired");
	struct belief_answer banned = answer_for("BB", "");
	struct known_key *found;
	struct id id = note("one@example.net", &accepted, KEY_ACCEPTED, NOW);
	struct id again = note("one@example.net", &refused, KEY_FOUND, NOW + 1);

	(void)state;
	/* The administrator's word stays, whatever a source says later. */
	assert_true(id_equal(again, id));
	assert_int_equal(known("one@example.net", &found), 1);
	assert_int_equal(found[0].standing, KEY_ACCEPTED);
	/* A banned fingerprint is banned for whoever it is found for next. */
	id = note("two@example.net", &banned, KEY_FOUND, NOW);
	assert_int_equal(key_ban(courier, &id), STATUS_OK);
	banned.fingerprint = "bb";
	note("three@example.net", &banned, KEY_FOUND, NOW);
	assert_int_equal(known("three@example.net", &found), 1);
	assert_int_equal(found[0].standing, KEY_BANNED);
}

static void
rows_do_not_open_for_others(void **state)
{
	struct belief_answer answer = answer_for("CC", "");
	struct known_key *found;
	struct key_row row;
	struct known_key key;
	struct id id = note("sealed@example.net", &answer, KEY_FOUND, NOW);

	(void)state;
	assert_int_equal(key_read(courier, &id, arena, &row), STATUS_OK);
	assert_int_equal(known_key_open(&messenger, &row, arena, &key), STATUS_OK);
	/* Moved to another row, it does not open; of the others nothing is lost. */
	row.id = id_new();
	assert_int_equal(known_key_open(&messenger, &row, arena, &key), STATUS_DAMAGED);
	assert_int_equal(known("sealed@example.net", &found), 1);
}

static void
unreadable_ones_are_nothing_to_decide_about(void **state)
{
	struct belief_answer answer = answer_for("", "unreadable");
	struct known_key_found found = {
	    .address = "none@example.net", .place = "", .kind = KEY_OPENPGP, .answer = &answer};
	struct known_key *list;
	struct id id;

	(void)state;
	assert_int_equal(known_key_note(&messenger, courier, &found, NOW, arena, &id),
			 STATUS_INVALID);
	assert_int_equal(known("none@example.net", &list), 0);
}

/* Whether nobody would be asked, and which key is chosen; as who only looks sees it. */
static bool
is_settled(const char *address, struct found_keys *found)
{
	bool fresh;

	assert_int_equal(
	    finder_recall(&messenger, courier, address, NOW + 10, arena, found, &fresh), STATUS_OK);
	return fresh;
}

static void
what_the_house_has_asks_nobody(void **state)
{
	struct belief_answer imported = answer_for("E0", ""), brought = answer_for("E1", "");
	struct found_keys found;

	(void)state;
	assert_false(is_settled("house@example.net", &found));
	assert_null(found.certificate);
	note_from(ORIGIN_SIGNED, "house@example.net", &brought, KEY_FOUND, NOW + 5);
	assert_false(is_settled("house@example.net", &found));
	assert_string_equal(found.certificate->evidence.fingerprint, "E1");
	/* Mail brought a newer one: that is used, and still nobody is asked. */
	note_from(ORIGIN_IMPORTED, "house@example.net", &imported, KEY_FOUND, NOW);
	assert_true(is_settled("house@example.net", &found));
	assert_string_equal(found.certificate->evidence.fingerprint, "E1");
	/* One that is over does not count. */
	imported.expires_at = NOW + 9;
	note_from(ORIGIN_IMPORTED, "past@example.net", &imported, KEY_FOUND, NOW);
	assert_false(is_settled("past@example.net", &found));
	assert_null(found.certificate);
	/* What sources gave counts as long as their answer does. */
	note("asked@example.net", &brought, KEY_FOUND, NOW);
	assert_false(is_settled("asked@example.net", &found));
	assert_null(found.certificate);
}

static void
evidence_is_lines(void **state)
{
	struct evidence some = {"wkd",	   "https://example.net/x", "AB", "Fred", "", "cv25519",
				"AES-256", "alice@corp.example",    NOW};
	struct id row = id_new(), other = id_new();
	struct slice sealed = evidence_seal(&messenger, DELIVERY_EVIDENCE, &row, &some, arena);
	struct evidence again = evidence_open(&messenger, DELIVERY_EVIDENCE, &row, sealed, arena);
	struct evidence nothing =
	    evidence_open(&messenger, DELIVERY_EVIDENCE, &other, sealed, arena);

	(void)state;
	assert_string_equal(again.source, "wkd");
	assert_string_equal(again.place, "https://example.net/x");
	assert_string_equal(again.issuer, "");
	assert_string_equal(again.method, "AES-256");
	assert_int_equal(again.expires_at, NOW);
	assert_string_equal(again.signer, "alice@corp.example");
	assert_string_equal(nothing.fingerprint, "");
	assert_int_equal(nothing.expires_at, 0);
	assert_string_equal(origin_text(ORIGIN_AUTOCRYPT), "autocrypt");
	assert_string_equal(origin_text(99), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_noted_is_read_again),
	    cmocka_unit_test(what_is_not_believed_is_for_review),
	    cmocka_unit_test(decisions_outlive_findings),
	    cmocka_unit_test(rows_do_not_open_for_others),
	    cmocka_unit_test(unreadable_ones_are_nothing_to_decide_about),
	    cmocka_unit_test(what_the_house_has_asks_nobody),
	    cmocka_unit_test(evidence_is_lines),
	};

	return cmocka_run_group_tests_name("known_key", tests, start, end);
}
