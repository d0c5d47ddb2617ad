#include "portal/form.h"

#include "base/encode.h"

static const struct form_field *
find(const struct form *form, struct slice name)
{
	for (size_t i = 0; i < form->count; i++)
		if (slice_equal(form->fields[i].name, name))
			return &form->fields[i];
	return NULL;
}

enum status
form_add(struct form *form, struct slice name, struct slice value)
{
	if (name.size == 0 || name.size > FORM_NAME_MAX || find(form, name) != NULL)
		return STATUS_INVALID;
	if (form->count == FORM_FIELDS_MAX)
		return STATUS_TOO_LARGE;
	form->fields[form->count++] = (struct form_field){name, value};
	return STATUS_OK;
}

static enum status
decode(struct slice coded, struct arena *arena, struct slice *plain_out)
{
	unsigned char *plain = arena_alloc(arena, coded.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < coded.size; i++) {
		if (coded.data[i] == '+') {
			plain[size++] = ' ';
		} else if (coded.data[i] == '%') {
			if (coded.size - i < 3 ||
			    !decode_hex(slice_part(coded, i + 1, i + 3), &plain[size], 1))
				return STATUS_INVALID;
			size++;
			i += 2;
		} else {
			plain[size++] = coded.data[i];
		}
	}
	*plain_out = slice_of(plain, size);
	return STATUS_OK;
}

enum status
form_parse(struct slice body, struct arena *arena, struct form *form_out)
{
	struct form form = {.count = 0};
	size_t from = 0;

	while (from < body.size) {
		size_t end = slice_find_byte(body, '&', from);
		struct slice pair;
		struct slice name;
		struct slice value;
		size_t equals;
		enum status status;

		if (end == SLICE_NONE)
			end = body.size;
		pair = slice_part(body, from, end);
		from = end + 1;
		if (pair.size == 0)
			continue;
		equals = slice_find_byte(pair, '=', 0);
		if (equals == SLICE_NONE)
			equals = pair.size;
		status = decode(slice_part(pair, 0, equals), arena, &name);
		if (status == STATUS_OK)
			status = decode(slice_part(pair, equals + 1, pair.size), arena, &value);
		if (status == STATUS_OK)
			status = form_add(&form, name, value);
		if (status != STATUS_OK)
			return status;
	}
	*form_out = form;
	return STATUS_OK;
}

bool
form_has(const struct form *form, const char *name)
{
	return find(form, slice_from_text(name)) != NULL;
}

struct slice
form_value(const struct form *form, const char *name)
{
	const struct form_field *field = find(form, slice_from_text(name));

	return field == NULL ? slice_of(NULL, 0) : field->value;
}
