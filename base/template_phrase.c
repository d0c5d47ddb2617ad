#include "base/template_phrase.h"

#include <string.h>

/* The tags of a text, as they are written. */
struct tokens {
	struct slice items[PHRASE_TOKENS_MAX];
	size_t count;
};

static bool
is_space(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

struct slice
phrase_normal(struct slice source, struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, source.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < source.size; i++) {
		if (!is_space(source.data[i]))
			bytes[size++] = source.data[i];
		else if (size > 0 && bytes[size - 1] != ' ')
			bytes[size++] = ' ';
	}
	if (size > 0 && bytes[size - 1] == ' ')
		size--;
	return slice_of(bytes, size);
}

/* The end of the tag that begins at `at`; `at` when none does.  A <tag> may have {{tags}} in its
 * attributes: they are part of it. */
static size_t
tag_end(struct slice text, size_t at, bool html)
{
	struct slice rest = slice_part(text, at, text.size);
	size_t end;

	if (slice_starts_nocase(rest, SLICE("{{")))
		end = slice_find(text, SLICE("}}"), at);
	else if (html && rest.data[0] == '<')
		return (end = slice_find_byte(text, '>', at)) == SLICE_NONE ? at : end + 1;
	else
		return at;
	return end == SLICE_NONE ? at : end + 2;
}

/* False when there are too many. */
static bool
find_tokens(struct slice text, bool html, struct slice optional, struct tokens *tokens)
{
	tokens->count = 0;
	for (size_t at = 0; at < text.size; at++) {
		size_t end = tag_end(text, at, html);
		struct slice token = slice_part(text, at, end);

		if (end == at)
			continue;
		at = end - 1;
		if (optional.size > 0 && token.size == optional.size + 4 &&
		    slice_equal(slice_part(token, 2, token.size - 2), optional))
			continue;
		if (tokens->count == PHRASE_TOKENS_MAX)
			return false;
		tokens->items[tokens->count++] = token;
	}
	return true;
}

static size_t
occurrences(const struct tokens *tokens, struct slice token)
{
	size_t count = 0;

	for (size_t i = 0; i < tokens->count; i++)
		count += slice_equal(tokens->items[i], token);
	return count;
}

/* The name in "<name ...>" or "</name>". */
static struct slice
element_name(struct slice token)
{
	size_t from = token.size > 1 && token.data[1] == '/' ? 2 : 1;
	size_t to = from;

	while (to < token.size && strchr(" \t\n/>", token.data[to]) == NULL)
		to++;
	return slice_part(token, from, to);
}

static bool
is_nested(const struct tokens *tokens)
{
	struct slice open[PHRASE_TOKENS_MAX];
	size_t depth = 0;

	for (size_t i = 0; i < tokens->count; i++) {
		struct slice token = tokens->items[i];
		struct slice name = element_name(token);

		if (token.data[0] != '<' || slice_equal_nocase(name, SLICE("br")))
			continue;
		if (token.data[1] != '/')
			open[depth++] = name;
		else if (depth == 0 || !slice_equal(open[--depth], name))
			return false;
	}
	return depth == 0;
}

const char *
phrase_compare(struct slice source, struct slice translation, bool html, struct slice optional)
{
	struct tokens wanted, given;

	if (!find_tokens(source, html, optional, &wanted) ||
	    !find_tokens(translation, html, optional, &given))
		return "too many tags in one phrase";
	for (size_t i = 0; i < wanted.count; i++)
		if (occurrences(&wanted, wanted.items[i]) > occurrences(&given, wanted.items[i]))
			return "it leaves out a value or tag";
	if (given.count != wanted.count)
		return "it adds a value or tag";
	return is_nested(&given) ? NULL : "its elements do not end in the order they begin";
}
