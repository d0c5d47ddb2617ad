/* Which way a message goes to a recipient: a table of claims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>

#include "messenger/decide.h"
#include "messenger/finder.h"

static const char *const own[] = {"corp.example"};
static const char *const subjects[] = {"[secure]"};

struct row {
	const char *claim;
	const char *sender;
	const char *recipient;
	enum mark subject;
	enum mark header;
	bool address_marked;
	bool in_thread;
	bool unread;
	bool always;
	bool whole_message;
	enum delivery_route route;
	bool must_ask;
	const char *clean;
	const char *reason;
};

#define ALICE "alice@corp.example"

static const struct row rows[] = {
    {"unmarked leaves plainly", ALICE, "fred@example.net", .route = ROUTE_PLAIN,
     .clean = "fred@example.net", .reason = "not-marked"},
    {"an address mark secures", ALICE, "secure-fred@example.net", .route = ROUTE_PORTAL,
     .clean = "fred@example.net", .reason = "address-mark"},
    {"in any case of letters", ALICE, "SeCuRe-fred@example.net", .route = ROUTE_PORTAL,
     .clean = "fred@example.net", .reason = "address-mark"},
    {"the mark is taken off once", ALICE, "secure-secure-x@example.net", .route = ROUTE_PORTAL,
     .clean = "secure-x@example.net", .reason = "address-mark"},
    {"an address mark is for its recipient alone", ALICE, "carol@example.com",
     .address_marked = true, .route = ROUTE_PLAIN, .clean = "carol@example.com",
     .reason = "not-marked"},
    {"unless policy says message", ALICE, "carol@example.com", .address_marked = true,
     .whole_message = true, .route = ROUTE_PORTAL, .clean = "carol@example.com",
     .reason = "message-mark"},
    {"a subject mark secures every outside recipient", ALICE, "carol@example.com",
     .subject = MARK_FOUND, .route = ROUTE_PORTAL, .clean = "carol@example.com",
     .reason = "subject-mark"},
    {"a header mark too", ALICE, "carol@example.com", .header = MARK_FOUND, .route = ROUTE_PORTAL,
     .clean = "carol@example.com", .reason = "header-mark"},
    {"own people get it plainly", ALICE, "secure-bob@corp.example", .subject = MARK_FOUND,
     .route = ROUTE_PLAIN, .clean = "bob@corp.example", .reason = "own-domain"},
    {"also below an own domain", ALICE, "bob@lab.corp.example", .subject = MARK_FOUND,
     .route = ROUTE_PLAIN, .clean = "bob@lab.corp.example", .reason = "own-domain"},
    {"a domain that only ends alike is outside", ALICE, "bob@notcorp.example",
     .subject = MARK_FOUND, .route = ROUTE_PORTAL, .clean = "bob@notcorp.example",
     .reason = "subject-mark"},
    {"always secures the unmarked", ALICE, "carol@example.com", .always = true,
     .route = ROUTE_PORTAL, .clean = "carol@example.com", .reason = "always"},
    {"a near miss in an address asks", ALICE, "secuer-fred@example.net", .route = ROUTE_PORTAL,
     .must_ask = true, .clean = "secuer-fred@example.net", .reason = "address-near-miss"},
    {"a near miss in a subject asks", ALICE, "carol@example.com", .subject = MARK_NEAR,
     .route = ROUTE_PORTAL, .must_ask = true, .clean = "carol@example.com",
     .reason = "subject-near-miss"},
    {"a near miss beside a mark does not", ALICE, "secure-fred@example.net", .subject = MARK_NEAR,
     .route = ROUTE_PORTAL, .clean = "fred@example.net", .reason = "address-mark"},
    {"an outsider's mark is not believed, but it does not leave in clear either",
     "mallory@elsewhere.example", "secure-fred@example.net", .route = ROUTE_REFUSE,
     .clean = "fred@example.net", .reason = "marked-by-outsider"},
    {"an outsider's mark to own people is only removed", "mallory@elsewhere.example",
     "secure-bob@corp.example", .route = ROUTE_PLAIN, .clean = "bob@corp.example",
     .reason = "own-domain"},
    {"the null sender can finish nothing", "", "secure-fred@example.net", .route = ROUTE_REFUSE,
     .clean = "fred@example.net", .reason = "marked-without-sender"},
    {"an unmarked answer in a secured conversation asks", ALICE, "fred@example.net",
     .in_thread = true, .route = ROUTE_PORTAL, .must_ask = true, .clean = "fred@example.net",
     .reason = "thread"},
    {"a marked one does not", ALICE, "secure-fred@example.net", .in_thread = true,
     .route = ROUTE_PORTAL, .clean = "fred@example.net", .reason = "address-mark"},
    {"own people may answer each other", ALICE, "bob@corp.example", .in_thread = true,
     .route = ROUTE_PLAIN, .clean = "bob@corp.example", .reason = "own-domain"},
    {"a header that cannot be read may bear a mark: its sender is asked", ALICE,
     "carol@example.com", .unread = true, .route = ROUTE_PORTAL, .must_ask = true,
     .clean = "carol@example.com", .reason = "unreadable-header"},
    {"its address mark holds all the same", ALICE, "secure-fred@example.net", .unread = true,
     .route = ROUTE_PORTAL, .clean = "fred@example.net", .reason = "address-mark"},
    {"from outside it does not leave in clear", "mallory@elsewhere.example", "fred@example.net",
     .unread = true, .route = ROUTE_REFUSE, .clean = "fred@example.net",
     .reason = "unreadable-header"},
    {"without a sender neither", "", "fred@example.net", .unread = true, .route = ROUTE_REFUSE,
     .clean = "fred@example.net", .reason = "unreadable-header"},
    {"own people get it as it is", ALICE, "bob@corp.example", .unread = true, .route = ROUTE_PLAIN,
     .clean = "bob@corp.example", .reason = "own-domain"},
    {"the null sender's unmarked report leaves", "", "fred@example.net", .route = ROUTE_PLAIN,
     .clean = "fred@example.net", .reason = "not-marked"},
};

static void
each_recipient_goes_its_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct policy policy = {.own_domains = own,
					.own_domain_count = 1,
					.marks = {.address_prefix = "secure-",
						  .subject_marks = subjects,
						  .subject_mark_count = 1},
					.always = row->always,
					.mark_whole_message = row->whole_message};
		struct mark_findings findings = {.subject = row->subject, .header = row->header};
		struct arena *arena = arena_new();
		struct decision_facts facts = {row->sender, &findings, row->address_marked,
					       row->in_thread, row->unread};
		struct decision decision = decide_route(&policy, &facts, row->recipient, arena);

		print_message("  %s\n", row->claim);
		assert_int_equal(decision.route, row->route);
		assert_int_equal(decision.must_ask, row->must_ask);
		assert_string_equal(decision.recipient, row->clean);
		assert_string_equal(decision.reason, row->reason);
		arena_free(arena);
	}
}

/* A reply stays inside: it is encrypted where it can be, and never held or refused. */
static void
replies_go_by_the_first_key(void **state)
{
	static const struct known_key certificate = {.kind = KEY_CERTIFICATE};
	static const struct known_key openpgp = {.kind = KEY_OPENPGP};
	static const struct {
		const char *claim;
		struct ladder ladder;
		struct found_keys found;
		enum delivery_route route;
		const struct known_key *key;
	} cases[] = {
	    {"no key", {{ROUTE_SMIME, ROUTE_OPENPGP, ROUTE_PORTAL}, 3}, {0}, ROUTE_PLAIN, NULL},
	    {"no key, and no portal either", {{ROUTE_SMIME}, 1}, {0}, ROUTE_PLAIN, NULL},
	    {"the first rung first",
	     {{ROUTE_OPENPGP, ROUTE_SMIME}, 2},
	     {.certificate = &certificate, .openpgp = &openpgp},
	     ROUTE_OPENPGP,
	     &openpgp},
	    {"the next one",
	     {{ROUTE_SMIME, ROUTE_OPENPGP}, 2},
	     {.openpgp = &openpgp},
	     ROUTE_OPENPGP,
	     &openpgp},
	    {"behind the portal too",
	     {{ROUTE_PORTAL, ROUTE_SMIME}, 2},
	     {.certificate = &certificate},
	     ROUTE_SMIME,
	     &certificate},
	    {"a way that is none of the ladder's",
	     {{ROUTE_SMIME, ROUTE_PORTAL}, 2},
	     {.openpgp = &openpgp},
	     ROUTE_PLAIN,
	     NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy policy = {.ladders = {.common = cases[i].ladder}};
		struct decision decision = {
		    .recipient = ALICE, .route = ROUTE_PLAIN, .reason = "reply"};

		decide_reply(&policy, &cases[i].found, &decision);
		if (decision.route != cases[i].route || decision.key != cases[i].key)
			fail_msg("%s: route %d", cases[i].claim, (int)decision.route);
		assert_string_equal(decision.reason, "reply");
		assert_false(decision.must_ask);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_recipient_goes_its_way),
	    cmocka_unit_test(replies_go_by_the_first_key),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
