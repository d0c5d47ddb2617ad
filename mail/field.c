#include "mail/field.h"

#include <string.h>

#include "mail/utf8.h"
#include "mail/words.h"

#define LINE_SIZE ((size_t)76)
#define TEXT_MAX ((size_t)4096)
#define NAME_SIZE_MAX ((size_t)300)

static size_t
column(const struct text *out)
{
	size_t at = out->size;

	while (at > 0 && out->data[at - 1] != '\n')
		at--;
	return out->size - at;
}

void
field_put(struct text *out, const char *name, const char *value)
{
	text_printf(out, "%s: %s\r\n", name, value);
}

void
field_put_text(struct text *out, const char *name, const char *text)
{
	struct arena *arena = arena_new();

	text_printf(out, "%s: ", name);
	words_encode(slice_from_text(utf8_clean_line(slice_from_text(text), TEXT_MAX, arena)),
		     column(out), out);
	text_append_text(out, "\r\n");
	arena_free(arena);
}

/* Printable ASCII that nobody takes for an encoded word. */
static bool
is_plain(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < ' ' || text.data[i] >= 0x7f)
			return false;
	return slice_find(text, SLICE("=?"), 0) == SLICE_NONE;
}

static void
put_quoted(struct text *out, struct slice name)
{
	text_append_byte(out, '"');
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] == '"' || name.data[i] == '\\')
			text_append_byte(out, '\\');
		text_append_byte(out, name.data[i]);
	}
	text_append_byte(out, '"');
}

/* The display name: a quoted string where its characters ask for one, else atoms or encoded words
 * (RFC 5322 section 3.2.5). */
static void
put_phrase(struct text *out, struct slice name)
{
	bool special = false;

	for (size_t i = 0; i < name.size; i++)
		if (strchr("()<>[]:;@\\,.\"", name.data[i]) != NULL)
			special = true;
	if (special && is_plain(name))
		put_quoted(out, name);
	else
		words_encode(name, column(out), out);
}

static bool
is_harmless_address(struct slice address)
{
	if (address.size == 0 || address.size > ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < address.size;) {
		uint32_t code = utf8_next(address, &i);

		if (utf8_on_one_line(code) != code || code == UTF8_BROKEN || code == '<' ||
		    code == '>')
			return false;
		/* Outside quotes these would make it another list of addresses. */
		if (address.data[0] != '"' && (code == ' ' || code == ',' || code == ';'))
			return false;
	}
	return true;
}

/* One mailbox where the line stands, without the line's end. */
static enum status
put_mailbox(struct text *out, const struct mailbox *mailbox)
{
	struct slice address = slice_from_text(mailbox->address);
	struct arena *arena;
	struct slice shown;

	if (!is_harmless_address(address))
		return STATUS_INVALID;
	arena = arena_new();
	shown =
	    slice_from_text(utf8_clean_line(slice_from_text(mailbox->name), NAME_SIZE_MAX, arena));
	if (shown.size == 0) {
		text_append(out, address);
	} else {
		put_phrase(out, shown);
		text_append_text(out, column(out) + address.size + 3 > LINE_SIZE ? "\r\n <" : " <");
		text_append(out, address);
		text_append_byte(out, '>');
	}
	arena_free(arena);
	return STATUS_OK;
}

enum status
field_put_mailbox(struct text *out, const char *name, const struct mailbox *mailbox)
{
	return field_put_mailboxes(out, name, mailbox, 1);
}

enum status
field_put_mailboxes(struct text *out, const char *name, const struct mailbox *mailboxes,
		    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_harmless_address(slice_from_text(mailboxes[i].address)))
			return STATUS_INVALID;
	for (size_t i = 0; i < count; i++) {
		enum status status;

		if (i == 0)
			text_printf(out, "%s: ", name);
		else
			text_append_text(out, ",\r\n ");
		status = put_mailbox(out, &mailboxes[i]);
		if (status != STATUS_OK)
			return status;
	}
	if (count > 0)
		text_append_text(out, "\r\n");
	return STATUS_OK;
}

/* The next "<...>" of printable ASCII without blanks, that fits a line. */
static bool
next_id(struct slice value, size_t *at, struct slice *id_out)
{
	while (*at < value.size) {
		size_t begin = slice_find_byte(value, '<', *at);
		size_t end;

		if (begin == SLICE_NONE)
			break;
		for (end = begin + 1; end < value.size; end++)
			if (value.data[end] <= ' ' || value.data[end] >= 0x7f ||
			    value.data[end] == '<' || value.data[end] == '>')
				break;
		*at = end;
		if (end < value.size && value.data[end] == '>' && end - begin > 1 &&
		    end - begin < FIELD_LINE_MAX - 100) {
			*at = end + 1;
			*id_out = slice_part(value, begin, end + 1);
			return true;
		}
		if (*at == begin)
			*at = begin + 1;
	}
	*at = value.size;
	return false;
}

bool
field_put_ids(struct text *out, const char *name, const char *value)
{
	struct slice bytes = slice_from_text(value);
	struct slice id;
	size_t count = 0;
	size_t number = 0;

	for (size_t at = 0; next_id(bytes, &at, &id);)
		count++;
	for (size_t at = 0; next_id(bytes, &at, &id); number++) {
		/* The first names the thread, the last ones the place in it. */
		if (number > 0 && count > FIELD_IDS_MAX && number <= count - FIELD_IDS_MAX)
			continue;
		if (number == 0)
			text_printf(out, "%s: ", name);
		else
			text_append_text(out, "\r\n ");
		text_append(out, id);
	}
	if (count > 0)
		text_append_text(out, "\r\n");
	return count > 0;
}

static bool
is_attribute_byte(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') ||
	       (slice_lower(byte) >= 'a' && slice_lower(byte) <= 'z') || byte == '-' ||
	       byte == '.' || byte == '_';
}

/* Bytes of `text` from `at`, whole characters, whose percent encoding fills at most `room`. */
static size_t
fit_percent(struct slice text, size_t at, size_t room)
{
	size_t filled = 0;
	size_t end = at;

	while (end < text.size) {
		size_t next = end;

		utf8_next(text, &next);
		filled += is_attribute_byte(text.data[end]) ? 1 : (next - end) * 3;
		if (filled > room)
			break;
		end = next;
	}
	return end - at;
}

static void
put_percent(struct text *out, struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (is_attribute_byte(text.data[i]))
			text_append_byte(out, text.data[i]);
		else
			text_printf(out, "%%%02X", text.data[i]);
}

void
field_put_parameter(struct text *out, const char *name, const char *value)
{
	struct slice text = slice_from_text(value);
	size_t room = LINE_SIZE - strlen(name) - 16;

	if (is_plain(text) && text.size <= room && strpbrk(value, "\"\\") == NULL) {
		text_printf(out, ";\r\n\t%s=\"%s\"", name, value);
		return;
	}
	if (fit_percent(text, 0, room) == text.size) {
		text_printf(out, ";\r\n\t%s*=utf-8''", name);
		put_percent(out, text);
		return;
	}
	for (size_t i = 0, number = 0; i < text.size; number++) {
		size_t size = fit_percent(text, i, room);

		text_printf(out, ";\r\n\t%s*%zu*=%s", name, number, number == 0 ? "utf-8''" : "");
		put_percent(out, slice_part(text, i, i + size));
		i += size;
	}
}

void
field_put_plain_parameter(struct text *out, const char *name, const char *value)
{
	struct slice text = slice_from_text(value);
	size_t room = LINE_SIZE - strlen(name) - 16;
	size_t characters = slice_count_characters(text);
	size_t skip = characters > room ? characters - room : 0;

	text_printf(out, ";\r\n\t%s=\"", name);
	for (size_t at = 0; at < text.size;) {
		uint32_t code = utf8_next(text, &at);

		if (skip > 0)
			skip--;
		else if (code < ' ' || code >= 0x7f || strchr("\"\\?", (int)code) != NULL)
			text_append_byte(out, '_');
		else
			text_append_byte(out, (unsigned char)code);
	}
	text_append_byte(out, '"');
}
