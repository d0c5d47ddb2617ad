/*
 * The language of an answer: what the visitor chose by a link, else what their
 * browser asks for, else the organisation's.  The choice is a link to the same page
 * with "?language=de", which sets a cookie for the visit and leads back: it works
 * in any browser, and nothing changes here.
 */
#ifndef PORTAL_CHOOSE_H
#define PORTAL_CHOOSE_H

#include "portal/answer.h"
#include "portal/request.h"

#define CHOOSE_COOKIE "__Secure-postern-language"

/* The language in a query, "" when it has none; and the query without it. */
struct slice choose_asked(struct slice query);
struct slice choose_without(struct slice query, struct arena *arena);

/* By cookie, by Accept-Language, by policy. */
const struct language *choose_language(const struct request *request);

/* Keep request->choice in a cookie, if there is such a language, and lead to the same address
 * without it. */
void choose_keep(const struct request *request, struct slice target, struct answer *answer);

/* "language" and "direction" of the page, "several_languages", and the list "languages" of "code",
 * "name", "url" and "chosen". */
void choose_put(const struct request *request, struct template_values *values);

#endif
