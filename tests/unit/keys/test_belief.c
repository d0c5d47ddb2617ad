#include "keys/belief.h"

#include "crypto/sha2.h"
#include "tests/unit/crypto/issue.h"

#define ADDRESS "fred@example.net"
#define PINS_MAX 3

/* A root, an authority on the way, the owner's certificate, and the one that is to be the next. */
struct people {
	struct arena *arena;
	struct issued *root, *step, *own, *next;
	struct trust_store *roots;
};

static int
set_up(void **state)
{
	struct arena *arena = arena_new();
	struct people *people = arena_alloc(arena, sizeof(*people));
	struct order step = {.name = "Step",
			     .constraints = "critical,CA:TRUE,pathlen:0",
			     .usage = "critical,keyCertSign,cRLSign"};
	struct order own = {.name = "Fred",
			    .mail = "email:" ADDRESS,
			    .usage = "critical,digitalSignature,keyAgreement",
			    .purposes = "emailProtection"};
	size_t refused;

	people->arena = arena;
	people->root = issue_root("Root", arena);
	people->step = issue(&step, people->root, arena);
	people->own = issue(&own, people->step, arena);
	people->next = issue(&own, people->step, arena);
	people->roots = trust_store_new(&people->root->der, 1, arena, &refused);
	assert_int_equal(refused, 0);
	*state = people;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct people *)*state)->arena);
	return 0;
}

/* What is said of Fred's certificate. */
static const char *
reason_of(const struct people *people, const struct dane_record *pins, size_t count, bool vouched)
{
	const struct belief belief = {.roots = people->roots};
	const struct belief_question question = {
	    .kind = CANDIDATE_CERTIFICATE,
	    .bytes = people->own->der,
	    .others = &people->step->der,
	    .other_count = 1,
	    .address = SLICE(ADDRESS),
	    .vouched = vouched,
	    .pins = pins,
	    .pin_count = count,
	    .at = NOW,
	};
	struct belief_answer answer;

	assert_int_equal(belief_ask(&belief, &question, people->arena, &answer), STATUS_OK);
	return answer.reason;
}

static struct dane_record
whole(enum dane_usage usage, const struct issued *of)
{
	return (struct dane_record){usage, DANE_WHOLE, DANE_EXACT, of->der};
}

static struct dane_record
digest(enum dane_usage usage, const struct issued *of, struct arena *arena)
{
	unsigned char bytes[SHA256_SIZE];

	assert_int_equal(sha256_of(of->der, bytes), STATUS_OK);
	return (struct dane_record){usage, DANE_WHOLE, DANE_SHA256,
				    arena_copy(arena, slice_of(bytes, sizeof(bytes)))};
}

static void
any_one_pin_that_fits_is_enough(void **state)
{
	const struct people *people = *state;
	struct arena *arena = people->arena;
	const struct {
		const char *claim;
		struct dane_record pins[PINS_MAX];
		size_t count;
		bool fits;
	} rows[] = {
	    {"no pin", {whole(DANE_EE, people->own)}, 0, true},
	    {"3, its digest", {digest(DANE_EE, people->own, arena)}, 1, true},
	    {"3, itself", {whole(DANE_EE, people->own)}, 1, true},
	    {"3, another's", {digest(DANE_EE, people->next, arena)}, 1, false},
	    {"3, another one", {whole(DANE_EE, people->next)}, 1, false},
	    {"3, its authority is nobody's certificate",
	     {digest(DANE_EE, people->step, arena)},
	     1,
	     false},
	    {"1, its digest", {digest(DANE_PKIX_EE, people->own, arena)}, 1, true},
	    {"1, another's", {digest(DANE_PKIX_EE, people->next, arena)}, 1, false},
	    {"itself, and the next one's digest",
	     {whole(DANE_EE, people->own), digest(DANE_EE, people->next, arena)},
	     2,
	     true},
	    {"the same, the other way round",
	     {digest(DANE_EE, people->next, arena), whole(DANE_EE, people->own)},
	     2,
	     true},
	    {"an authority that is none of its own, and itself",
	     {digest(DANE_AUTHORITY, people->next, arena), whole(DANE_EE, people->own)},
	     2,
	     true},
	    {"two that are others'",
	     {digest(DANE_EE, people->next, arena), whole(DANE_EE, people->step)},
	     2,
	     false},
	    {"2, on the way", {digest(DANE_AUTHORITY, people->step, arena)}, 1, true},
	    {"2, the root", {whole(DANE_AUTHORITY, people->root)}, 1, true},
	    {"2, itself is no authority", {digest(DANE_AUTHORITY, people->own, arena)}, 1, false},
	    {"0, on the way", {whole(DANE_PKIX_CA, people->step)}, 1, true},
	    {"0, the root", {digest(DANE_PKIX_CA, people->root, arena)}, 1, true},
	    {"0, itself is no authority", {whole(DANE_PKIX_CA, people->own)}, 1, false},
	    {"0, none of its chain", {digest(DANE_PKIX_CA, people->next, arena)}, 1, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *reason = reason_of(people, rows[i].pins, rows[i].count, false);

		if (strcmp(reason, rows[i].fits ? "" : "not-pinned") != 0)
			fail_msg("%s: \"%s\"", rows[i].claim, reason);
	}
}

/* A domain that vouches for one certificate is not contradicted by what it says of another. */
static void
what_is_vouched_for_is_its_own_pin(void **state)
{
	const struct people *people = *state;
	const struct dane_record pins[] = {
	    digest(DANE_EE, people->next, people->arena),
	    whole(DANE_EE, people->own),
	};

	assert_string_equal(reason_of(people, pins, 2, true), "");
	assert_string_equal(reason_of(people, pins, 1, true), "not-pinned");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_one_pin_that_fits_is_enough),
	    cmocka_unit_test(what_is_vouched_for_is_its_own_pin),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
