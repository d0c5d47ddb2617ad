/* messenger/strength: what people take is found guessable, what they should take is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <sodium.h>

#include "messenger/strength.h"

/* Bits of `passphrase` for whoever knows the words of `known`. */
static double
bits_of(enum lock_rule rule, struct slice passphrase, const char *known)
{
	struct arena *arena = arena_new();
	const char *words[STRENGTH_WORDS_MAX];
	struct strength strength;
	size_t count = 0;

	strength_add_words(slice_from_text(known), arena, words, &count);
	assert_int_equal(strength_estimate(rule, passphrase, words, count, arena, &strength),
			 STATUS_OK);
	arena_free(arena);
	return strength.bits;
}

#define CONTEXT                                                                                    \
	"What is the name of our first dog? Fred M\xc3\xbcller <fred.mueller@example.net> "        \
	"\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8\xd1\x8f"

static void
passphrases_are_estimated(void **state)
{
	static const struct {
		const char *claim;
		struct slice passphrase;
		double least, most; /* guesses, under either rule */
	} rows[] = {
	    {"what everybody takes", SLICE("password"), 1, 10},
	    {"with a capital", SLICE("Password"), 1, 10},
	    {"spelled with digits", SLICE("p4ssw0rd"), 1, 100},
	    {"digits in order", SLICE("123456"), 1, 100},
	    {"a dog", SLICE("fido"), 100, 1e5},
	    {"a dog and a year", SLICE("fido2019"), 1e3, 1e9},
	    {"a date", SLICE("12.03.1987"), 1e4, 1e6},
	    {"a walk on the keyboard", SLICE("qwertyuiop"), 1, 1e4},
	    {"one letter many times", SLICE("aaaaaaaaaaaaaaaaaaaaaaaa"), 1, 1e4},
	    {"the recipient's name", SLICE("Fred"), 1, 100},
	    {"the family name", SLICE("M\xc3\xbcller"), 1, 100},
	    {"the family name without its umlaut", SLICE("muller"), 1, 100},
	    {"the same in capitals", SLICE("M\xc3\x9cLLER"), 1, 100},
	    {"from the address", SLICE("mueller"), 1, 100},
	    {"both names", SLICE("fred m\xc3\xbcller"), 1, 1e6},
	    {"a name in Cyrillic", SLICE("\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8\xd1\x8f"), 1, 100},
	    {"a word of six Cyrillic letters",
	     SLICE("\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c"), 1, 1e9},
	    {"two ideographs", SLICE("\xe5\xaf\x86\xe7\xa0\x81"), 1, 1e7},
	    {"a question mark", SLICE("?"), 1, 100},
	    {"four words", SLICE("correct horse battery staple"), 1e9, INFINITY},
	    {"five German words",
	     SLICE("kobold \xc3\xbc"
		   "ber lampe am fluss"),
	     1e12, INFINITY},
	    {"eighteen letters at random", SLICE("kq7vz2mw9xh4tj8rbn"), 1e12, INFINITY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].claim);
		for (int rule = LOCK_EXACT; rule <= LOCK_FORGIVING; rule++) {
			double guesses =
			    exp2(bits_of((enum lock_rule)rule, rows[i].passphrase, CONTEXT));

			assert_true(guesses >= rows[i].least);
			assert_true(guesses <= rows[i].most);
		}
	}
}

static void
what_is_known_makes_it_weaker(void **state)
{
	static const struct {
		const char *claim;
		struct slice passphrase;
		const char *known;
	} rows[] = {
	    {"a rare name", SLICE("Bellerophon"), "bellerophon@example.net"},
	    {"in pieces", SLICE("Bellerophon7"), "Our boat is the Bellerophon."},
	    {"with accents", SLICE("Z\xc3\xbckert"), "Z\xc3\xbckert"},
	    {"without them", SLICE("Zukert"), "Z\xc3\xbckert"},
	    {"in Greek", SLICE("\xce\xb3\xce\xb9\xce\xac\xce\xbd\xce\xbd\xce\xb7\xcf\x82"),
	     "\xce\x93\xce\xb9\xce\xac\xce\xbd\xce\xbd\xce\xb7\xcf\x82 of Corinth"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].claim);
		for (int rule = LOCK_EXACT; rule <= LOCK_FORGIVING; rule++) {
			struct slice passphrase = rows[i].passphrase;

			assert_true(bits_of((enum lock_rule)rule, passphrase, rows[i].known) + 9 <
				    bits_of((enum lock_rule)rule, passphrase, ""));
		}
	}
}

static void
accents_add_nothing(void **state)
{
	double plain = bits_of(LOCK_EXACT, SLICE("grusse"), "");

	(void)state;
	assert_true(bits_of(LOCK_EXACT,
			    SLICE("Gr\xc3\xbc\xc3\x9f"
				  "e"),
			    "") <= plain);
	assert_true(bits_of(LOCK_FORGIVING,
			    SLICE("Gr\xc3\xbc\xc3\x9f"
				  "e"),
			    "") <= plain);
}

static void
the_rule_counts(void **state)
{
	struct slice mixed = SLICE("tHe QuIcK, bRoWn!");

	(void)state;
	assert_true(bits_of(LOCK_FORGIVING, mixed, "") + 5 < bits_of(LOCK_EXACT, mixed, ""));
}

/* Letters that nobody guesses, always the same. */
static void
scatter(unsigned char *bytes, size_t size)
{
	unsigned state = 4711;

	for (size_t i = 0; i < size; i++) {
		state = state * 1103515245 + 12345;
		bytes[i] = (unsigned char)('a' + (state >> 16) % 26);
	}
}

static void
a_kibibyte_is_estimated(void **state)
{
	unsigned char bytes[LOCK_PASSPHRASE_MAX + 1];
	struct arena *arena = arena_new();
	struct strength strength = {-1};
	double head;

	(void)state;
	scatter(bytes, sizeof(bytes));
	assert_true(bits_of(LOCK_EXACT, slice_of(bytes, LOCK_PASSPHRASE_MAX), "") > 64);
	/* One letter all along is weak, however long. */
	memset(bytes, 'x', sizeof(bytes));
	head = bits_of(LOCK_EXACT, slice_of(bytes, 100), "");
	assert_true(bits_of(LOCK_EXACT, slice_of(bytes, LOCK_PASSPHRASE_MAX), "") >= head);
	assert_true(bits_of(LOCK_EXACT, slice_of(bytes, LOCK_PASSPHRASE_MAX), "") < 40);
	/* What zxcvbn would cut off counts. */
	scatter(bytes + 900, 90);
	assert_true(bits_of(LOCK_EXACT, slice_of(bytes, LOCK_PASSPHRASE_MAX), "") > 64);
	assert_true(bits_of(LOCK_FORGIVING, slice_of(bytes, LOCK_PASSPHRASE_MAX), "") > 64);
	/* U+FDFA grows elevenfold when it is normalised. */
	for (size_t i = 0; i < LOCK_PASSPHRASE_MAX / 3; i++)
		memcpy(bytes + 3 * i, "\xef\xb7\xba", 3);
	assert_true(bits_of(LOCK_EXACT, slice_of(bytes, LOCK_PASSPHRASE_MAX / 3 * 3), "") > 0);
	assert_int_equal(strength_estimate(LOCK_EXACT, slice_of(bytes, sizeof(bytes)), NULL, 0,
					   arena, &strength),
			 STATUS_TOO_LARGE);
	assert_true(strength.bits < 0);
	arena_free(arena);
}

static void
never_less_because_of_a_cut(void **state)
{
	unsigned char bytes[LOCK_PASSPHRASE_MAX];
	double before = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)"the-cat-sat-on-the-mats,"[i % 24];
	for (size_t size = 100; size <= sizeof(bytes); size += 84) {
		double bits = bits_of(LOCK_EXACT, slice_of(bytes, size), "");

		assert_true(bits >= before);
		before = bits;
	}
}

static void
what_stands_behind_nul_counts(void **state)
{
	double one = bits_of(LOCK_EXACT, SLICE("zebra"), "");
	double other = bits_of(LOCK_EXACT, SLICE("violin"), "");
	double both = bits_of(LOCK_EXACT, SLICE("zebra\0violin"), "");

	(void)state;
	assert_true(fabs(both - one - other) < 0.01);
	assert_true(fabs(bits_of(LOCK_EXACT, SLICE("\0zebra\0\0"), "") - one) < 0.01);
	assert_true(bits_of(LOCK_EXACT, SLICE("\0"), "") == 0);
}

static void
what_is_no_passphrase_is_refused(void **state)
{
	static const struct slice rows[] = {SLICE(""), SLICE(" \t"), SLICE("M\xfcller"),
					    SLICE("abc\xc3")};
	struct arena *arena = arena_new();
	struct strength strength = {-1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    strength_estimate(LOCK_FORGIVING, rows[i], NULL, 0, arena, &strength),
		    STATUS_INVALID);
	assert_true(strength.bits < 0);
	arena_free(arena);
}

static void
odd_context_does_no_harm(void **state)
{
	const char *words[] = {"", "\xff\xfe", " ", "zebra", "\xc3", "?"};
	struct arena *arena = arena_new();
	struct strength strength;

	(void)state;
	assert_int_equal(strength_estimate(LOCK_EXACT, SLICE("zebra"), words, 6, arena, &strength),
			 STATUS_OK);
	assert_true(strength.bits < 3);
	arena_free(arena);
}

static void
words_are_taken_from_texts(void **state)
{
	static const struct {
		const char *claim;
		struct slice text;
		const char *words;
	} rows[] = {
	    {"nothing", SLICE(""), ""},
	    {"a question", SLICE("What is our dog's name?"), "what our dog name "},
	    {"an address", SLICE("Fred.Smith@mail.example.net"), "fred smith mail example net "},
	    {"digits", SLICE("in 1987, room 12"), "1987 room "},
	    {"umlauts", SLICE("\xc3\x84pfel J\xc3\xb6rg \xc3\xbc\xc3\xa4"),
	     "\xc3\xa4pfel j\xc3\xb6rg "},
	    {"a combining mark stays with its letter", SLICE("Ju\xcc\x88r"), "ju\xcc\x88r "},
	    {"no word twice", SLICE("Tim tim TIM tom"), "tim tom "},
	    {"broken bytes part words",
	     SLICE("abc\xff"
		   "def\xc3"),
	     "abc def "},
	    {"so does NUL", SLICE("abc\0def"), "abc def "},
	    {"long ones are cut",
	     SLICE("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop"),
	     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *words[STRENGTH_WORDS_MAX];
		const char *all = "";
		size_t count = 0;

		print_message("  %s\n", rows[i].claim);
		strength_add_words(rows[i].text, arena, words, &count);
		for (size_t word = 0; word < count; word++)
			all = arena_printf(arena, "%s%s ", all, words[word]);
		assert_string_equal(all, rows[i].words);
		arena_free(arena);
	}
}

static void
words_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	const char *words[STRENGTH_WORDS_MAX];
	size_t count = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		const char *text = arena_printf(arena, "word%u other%u", i, i);

		strength_add_words(slice_from_text(text), arena, words, &count);
	}
	assert_int_equal(count, STRENGTH_WORDS_MAX);
	assert_string_equal(words[0], "word0");
	assert_string_equal(words[STRENGTH_WORDS_MAX - 1], "other63");
	arena_free(arena);
}

static void
guesses_are_rounded_for_people(void **state)
{
	static const struct {
		double guesses;
		unsigned number;
		enum strength_unit unit;
	} rows[] = {
	    {1, 2, STRENGTH_ONES},
	    {2, 2, STRENGTH_ONES},
	    {3.4, 3, STRENGTH_ONES},
	    {9.4, 9, STRENGTH_ONES},
	    {9.6, 10, STRENGTH_ONES},
	    {42, 40, STRENGTH_ONES},
	    {94, 90, STRENGTH_ONES},
	    {96, 100, STRENGTH_ONES},
	    {749, 700, STRENGTH_ONES},
	    {949, 900, STRENGTH_ONES},
	    {951, 1, STRENGTH_THOUSANDS},
	    {1499, 1, STRENGTH_THOUSANDS},
	    {2000, 2, STRENGTH_THOUSANDS},
	    {45001, 50, STRENGTH_THOUSANDS},
	    {951e3, 1, STRENGTH_MILLIONS},
	    {2e7, 20, STRENGTH_MILLIONS},
	    {5.2e9, 5, STRENGTH_BILLIONS},
	    {9.4e11, 900, STRENGTH_BILLIONS},
	    {9.9e11, 900, STRENGTH_BILLIONS},
	    {1.01e12, 1, STRENGTH_BEYOND},
	    {1e300, 1, STRENGTH_BEYOND},
	    {INFINITY, 1, STRENGTH_BEYOND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strength strength = {.bits = log2(rows[i].guesses)};
		unsigned number;
		enum strength_unit unit;

		print_message("  %g\n", rows[i].guesses);
		strength_round(&strength, &number, &unit);
		assert_int_equal(number, rows[i].number);
		assert_int_equal(unit, rows[i].unit);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passphrases_are_estimated),
	    cmocka_unit_test(what_is_known_makes_it_weaker),
	    cmocka_unit_test(accents_add_nothing),
	    cmocka_unit_test(the_rule_counts),
	    cmocka_unit_test(a_kibibyte_is_estimated),
	    cmocka_unit_test(never_less_because_of_a_cut),
	    cmocka_unit_test(what_stands_behind_nul_counts),
	    cmocka_unit_test(what_is_no_passphrase_is_refused),
	    cmocka_unit_test(odd_context_does_no_harm),
	    cmocka_unit_test(words_are_taken_from_texts),
	    cmocka_unit_test(words_are_bounded),
	    cmocka_unit_test(guesses_are_rounded_for_people),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
