#include "ctl/output.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include "base/text.h"
#include "mail/utf8.h"

#define DEPTH_MAX 4
#define CELL_MAX ((size_t)4096)
#define TIME_SIZE 32
#define GAP 2

struct output {
	FILE *out;
	enum output_form form;
	struct arena *arena;
	json_t *objects[DEPTH_MAX]; /* the current one last; each but the first belongs to the one
				       before it */
	size_t depth;
};

struct output_cell
output_text(const char *text)
{
	return (struct output_cell){.text = text};
}

struct output_cell
output_number(int64_t number)
{
	return (struct output_cell){.number = number};
}

struct output_cell
output_id(struct id id, struct arena *arena)
{
	return output_text(id_text(id, arena_alloc(arena, ID_TEXT_SIZE)));
}

enum output_form
output_form_for(FILE *out, bool json)
{
	if (json)
		return OUTPUT_JSON;
	return isatty(fileno(out)) ? OUTPUT_TERMINAL : OUTPUT_PLAIN;
}

/* As arenas do: there is nothing to go on with when memory is short. */
static json_t *
must(json_t *value)
{
	if (value == NULL)
		abort();
	return value;
}

static void
release(void *object)
{
	json_decref(object);
}

struct output *
output_open(FILE *out, enum output_form form, struct arena *arena)
{
	struct output *output = arena_alloc(arena, sizeof(*output));

	*output = (struct output){.out = out, .form = form, .arena = arena};
	if (form == OUTPUT_JSON) {
		output->objects[output->depth++] = must(json_object());
		arena_defer(arena, release, output->objects[0]);
	}
	return output;
}

/* RFC 3339 for programs, without seconds for people. */
static const char *
write_time(const struct output *output, int64_t time)
{
	time_t seconds = (time_t)time;
	char text[TIME_SIZE];
	struct tm parts;
	size_t size = 0;

	if (gmtime_r(&seconds, &parts) != NULL)
		size = output->form == OUTPUT_JSON
			   ? strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts)
			   : strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts);
	return size == 0 ? "-" : arena_copy_text(output->arena, text);
}

/* --- for programs --- */

/* Values are UTF-8 already; what is not becomes U+FFFD, because JSON has no other bytes. */
static json_t *
json_text(const char *value)
{
	struct slice bytes = slice_from_text(value);
	struct text text;
	json_t *made;

	if (utf8_is_valid(bytes))
		return must(json_string(value));
	text_init(&text, bytes.size * 3 + 1);
	for (size_t position = 0; position < bytes.size;)
		utf8_append(&text, utf8_next(bytes, &position));
	made = must(json_string(text_string(&text)));
	text_clear(&text);
	return made;
}

static json_t *
json_words(const char *words)
{
	json_t *array = must(json_array());

	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		if (length > 0)
			json_array_append_new(array, must(json_stringn(words, length)));
		words += length + (words[length] == ' ' ? 1 : 0);
	}
	return array;
}

static json_t *
json_value(const struct output *output, enum output_kind kind, const struct output_cell *cell)
{
	switch (kind) {
	case OUTPUT_WORDS:
		return json_words(cell->text);
	case OUTPUT_NUMBER:
		return must(json_integer(cell->number));
	case OUTPUT_FLAG:
		return json_boolean(cell->number != 0);
	case OUTPUT_TIME:
		return cell->number == 0 ? json_null()
					 : json_text(write_time(output, cell->number));
	case OUTPUT_TEXT:
		break;
	}
	return *cell->text == '\0' ? json_null() : json_text(cell->text);
}

static void
json_fill(const struct output *output, json_t *object, const struct output_column *columns,
	  size_t count, const struct output_cell *cells)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i].key != NULL)
			json_object_set_new(object, columns[i].key,
					    json_value(output, columns[i].kind, &cells[i]));
}

/* The array under this key of the current object. */
static json_t *
json_list(const struct output *output, const char *key)
{
	json_t *object = output->objects[output->depth - 1];
	json_t *list = json_object_get(object, key);

	if (list == NULL) {
		list = must(json_array());
		json_object_set_new(object, key, list);
	}
	return list;
}

/* --- for people --- */

/* Places that a terminal gives to a character. */
static size_t
width_of_code(uint32_t code)
{
	int wide = u_getIntPropertyValue((UChar32)code, UCHAR_EAST_ASIAN_WIDTH);
	uint32_t category = U_MASK(u_charType((UChar32)code));

	if ((category & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) != 0)
		return 0;
	return wide == U_EA_FULLWIDTH || wide == U_EA_WIDE ? 2 : 1;
}

static size_t
width_of(const char *text)
{
	struct slice bytes = slice_from_text(text);
	size_t width = 0;

	for (size_t position = 0; position < bytes.size;)
		width += width_of_code(utf8_next(bytes, &position));
	return width;
}

static const char *
cut(const char *text, size_t most, struct arena *arena)
{
	struct slice bytes = slice_from_text(text);
	size_t width = 0, end = 0;

	if (most == 0 || width_of(text) <= most)
		return text;
	for (size_t position = 0; position < bytes.size;) {
		width += width_of_code(utf8_next(bytes, &position));
		if (width > most - 1)
			break;
		end = position;
	}
	return arena_printf(arena, "%.*s…", (int)end, text);
}

static const char *
people_value(const struct output *output, enum output_kind kind, const struct output_cell *cell)
{
	const char *clean;

	switch (kind) {
	case OUTPUT_NUMBER:
		return arena_printf(output->arena, "%lld", (long long)cell->number);
	case OUTPUT_FLAG:
		return cell->number != 0 ? "yes" : "no";
	case OUTPUT_TIME:
		return cell->number == 0 ? "-" : write_time(output, cell->number);
	case OUTPUT_TEXT:
	case OUTPUT_WORDS:
		break;
	}
	clean = utf8_clean_line(slice_from_text(cell->text), CELL_MAX, output->arena);
	return *clean == '\0' ? "-" : clean;
}

/* The last thing on a line gets no blanks behind it. */
static void
put(const struct output *output, const char *text, size_t width, bool last)
{
	size_t used = width_of(text);

	fputs(text, output->out);
	if (last)
		fputc('\n', output->out);
	else
		fprintf(output->out, "%*s", (int)(width > used ? width - used : 0) + GAP, "");
}

static size_t
last_shown(const struct output_column *columns, size_t count)
{
	size_t last = 0;

	for (size_t i = 0; i < count; i++)
		if (columns[i].heading != NULL)
			last = i;
	return last;
}

static void
print_table(const struct output *output, const struct output_column *columns, size_t count,
	    const struct output_cell *cells, size_t rows)
{
	const char **shown = arena_alloc_many(output->arena, (rows + 1) * count, sizeof(*shown));
	size_t *widths = arena_alloc_many(output->arena, count, sizeof(*widths));
	size_t last = last_shown(columns, count);

	for (size_t i = 0; i < (rows + 1) * count; i++) {
		const struct output_column *column = &columns[i % count];
		size_t width;

		if (column->heading == NULL)
			continue;
		shown[i] = i < count ? column->heading
				     : people_value(output, column->kind, &cells[i - count]);
		if (i >= count && output->form == OUTPUT_TERMINAL)
			shown[i] = cut(shown[i], column->width, output->arena);
		width = width_of(shown[i]);
		if (width > widths[i % count])
			widths[i % count] = width;
	}
	for (size_t i = 0; i < (rows + 1) * count; i++)
		if (shown[i] != NULL)
			put(output, shown[i], widths[i % count], i % count == last);
}

static void
print_record(const struct output *output, const struct output_column *columns, size_t count,
	     const struct output_cell *cells)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		if (columns[i].heading != NULL && width_of(columns[i].heading) > width)
			width = width_of(columns[i].heading);
	for (size_t i = 0; i < count; i++) {
		if (columns[i].heading == NULL)
			continue;
		put(output, columns[i].heading, width, false);
		put(output, people_value(output, columns[i].kind, &cells[i]), 0, true);
	}
}

/* --- both --- */

void
output_record(struct output *output, const struct output_column *columns, size_t count,
	      const struct output_cell *cells)
{
	if (output->form == OUTPUT_JSON)
		json_fill(output, output->objects[output->depth - 1], columns, count, cells);
	else
		print_record(output, columns, count, cells);
}

void
output_list(struct output *output, const char *key, const struct output_column *columns,
	    size_t count, const struct output_cell *cells, size_t rows)
{
	json_t *list;

	if (output->form != OUTPUT_JSON) {
		if (rows > 0)
			print_table(output, columns, count, cells, rows);
		return;
	}
	list = json_list(output, key);
	for (size_t i = 0; i < rows; i++) {
		json_t *object = must(json_object());

		json_fill(output, object, columns, count, cells + i * count);
		json_array_append_new(list, object);
	}
}

void
output_group_begin(struct output *output, const char *key)
{
	json_t *object;

	if (output->form != OUTPUT_JSON) {
		fputc('\n', output->out);
		return;
	}
	if (output->depth == DEPTH_MAX)
		abort();
	object = must(json_object());
	json_array_append_new(json_list(output, key), object);
	output->objects[output->depth++] = object;
}

void
output_group_end(struct output *output)
{
	if (output->form == OUTPUT_JSON)
		output->depth--;
}

void
output_note(struct output *output, const char *sentence)
{
	if (output->form != OUTPUT_JSON)
		fprintf(output->out, "%s\n", sentence);
}

/* DEL is the one control that the library leaves; outside of strings there is none. */
static int
write_json(const char *bytes, size_t size, void *out)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == 0x7f)
			fputs("\\u007f", out);
		else
			fputc(bytes[i], out);
	return ferror(out) ? -1 : 0;
}

bool
output_close(struct output *output)
{
	if (output->form == OUTPUT_JSON) {
		if (json_dump_callback(output->objects[0], write_json, output->out,
				       JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
			return false;
		fputc('\n', output->out);
	}
	return fflush(output->out) == 0 && !ferror(output->out);
}
