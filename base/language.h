/*
 * A language as pages and mails need it: its name, its direction, its
 * translations, its dates, numbers and plurals.  What is known of languages comes
 * from ICU (CLDR), which needs no locale of the system.  Everything below works
 * for NULL, too: plain English without ICU.
 *
 * Any number of threads may use one language.
 */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include "base/catalogue.h"
#include "base/text.h"

#define LANGUAGE_CODE_SIZE 17

struct language;

/* The language of a tag such as "de" or "pt-BR" (RFC 5646), with what it was translated to; an
 * empty `catalogue` for the source's own.  STATUS_INVALID when ICU does not know it, or the
 * catalogue is none or has another number of plural forms than the language;
 * *why_out then says so. */
enum status language_new(const char *code, struct slice catalogue, struct language **language_out,
			 const char **why_out) MUST_CHECK;
/* NULL is fine. */
void language_free(struct language *language);

const char *language_code(const struct language *language);
/* What its speakers call it: "Deutsch". */
const char *language_name(const struct language *language);
bool language_is_rtl(const struct language *language);

/* The translation, see catalogue_find. */
bool language_find(const struct language *language, const struct phrase *phrase,
		   struct slice *translation_out);

/* Marks a word of the program for the catalogue, where it does not stand in the call itself. */
#define LANGUAGE_WORD(context, word) word

/* A word that comes from the program: translated, else itself. */
struct slice language_word(const struct language *language, const char *context, const char *word);

/* Which of `count` forms speaks of `number` things. */
size_t language_plural(const struct language *language, long long number);
size_t language_plural_count(const struct language *language);

/* Append a time, "22 November 2026, 06:01 UTC"; a number, "12,345"; a size in bytes, "12.3 MB". */
void language_put_time(const struct language *language, int64_t time, struct text *out);
void language_put_number(const struct language *language, long long number, struct text *out);
void language_put_size(const struct language *language, uint64_t size, struct text *out);

/* What a calendar and a clock on the wall show, without a zone. */
enum language_local { LANGUAGE_DAY, LANGUAGE_HOUR, LANGUAGE_DAY_AND_HOUR };

/* Append "Wednesday, 1 July 2026", "10:00", "Wednesday, 1 July 2026, 10:00".  `time` is that of a
 * place as if it were UTC's. */
void language_put_local(const struct language *language, int64_t time, enum language_local what,
			struct text *out);

/* Append "Monday and Friday", beginning with Monday; bit 0 of `weekdays` is Sunday. */
void language_put_weekdays(const struct language *language, unsigned weekdays, struct text *out);

#endif
