#include <string.h>
#include <unicode/uchar.h>

#include "mail/likeness.h"
#include "mail/marks_field.h"
#include "mail/utf8.h"
#include "mail/words.h"

/* A subject as characters, and which of them stay. */
struct characters {
	struct words words;
	uint32_t *codes; /* case folded */
	uint32_t *place; /* of the first byte in words.text */
	size_t count;
	uint32_t *kept; /* numbers of the characters that stay, in order */
	size_t kept_count;
};

static struct characters
read_characters(struct slice value, struct arena *arena)
{
	struct characters all = {.count = 0};

	words_decode(value, arena, &all.words);
	all.codes = arena_alloc_many(arena, all.words.text.size, sizeof(uint32_t));
	all.place = arena_alloc_many(arena, all.words.text.size, sizeof(uint32_t));
	all.kept = arena_alloc_many(arena, all.words.text.size, sizeof(uint32_t));
	for (size_t at = 0; at < all.words.text.size;) {
		all.place[all.count] = (uint32_t)at;
		all.codes[all.count++] = (uint32_t)u_foldCase(
		    (UChar32)utf8_next(all.words.text, &at), U_FOLD_CASE_DEFAULT);
	}
	return all;
}

/* One mark of the rules as folded characters. */
struct mark_codes {
	uint32_t *codes;
	size_t count;
};

static struct mark_codes *
read_marks(const struct mark_rules *rules, struct arena *arena)
{
	struct mark_codes *marks =
	    arena_alloc_many(arena, rules->subject_mark_count, sizeof(*marks));

	for (size_t i = 0; i < rules->subject_mark_count; i++) {
		struct slice mark = slice_trim(slice_from_text(rules->subject_marks[i]));

		marks[i].codes = arena_alloc_many(arena, mark.size, sizeof(uint32_t));
		for (size_t at = 0; at < mark.size;)
			marks[i].codes[marks[i].count++] = (uint32_t)u_foldCase(
			    (UChar32)utf8_next(mark, &at), U_FOLD_CASE_DEFAULT);
	}
	return marks;
}

static bool
ends_with_mark(const struct characters *all, const struct mark_codes *mark)
{
	if (mark->count == 0 || mark->count > all->kept_count)
		return false;
	/* From the end, where most texts differ at once. */
	for (size_t i = 1; i <= mark->count; i++)
		if (all->codes[all->kept[all->kept_count - i]] != mark->codes[mark->count - i])
			return false;
	return true;
}

/* Keep everything but the marks, each with one neighbouring blank.  What is left can hold no
 * mark, not even one that only the cutting made.  Returns whether there was any. */
static bool
keep_unmarked(const struct mark_rules *rules, struct characters *all, struct arena *arena)
{
	const struct mark_codes *marks = read_marks(rules, arena);
	bool found = false, cut = false; /* cut: a mark has just gone */

	for (size_t i = 0; i < all->count; i++) {
		if (cut && all->codes[i] == ' ') {
			cut = false;
			continue;
		}
		cut = false;
		all->kept[all->kept_count++] = (uint32_t)i;
		for (size_t j = 0; j < rules->subject_mark_count && !cut; j++)
			if (ends_with_mark(all, &marks[j])) {
				all->kept_count -= marks[j].count;
				found = cut = true;
			}
	}
	/* At the end the blank is the one before. */
	if (cut && all->kept_count > 0 && all->codes[all->kept[all->kept_count - 1]] == ' ')
		all->kept_count--;
	return found;
}

static size_t
character_end(const struct characters *all, size_t number)
{
	return number + 1 < all->count ? all->place[number + 1] : all->words.text.size;
}

static struct slice
kept_text(const struct characters *all, struct arena *arena)
{
	struct text text;
	struct slice kept;

	text_init(&text, all->words.text.size + 1);
	for (size_t i = 0; i < all->kept_count; i++)
		text_append(&text, slice_part(all->words.text, all->place[all->kept[i]],
					      character_end(all, all->kept[i])));
	kept = slice_trim(arena_copy(arena, text_slice(&text)));
	text_clear(&text);
	return kept;
}

/* Cut characters [from, to) as bytes.  A folded line that held nothing else goes whole. */
static bool
cut_bytes(const struct characters *all, const struct header_field *field, size_t from, size_t to,
	  struct edit_list *list)
{
	struct slice value = field->value;
	size_t first = all->words.from[all->place[from]];
	size_t end = all->words.from[all->place[to - 1]] + 1;

	for (size_t i = from; i < to; i++)
		if (all->words.encoded[all->place[i]] || character_end(all, i) - all->place[i] != 1)
			return false;
	if (first > 0 && value.data[first - 1] == '\n' &&
	    (end == value.size || value.data[end] == '\r' || value.data[end] == '\n')) {
		first--;
		if (first > 0 && value.data[first - 1] == '\r')
			first--;
	}
	edit_list_add(list, field, first, end - first, slice_of(NULL, 0));
	return true;
}

static bool
cut_all(const struct characters *all, const struct header_field *field, struct edit_list *list)
{
	size_t next = 0;

	for (size_t i = 0; i <= all->kept_count; i++) {
		size_t kept = i < all->kept_count ? all->kept[i] : all->count;

		if (kept > next && !cut_bytes(all, field, next, kept, list))
			return false;
		next = kept + 1;
	}
	return true;
}

static void
write_anew(struct slice kept, const struct header_field *field, struct edit_list *list)
{
	struct text text;

	text_init(&text, kept.size * 3 + 256);
	if (kept.size > 0)
		text_append_byte(&text, ' ');
	words_encode(kept, field->name.size + 2, &text);
	edit_list_add(list, field, 0, field->value.size, text_slice(&text));
	text_clear(&text);
}

/* The words between two brackets, or beside a bracket that has no partner. */
static bool
is_near_in_brackets(struct likeness subject, struct likeness word)
{
	size_t most = word.count * 2 + 8;
	size_t open = SLICE_NONE;

	for (size_t i = 0; i < subject.count; i++) {
		if (likeness_is_opening(subject.codes[i])) {
			open = i;
		} else if (likeness_is_closing(subject.codes[i])) {
			size_t from = i;

			if (open != SLICE_NONE) {
				from = open + 1;
			} else {
				while (from > 0 && i - from <= most &&
				       !likeness_is_letter(subject.codes[from - 1]))
					from--;
				while (from > 0 && i - from <= most &&
				       likeness_is_letter(subject.codes[from - 1]))
					from--;
			}
			if (i - from <= most &&
			    likeness_near(word, likeness_word(likeness_part(subject, from, i))))
				return true;
			open = SLICE_NONE;
		}
	}
	if (open == SLICE_NONE)
		return false;
	subject = likeness_part(subject, open + 1, subject.count);
	while (subject.count > 0 && !likeness_is_letter(subject.codes[0]))
		subject = likeness_part(subject, 1, subject.count);
	for (size_t i = 0; i <= subject.count; i++)
		if (i == subject.count || !likeness_is_letter(subject.codes[i]))
			return likeness_near(word, likeness_part(subject, 0, i));
	return false;
}

/* "secure: ..." and "#secure ..." at the start, behind "Re:" and its like. */
static bool
is_near_at_start(struct likeness subject, struct likeness word)
{
	size_t at = 0;

	while (at < subject.count) {
		size_t from = at, end, colon;

		while (from < subject.count && !likeness_is_letter(subject.codes[from]))
			from++;
		end = from;
		while (end < subject.count && likeness_is_letter(subject.codes[end]))
			end++;
		colon = end;
		while (colon < subject.count && subject.codes[colon] == ' ')
			colon++;
		if (likeness_near(word, likeness_part(subject, from, end))) {
			uint32_t before = from > 0 ? subject.codes[from - 1] : ' ';
			uint32_t after = end < subject.count ? subject.codes[end] : ' ';

			return before == '#' ||
			       (colon < subject.count && subject.codes[colon] == ':') ||
			       (before == after && before != ' ' && before != '"' &&
				before != '\'');
		}
		if (colon >= subject.count || subject.codes[colon] != ':' || end - from > 6)
			return false;
		at = colon + 1;
	}
	return false;
}

static enum mark
near_subject(const struct mark_rules *rules, struct slice text)
{
	struct arena *arena = arena_new();
	struct likeness subject = likeness_of(text, arena);
	enum mark mark = MARK_NONE;

	for (size_t i = 0; i < rules->subject_mark_count && mark == MARK_NONE; i++) {
		struct likeness word =
		    likeness_word(likeness_of(slice_from_text(rules->subject_marks[i]), arena));

		if (word.count > 0 &&
		    (is_near_in_brackets(subject, word) || is_near_at_start(subject, word)))
			mark = MARK_NEAR;
	}
	arena_free(arena);
	return mark;
}

enum mark
marks_subject(const struct mark_rules *rules, const struct header_field *field,
	      struct edit_list *list)
{
	struct arena *arena = arena_new();
	struct characters all = read_characters(field->value, arena);
	size_t first = edit_list_count(list);
	enum mark mark = MARK_FOUND;

	if (!keep_unmarked(rules, &all, arena)) {
		mark = near_subject(rules, all.words.text);
	} else {
		struct slice kept = kept_text(&all, arena);
		struct words edited;
		struct slice value;
		bool cut = cut_all(&all, field, list);

		/* Cutting bytes must say the same as cutting characters does: blanks between
		 * encoded words vanish, and a line may be left empty. */
		value = edit_list_apply(list, field, first, 0, field->value.size, arena);
		words_decode(value, arena, &edited);
		if (!cut || !value_is_folded_well(value) ||
		    !slice_equal(slice_trim(edited.text), kept)) {
			edit_list_cut(list, first);
			write_anew(kept, field, list);
		}
	}
	arena_free(arena);
	return mark;
}
