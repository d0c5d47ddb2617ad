#include "mail/marks.h"

#include <string.h>
#include <unicode/uchar.h>

#include "mail/address.h"
#include "mail/likeness.h"
#include "mail/marks_field.h"
#include "mail/utf8.h"
#include "mail/words.h"

#define VALUE_SHOWN ((size_t)998)

size_t
mark_prefix_length(const struct mark_rules *rules, struct slice text)
{
	struct slice prefix = slice_from_text(rules->address_prefix);
	size_t position = 0;

	for (size_t at = 0; at < prefix.size;) {
		UChar32 wanted = (UChar32)utf8_next(prefix, &at);

		if (position >= text.size ||
		    u_foldCase((UChar32)utf8_next(text, &position), U_FOLD_CASE_DEFAULT) !=
			u_foldCase(wanted, U_FOLD_CASE_DEFAULT))
			return 0;
	}
	return position;
}

static bool
is_exception(const struct mark_rules *rules, struct slice address, struct arena *arena)
{
	const char *normal = address_normalise(address, arena);

	for (size_t i = 0; i < rules->address_exception_count; i++) {
		struct slice exception = slice_from_text(rules->address_exceptions[i]);

		if (strcmp(normal, address_normalise(exception, arena)) == 0)
			return true;
	}
	return false;
}

/* The prefix was probably meant: its word within one slip, then anything that parts words. */
static bool
is_near_prefix(const struct mark_rules *rules, struct slice local, struct arena *arena)
{
	struct likeness prefix = likeness_of(slice_from_text(rules->address_prefix), arena);
	struct likeness word = likeness_word(prefix);
	struct likeness whole = likeness_of(local, arena);

	if (word.count == 0)
		return false;
	/* An apostrophe or the like before the word parts nothing. */
	while (whole.count > 0 && !likeness_is_letter(whole.codes[0]))
		whole = likeness_part(whole, 1, whole.count);
	for (size_t size = word.count - 1; size <= word.count + 1 && size < whole.count; size++) {
		/* Without a separator of its own the prefix says nothing about where it ends. */
		if (likeness_is_letter(whole.codes[size]) && word.count < prefix.count)
			continue;
		if (likeness_near(word, likeness_part(whole, 0, size)))
			return true;
	}
	return false;
}

/* Whether what is left behind the prefix can be a local part that somebody meant. */
static bool
is_fit_remainder(struct slice rest, bool quoted)
{
	if (rest.size == 0)
		return false;
	if (quoted)
		return true;
	return rest.data[0] != '-' && rest.data[0] != '.' && rest.data[0] != '_';
}

enum mark
mark_address(const struct mark_rules *rules, struct slice address, struct arena *arena,
	     const char **clean_out)
{
	struct slice written = address_local(address);
	struct slice domain = address_domain(address);
	struct slice local, rest;
	size_t prefix;

	*clean_out = arena_text_from(arena, address);
	if (rules->address_prefix == NULL || rules->address_prefix[0] == '\0' || domain.size == 0 ||
	    is_exception(rules, address, arena))
		return MARK_NONE;
	local = address_unquote(written, arena);
	prefix = mark_prefix_length(rules, local);
	if (prefix == 0)
		return is_near_prefix(rules, local, arena) ? MARK_NEAR : MARK_NONE;
	rest = slice_part(local, prefix, local.size);
	if (!is_fit_remainder(rest, local.data != written.data))
		return MARK_NEAR;
	rest = address_quote(rest, arena);
	*clean_out = arena_printf(arena, "%.*s@%.*s", (int)rest.size, (const char *)rest.data,
				  (int)domain.size, (const char *)domain.data);
	return MARK_FOUND;
}

void
edit_list_add(struct edit_list *list, const struct header_field *field, size_t from, size_t size,
	      struct slice replacement)
{
	struct edit edit = {
	    .offset = field->offset + (uint64_t)(field->value.data - field->name.data) + from,
	    .size = size,
	    .replacement = arena_copy(list->arena, replacement),
	};

	text_append(&list->bytes, slice_of(&edit, sizeof(edit)));
}

/* Take the whole field out, and what was to be edited in it. */
static void
drop_field(struct edit_list *list, const struct header_field *field, size_t count_before)
{
	struct edit edit = {.offset = field->offset, .size = field->size};

	edit_list_cut(list, count_before);
	text_append(&list->bytes, slice_of(&edit, sizeof(edit)));
}

size_t
edit_list_count(const struct edit_list *list)
{
	return list->bytes.size / sizeof(struct edit);
}

void
edit_list_cut(struct edit_list *list, size_t count)
{
	list->bytes.size = count * sizeof(struct edit);
}

struct slice
edit_list_apply(const struct edit_list *list, const struct header_field *field, size_t first,
		size_t from, size_t end, struct arena *arena)
{
	const struct edit *edits = (const struct edit *)(const void *)list->bytes.data;
	uint64_t start = field->offset + (uint64_t)(field->value.data - field->name.data);
	size_t size = end - from;
	struct slice edited;
	struct text text;

	for (size_t i = first; i < edit_list_count(list); i++)
		size += edits[i].replacement.size;
	text_init(&text, size + 1);
	for (size_t i = first; i < edit_list_count(list); i++) {
		size_t place = (size_t)(edits[i].offset - start);

		text_append(&text, slice_part(field->value, from, place));
		text_append(&text, edits[i].replacement);
		from = place + (size_t)edits[i].size;
	}
	text_append(&text, slice_part(field->value, from, end));
	edited = arena_copy(arena, text_slice(&text));
	text_clear(&text);
	return edited;
}

bool
value_is_folded_well(struct slice value)
{
	size_t at = slice_find_byte(value, '\n', 0);

	while (at != SLICE_NONE) {
		size_t end = slice_find_byte(value, '\n', at + 1);

		if (slice_trim(slice_part(value, at + 1, end)).size == 0)
			return false;
		at = end;
	}
	return true;
}

/* "Name: value" of the rules against one field. */
static enum mark
header_mark(const char *rule, const struct header_field *field, struct arena *arena)
{
	struct slice whole = slice_from_text(rule);
	size_t colon = slice_find_byte(whole, ':', 0);
	struct slice name, value, found;
	bool same_name;

	if (colon == SLICE_NONE)
		return MARK_NONE;
	name = slice_trim(slice_part(whole, 0, colon));
	value = slice_trim(slice_part(whole, colon + 1, whole.size));
	/* Most fields are something else altogether; only they are many. */
	if (field->name.size > name.size + 1 || name.size > field->name.size + 1)
		return MARK_NONE;
	same_name = slice_equal_nocase(name, field->name);
	if (!same_name && !likeness_near(likeness_of(name, arena), likeness_of(field->name, arena)))
		return MARK_NONE;
	found = slice_from_text(words_text(field->value, VALUE_SHOWN, arena));
	if (slice_equal_nocase(found, value))
		return same_name ? MARK_FOUND : MARK_NEAR;
	if (!same_name)
		return MARK_NONE;
	/* Short values ("yes") leave room for one slip too, since the name is right. */
	if (likeness_near(likeness_of(value, arena), likeness_of(found, arena)) ||
	    likeness_near(
		likeness_of(slice_from_text(arena_printf(arena, "*%.*s", (int)value.size,
							 (const char *)value.data)),
			    arena),
		likeness_of(slice_from_text(arena_printf(arena, "*%s", (const char *)found.data)),
			    arena)))
		return MARK_NEAR;
	/* Other ways of saying yes. */
	if (slice_equal_nocase(value, SLICE("yes")))
		for (size_t i = 0; i < 4; i++) {
			static const char *const others[] = {"true", "on", "1", "y"};

			if (slice_equal_nocase(found, slice_from_text(others[i])))
				return MARK_NEAR;
		}
	return MARK_NONE;
}

static void
look_at_headers(const struct mark_rules *rules, const struct header_block *block,
		struct mark_findings *findings)
{
	for (size_t i = 0; i < block->count && findings->header != MARK_FOUND; i++)
		for (size_t j = 0; j < rules->header_mark_count; j++) {
			struct arena *arena = arena_new();
			enum mark mark =
			    header_mark(rules->header_marks[j], &block->fields[i], arena);

			arena_free(arena);
			if (mark != MARK_NONE && findings->header != MARK_FOUND)
				findings->header = mark;
		}
}

static bool
is_one_of(struct slice name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (slice_equal_nocase(name, slice_from_text(*names)))
			return true;
	return false;
}

static const char *
detail_of(const struct mark_findings *findings)
{
	if (findings->subject == MARK_FOUND)
		return "subject-mark";
	if (findings->header == MARK_FOUND)
		return "header-mark";
	if (findings->subject == MARK_NEAR)
		return "subject-near-miss";
	return findings->header == MARK_NEAR ? "header-near-miss" : "";
}

enum status
marks_find(const struct mark_rules *rules, const struct header_block *block, struct arena *arena,
	   struct mark_findings *findings_out)
{
	static const char *const subjects[] = {"Subject", "Resent-Subject", NULL};
	static const char *const lists[] = {"To", "Cc", "Resent-To", "Resent-Cc", NULL};
	static const char *const blind[] = {"Bcc", "Resent-Bcc", NULL};
	struct mark_findings findings = {.subject = MARK_NONE};
	struct edit_list list = {.arena = arena};

	text_init(&list.bytes, HEADER_BLOCK_MAX * sizeof(struct edit));
	for (size_t i = 0; i < block->count; i++) {
		const struct header_field *field = &block->fields[i];
		size_t count = edit_list_count(&list);

		if (is_one_of(field->name, subjects)) {
			enum mark mark = marks_subject(rules, field, &list);

			if (findings.subject != MARK_FOUND && mark != MARK_NONE)
				findings.subject = mark;
		} else if (is_one_of(field->name, lists)) {
			findings.address |= marks_addresses(rules, field, &list);
		} else if (is_one_of(field->name, blind)) {
			findings.address |= marks_addresses(rules, field, &list);
			drop_field(&list, field, count);
		}
	}
	look_at_headers(rules, block, &findings);
	findings.detail = detail_of(&findings);
	findings.edits.count = edit_list_count(&list);
	findings.edits.list =
	    (struct edit *)(void *)arena_copy(arena, text_slice(&list.bytes)).data;
	text_clear(&list.bytes);
	*findings_out = findings;
	return STATUS_OK;
}
