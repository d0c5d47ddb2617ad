/*
 * What stands between {{_}} and {{/_}}: a phrase that is looked up in a
 * catalogue.  Its text is a piece of template source, and so is a translation,
 * which may move what the phrase uses but neither drop nor add any of it.
 * Inside of base/template only.
 */
#ifndef BASE_TEMPLATE_PHRASE_H
#define BASE_TEMPLATE_PHRASE_H

#include "base/catalogue.h"

#define PHRASE_TOKENS_MAX 64

/* Blanks and line ends run together, none at either end; lives in the arena. */
struct slice phrase_normal(struct slice source, struct arena *arena);

/* NULL, or in words why `translation` may not stand for `source`: in both each {{tag}} and, in
 * HTML, each <tag> with all its attributes must come equally often, and elements must end in
 * the order they begin.  Tags of the value `optional` may be missing: "one day". */
const char *
phrase_compare(struct slice source, struct slice translation, bool html, struct slice optional);

#endif
