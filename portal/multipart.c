#include "portal/multipart.h"

#include <string.h>

#include "base/text.h"

enum place {
	PLACE_START,  /* before the first boundary */
	PLACE_BEHIND, /* behind a boundary: CR LF or -- must follow */
	PLACE_HEADER,
	PLACE_DATA,
	PLACE_END,
};

struct multipart {
	const struct multipart_actions *actions;
	void *context;
	struct arena *arena;
	enum place place;
	enum status status;
	unsigned char delimiter[MULTIPART_BOUNDARY_MAX + 4]; /* CR LF -- boundary */
	size_t delimiter_size;
	size_t matched;	      /* bytes of the delimiter, or of what follows it, seen so far */
	unsigned char behind; /* the first of the two bytes behind a boundary */
	struct text header;
	size_t parts;
};

/*
 * One parameter of a field value: ; name="value" or ; name=value.  Browsers write
 * a quote in a value as %22, old ones as \".  *rest_out is what follows.
 */
static enum status
next_parameter(struct slice value, struct slice *name_out, struct slice *value_out,
	       bool *quoted_out, struct slice *rest_out)
{
	struct slice rest = slice_trim(value);
	size_t equals;
	size_t end;

	if (rest.size == 0 || rest.data[0] != ';')
		return STATUS_INVALID;
	rest = slice_trim(slice_part(rest, 1, rest.size));
	equals = slice_find_byte(rest, '=', 0);
	if (equals == SLICE_NONE || equals == 0)
		return STATUS_INVALID;
	*name_out = slice_trim(slice_part(rest, 0, equals));
	rest = slice_part(rest, equals + 1, rest.size);
	*quoted_out = rest.size > 0 && rest.data[0] == '"';
	if (*quoted_out) {
		for (end = 1; end < rest.size && rest.data[end] != '"'; end++)
			if (rest.data[end] == '\\' && end + 1 < rest.size &&
			    rest.data[end + 1] == '"')
				end++;
		if (end >= rest.size)
			return STATUS_INVALID;
		*value_out = slice_part(rest, 1, end);
		*rest_out = slice_part(rest, end + 1, rest.size);
	} else {
		end = slice_find_byte(rest, ';', 0);
		if (end == SLICE_NONE)
			end = rest.size;
		*value_out = slice_trim(slice_part(rest, 0, end));
		*rest_out = slice_part(rest, end, rest.size);
	}
	return STATUS_OK;
}

/* \" and %22 become a quote; everything else stays as it is. */
static struct slice
unquote(struct slice value, struct arena *arena)
{
	unsigned char *plain = arena_alloc(arena, value.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] == '\\' && i + 1 < value.size && value.data[i + 1] == '"')
			continue;
		if (slice_equal(slice_part(value, i, i + 3), SLICE("%22"))) {
			plain[size++] = '"';
			i += 2;
		} else {
			plain[size++] = value.data[i];
		}
	}
	return slice_of(plain, size);
}

static enum status
read_disposition(struct slice value, struct multipart_part *part, struct arena *arena)
{
	struct slice form_data = SLICE("form-data");
	bool named = false;
	struct slice rest;

	if (!slice_starts_nocase(value, form_data))
		return STATUS_INVALID;
	rest = slice_trim(slice_part(value, form_data.size, value.size));
	while (rest.size > 0) {
		struct slice name;
		struct slice text;
		bool quoted;
		enum status status = next_parameter(rest, &name, &text, &quoted, &rest);

		if (status != STATUS_OK)
			return status;
		rest = slice_trim(rest);
		if (quoted)
			text = unquote(text, arena);
		if (slice_equal_nocase(name, SLICE("name"))) {
			if (named)
				return STATUS_INVALID;
			named = true;
			part->name = text;
		} else if (slice_equal_nocase(name, SLICE("filename"))) {
			if (part->is_file)
				return STATUS_INVALID;
			part->is_file = true;
			part->file = text;
		}
	}
	return named && part->name.size > 0 ? STATUS_OK : STATUS_INVALID;
}

/* type/subtype without its parameters, or the empty slice. */
static struct slice
read_type(struct slice value)
{
	size_t semicolon = slice_find_byte(value, ';', 0);
	struct slice type =
	    slice_trim(slice_part(value, 0, semicolon == SLICE_NONE ? value.size : semicolon));
	size_t slash = slice_find_byte(type, '/', 0);

	if (type.size > 127 || slash == SLICE_NONE || slash == 0 || slash + 1 == type.size)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < type.size; i++) {
		unsigned char c = slice_lower(type.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && i != slash &&
		    (c == '\0' || strchr("!#$&^_.+-", c) == NULL))
			return slice_of(NULL, 0);
	}
	return type;
}

static enum status
begin_part(struct multipart *multipart)
{
	struct slice block = text_slice(&multipart->header);
	struct multipart_part part = {.is_file = false};
	struct arena *arena = arena_new();
	enum status status = STATUS_OK;
	bool disposed = false;
	size_t from = 0;

	while (from < block.size && status == STATUS_OK) {
		size_t end = slice_find(block, SLICE("\r\n"), from);
		struct slice line = slice_part(block, from, end);
		size_t colon = slice_find_byte(line, ':', 0);
		struct slice value;

		from = end + 2;
		for (size_t i = 0; i < line.size; i++)
			if (line.data[i] < ' ' && line.data[i] != '\t')
				status = STATUS_INVALID;
		if (colon == SLICE_NONE || status != STATUS_OK) {
			status = STATUS_INVALID;
			break;
		}
		value = slice_trim(slice_part(line, colon + 1, line.size));
		line = slice_part(line, 0, colon);
		if (slice_equal_nocase(line, SLICE("content-disposition"))) {
			status = disposed ? STATUS_INVALID : read_disposition(value, &part, arena);
			disposed = true;
		} else if (slice_equal_nocase(line, SLICE("content-type"))) {
			part.type = read_type(value);
		}
	}
	if (!disposed || ++multipart->parts > MULTIPART_PARTS_MAX)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = multipart->actions->begin(multipart->context, &part);
	arena_free(arena);
	text_reset(&multipart->header);
	multipart->matched = 0;
	multipart->place = PLACE_DATA;
	return status;
}

/* Take bytes of a header block; it ends with an empty line.  Gives the bytes used. */
static size_t
feed_header(struct multipart *multipart, struct slice bytes)
{
	struct text *header = &multipart->header;

	for (size_t i = 0; i < bytes.size; i++) {
		text_append_byte(header, bytes.data[i]);
		if (!text_ok(header)) {
			multipart->status = STATUS_INVALID;
			return bytes.size;
		}
		if (bytes.data[i] != '\n')
			continue;
		if (header->size < 2 || header->data[header->size - 2] != '\r') {
			multipart->status = STATUS_INVALID;
			return bytes.size;
		}
		if (header->size >= 4 &&
		    memcmp(header->data + header->size - 4, "\r\n\r\n", 4) == 0) {
			header->size -= 2;
			multipart->status = begin_part(multipart);
			return i + 1;
		}
		if (header->size == 2) {
			multipart->status = STATUS_INVALID; /* no header at all */
			return bytes.size;
		}
	}
	return bytes.size;
}

static void
hand_on(struct multipart *multipart, struct slice bytes)
{
	if (multipart->status == STATUS_OK && bytes.size > 0)
		multipart->status = multipart->actions->data(multipart->context, bytes);
}

/* Bytes at the end of `bytes` that may begin a delimiter. */
static size_t
tail(const struct multipart *multipart, struct slice bytes)
{
	size_t most = multipart->delimiter_size - 1;
	size_t from = bytes.size > most ? bytes.size - most : 0;

	for (; from < bytes.size; from++)
		if (bytes.data[from] == '\r' &&
		    memcmp(bytes.data + from, multipart->delimiter, bytes.size - from) == 0)
			return bytes.size - from;
	return 0;
}

/*
 * Take bytes of a part's content.  What was held back is always the beginning of
 * the delimiter, so only its length is kept; and because CR stands nowhere
 * but at the delimiter's front, a match that breaks off contains no other.
 */
static size_t
feed_data(struct multipart *multipart, struct slice bytes)
{
	size_t size = multipart->delimiter_size;
	size_t used = 0;
	const unsigned char *found;

	if (multipart->matched > 0) {
		while (used < bytes.size && multipart->matched < size &&
		       bytes.data[used] == multipart->delimiter[multipart->matched]) {
			multipart->matched++;
			used++;
		}
		if (multipart->matched < size && used < bytes.size) {
			hand_on(multipart, slice_of(multipart->delimiter, multipart->matched));
			multipart->matched = 0;
			return used;
		}
		if (multipart->matched < size)
			return used;
	} else {
		found = memmem(bytes.data, bytes.size, multipart->delimiter, size);
		if (found == NULL) {
			multipart->matched = tail(multipart, bytes);
			hand_on(multipart, slice_part(bytes, 0, bytes.size - multipart->matched));
			return bytes.size;
		}
		used = (size_t)(found - bytes.data);
		hand_on(multipart, slice_part(bytes, 0, used));
		used += size;
	}
	if (multipart->status == STATUS_OK)
		multipart->status = multipart->actions->end(multipart->context);
	multipart->matched = 0;
	multipart->place = PLACE_BEHIND;
	return used;
}

/* The first boundary stands at the very front, without the CR LF before it. */
static size_t
feed_start(struct multipart *multipart, unsigned char byte)
{
	if (byte != multipart->delimiter[2 + multipart->matched])
		multipart->status = STATUS_INVALID;
	else if (++multipart->matched == multipart->delimiter_size - 2) {
		multipart->matched = 0;
		multipart->place = PLACE_BEHIND;
	}
	return 1;
}

static size_t
feed_behind(struct multipart *multipart, unsigned char byte)
{
	if (multipart->matched++ == 0) {
		multipart->behind = byte;
		return 1;
	}
	multipart->matched = 0;
	if (multipart->behind == '\r' && byte == '\n')
		multipart->place = PLACE_HEADER;
	else if (multipart->behind == '-' && byte == '-')
		multipart->place = PLACE_END;
	else
		multipart->status = STATUS_INVALID;
	return 1;
}

enum status
multipart_feed(struct multipart *multipart, struct slice bytes)
{
	while (bytes.size > 0 && multipart->status == STATUS_OK) {
		size_t used = bytes.size;

		switch (multipart->place) {
		case PLACE_START:
			used = feed_start(multipart, bytes.data[0]);
			break;
		case PLACE_BEHIND:
			used = feed_behind(multipart, bytes.data[0]);
			break;
		case PLACE_HEADER:
			used = feed_header(multipart, bytes);
			break;
		case PLACE_DATA:
			used = feed_data(multipart, bytes);
			break;
		case PLACE_END: /* an epilogue means nothing */
			break;
		}
		bytes = slice_part(bytes, used, bytes.size);
	}
	return multipart->status;
}

enum status
multipart_finish(struct multipart *multipart)
{
	if (multipart->status == STATUS_OK && multipart->place != PLACE_END)
		multipart->status = STATUS_INVALID;
	return multipart->status;
}

static bool
is_boundary(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
			return false;
	return text.size > 0 && text.size <= MULTIPART_BOUNDARY_MAX;
}

enum status
multipart_open(struct slice content_type, const struct multipart_actions *actions, void *context,
	       struct arena *arena, struct multipart **multipart_out)
{
	struct slice type = SLICE("multipart/form-data");
	struct slice boundary = {NULL, 0};
	struct multipart *multipart;
	struct slice rest;

	if (!slice_starts_nocase(content_type, type))
		return STATUS_INVALID;
	rest = slice_trim(slice_part(content_type, type.size, content_type.size));
	while (rest.size > 0) {
		struct slice name;
		struct slice value;
		bool quoted;

		if (next_parameter(rest, &name, &value, &quoted, &rest) != STATUS_OK)
			return STATUS_INVALID;
		rest = slice_trim(rest);
		if (!slice_equal_nocase(name, SLICE("boundary")))
			continue;
		if (boundary.size > 0)
			return STATUS_INVALID;
		boundary = value;
		if (!is_boundary(boundary))
			return STATUS_INVALID;
	}
	if (boundary.size == 0)
		return STATUS_INVALID;
	multipart = arena_alloc(arena, sizeof(*multipart));
	multipart->actions = actions;
	multipart->context = context;
	multipart->arena = arena;
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, boundary.data, boundary.size);
	multipart->delimiter_size = boundary.size + 4;
	text_init_in(&multipart->header, arena, MULTIPART_HEADER_MAX);
	*multipart_out = multipart;
	return STATUS_OK;
}
