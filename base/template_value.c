#include "base/template_value.h"

#include <limits.h>

struct template_values *
template_values_new(struct arena *arena)
{
	struct template_values *values = arena_alloc(arena, sizeof(*values));

	values->arena = arena;
	return values;
}

static struct value *
put(struct template_values *values, const char *name, enum value_kind kind)
{
	struct value *value = arena_alloc(values->arena, sizeof(*value));

	value->name = arena_copy_text(values->arena, name);
	value->kind = kind;
	value->next = values->values;
	values->values = value;
	return value;
}

void
template_put_slice(struct template_values *values, const char *name, struct slice text)
{
	struct value *value = put(values, name, VALUE_TEXT);

	value->text = arena_copy(values->arena, text);
	value->shown = text.size > 0;
}

void
template_put_run(struct template_values *values, const char *name, struct slice text)
{
	template_put_slice(values, name, text);
	values->values->run = true;
}

void
template_put_text(struct template_values *values, const char *name, const char *text)
{
	template_put_slice(values, name, slice_from_text(text));
}

void
template_put_number(struct template_values *values, const char *name, long long number)
{
	struct value *value = put(values, name, VALUE_NUMBER);

	value->text = slice_from_text(arena_printf(values->arena, "%lld", number));
	value->number = number;
	value->shown = number != 0;
}

void
template_put_time(struct template_values *values, const char *name, int64_t time)
{
	struct value *value = put(values, name, VALUE_TIME);

	value->number = time;
	value->shown = time != 0;
}

void
template_put_size(struct template_values *values, const char *name, uint64_t size)
{
	struct value *value = put(values, name, VALUE_SIZE);

	value->number = size > LLONG_MAX ? LLONG_MAX : (long long)size;
	value->shown = true;
}

void
template_put_flag(struct template_values *values, const char *name, bool flag)
{
	put(values, name, VALUE_FLAG)->shown = flag;
}

struct template_list *
template_put_list(struct template_values *values, const char *name)
{
	struct template_list *list = arena_alloc(values->arena, sizeof(*list));

	list->arena = values->arena;
	list->end = &list->first;
	list->owner = put(values, name, VALUE_LIST);
	list->owner->list = list;
	return list;
}

struct template_values *
template_list_add(struct template_list *list)
{
	struct template_values *item = template_values_new(list->arena);

	*list->end = item;
	list->end = &item->next;
	list->owner->shown = true;
	return item;
}
