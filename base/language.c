#include "base/language.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ulistformatter.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/clock.h"

#define NAME_SIZE 96
#define WIDE_SIZE 160
#define PLURALS_MAX 6
/* Whole numbers up to here show every plural form that gettext counts: those for fractions, and
 * for the round millions of French and Spanish, are left out there. */
#define PLURAL_PROBES 1000

/* Digits as they are typed into forms and codes, in every language. */
#define DIGITS "@numbers=latn"

struct language {
	struct arena *arena;
	char code[LANGUAGE_CODE_SIZE];
	char name[NAME_SIZE];
	bool rtl;
	const struct catalogue *catalogue;
	UPluralRules *rules;
	const char *plurals[PLURALS_MAX]; /* ICU's words for its forms, in gettext's order */
	size_t plural_count;
	UNumberFormatter *whole; /* ICU promises that threads may share these */
	UNumberFormatter *tenths;
	UListFormatter *lists;
	UDateFormat *dates;	/* but not these two */
	UDateFormat *locals[3]; /* by language_local */
	pthread_mutex_t *lock;	/* of dates and locals */
};

/* In the order in which gettext's rules count them. */
static const char *const plural_words[PLURALS_MAX] = {"zero", "one", "two", "few", "many", "other"};

static const char *
plural_word(const struct language *language, long long number)
{
	UChar wide[16];
	char word[16];
	UErrorCode error = U_ZERO_ERROR;

	uplrules_select(language->rules, (double)number, wide, 16, &error);
	u_strToUTF8(word, sizeof(word), NULL, wide, -1, &error);
	for (size_t i = 0; U_SUCCESS(error) && i < PLURALS_MAX; i++)
		if (strcmp(plural_words[i], word) == 0)
			return plural_words[i];
	return "other";
}

static void
count_plurals(struct language *language)
{
	bool used[PLURALS_MAX] = {false};

	for (long long number = 0; number <= PLURAL_PROBES; number++) {
		const char *word = plural_word(language, number);

		for (size_t i = 0; i < PLURALS_MAX; i++)
			used[i] = used[i] || word == plural_words[i];
	}
	for (size_t i = 0; i < PLURALS_MAX; i++)
		if (used[i])
			language->plurals[language->plural_count++] = plural_words[i];
}

/* Date and time, and what joins them, as the language has them. */
static void
date_pattern(UDateTimePatternGenerator *generator, const UChar *day, UChar pattern[WIDE_SIZE],
	     UErrorCode *error)
{
	UChar date[WIDE_SIZE] = u"", time[WIDE_SIZE] = u"";
	const UChar *glue;
	int32_t size = 0;

	udatpg_getBestPattern(generator, day, -1, date, WIDE_SIZE / 4, error);
	udatpg_getBestPattern(generator, u"Hm", -1, time, WIDE_SIZE / 4, error);
	glue = udatpg_getDateTimeFormat(generator, &size);
	pattern[0] = 0;
	for (; *glue != 0 && size < WIDE_SIZE / 4; glue++, size = u_strlen(pattern)) {
		if (glue[0] == '{' && glue[1] != 0 && glue[2] == '}') {
			u_strcat(pattern, glue[1] == '1' ? date : time);
			glue += 2;
		} else {
			u_strncat(pattern, glue, 1);
		}
	}
}

static void
open_dates(struct language *language, const char *locale, UErrorCode *error)
{
	UDateTimePatternGenerator *generator = udatpg_open(locale, error);
	UChar patterns[4][WIDE_SIZE] = {u"", u"", u"", u""};

	if (U_FAILURE(*error))
		return;
	udatpg_getBestPattern(generator, u"yMMMMEEEEd", -1, patterns[LANGUAGE_DAY], WIDE_SIZE,
			      error);
	udatpg_getBestPattern(generator, u"Hm", -1, patterns[LANGUAGE_HOUR], WIDE_SIZE, error);
	date_pattern(generator, u"yMMMMEEEEd", patterns[LANGUAGE_DAY_AND_HOUR], error);
	for (size_t i = 0; i < 3; i++)
		language->locals[i] = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, u"UTC", -1,
						patterns[i], -1, error);
	date_pattern(generator, u"yMMMMd", patterns[3], error);
	u_strcat(patterns[3], u" 'UTC'");
	language->dates =
	    udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, u"UTC", -1, patterns[3], -1, error);
	udatpg_close(generator);
}

static void
open_formats(struct language *language, const char *locale, UErrorCode *error)
{
	language->rules = uplrules_open(locale, error);
	/* Numbers are grouped from 10,000 on: what is typed into a form stays as it is typed. */
	language->whole =
	    unumf_openForSkeletonAndLocale(u"precision-integer group-min2", -1, locale, error);
	language->tenths = unumf_openForSkeletonAndLocale(u".0 group-min2", -1, locale, error);
	language->lists =
	    ulistfmt_openForType(locale, ULISTFMT_TYPE_AND, ULISTFMT_WIDTH_WIDE, error);
	open_dates(language, locale, error);
}

static void
close_formats(void *argument)
{
	struct language *language = argument;

	if (language->rules != NULL)
		uplrules_close(language->rules);
	if (language->whole != NULL)
		unumf_close(language->whole);
	if (language->tenths != NULL)
		unumf_close(language->tenths);
	if (language->dates != NULL)
		udat_close(language->dates);
	for (size_t i = 0; i < 3; i++)
		if (language->locals[i] != NULL)
			udat_close(language->locals[i]);
	if (language->lists != NULL)
		ulistfmt_close(language->lists);
	pthread_mutex_destroy(language->lock);
}

static void
read_name(struct language *language, const char *locale, UErrorCode *error)
{
	UChar name[WIDE_SIZE], title[WIDE_SIZE];

	uloc_getDisplayName(locale, locale, name, WIDE_SIZE, error);
	/* French and Spanish write it small, but here it stands alone. */
	u_strToTitle(title, WIDE_SIZE, name, -1, NULL, locale, error);
	u_strToUTF8(language->name, NAME_SIZE, NULL, title, -1, error);
	language->rtl = uloc_isRightToLeft(locale) != 0;
}

/* What ICU knows; false when it does not know this language. */
static bool
open_language(struct language *language)
{
	char plain[ULOC_FULLNAME_CAPACITY], locale[ULOC_FULLNAME_CAPACITY + sizeof(DIGITS)];
	UErrorCode error = U_ZERO_ERROR;
	int32_t used = 0;

	uloc_forLanguageTag(language->code, plain, sizeof(plain), &used, &error);
	if (U_FAILURE(error) || (size_t)used != strlen(language->code) ||
	    *uloc_getISO3Language(plain) == '\0')
		return false;
	read_name(language, plain, &error);
	/* English as it is read everywhere: the day before the month. */
	snprintf(locale, sizeof(locale), "%s%s", strcmp(plain, "en") == 0 ? "en_GB" : plain,
		 DIGITS);
	open_formats(language, locale, &error);
	if (U_FAILURE(error))
		return false;
	count_plurals(language);
	return true;
}

/* "nplurals=2; plural=...": the rule is CLDR's here, but the translator must have counted the same
 * forms. */
static bool
plurals_agree(const struct language *language)
{
	struct slice field = catalogue_field(language->catalogue, "Plural-Forms");
	size_t from = slice_find(field, SLICE("nplurals="), 0);

	if (from == SLICE_NONE || from + 9 >= field.size)
		return false;
	return (size_t)(field.data[from + 9] - '0') == language->plural_count;
}

enum status
language_new(const char *code, struct slice catalogue, struct language **language_out,
	     const char **why_out)
{
	struct arena *arena = arena_new();
	struct language *language = arena_alloc(arena, sizeof(*language));
	struct catalogue *read = NULL;

	*why_out = NULL;
	language->arena = arena;
	snprintf(language->code, sizeof(language->code), "%s", code);
	language->lock = arena_alloc(arena, sizeof(pthread_mutex_t));
	pthread_mutex_init(language->lock, NULL);
	arena_defer(arena, close_formats, language);
	if (catalogue.size > 0 && catalogue_read(catalogue, arena, &read) != STATUS_OK)
		*why_out = "is no catalogue of translations";
	else if (strlen(code) >= LANGUAGE_CODE_SIZE || !open_language(language))
		*why_out = "is not the tag of a language";
	language->catalogue = read;
	if (*why_out == NULL && read != NULL && !plurals_agree(language))
		*why_out = "counts other plural forms than the language has";
	if (*why_out != NULL) {
		arena_free(arena);
		return STATUS_INVALID;
	}
	*language_out = language;
	return STATUS_OK;
}

void
language_free(struct language *language)
{
	if (language != NULL)
		arena_free(language->arena);
}

const char *
language_code(const struct language *language)
{
	return language == NULL ? "en" : language->code;
}

const char *
language_name(const struct language *language)
{
	return language == NULL ? "English" : language->name;
}

bool
language_is_rtl(const struct language *language)
{
	return language != NULL && language->rtl;
}

bool
language_find(const struct language *language, const struct phrase *phrase,
	      struct slice *translation_out)
{
	return language != NULL && catalogue_find(language->catalogue, phrase, translation_out);
}

struct slice
language_word(const struct language *language, const char *context, const char *word)
{
	struct phrase phrase = {.context = slice_from_text(context), .text = slice_from_text(word)};
	struct slice translation;

	return language_find(language, &phrase, &translation) ? translation : phrase.text;
}

size_t
language_plural_count(const struct language *language)
{
	return language == NULL ? 2 : language->plural_count;
}

size_t
language_plural(const struct language *language, long long number)
{
	const char *word;

	if (language == NULL)
		return number == 1 ? 0 : 1;
	word = plural_word(language, number);
	for (size_t i = 0; i < language->plural_count; i++)
		if (language->plurals[i] == word)
			return i;
	/* A form that only fractions and millions have. */
	return language->plural_count - 1;
}

static void
put_wide(const UChar *wide, struct text *out)
{
	char narrow[6 * WIDE_SIZE];
	UErrorCode error = U_ZERO_ERROR;

	u_strToUTF8(narrow, sizeof(narrow), NULL, wide, -1, &error);
	if (U_SUCCESS(error))
		text_append_text(out, narrow);
}

static void
put_date(const struct language *language, const UDateFormat *format, int64_t time, struct text *out)
{
	UChar wide[WIDE_SIZE];
	UErrorCode error = U_ZERO_ERROR;

	pthread_mutex_lock(language->lock);
	udat_format(format, (UDate)time * 1000, wide, WIDE_SIZE, NULL, &error);
	pthread_mutex_unlock(language->lock);
	if (U_SUCCESS(error))
		put_wide(wide, out);
}

void
language_put_time(const struct language *language, int64_t time, struct text *out)
{
	char plain[CLOCK_TEXT_SIZE];

	if (language == NULL) {
		clock_format_people(time, plain);
		text_append_text(out, plain);
	} else {
		put_date(language, language->dates, time, out);
	}
}

static const char *const english_days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
					   "Thursday", "Friday", "Saturday"};

static void
put_english_local(int64_t time, enum language_local what, struct text *out)
{
	time_t seconds = (time_t)time;
	struct tm parts;
	char plain[CLOCK_TEXT_SIZE];

	gmtime_r(&seconds, &parts);
	clock_format_people(time, plain);
	if (what != LANGUAGE_HOUR)
		text_printf(out, "%s, %.*s", english_days[parts.tm_wday], (int)strcspn(plain, ","),
			    plain);
	if (what != LANGUAGE_DAY)
		text_printf(out, "%s%02d:%02d", what == LANGUAGE_HOUR ? "" : ", ", parts.tm_hour,
			    parts.tm_min);
}

void
language_put_local(const struct language *language, int64_t time, enum language_local what,
		   struct text *out)
{
	if (language == NULL)
		put_english_local(time, what, out);
	else
		put_date(language, language->locals[what], time, out);
}

/* The language's own names, as they stand alone; how many. */
static int32_t
name_weekdays(const struct language *language, unsigned weekdays, UChar names[7][WIDE_SIZE / 4])
{
	UErrorCode error = U_ZERO_ERROR;
	int32_t count = 0;

	pthread_mutex_lock(language->lock);
	/* ICU counts from 1, which is Sunday. */
	for (int32_t day = 1; day <= 7; day++)
		if ((weekdays >> (day % 7) & 1) != 0)
			udat_getSymbols(language->dates, UDAT_STANDALONE_WEEKDAYS, day % 7 + 1,
					names[count++], WIDE_SIZE / 4, &error);
	pthread_mutex_unlock(language->lock);
	return U_SUCCESS(error) ? count : 0;
}

static void
put_english_weekdays(unsigned weekdays, struct text *out)
{
	size_t left = 0;

	for (size_t day = 0; day < 7; day++)
		left += weekdays >> day & 1;
	for (size_t day = 1; day <= 7; day++) {
		if ((weekdays >> (day % 7) & 1) == 0)
			continue;
		text_append_text(out, english_days[day % 7]);
		left--;
		text_append_text(out, left > 1 ? ", " : left == 1 ? " and " : "");
	}
}

void
language_put_weekdays(const struct language *language, unsigned weekdays, struct text *out)
{
	UChar names[7][WIDE_SIZE / 4], wide[2 * WIDE_SIZE];
	const UChar *list[7] = {names[0], names[1], names[2], names[3],
				names[4], names[5], names[6]};
	UErrorCode error = U_ZERO_ERROR;
	int32_t count, size;

	if (language == NULL) {
		put_english_weekdays(weekdays, out);
		return;
	}
	count = name_weekdays(language, weekdays, names);
	size = ulistfmt_format(language->lists, list, NULL, count, wide, 2 * WIDE_SIZE - 1, &error);
	if (U_FAILURE(error))
		return;
	wide[size] = 0;
	put_wide(wide, out);
}

static void
put_formatted(const UNumberFormatter *formatter, double number, struct text *out)
{
	UErrorCode error = U_ZERO_ERROR;
	UFormattedNumber *result = unumf_openResult(&error);
	UChar wide[WIDE_SIZE];

	unumf_formatDouble(formatter, number, result, &error);
	unumf_resultToString(result, wide, WIDE_SIZE, &error);
	unumf_closeResult(result);
	if (U_SUCCESS(error))
		put_wide(wide, out);
}

void
language_put_number(const struct language *language, long long number, struct text *out)
{
	if (language == NULL || (number > -1000 && number < 10000))
		text_printf(out, "%lld", number);
	else
		put_formatted(language->whole, (double)number, out);
}

void
language_put_size(const struct language *language, uint64_t size, struct text *out)
{
	static const char *const units[] = {LANGUAGE_WORD("size", "B"), LANGUAGE_WORD("size", "KB"),
					    LANGUAGE_WORD("size", "MB"),
					    LANGUAGE_WORD("size", "GB")};
	uint64_t unit = 1;
	size_t i = 0;

	while (i < 3 && size >= unit * 1024) {
		unit *= 1024;
		i++;
	}
	if (size % unit == 0)
		language_put_number(language, (long long)(size / unit), out);
	else if (language == NULL)
		text_printf(out, "%.1f", (double)size / (double)unit);
	else
		put_formatted(language->tenths, (double)size / (double)unit, out);
	text_append_byte(out, ' ');
	text_append(out, language_word(language, "size", units[i]));
}
