#include "base/csv.h"

#include <unicode/utf8.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool
starts_with_mark(struct slice text)
{
	return slice_equal(slice_part(text, 0, 3), SLICE(BYTE_ORDER_MARK));
}

static bool
is_line_end(unsigned char byte)
{
	return byte == '\r' || byte == '\n';
}

static bool
is_separator(unsigned char byte)
{
	return byte == ',' || byte == ';' || byte == '\t';
}

/* Where the text stops being one. */
static size_t
find_end_of_text(struct slice text)
{
	size_t at = 0;

	while (at < text.size) {
		size_t from = at;
		UChar32 code;

		U8_NEXT(text.data, at, text.size, code);
		if (code <= 0)
			return from;
	}
	return at;
}

/* Step over the line end at `at`: CR LF is one. */
static size_t
behind_line_end(const struct csv_reader *reader, size_t at)
{
	const unsigned char *data = reader->text.data;

	return at + (data[at] == '\r' && at + 1 < reader->end && data[at + 1] == '\n' ? 2 : 1);
}

static void
skip_blank_lines(struct csv_reader *reader)
{
	const unsigned char *data = reader->text.data;

	for (;;) {
		size_t at = reader->at;

		while (at < reader->end && data[at] == ' ')
			at++;
		if (at == reader->text.size)
			reader->at = at;
		if (at == reader->end || !is_line_end(data[at]))
			return;
		reader->at = behind_line_end(reader, at);
		reader->line++;
	}
}

/* The closing quote of the field whose opening one stands before `at`, or the end. */
static size_t
find_closing_quote(const struct csv_reader *reader, size_t at)
{
	const unsigned char *data = reader->text.data;

	for (; at < reader->end; at++) {
		if (data[at] != '"')
			continue;
		if (at + 1 == reader->end || data[at + 1] != '"')
			break;
		at++;
	}
	return at;
}

/* Only the first field can hide a separator in quotes: the next one comes behind a separator. */
static unsigned char
choose_separator(const struct csv_reader *reader)
{
	const unsigned char *data = reader->text.data;
	size_t at = reader->at;

	if (at < reader->end && data[at] == '"')
		at = find_closing_quote(reader, at + 1);
	for (; at < reader->end && !is_line_end(data[at]); at++)
		if (is_separator(data[at]))
			return data[at];
	return ',';
}

void
csv_begin(struct csv_reader *reader, struct slice text, struct arena *arena)
{
	*reader = (struct csv_reader){
	    .line = 1, .text = text, .end = find_end_of_text(text), .arena = arena};
	if (starts_with_mark(text))
		reader->at = 3;
	skip_blank_lines(reader);
	reader->separator = choose_separator(reader);
}

static void
count_lines(struct csv_reader *reader, size_t from, size_t to)
{
	while (from < to) {
		if (is_line_end(reader->text.data[from])) {
			from = behind_line_end(reader, from);
			reader->line++;
		} else {
			from++;
		}
	}
}

static bool
is_end_of_field(const struct csv_reader *reader, size_t at)
{
	unsigned char byte;

	if (at == reader->end)
		return true;
	byte = reader->text.data[at];
	return byte == reader->separator || is_line_end(byte);
}

/* Copy with one quote for two. */
static struct slice
unquote(struct slice inside, struct arena *arena)
{
	unsigned char *data = arena_alloc(arena, inside.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < inside.size; i++) {
		data[size++] = inside.data[i];
		if (inside.data[i] == '"')
			i++;
	}
	return slice_of(data, size);
}

static enum status
read_quoted(struct csv_reader *reader, struct slice *field_out)
{
	size_t from = reader->at + 1;
	size_t to = find_closing_quote(reader, from);

	if (to == reader->end && to == reader->text.size)
		return STATUS_INVALID;
	count_lines(reader, from, to);
	if (to == reader->end || !is_end_of_field(reader, to + 1))
		return STATUS_INVALID;
	reader->at = to + 1;
	*field_out = unquote(slice_part(reader->text, from, to), reader->arena);
	return STATUS_OK;
}

static enum status
read_field(struct csv_reader *reader, struct slice *field_out)
{
	size_t from = reader->at;

	if (from < reader->end && reader->text.data[from] == '"')
		return read_quoted(reader, field_out);
	while (!is_end_of_field(reader, reader->at))
		reader->at++;
	*field_out = arena_copy(reader->arena, slice_part(reader->text, from, reader->at));
	return STATUS_OK;
}

static enum status
read_record(struct csv_reader *reader, struct csv_record *record)
{
	for (;;) {
		enum status status;

		if (record->count == CSV_FIELDS_MAX)
			return STATUS_INVALID;
		status = read_field(reader, &record->fields[record->count]);
		if (status != STATUS_OK)
			return status;
		record->count++;
		if (reader->at == reader->end)
			return reader->end == reader->text.size ? STATUS_OK : STATUS_INVALID;
		if (reader->text.data[reader->at] != reader->separator)
			break;
		reader->at++;
	}
	reader->at = behind_line_end(reader, reader->at);
	reader->line++;
	return STATUS_OK;
}

enum status
csv_next(struct csv_reader *reader, struct csv_record *record_out)
{
	struct csv_record record = {.count = 0};
	enum status status;

	if (reader->broken)
		return STATUS_INVALID;
	skip_blank_lines(reader);
	if (reader->at == reader->text.size)
		return STATUS_NOT_FOUND;
	record.line = reader->line;
	status = read_record(reader, &record);
	if (status == STATUS_OK)
		*record_out = record;
	else
		reader->broken = true;
	return status;
}

/* What a spreadsheet may run (OWASP, "CSV Injection").  Apostrophes before it are passed over, so
 * that one more in front can be told from those that were there. */
static bool
is_formula(struct slice value)
{
	size_t at = 0;

	while (at < value.size && value.data[at] == '\'')
		at++;
	return at < value.size &&
	       slice_find_byte(SLICE("=+-@\t\r\n"), value.data[at], 0) != SLICE_NONE;
}

/* Also what the reader would drop or skip outside of quotes: a mark, a blank line. */
static bool
wants_quotes(struct slice value, bool first)
{
	if (value.size == 0)
		return first;
	for (size_t i = 0; i < value.size; i++)
		if (value.data[i] == '"' || is_separator(value.data[i]) ||
		    is_line_end(value.data[i]))
			return true;
	return value.data[0] == ' ' || value.data[value.size - 1] == ' ' || starts_with_mark(value);
}

void
csv_write_field(struct text *out, struct slice value, bool first)
{
	bool quotes = wants_quotes(value, first);

	if (!first)
		text_append_byte(out, ',');
	if (quotes)
		text_append_byte(out, '"');
	if (is_formula(value))
		text_append_byte(out, '\'');
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] == '"')
			text_append_byte(out, '"');
		text_append_byte(out, value.data[i]);
	}
	if (quotes)
		text_append_byte(out, '"');
}

void
csv_end_record(struct text *out)
{
	text_append(out, SLICE("\r\n"));
}

struct slice
csv_plain(struct slice field)
{
	if (field.size > 0 && field.data[0] == '\'' && is_formula(field))
		return slice_part(field, 1, field.size);
	return field;
}
