/*
 * The languages that are installed, English first: each with the templates in
 * its words.  And which of them somebody understands.
 *
 * Not changed after it is loaded: any number of threads may use it.
 */
#ifndef BASE_LANGUAGES_H
#define BASE_LANGUAGES_H

#include <stdio.h>

#include "base/language.h"
#include "base/template.h"

#define LANGUAGES_MAX ((size_t)64)
#define LANGUAGES_RANGES_MAX 32 /* of an Accept-Language; what stands behind is not read */

struct languages;

/* Compile the templates below `templates` once for each catalogue CODE.mo below `catalogues`, and
 * as they are.  "" for the folder "languages" beside that of the templates, which may be
 * missing.  STATUS_INVALID after writing every fault as "file:line: what" to `faults`. */
enum status languages_load(const char *templates, const char *catalogues, FILE *faults,
			   struct languages **languages_out) MUST_CHECK;
/* NULL is fine. */
void languages_free(struct languages *languages);

size_t languages_count(const struct languages *languages);
const struct language *languages_at(const struct languages *languages, size_t index);
const struct template_set *
languages_templates(const struct languages *languages, const struct language *language);

/* The language of exactly this code; NULL when it is not there. */
const struct language *languages_find(const struct languages *languages, struct slice code);
/* The same, or English. */
const struct language *
languages_find_or_english(const struct languages *languages, const char *code);

/* Whether each phrase of all templates is in that language: English always is. */
bool languages_is_whole(const struct languages *languages, const struct language *language);

/* The best for an Accept-Language field (RFC 9110 section 12.5.4, by lookup as in RFC 4647 section
 * 3.4); `otherwise` when none of it is there, or the field says nothing that can be read. */
const struct language *languages_choose(const struct languages *languages, struct slice accepted,
					const struct language *otherwise);

#endif
