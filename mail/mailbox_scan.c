#include "mail/mailbox_scan.h"

#include "base/text.h"
#include "mail/utf8.h"
#include "mail/words.h"

#define ADDRESS_TEXT_MAX ((size_t)998)

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Behind the quoted string or comment that begins at `at`; `at` + 1 when it never ends, so that
 * its first byte stands for itself. */
static size_t
skip_quoted(struct slice value, size_t at)
{
	for (size_t i = at + 1; i < value.size; i++) {
		if (value.data[i] == '\\')
			i++;
		else if (value.data[i] == '"')
			return i + 1;
	}
	return at + 1;
}

static size_t
skip_comment(struct slice value, size_t at)
{
	size_t depth = 0;

	for (size_t i = at; i < value.size; i++) {
		if (value.data[i] == '\\')
			i++;
		else if (value.data[i] == '(')
			depth++;
		else if (value.data[i] == ')' && --depth == 0)
			return i + 1;
	}
	return value.size;
}

/* Behind whatever stands at `at`: a comment, a quoted string, an encoded word, a literal or a byte.
 */
static size_t
skip_one(struct slice value, size_t at)
{
	switch (value.data[at]) {
	case '\\':
		/* Read in pairs here as within quotes: a quote that never ends is then met once. */
		return at + 1 < value.size ? at + 2 : at + 1;
	case '"':
		return skip_quoted(value, at);
	case '(':
		return skip_comment(value, at);
	case '=': {
		/* Commas in an encoded word are wrong but common; it holds no blank. */
		size_t end = at + 2;

		if (at + 1 >= value.size || value.data[at + 1] != '?')
			return at + 1;
		while (end < value.size && end - at < 200 && !is_blank(value.data[end]))
			if (value.data[end++] == '?' && end < value.size &&
			    value.data[end] == '=' && end - at > 6)
				return end + 1;
		return at + 1;
	}
	default:
		return at + 1;
	}
}

void
mailbox_scan_begin(struct mailbox_scan *scan, struct slice value)
{
	*scan = (struct mailbox_scan){value, 0};
}

static size_t
trim_end(struct slice value, size_t from, size_t end)
{
	while (end > from && is_blank(value.data[end - 1]))
		end--;
	return end;
}

/* Behind the last byte of the address: what trims the mailbox stops there, as an address that ends
 * in a quoted blank keeps it. */
static size_t
address_end(const struct mailbox_span *span)
{
	return span->domain_end > span->local_end ? span->domain_end : span->local_end;
}

/* Set the places of local part and domain within [from, end): comments and blanks at the edges
 * are left outside; of several words the ones next to the "@" count. */
static void
split_address(struct mailbox_span *span, size_t from, size_t end)
{
	struct slice value = slice_part(span->value, 0, end);
	bool joined = true, at = false;
	size_t last = from; /* end of the last byte that counts */

	span->local_from = span->local_end = span->domain_from = span->domain_end = from;
	for (size_t i = from; i < end;) {
		unsigned char byte = value.data[i];
		size_t next = skip_one(value, i);

		if (byte == '(' || is_blank(byte)) {
			i = next;
			continue;
		}
		if (byte == '@' && !at) {
			at = true;
			span->local_end = last;
			span->domain_from = span->domain_end = next;
			joined = true;
		} else {
			bool gap = i > last && !joined && byte != '.';

			if (gap && at)
				return;
			if ((gap || last == span->local_from) && !at)
				span->local_from = i;
			if (at && span->domain_end == span->domain_from)
				span->domain_from = i;
			joined = byte == '.';
		}
		last = next;
		if (at)
			span->domain_end = last;
		else
			span->local_end = last;
		i = next;
	}
}

/* Where the address begins behind "<": a route (RFC 5322 section 4.4) is passed over. */
static size_t
skip_route(struct slice value, size_t from, size_t end)
{
	size_t i = from;

	while (i < end && (is_blank(value.data[i]) || value.data[i] == ','))
		i++;
	if (i == end || value.data[i] != '@')
		return from;
	for (; i < end; i = skip_one(value, i))
		if (value.data[i] == ':')
			return i + 1;
	return from;
}

/* The ">", or where an address that lacks it must end: a comma that no route goes on behind. */
static size_t
angle_end(struct slice value, size_t from)
{
	for (size_t i = from; i < value.size; i = skip_one(value, i)) {
		size_t next = i + 1;

		if (value.data[i] == '>')
			return i;
		if (value.data[i] != ',')
			continue;
		while (next < value.size && is_blank(value.data[next]))
			next++;
		if (next == value.size || value.data[next] != '@')
			return i;
	}
	return value.size;
}

bool
mailbox_scan_next(struct mailbox_scan *scan, struct mailbox_span *span)
{
	struct slice value = scan->value;

	while (scan->position < value.size) {
		size_t from = scan->position, i = from;
		bool angle = false, at = false;

		*span = (struct mailbox_span){.value = value};
		for (; i < value.size && value.data[i] != ',' && value.data[i] != ';';) {
			unsigned char byte = value.data[i];
			size_t next = skip_one(value, i);

			if (byte == '(' && next > i + 1) {
				span->comment = slice_part(value, i + 1, next - 1);
			} else if (byte == '<' && !angle) {
				size_t end = angle_end(value, i + 1);

				angle = true;
				span->name = slice_trim(slice_part(value, from, i));
				split_address(span, skip_route(value, i + 1, end), end);
				next = end < value.size && value.data[end] == '>' ? end + 1 : end;
			} else if (byte == '@') {
				at = true;
			} else if (byte == '[' && at) {
				size_t end = slice_find_byte(slice_part(value, 0, i + 64), ']', i);

				if (end != SLICE_NONE)
					next = end + 1;
			} else if (byte == ':' && !at && !angle) {
				from = next; /* the name of a group is behind us */
			}
			i = next;
		}
		scan->position = i < value.size ? i + 1 : i;
		while (from < i && is_blank(value.data[from]))
			from++;
		span->from = from;
		span->end = trim_end(value, angle ? address_end(span) : from, i);
		if (!angle)
			split_address(span, span->from, span->end);
		if (span->local_end > span->local_from)
			return true;
	}
	return false;
}

/* Append [from, end) without comments and blanks outside quotes. */
static void
append_bare(struct text *text, struct slice value, size_t from, size_t end)
{
	value = slice_part(value, 0, end);
	for (size_t i = from; i < end;) {
		size_t next = skip_one(value, i);

		if (value.data[i] != '(' && !is_blank(value.data[i]))
			for (size_t j = i; j < next; j++)
				if (value.data[j] != '\r' && value.data[j] != '\n')
					text_append_byte(text, value.data[j]);
		i = next;
	}
}

const char *
mailbox_address(const struct mailbox_span *span, struct arena *arena)
{
	const char *address;
	struct text text;
	struct slice clean;
	size_t at;

	text_init(&text, span->value.size + 2);
	append_bare(&text, span->value, span->local_from, span->local_end);
	if (span->domain_end > span->domain_from) {
		text_append_byte(&text, '@');
		append_bare(&text, span->value, span->domain_from, span->domain_end);
	}
	address = words_text(text_slice(&text), ADDRESS_TEXT_MAX, arena);
	text_clear(&text);
	clean = slice_from_text(address);
	at = slice_find_byte(clean, '@', 0);
	return at == SLICE_NONE || at == 0 || at + 1 == clean.size ? NULL : address;
}
