#include <string.h>

#include "mail/address.h"
#include "mail/mailbox_scan.h"
#include "mail/marks_field.h"
#include "mail/utf8.h"
#include "mail/words.h"

/* Longer runs are no address; the bound keeps the search linear. */
#define LOCAL_SEEN ((size_t)128)
#define DOMAIN_SEEN ((size_t)256)

static bool
is_word_byte(unsigned char byte)
{
	byte = slice_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

static bool
is_local_byte(unsigned char byte)
{
	return is_word_byte(byte) || (byte != '\0' && strchr("!#$%&*+-/=?^_`{|}~.", byte) != NULL);
}

/* Whether a marked address, or the marked local part of this mailbox, stands at `at`.
 * Returns the prefix's length, or 0. */
static size_t
marked_at(const struct mark_rules *rules, struct slice text, size_t at, struct slice own,
	  struct arena *arena)
{
	size_t prefix, end, domain;
	const char *clean;

	if (at > 0 &&
	    (is_word_byte(text.data[at - 1]) ||
	     (is_local_byte(text.data[at - 1]) && strchr("-._+", text.data[at - 1]) != NULL)))
		return 0;
	prefix = mark_prefix_length(rules, slice_part(text, at, text.size));
	if (prefix == 0)
		return 0;
	for (end = at + prefix;
	     end < text.size && end - at < LOCAL_SEEN && is_local_byte(text.data[end]);)
		end++;
	if (end < text.size && text.data[end] == '@') {
		for (domain = end + 1;
		     domain < text.size && (is_word_byte(text.data[domain]) ||
					    text.data[domain] == '.' || text.data[domain] == '-');)
			domain++;
		if (mark_address(rules, slice_part(text, at, domain), arena, &clean) == MARK_FOUND)
			return prefix;
	}
	if (own.size > 0 && slice_starts_nocase(slice_part(text, at + prefix, text.size), own) &&
	    (at + prefix + own.size == text.size ||
	     !is_word_byte(text.data[at + prefix + own.size])))
		return prefix;
	return 0;
}

/* The next marked address in [from, end) of `text`; SLICE_NONE when there is none. */
static size_t
find_marked(const struct mark_rules *rules, struct slice text, size_t from, struct slice own,
	    struct arena *arena, size_t *prefix_out)
{
	for (size_t at = from; at < text.size; at++) {
		size_t prefix = marked_at(rules, text, at, own, arena);

		if (prefix > 0) {
			*prefix_out = prefix;
			return at;
		}
	}
	return SLICE_NONE;
}

/* Clean text with the marks of addresses in it taken out. */
static const char *
unmarked_text(const struct mark_rules *rules, struct slice text, struct slice own,
	      struct arena *arena)
{
	struct text out;
	const char *clean;
	size_t at = 0, prefix;

	text_init(&out, text.size + 1);
	for (;;) {
		size_t hit = find_marked(rules, text, at, own, arena, &prefix);

		text_append(&out, slice_part(text, at, hit));
		if (hit == SLICE_NONE)
			break;
		text_append(&out, slice_part(text, hit + prefix, hit + prefix + 1));
		at = hit + prefix + 1;
	}
	clean = arena_text_from(arena, text_slice(&out));
	text_clear(&out);
	return clean;
}

/* One mailbox in the fields that name whom a letter is for. */
struct marked {
	struct mailbox_span span;
	const char *address; /* clean */
	struct slice own;    /* clean local part where the address was marked, else empty */
};

/* Cut the prefixes of what stands beside the address in plain bytes. */
static void
cut_beside(const struct mark_rules *rules, const struct header_field *field, struct slice own,
	   size_t from, size_t end, struct edit_list *list, struct arena *arena)
{
	struct slice text = slice_part(field->value, 0, end);
	size_t prefix;

	for (;;) {
		size_t hit = find_marked(rules, text, from, own, arena, &prefix);

		if (hit == SLICE_NONE)
			return;
		edit_list_add(list, field, hit, prefix, slice_of(NULL, 0));
		from = hit + prefix + 1;
	}
}

static void
cut_address(const struct mark_rules *rules, const struct header_field *field,
	    const struct marked *marked, struct edit_list *list)
{
	const struct mailbox_span *span = &marked->span;
	size_t from = span->local_from, prefix;
	struct slice local;

	if (from < span->local_end && field->value.data[from] == '"')
		from++;
	local = slice_part(field->value, from, span->local_end);
	prefix = mark_prefix_length(rules, local);
	/* In plain bytes it is cut, otherwise (encoded, escaped) the address is put in its place.
	 */
	if (prefix > 0 && prefix < local.size && span->domain_end > span->domain_from &&
	    local.data[prefix] != '"' && local.data[prefix] != '(')
		edit_list_add(list, field, from, prefix, slice_of(NULL, 0));
	else
		edit_list_add(
		    list, field, span->local_from,
		    (span->domain_end > span->local_end ? span->domain_end : span->local_end) -
			span->local_from,
		    slice_from_text(marked->address));
}

/* The decoded text of what stands beside the address still shows a mark. */
static bool
is_marked_beside(const struct mark_rules *rules, const struct marked *marked, struct arena *arena)
{
	const struct mailbox_span *span = &marked->span;
	struct slice sides[2] = {slice_part(span->value, span->from, span->local_from),
				 slice_part(span->value, span->domain_end, span->end)};
	size_t prefix;

	for (size_t i = 0; i < 2; i++) {
		struct words words;

		words_decode(sides[i], arena, &words);
		if (find_marked(rules, words.text, 0, marked->own, arena, &prefix) != SLICE_NONE)
			return true;
	}
	return false;
}

static void
append_mailbox(const char *name, const char *address, struct text *out)
{
	struct slice text = slice_from_text(name);
	bool ascii = true;

	for (size_t i = 0; i < text.size; i++)
		ascii = ascii && text.data[i] < 0x7f;
	if (ascii && text.size > 0 && slice_find(text, SLICE("=?"), 0) == SLICE_NONE) {
		text_append_byte(out, '"');
		for (size_t i = 0; i < text.size; i++) {
			if (text.data[i] == '"' || text.data[i] == '\\')
				text_append_byte(out, '\\');
			text_append_byte(out, text.data[i]);
		}
		text_append_byte(out, '"');
	} else {
		words_encode(text, 30, out);
	}
	text_append_text(out, text.size > 0 ? "\r\n <" : "<");
	/* What was decoded may hold what ends a mailbox; no address that arrives does. */
	for (; *address != '\0'; address++)
		if (strchr("<>,;() ", *address) == NULL)
			text_append_byte(out, (unsigned char)*address);
	text_append_byte(out, '>');
}

/* Name and address anew, without any mark, decoded and encoded again. */
static struct slice
mailbox_anew(const struct mark_rules *rules, const struct marked *marked, struct arena *arena)
{
	const struct mailbox_span *span = &marked->span;
	struct slice whole = slice_part(span->value, span->from, span->end);
	struct mailbox *list;
	struct slice written;
	struct text text;
	size_t count;

	list = address_list_parse(whole, 1, arena, &count);
	text_init(&text, 8192);
	append_mailbox(
	    count == 0 ? ""
		       : unmarked_text(rules, slice_from_text(list[0].name), marked->own, arena),
	    marked->address, &text);
	written = arena_copy(arena, text_slice(&text));
	text_clear(&text);
	return written;
}

static bool
read_marked(const struct mark_rules *rules, const struct mailbox_span *span, struct marked *marked,
	    struct arena *arena)
{
	const char *address = mailbox_address(span, arena);

	*marked = (struct marked){.span = *span, .address = address};
	if (address == NULL)
		return false;
	if (mark_address(rules, slice_from_text(address), arena, &marked->address) == MARK_FOUND)
		marked->own =
		    address_unquote(address_local(slice_from_text(marked->address)), arena);
	return true;
}

static void
clean_mailbox(const struct mark_rules *rules, const struct header_field *field,
	      const struct marked *marked, struct edit_list *list, struct arena *arena)
{
	const struct mailbox_span *span = &marked->span;
	size_t first = edit_list_count(list), end;
	struct mailbox_scan scan;
	struct marked after;
	struct slice edited;
	struct mailbox_span again;

	cut_beside(rules, field, marked->own, span->from, span->local_from, list, arena);
	if (marked->own.size > 0)
		cut_address(rules, field, marked, list);
	end = span->domain_end > span->local_end ? span->domain_end : span->local_end;
	cut_beside(rules, field, marked->own, end, span->end, list, arena);

	/* Read what came out as the next reader will; where a mark is left or the address is
	 * not the clean one, the mailbox is written anew. */
	edited = edit_list_apply(list, field, first, span->from, span->end, arena);
	mailbox_scan_begin(&scan, edited);
	if (mailbox_scan_next(&scan, &again) && read_marked(rules, &again, &after, arena)) {
		const char *got = mailbox_address(&again, arena);

		after.own = marked->own;
		if (strcmp(address_normalise(slice_from_text(got), arena),
			   address_normalise(slice_from_text(marked->address), arena)) == 0 &&
		    !is_marked_beside(rules, &after, arena))
			return;
	}
	edit_list_cut(list, first);
	edit_list_add(list, field, span->from, span->end - span->from,
		      mailbox_anew(rules, marked, arena));
}

bool
marks_addresses(const struct mark_rules *rules, const struct header_field *field,
		struct edit_list *list)
{
	struct mailbox_scan scan;
	struct mailbox_span span;
	bool found = false;

	if (rules->address_prefix == NULL || rules->address_prefix[0] == '\0')
		return false;
	mailbox_scan_begin(&scan, field->value);
	while (mailbox_scan_next(&scan, &span)) {
		struct arena *arena = arena_new();
		struct marked marked;

		if (read_marked(rules, &span, &marked, arena) &&
		    (marked.own.size > 0 || is_marked_beside(rules, &marked, arena))) {
			found = found || marked.own.size > 0;
			clean_mailbox(rules, field, &marked, list, arena);
		}
		arena_free(arena);
	}
	return found;
}
