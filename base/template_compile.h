/*
 * A compiled template: a flat list of steps.  Inside of base/template only.
 */
#ifndef BASE_TEMPLATE_COMPILE_H
#define BASE_TEMPLATE_COMPILE_H

#include "base/template.h"
#include "base/template_html.h"

enum template_step_kind {
	STEP_LITERAL, /* write `text` */
	STEP_VALUE,   /* write the value named `text` by `context` */
	STEP_SECTION, /* while the value named `text` is there: the steps up to `end` */
	STEP_ABSENT,  /* when it is not: the steps up to `end` */
	STEP_PARTIAL, /* render `partial` */
	STEP_FILL,    /* the steps up to `end`, as a paragraph */
	STEP_PLURAL,  /* of the forms up to `end` the one for the number named `text` */
	STEP_FORM,    /* one of these: the steps up to `end` */
};

struct template
{
	const char *file;  /* "pages/clue.html" */
	struct slice name; /* "pages/clue" */
	bool html;
	const struct language *language; /* NULL: as it is written */
	struct template_step *steps;
	size_t count;
	size_t untranslated; /* phrases that the language lacks */
	int visit;	     /* while looking for circles: 0 new, 1 under way, 2 done */
};

struct template_step {
	enum template_step_kind kind;
	enum template_context context;
	struct slice text;
	size_t end; /* index of the first step behind the section */
	int line;   /* of a partial */
	bool prose; /* of a value: it stands in running text, not in an attribute; of a partial: it
		     * stands in a phrase */
	const struct language *language; /* of a plural's forms */
	const struct template *partial;
};

struct template_set {
	struct arena *arena;
	struct template *templates;
	size_t count;
};

/* Compile one file; its partials keep their names.  False after telling every fault. */
bool
template_compile(struct template *template, struct slice text, struct arena *arena, FILE *faults);

/* Find every partial, refuse missing ones, circles and too deep nesting. */
bool template_link(struct template_set *set, FILE *faults);

/* NULL when there is none. */
const struct template *template_set_find(const struct template_set *set, struct slice name);

#endif
