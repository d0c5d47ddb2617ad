#include <string.h>

#include "mail/compose_part.h"
#include "mail/field.h"
#include "mail/transfer.h"
#include "mail/utf8.h"

#define HEADERS_MAX ((size_t)131072)
#define BODY_MAX ((size_t)67108864)
#define FILE_NAME_MAX ((size_t)255)
#define TYPE_MAX ((size_t)127)
#define LINE_LENGTH_MAX ((size_t)998) /* RFC 5322 section 2.1.1 */

enum reply_step { REPLY_HEADERS, REPLY_BETWEEN, REPLY_IN_FILE, REPLY_CLOSED };

struct reply_writer {
	const struct sink *sink;
	struct arena *arena;
	enum reply_step step;
	bool has_files;
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct transfer_base64 base64;
};

static enum status
flush(struct reply_writer *writer, struct text *text)
{
	enum status status =
	    text_ok(text) ? sink_write(writer->sink, text_slice(text)) : STATUS_TOO_LARGE;

	text_clear(text);
	return status;
}

enum status
reply_open(const struct letter *letter, bool has_files, const struct sink *sink,
	   struct arena *arena, struct reply_writer **writer_out)
{
	struct reply_writer *writer = arena_alloc(arena, sizeof(*writer));
	struct text text;
	enum status status;

	writer->sink = sink;
	writer->arena = arena;
	writer->has_files = has_files;
	compose_boundary(writer->boundary);
	text_init(&text, HEADERS_MAX);
	status = compose_headers(letter, &text);
	if (status != STATUS_OK) {
		text_clear(&text);
		return status;
	}
	if (has_files)
		text_printf(&text, "Content-Type: multipart/mixed;\r\n\tboundary=\"%s\"\r\n%s\r\n",
			    writer->boundary,
			    letter->eight_bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
	status = flush(writer, &text);
	if (status == STATUS_OK)
		*writer_out = writer;
	return status;
}

void
reply_open_files(const struct sink *sink, struct arena *arena, struct reply_writer **writer_out)
{
	struct reply_writer *writer = arena_alloc(arena, sizeof(*writer));

	writer->sink = sink;
	writer->arena = arena;
	writer->has_files = true;
	writer->step = REPLY_BETWEEN;
	compose_boundary(writer->boundary);
	*writer_out = writer;
}

enum status
reply_body(struct reply_writer *writer, struct slice body)
{
	struct text text;

	if (writer->step != REPLY_HEADERS)
		return STATUS_CONFLICT;
	writer->step = REPLY_BETWEEN;
	text_init(&text, BODY_MAX);
	if (writer->has_files)
		compose_delimiter(writer->boundary, false, &text);
	compose_text_part(body, true, &text);
	return flush(writer, &text);
}

/* The last piece of what may be a path of any system; never "", "." or "..". */
const char *
reply_file_name(const char *name, struct arena *arena)
{
	const char *clean = utf8_clean_line(slice_from_text(name), TYPE_MAX * 32, arena);
	size_t size;

	for (const char *at = clean; *at != '\0'; at++)
		if (*at == '/' || *at == '\\')
			clean = at + 1;
	/* The end, which tells the kind, outlives the beginning of an endless name. */
	size = strlen(clean);
	if (size > FILE_NAME_MAX) {
		clean += size - FILE_NAME_MAX;
		while (((unsigned char)*clean & 0xc0) == 0x80)
			clean++;
	}
	clean = utf8_clean_line(slice_from_text(clean), FILE_NAME_MAX, arena);
	if (*clean == '\0' || strcmp(clean, ".") == 0 || strcmp(clean, "..") == 0)
		return "file";
	return clean;
}

/* A type as browsers name it; parameters are dropped, and so are types that promise a structure
 * which a file in base64 cannot have. */
static const char *
clean_type(const char *type, struct arena *arena)
{
	static const char *const unknown = "application/octet-stream";
	struct slice text = slice_from_text(type);
	size_t slashes = 0;

	text = slice_trim(slice_part(text, 0, slice_find_byte(text, ';', 0)));
	if (text.size < 3 || text.size > TYPE_MAX ||
	    slice_starts_nocase(text, SLICE("multipart/")) ||
	    slice_starts_nocase(text, SLICE("message/")))
		return unknown;
	for (size_t i = 0; i < text.size; i++) {
		unsigned char byte = text.data[i];

		if (byte == '/')
			slashes++;
		else if (byte <= ' ' || byte >= 0x7f || strchr("()<>@,;:\\\"[]?=", byte) != NULL)
			return unknown;
	}
	if (slashes != 1 || text.data[0] == '/' || text.data[text.size - 1] == '/')
		return unknown;
	return arena_text_from(arena, text);
}

/* The header of a part that is a file of that name. */
static enum status
begin_part(struct reply_writer *writer, const char *name, const char *type, const char *encoding)
{
	struct text text;

	text_init(&text, HEADERS_MAX);
	compose_delimiter(writer->boundary, false, &text);
	compose_file_part(reply_file_name(name, writer->arena), type, encoding, &text);
	return flush(writer, &text);
}

enum status
reply_file_begin(struct reply_writer *writer, const char *name, const char *type)
{
	if (writer->step != REPLY_BETWEEN || !writer->has_files)
		return STATUS_CONFLICT;
	writer->step = REPLY_IN_FILE;
	writer->base64 = (struct transfer_base64){.sink = writer->sink};
	return begin_part(writer, name, clean_type(type, writer->arena), "base64");
}

enum status
reply_file_write(struct reply_writer *writer, struct slice bytes)
{
	if (writer->step != REPLY_IN_FILE)
		return STATUS_CONFLICT;
	return transfer_base64_write(&writer->base64, bytes);
}

enum status
reply_file_end(struct reply_writer *writer)
{
	if (writer->step != REPLY_IN_FILE)
		return STATUS_CONFLICT;
	writer->step = REPLY_BETWEEN;
	return transfer_base64_end(&writer->base64);
}

enum status
reply_file_copy(struct reply_writer *writer, const struct source *written, uint64_t from,
		uint64_t to)
{
	if (writer->step != REPLY_IN_FILE)
		return STATUS_CONFLICT;
	/* It was encoded by the same rules and ends with a whole line. */
	return source_copy(written, from, to, writer->sink);
}

/* What is seen of a message while it is read once. */
struct looking {
	size_t line; /* bytes of the line at hand */
	unsigned char last;
	bool in_body;
	bool eight_bit;
	bool unfit; /* for SMTP, or for message/rfc822 */
};

static enum status
look(void *context, struct slice bytes)
{
	struct looking *looking = context;

	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = bytes.data[i];

		/* A line end is CR LF, and neither stands alone. */
		if ((looking->last == '\r') != (byte == '\n') || byte == '\0')
			looking->unfit = true;
		if (byte == '\n') {
			looking->in_body = looking->in_body || looking->line == 0;
			looking->line = 0;
		} else if (byte != '\r') {
			looking->line++;
		}
		/* Header fields beyond ASCII are those of another type (RFC 6532). */
		if (byte >= 0x80)
			*(looking->in_body ? &looking->eight_bit : &looking->unfit) = true;
		if (looking->line > LINE_LENGTH_MAX)
			looking->unfit = true;
		looking->last = byte;
	}
	return STATUS_OK;
}

enum status
reply_message_carriage(const struct source *message, enum reply_carriage *carriage_out)
{
	struct looking looking = {.line = 0};
	const struct sink sink = {&looking, look};
	enum status status = source_copy(message, 0, message->size, &sink);

	if (status != STATUS_OK)
		return status;
	if (looking.unfit || looking.last == '\r')
		*carriage_out = REPLY_ENCODED;
	else
		*carriage_out = looking.eight_bit ? REPLY_EIGHT_BIT : REPLY_SEVEN_BIT;
	return STATUS_OK;
}

static enum status
write_base64(void *context, struct slice bytes)
{
	return reply_file_write(context, bytes);
}

enum status
reply_message(struct reply_writer *writer, const char *name, const struct source *message,
	      enum reply_carriage carriage)
{
	const struct sink encoded = {writer, write_base64};
	enum status status;

	if (carriage == REPLY_ENCODED) {
		status = reply_file_begin(writer, name, "application/octet-stream");
		if (status == STATUS_OK)
			status = source_copy(message, 0, message->size, &encoded);
		return status == STATUS_OK ? reply_file_end(writer) : status;
	}
	if (writer->step != REPLY_BETWEEN || !writer->has_files)
		return STATUS_CONFLICT;
	status = begin_part(writer, name, "message/rfc822",
			    carriage == REPLY_EIGHT_BIT ? "8bit" : "7bit");
	return status == STATUS_OK ? source_copy(message, 0, message->size, writer->sink) : status;
}

enum status
reply_close(struct reply_writer *writer)
{
	struct text text;

	if (writer->step != REPLY_BETWEEN)
		return STATUS_CONFLICT;
	writer->step = REPLY_CLOSED;
	if (!writer->has_files)
		return STATUS_OK;
	text_init(&text, HEADERS_MAX);
	compose_delimiter(writer->boundary, true, &text);
	return flush(writer, &text);
}
