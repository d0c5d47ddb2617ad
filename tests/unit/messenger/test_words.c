/* messenger/words: the lists that are shipped, and those that must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/secret.h"
#include "base/text.h"
#include "crypto/lock.h"
#include "messenger/words.h"

static const char *const languages[] = {"en", "de"};

/* The words of a shipped list, as the file has them. */
static char **
shipped(const char *language, struct arena *arena)
{
	char **words = arena_alloc_many(arena, WORDS_COUNT, sizeof(*words));
	FILE *file = fopen(arena_printf(arena, "templates/words/%s.txt", language), "re");
	char line[64];
	size_t count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		assert_true(count < WORDS_COUNT);
		line[strcspn(line, "\n")] = '\0';
		words[count++] = arena_copy_text(arena, line);
	}
	fclose(file);
	assert_int_equal(count, WORDS_COUNT);
	return words;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_in(char **words, const char *word)
{
	return bsearch(&word, words, WORDS_COUNT, sizeof(*words), compare_texts) != NULL;
}

static struct words *
load_shipped(void)
{
	struct words *words;

	assert_int_equal(words_load("templates", stderr, &words), STATUS_OK);
	return words;
}

#define RUN ((size_t)64) /* words that fit in a passphrase */

static void
shipped_words_stay_apart_in_every_lock(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct arena *arena = arena_new();
		char **words = shipped(languages[i], arena);

		for (size_t from = 0; from < WORDS_COUNT; from += RUN) {
			const char *run = "";
			struct secret answer;

			for (size_t word = from; word < from + RUN; word++) {
				/* In order, so distinct. */
				if (word > 0)
					assert_true(strcmp(words[word - 1], words[word]) < 0);
				run = arena_printf(arena, "%s%s", run, words[word]);
			}
			/* They stay what they are, so distinct also then. */
			assert_int_equal(
			    lock_normalise(LOCK_FORGIVING, slice_from_text(run), &answer),
			    STATUS_OK);
			assert_true(slice_equal(secret_slice(&answer), slice_from_text(run)));
			secret_clear(&answer);
		}
		arena_free(arena);
	}
}

static void
no_shipped_word_is_another_with_s(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct arena *arena = arena_new();
		char **words = shipped(languages[i], arena);

		for (size_t word = 0; word < WORDS_COUNT; word++)
			assert_false(is_in(words, arena_printf(arena, "%ss", words[word])));
		arena_free(arena);
	}
}

static void
suggestions_are_of_the_list_that_was_asked_for(void **state)
{
	static const struct {
		const char *claim, *language, *list;
	} rows[] = {
	    {"English", "en", "en"},
	    {"German", "de", "de"},
	    {"another language is English", "fr", "en"},
	};
	struct words *words = load_shipped();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		char **list = shipped(rows[i].list, arena);

		print_message("  %s\n", rows[i].claim);
		for (size_t count = 0; count < 20; count++) {
			char *text = arena_copy_text(
			    arena, words_suggest(words, rows[i].language, count, arena));
			size_t found = 0;
			char *word;

			if (*text == '\0')
				text = NULL;
			for (; (word = strsep(&text, " ")) != NULL; found++)
				assert_true(is_in(list, word));
			assert_int_equal(found, count);
		}
		arena_free(arena);
	}
	words_free(words);
}

/* Of 65,536 draws, fewer than one in 10^10 misses any one of 2,048 words. */
static void
every_word_is_drawn(void **state)
{
	struct words *words = load_shipped();
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char **list = shipped(languages[i], arena);
		bool drawn[WORDS_COUNT] = {false};
		char *text =
		    arena_copy_text(arena, words_suggest(words, languages[i], 65536, arena));
		char *word;

		while ((word = strsep(&text, " ")) != NULL) {
			char **hit =
			    bsearch(&word, list, WORDS_COUNT, sizeof(*list), compare_texts);

			assert_non_null(hit);
			drawn[hit - list] = true;
		}
		for (size_t k = 0; k < WORDS_COUNT; k++)
			assert_true(drawn[k]);
	}
	assert_string_not_equal(words_suggest(words, "en", 8, arena),
				words_suggest(words, "en", 8, arena));
	arena_free(arena);
	words_free(words);
}

/* "aaa", "aab", ... in order, with line `line` (from 1) replaced, or left out when NULL. */
static void
write_list(const char *folder, const char *name, size_t count, size_t line, const char *replacement)
{
	struct arena *arena = arena_new();
	FILE *file = fopen(arena_printf(arena, "%s/words/%s.txt", folder, name), "we");

	assert_non_null(file);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 != line)
			fprintf(file, "%c%c%c\n", (char)('a' + i / 676), (char)('a' + i / 26 % 26),
				(char)('a' + i % 26));
		else if (replacement != NULL)
			fprintf(file, "%s\n", replacement);
	}
	fclose(file);
	arena_free(arena);
}

static void
broken_lists_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *claim;
		size_t en_count, de_count;
		size_t line; /* of the German list */
		const char *replacement;
		const char *faults; /* how they begin; NULL: none */
	} rows[] = {
	    {"right lists", WORDS_COUNT, WORDS_COUNT, 0, "", NULL},
	    {"eight German letters", WORDS_COUNT, WORDS_COUNT, 2, "aaabbbbb", NULL},
	    {"a word too few", WORDS_COUNT, WORDS_COUNT - 1, 0, "",
	     "words/de.txt:2047: there are too few words"},
	    {"no word", WORDS_COUNT, 0, 0, "", "words/de.txt:0: there are too few words"},
	    {"a word too many", WORDS_COUNT + 1, WORDS_COUNT, 0, "",
	     "words/en.txt:2049: there are too many words"},
	    {"a word twice", WORDS_COUNT, WORDS_COUNT, 3, "aab", "words/de.txt:3: the word is out"},
	    {"a word out of order", WORDS_COUNT, WORDS_COUNT, 3, "zzz",
	     "words/de.txt:4: the word is out"},
	    {"a shorter one behind", WORDS_COUNT, WORDS_COUNT, 2, "aa",
	     "words/de.txt:2: the word is too short"},
	    {"a longer one before", WORDS_COUNT, WORDS_COUNT, 2, "aaca",
	     "words/de.txt:3: the word is out"},
	    {"nine letters", WORDS_COUNT, WORDS_COUNT, 2, "aaabbbbbb",
	     "words/de.txt:2: the word is too long"},
	    {"an empty line", WORDS_COUNT, WORDS_COUNT, 1, "",
	     "words/de.txt:1: the word is too short"},
	    {"a capital", WORDS_COUNT, WORDS_COUNT, 5, "Aae", "words/de.txt:5: a word is of"},
	    {"an umlaut", WORDS_COUNT, WORDS_COUNT, 5, "aa\xc3\xa4",
	     "words/de.txt:5: a word is of"},
	    {"a blank", WORDS_COUNT, WORDS_COUNT, 5, "aae ", "words/de.txt:5: a word is of"},
	    {"CR", WORDS_COUNT, WORDS_COUNT, 2048, "daw\r", "words/de.txt:2048: a word is of"},
	    {"both at once", 4, 5, 0, "",
	     "words/en.txt:4: there are too few words\nwords/de.txt:5: there are too few words"},
	};
	char folder[] = "/tmp/postern-words-XXXXXX";
	struct arena *arena = arena_new();

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(arena_printf(arena, "%s/words", folder), 0700), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words *words = NULL;
		char *faults;
		size_t size;
		FILE *stream = open_memstream(&faults, &size);
		enum status status;

		print_message("  %s\n", rows[i].claim);
		write_list(folder, "en", rows[i].en_count, 0, "");
		write_list(folder, "de", rows[i].de_count, rows[i].line, rows[i].replacement);
		status = words_load(folder, stream, &words);
		fclose(stream);
		if (rows[i].faults == NULL) {
			assert_int_equal(status, STATUS_OK);
			assert_string_equal(faults, "");
		} else {
			assert_int_equal(status, STATUS_INVALID);
			assert_null(words);
			assert_int_equal(strncmp(faults, rows[i].faults, strlen(rows[i].faults)),
					 0);
		}
		words_free(words);
		free(faults);
	}
	assert_int_equal(unlink(arena_printf(arena, "%s/words/en.txt", folder)), 0);
	assert_int_equal(unlink(arena_printf(arena, "%s/words/de.txt", folder)), 0);
	assert_int_equal(rmdir(arena_printf(arena, "%s/words", folder)), 0);
	assert_int_equal(rmdir(folder), 0);
	arena_free(arena);
}

static void
lists_that_are_not_there_are_told(void **state)
{
	struct words *words = NULL;
	char *faults;
	size_t size;
	FILE *stream = open_memstream(&faults, &size);

	(void)state;
	assert_int_equal(words_load("/nonexistent", stream, &words), STATUS_INVALID);
	fclose(stream);
	assert_null(words);
	assert_string_equal(faults, "words/en.txt:0: No such file or directory\n"
				    "words/de.txt:0: No such file or directory\n");
	free(faults);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shipped_words_stay_apart_in_every_lock),
	    cmocka_unit_test(no_shipped_word_is_another_with_s),
	    cmocka_unit_test(suggestions_are_of_the_list_that_was_asked_for),
	    cmocka_unit_test(every_word_is_drawn),
	    cmocka_unit_test(broken_lists_are_refused_with_their_line),
	    cmocka_unit_test(lists_that_are_not_there_are_told),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
