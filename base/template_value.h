/*
 * The values of one rendering as they are kept.  Inside of base/template only.
 */
#ifndef BASE_TEMPLATE_VALUE_H
#define BASE_TEMPLATE_VALUE_H

#include "base/template.h"

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_TIME, VALUE_SIZE, VALUE_FLAG, VALUE_LIST };

struct value {
	struct value *next; /* put earlier */
	const char *name;
	enum value_kind kind;
	bool shown; /* what a section's test finds */
	bool run;   /* never kept apart from what stands beside it */
	struct slice text;
	long long number;
	struct template_list *list;
};

struct template_values {
	struct arena *arena;
	struct value *values;
	struct template_values *next; /* the next item of a list */
};

struct template_list {
	struct value *owner;
	struct arena *arena;
	struct template_values *first;
	struct template_values **end;
};

#endif
