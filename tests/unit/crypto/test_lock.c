/*
 * crypto/lock: from what a person types to a key pair.  Known answers, those of
 * the normal forms included, from reader.py.
 */
#include "crypto/lock.h"
#include "tests/unit/crypto/given.h"

static void
normal_forms_are_known_answers(void **state)
{
	static const struct {
		const char *claim, *typed, *exact, *forgiving;
	} rows[] = {VECTOR_NORMALISED};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice typed = given(arena, rows[i].typed);
		struct secret answer;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(lock_normalise(LOCK_EXACT, typed, &answer), STATUS_OK);
		assert_slice_equal(secret_slice(&answer), given(arena, rows[i].exact));
		secret_clear(&answer);
		assert_int_equal(lock_normalise(LOCK_FORGIVING, typed, &answer), STATUS_OK);
		assert_slice_equal(secret_slice(&answer), given(arena, rows[i].forgiving));
		secret_clear(&answer);
	}
	arena_free(arena);
}

/* Whether two passphrases open the same lock. */
static bool
same(enum lock_rule rule, struct slice a, struct slice b)
{
	struct secret one, two;
	bool equal;

	assert_int_equal(lock_normalise(rule, a, &one), STATUS_OK);
	assert_int_equal(lock_normalise(rule, b, &two), STATUS_OK);
	equal = slice_equal(secret_slice(&one), secret_slice(&two));
	secret_clear(&one);
	secret_clear(&two);
	return equal;
}

static void
what_opens_the_same_lock(void **state)
{
	static const struct {
		const char *claim;
		struct slice a, b;
		bool exact, forgiving;
	} rows[] = {
	    {"composed and decomposed umlaut", SLICE("M\xc3\xbcller"), SLICE("Mu\xcc\x88ller"),
	     true, true},
	    {"full-width and narrow", SLICE("\xef\xbc\xa1\xef\xbc\x91"), SLICE("A1"), true, true},
	    {"outer blanks", SLICE(" blue\r\n"), SLICE("blue"), true, true},
	    {"outer no-break space",
	     SLICE("\xc2\xa0"
		   "blue\xe3\x80\x80"),
	     SLICE("blue"), true, true},
	    {"inner blanks", SLICE("blue car"), SLICE("bluecar"), false, true},
	    {"two inner blanks for one", SLICE("blue  car"), SLICE("blue car"), false, true},
	    {"case", SLICE("Blue"), SLICE("blue"), false, true},
	    {"umlaut and vowel", SLICE("M\xc3\xbcller"), SLICE("Muller"), false, true},
	    {"umlaut is not vowel and e", SLICE("M\xc3\xbcller"), SLICE("Mueller"), false, false},
	    {"sharp s",
	     SLICE("Stra\xc3\x9f"
		   "e"),
	     SLICE("STRASSE"), false, true},
	    {"straight and curly apostrophe", SLICE("it's"), SLICE("it\xe2\x80\x99s"), false, true},
	    {"a full stop at the end", SLICE("blue."), SLICE("blue"), false, true},
	    {"letters differ", SLICE("blue"), SLICE("blua"), false, false},
	    {"digits differ", SLICE("blue1"), SLICE("blue2"), false, false},
	    {"emoji differ", SLICE("\xf0\x9f\x98\x80"), SLICE("\xf0\x9f\x98\x81"), false, false},
	    {"punctuation alone differs", SLICE("?!?"), SLICE("!?!"), false, false},
	    {"punctuation alone, blanks outside", SLICE(" ?!? "), SLICE("?!?"), true, true},
	    {"what stands behind NUL counts", SLICE("a\0b"), SLICE("a\0c"), false, false},
	    {"NUL itself counts", SLICE("a\0"), SLICE("a"), false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].claim);
		assert_int_equal(same(LOCK_EXACT, rows[i].a, rows[i].b), rows[i].exact);
		assert_int_equal(same(LOCK_FORGIVING, rows[i].a, rows[i].b), rows[i].forgiving);
	}
}

static void
a_kibibyte_is_taken_whole(void **state)
{
	unsigned char one[LOCK_PASSPHRASE_MAX + 1], two[LOCK_PASSPHRASE_MAX];
	struct secret answer;

	(void)state;
	memset(one, 'x', sizeof(one));
	memcpy(two, one, sizeof(two));
	two[LOCK_PASSPHRASE_MAX - 1] = 'y';
	assert_false(same(LOCK_EXACT, slice_of(one, LOCK_PASSPHRASE_MAX),
			  slice_of(two, LOCK_PASSPHRASE_MAX)));
	assert_int_equal(lock_normalise(LOCK_EXACT, slice_of(one, sizeof(one)), &answer),
			 STATUS_TOO_LARGE);
	assert_int_equal(lock_normalise(LOCK_FORGIVING, slice_of(one, sizeof(one)), &answer),
			 STATUS_TOO_LARGE);
	/* U+FDFA, the character that grows most under NFKC: 3 bytes to 33. */
	for (size_t i = 0; i < LOCK_PASSPHRASE_MAX / 3; i++)
		memcpy(one + 3 * i, "\xef\xb7\xba", 3);
	assert_int_equal(
	    lock_normalise(LOCK_EXACT, slice_of(one, LOCK_PASSPHRASE_MAX / 3 * 3), &answer),
	    STATUS_OK);
	assert_int_equal(answer.size, LOCK_PASSPHRASE_MAX / 3 * 33);
	secret_clear(&answer);
	assert_int_equal(
	    lock_normalise(LOCK_FORGIVING, slice_of(one, LOCK_PASSPHRASE_MAX / 3 * 3), &answer),
	    STATUS_OK);
	secret_clear(&answer);
	/* U+0390 grows most under folding and decomposing: one unit to three, twice over. */
	for (size_t i = 0; i < LOCK_PASSPHRASE_MAX / 2; i++)
		memcpy(one + 2 * i, "\xce\x90", 2);
	assert_int_equal(
	    lock_normalise(LOCK_FORGIVING, slice_of(one, LOCK_PASSPHRASE_MAX), &answer), STATUS_OK);
	assert_int_equal(answer.size, LOCK_PASSPHRASE_MAX);
	secret_clear(&answer);
}

static void
what_is_no_passphrase_is_refused(void **state)
{
	static const struct {
		const char *claim;
		struct slice typed;
	} rows[] = {
	    {"nothing", SLICE("")},
	    {"blanks", SLICE(" \t\r\n")},
	    {"blanks of other scripts", SLICE("\xe3\x80\x80\xc2\xa0")},
	    {"a lone continuation byte", SLICE("abc\x80")},
	    {"a character cut off", SLICE("abc\xc3")},
	    {"Latin-1", SLICE("M\xfcller")},
	    {"an overlong slash", SLICE("\xc0\xaf")},
	    {"an overlong NUL", SLICE("\xc0\x80")},
	    {"half a surrogate pair", SLICE("\xed\xa0\x80")},
	    {"a pair in CESU-8", SLICE("\xed\xa0\xbd\xed\xb8\x80")},
	    {"beyond Unicode", SLICE("\xf4\x90\x80\x80")},
	    {"five bytes", SLICE("\xf8\x88\x80\x80\x80")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret answer = {NULL, 4711};

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(lock_normalise(LOCK_EXACT, rows[i].typed, &answer),
				 STATUS_INVALID);
		assert_int_equal(lock_normalise(LOCK_FORGIVING, rows[i].typed, &answer),
				 STATUS_INVALID);
		assert_int_equal(answer.size, 4711);
	}
	{
		struct secret answer;

		assert_int_equal(lock_normalise((enum lock_rule)0, SLICE("a"), &answer),
				 STATUS_INVALID);
		assert_int_equal(lock_normalise((enum lock_rule)4, SLICE("a"), &answer),
				 STATUS_INVALID);
	}
}

static struct lock_terms
known_terms(struct arena *arena)
{
	struct lock_terms terms = {
	    .id = given_id(VECTOR_LOCK), .rule = LOCK_FORGIVING, .ops = 1, .memory_kib = 8};

	memcpy(terms.salt, given(arena, VECTOR_SALT).data, LOCK_SALT_SIZE);
	return terms;
}

static void
pairs_are_known_answers(void **state)
{
	struct arena *arena = arena_new();
	struct secret *pepper = given_secret(arena, VECTOR_PEPPER);
	struct lock_terms terms = known_terms(arena);
	struct secret answer;
	struct pair pair;

	(void)state;
	assert_int_equal(lock_normalise(LOCK_EXACT, given(arena, VECTOR_PASSPHRASE), &answer),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&answer), given(arena, VECTOR_ANSWER_EXACT));
	secret_clear(&answer);
	assert_int_equal(lock_normalise(terms.rule, given(arena, VECTOR_PASSPHRASE), &answer),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&answer), given(arena, VECTOR_ANSWER));
	assert_int_equal(lock_derive(&terms, &answer, pepper, &pair), STATUS_OK);
	assert_slice_equal(secret_slice(&pair.private), given(arena, VECTOR_LOCK_PRIVATE));
	assert_slice_equal(slice_of(pair.public, PAIR_PUBLIC_SIZE),
			   given(arena, VECTOR_LOCK_PUBLIC));
	pair_clear(&pair);
	terms.ops = 3;
	terms.memory_kib = 65536;
	assert_int_equal(lock_derive(&terms, &answer, pepper, &pair), STATUS_OK);
	assert_slice_equal(slice_of(pair.public, PAIR_PUBLIC_SIZE),
			   given(arena, VECTOR_LOCK_DEFAULT_PUBLIC));
	pair_clear(&pair);
	secret_clear(&answer);
	arena_free(arena);
}

static void
every_term_and_the_pepper_count(void **state)
{
	struct arena *arena = arena_new();
	struct secret *answer = given_secret(arena, VECTOR_ANSWER);
	struct secret *pepper = given_secret(arena, VECTOR_PEPPER);
	struct slice known = given(arena, VECTOR_LOCK_PUBLIC);

	(void)state;
	for (int changed = 0; changed < 6; changed++) {
		struct lock_terms terms = known_terms(arena);
		struct secret *with_pepper = pepper, *with_answer = answer;
		struct pair pair;

		if (changed == 0)
			terms.id.bytes[15] ^= 1;
		else if (changed == 1)
			terms.salt[15] ^= 1;
		else if (changed == 2)
			terms.ops = 2;
		else if (changed == 3)
			terms.memory_kib = 16;
		else if (changed == 4)
			with_pepper = given_secret(arena, VECTOR_DISPLAY_KEY);
		else
			with_answer = given_secret(arena, VECTOR_ANSWER_EXACT);
		assert_int_equal(lock_derive(&terms, with_answer, with_pepper, &pair), STATUS_OK);
		assert_memory_not_equal(pair.public, known.data, PAIR_PUBLIC_SIZE);
		pair_clear(&pair);
	}
	arena_free(arena);
}

static void
hostile_terms_are_refused(void **state)
{
	static const struct {
		const char *claim;
		uint32_t ops, memory_kib;
	} rows[] = {
	    {"no pass", 0, 65536},
	    {"eleven passes", 11, 8},
	    {"all passes there are", UINT32_MAX, 8},
	    {"no memory", 1, 0},
	    {"less memory than Argon2id works with", 1, 7},
	    {"over a gibibyte", 1, 1048577},
	    {"all memory there is", 1, UINT32_MAX},
	};
	struct arena *arena = arena_new();
	struct secret *answer = given_secret(arena, VECTOR_ANSWER);
	struct secret *pepper = given_secret(arena, VECTOR_PEPPER);
	struct secret *short_pepper = given_secret(arena, VECTOR_SALT);
	struct lock_terms terms = known_terms(arena);
	struct secret nothing = {NULL, 0};
	struct pair pair;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].claim);
		terms.ops = rows[i].ops;
		terms.memory_kib = rows[i].memory_kib;
		assert_int_equal(lock_derive(&terms, answer, pepper, &pair), STATUS_INVALID);
	}
	terms = known_terms(arena);
	assert_int_equal(lock_derive(&terms, &nothing, pepper, &pair), STATUS_INVALID);
	assert_int_equal(lock_derive(&terms, answer, &nothing, &pair), STATUS_INTERNAL);
	assert_int_equal(lock_derive(&terms, answer, short_pepper, &pair), STATUS_INTERNAL);
	arena_free(arena);
}

static void
new_terms_are_new(void **state)
{
	struct lock_terms one, two;

	(void)state;
	lock_terms_new(LOCK_EXACT, 3, 65536, &one);
	lock_terms_new(LOCK_EXACT, 3, 65536, &two);
	assert_int_equal(one.rule, LOCK_EXACT);
	assert_int_equal(one.ops, 3);
	assert_int_equal(one.memory_kib, 65536);
	assert_false(id_equal(one.id, two.id));
	assert_memory_not_equal(one.salt, two.salt, LOCK_SALT_SIZE);
}

static void
what_was_generated_is_known_in_any_spelling(void **state)
{
	static const struct {
		const char *claim;
		struct slice typed;
		enum status status;
	} rows[] = {
	    {"as it was told", SLICE("7k2m-9xqf-3hvd-w0rt"), STATUS_OK},
	    {"without hyphens", SLICE("7k2m9xqf3hvdw0rt"), STATUS_OK},
	    {"in capitals, with blanks", SLICE(" 7K2M 9XQF 3HVD W0RT\r\n"), STATUS_OK},
	    {"the letter for the digit", SLICE("7k2m-9xqf-3hvd-wort"), STATUS_OK},
	    {"with the dashes of a word processor",
	     SLICE("7k2m\xe2\x80\x93"
		   "9xqf\xe2\x80\x93"
		   "3hvd\xe2\x80\x93w0rt"),
	     STATUS_OK},
	    {"full-width", SLICE("\xef\xbc\x97k2m-9xqf-3hvd-w0rt"), STATUS_OK},
	    {"one short", SLICE("7k2m-9xqf-3hvd-w0r"), STATUS_INVALID},
	    {"one long", SLICE("7k2m-9xqf-3hvd-w0rtt"), STATUS_INVALID},
	    {"a letter that is not drawn", SLICE("7k2m-9xqf-3hvd-w0ru"), STATUS_INVALID},
	    {"punctuation", SLICE("7k2m.9xqf.3hvd.w0rt"), STATUS_INVALID},
	    {"nothing but hyphens", SLICE("----"), STATUS_INVALID},
	    {"nothing", SLICE(""), STATUS_INVALID},
	    {"no text", SLICE("7k2m-9xqf-3hvd-w0r\xff"), STATUS_INVALID},
	};
	struct slice canonical = SLICE("7k2m9xqf3hvdw0rt");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret answer;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(lock_normalise(LOCK_GENERATED, rows[i].typed, &answer),
				 rows[i].status);
		if (rows[i].status != STATUS_OK)
			continue;
		assert_slice_equal(secret_slice(&answer), canonical);
		secret_clear(&answer);
	}
}

static void
what_is_generated_is_new_and_read_again(void **state)
{
	struct secret one, two, answer;

	(void)state;
	lock_generate(&one);
	lock_generate(&two);
	assert_int_equal(one.size, LOCK_GENERATED_LENGTH);
	assert_false(slice_equal(secret_slice(&one), secret_slice(&two)));
	for (size_t i = 0; i < one.size; i++)
		if (i % 5 == 4)
			assert_int_equal(one.data[i], '-');
		else
			assert_non_null(strchr("0123456789abcdefghjkmnpqrstvwxyz", one.data[i]));
	assert_int_equal(lock_normalise(LOCK_GENERATED, secret_slice(&one), &answer), STATUS_OK);
	assert_int_equal(answer.size, 16);
	secret_clear(&answer);
	secret_clear(&one);
	secret_clear(&two);
}

/* Who has no pepper makes it; who has one, opens it with the same pair. */
static void
a_generated_lock_takes_no_pepper(void **state)
{
	struct arena *arena = arena_new();
	struct secret *pepper = given_secret(arena, VECTOR_PEPPER);
	struct lock_terms terms = known_terms(arena);
	struct slice typed = given(arena, VECTOR_GENERATED);
	struct secret nothing = {NULL, 0}, answer;
	struct pair with, without;

	(void)state;
	terms.rule = LOCK_GENERATED;
	terms.ops = LOCK_GENERATED_OPS;
	terms.memory_kib = LOCK_GENERATED_MEMORY_KIB;
	assert_int_equal(lock_normalise(LOCK_GENERATED, typed, &answer), STATUS_OK);
	assert_slice_equal(secret_slice(&answer), given(arena, VECTOR_GENERATED_ANSWER));
	secret_clear(&answer);
	assert_int_equal(lock_pair(&terms, typed, &nothing, &without), STATUS_OK);
	assert_int_equal(lock_pair(&terms, typed, pepper, &with), STATUS_OK);
	assert_slice_equal(slice_of(without.public, PAIR_PUBLIC_SIZE),
			   given(arena, VECTOR_GENERATED_PUBLIC));
	assert_memory_equal(with.public, without.public, PAIR_PUBLIC_SIZE);
	pair_clear(&with);
	pair_clear(&without);
	arena_free(arena);
}

/* Another lock is told from a wrap that was changed, or that is of something else. */
static void
wraps_open_by_their_own_lock(void **state)
{
	struct arena *arena = arena_new();
	struct slice plain = SLICE("what is kept"), wrap;
	struct id id = id_new(), other_id = id_new();
	struct pair lock, other;
	unsigned char *changed;
	struct secret secret;

	(void)state;
	pair_new(&lock);
	pair_new(&other);
	assert_int_equal(lock_seal(lock.public, PAIR_TEMPORARY_PRIVATE, &id, plain, arena, &wrap),
			 STATUS_OK);
	assert_int_equal(lock_open(&lock, PAIR_TEMPORARY_PRIVATE, &id, wrap, &secret), STATUS_OK);
	assert_true(slice_equal(secret_slice(&secret), plain));
	secret_clear(&secret);
	assert_int_equal(lock_open(&other, PAIR_TEMPORARY_PRIVATE, &id, wrap, &secret),
			 STATUS_DENIED);
	assert_int_equal(lock_open(&lock, PAIR_TEMPORARY_PRIVATE, &other_id, wrap, &secret),
			 STATUS_DAMAGED);
	assert_int_equal(lock_open(&lock, PAIR_MAILBOX_PRIVATE, &id, wrap, &secret),
			 STATUS_DAMAGED);
	changed = arena_alloc(arena, wrap.size);
	memcpy(changed, wrap.data, wrap.size);
	changed[wrap.size - 1] ^= 1;
	assert_int_equal(
	    lock_open(&lock, PAIR_TEMPORARY_PRIVATE, &id, slice_of(changed, wrap.size), &secret),
	    STATUS_DAMAGED);
	for (size_t size = 0; size < wrap.size; size++)
		assert_int_equal(lock_open(&lock, PAIR_TEMPORARY_PRIVATE, &id,
					   slice_part(wrap, 0, size), &secret),
				 size < PAIR_PUBLIC_SIZE ? STATUS_DENIED : STATUS_DAMAGED);
	pair_clear(&lock);
	pair_clear(&other);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(normal_forms_are_known_answers),
	    cmocka_unit_test(what_opens_the_same_lock),
	    cmocka_unit_test(a_kibibyte_is_taken_whole),
	    cmocka_unit_test(what_is_no_passphrase_is_refused),
	    cmocka_unit_test(pairs_are_known_answers),
	    cmocka_unit_test(every_term_and_the_pepper_count),
	    cmocka_unit_test(hostile_terms_are_refused),
	    cmocka_unit_test(what_was_generated_is_known_in_any_spelling),
	    cmocka_unit_test(what_is_generated_is_new_and_read_again),
	    cmocka_unit_test(a_generated_lock_takes_no_pepper),
	    cmocka_unit_test(new_terms_are_new),
	    cmocka_unit_test(wraps_open_by_their_own_lock),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
