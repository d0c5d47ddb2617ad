#include "messenger/writing.h"

#include <string.h>

#include "base/text.h"
#include "crypto/box.h"
#include "crypto/pair.h"

/*
 * Byte form: version byte, flag byte; with FLAG_FRESH a subject with a length of 2 bytes; body and
 * quotation, each with a length of 4 bytes; a count of 2 bytes and the recipients, each with a
 * length of 2; a count of 2 and the files, each a name with a length of 2 and a size of 8.  Numbers
 * are big-endian.
 */
#define VERSION 1
#define FLAG_TO_ALL 1
#define FLAG_FRESH 2
#define FLAG_FORWARD 4
#define FLAGS_ALL (FLAG_TO_ALL | FLAG_FRESH | FLAG_FORWARD)
#define COUNT_MAX ((size_t)65535)
#define LINE_MAX_SIZE ((size_t)2048)
#define BYTES_MAX (WRITING_TEXT_MAX + ((size_t)1 << 22))

static void
put_number(struct text *out, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0)
		text_append_byte(out, (unsigned char)(number >> (8 * bytes)));
}

static void
put_line(struct text *out, const char *line)
{
	struct slice text = slice_from_text(line);

	text = slice_part(text, 0, LINE_MAX_SIZE);
	put_number(out, text.size, 2);
	text_append(out, text);
}

enum status
writing_write(const struct writing *writing, struct arena *arena, struct slice *bytes_out)
{
	struct text *out = arena_alloc(arena, sizeof(*out));

	if (writing->body.size > WRITING_TEXT_MAX ||
	    writing->quote.size > WRITING_TEXT_MAX - writing->body.size ||
	    writing->recipient_count > COUNT_MAX || writing->file_count > COUNT_MAX)
		return STATUS_TOO_LARGE;
	text_init_in(out, arena, BYTES_MAX);
	text_append_byte(out, VERSION);
	text_append_byte(out, (unsigned char)((writing->to_all ? FLAG_TO_ALL : 0) |
					      (writing->fresh ? FLAG_FRESH : 0) |
					      (writing->forward ? FLAG_FORWARD : 0)));
	if (writing->fresh)
		put_line(out, writing->subject == NULL ? "" : writing->subject);
	put_number(out, writing->body.size, 4);
	text_append(out, writing->body);
	put_number(out, writing->quote.size, 4);
	text_append(out, writing->quote);
	put_number(out, writing->recipient_count, 2);
	for (size_t i = 0; i < writing->recipient_count; i++)
		put_line(out, writing->recipients[i]);
	put_number(out, writing->file_count, 2);
	for (size_t i = 0; i < writing->file_count; i++) {
		put_line(out, writing->files[i].name);
		put_number(out, writing->files[i].size, 8);
	}
	if (!text_ok(out))
		return STATUS_TOO_LARGE;
	*bytes_out = text_slice(out);
	return STATUS_OK;
}

struct reader {
	struct slice bytes;
	size_t at;
	bool bad;
};

static uint64_t
get_number(struct reader *reader, unsigned bytes)
{
	uint64_t number = 0;

	if (reader->bytes.size - reader->at < bytes) {
		reader->bad = true;
		return 0;
	}
	while (bytes-- > 0)
		number = number << 8 | reader->bytes.data[reader->at++];
	return number;
}

static struct slice
get_slice(struct reader *reader, unsigned length_bytes, size_t most)
{
	size_t length = (size_t)get_number(reader, length_bytes);
	struct slice bytes;

	if (reader->bad || length > most || reader->bytes.size - reader->at < length) {
		reader->bad = true;
		return slice_of(NULL, 0);
	}
	bytes = slice_part(reader->bytes, reader->at, reader->at + length);
	reader->at += length;
	return bytes;
}

/* A count of things that take at least `least` bytes each. */
static size_t
get_count(struct reader *reader, size_t least)
{
	size_t count = (size_t)get_number(reader, 2);

	if (count > (reader->bytes.size - reader->at) / least) {
		reader->bad = true;
		return 0;
	}
	return count;
}

enum status
writing_read(struct slice bytes, struct arena *arena, struct writing *writing_out)
{
	struct reader reader = {.bytes = bytes};
	struct writing writing = {.to_all = false};
	struct writing_file *files;
	const char **recipients;
	uint64_t flags;

	if (get_number(&reader, 1) != VERSION)
		return STATUS_DAMAGED;
	flags = get_number(&reader, 1);
	writing.to_all = (flags & FLAG_TO_ALL) != 0;
	writing.fresh = (flags & FLAG_FRESH) != 0;
	writing.forward = (flags & FLAG_FORWARD) != 0;
	writing.subject = "";
	if (writing.fresh)
		writing.subject = arena_text_from(arena, get_slice(&reader, 2, LINE_MAX_SIZE));
	writing.body = get_slice(&reader, 4, WRITING_TEXT_MAX);
	writing.quote = get_slice(&reader, 4, WRITING_TEXT_MAX);
	writing.recipient_count = get_count(&reader, 2);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	recipients = arena_alloc_many(arena, writing.recipient_count + 1, sizeof(*recipients));
	for (size_t i = 0; i < writing.recipient_count; i++)
		recipients[i] = arena_text_from(arena, get_slice(&reader, 2, LINE_MAX_SIZE));
	writing.file_count = get_count(&reader, 10);
	files = arena_alloc_many(arena, writing.file_count + 1, sizeof(*files));
	for (size_t i = 0; i < writing.file_count; i++) {
		files[i].name = arena_text_from(arena, get_slice(&reader, 2, LINE_MAX_SIZE));
		files[i].size = get_number(&reader, 8);
	}
	if (reader.bad || reader.at != bytes.size || flags > FLAGS_ALL)
		return STATUS_DAMAGED;
	writing.recipients = recipients;
	writing.files = files;
	*writing_out = writing;
	return STATUS_OK;
}

enum status
writing_seal_key(struct slice temporary_public, const struct id *id, const struct secret *key,
		 struct arena *arena, struct slice *key_wrap_out)
{
	if (temporary_public.size != PAIR_PUBLIC_SIZE)
		return STATUS_DAMAGED;
	return pair_seal(temporary_public.data, PAIR_WRITING_KEY, id, secret_slice(key), arena,
			 key_wrap_out);
}

enum status
writing_open_key(const struct secret *temporary_private, const struct id *id, struct slice key_wrap,
		 struct secret *key_out)
{
	struct pair pair;
	enum status status = pair_from_private(secret_slice(temporary_private), &pair);

	if (status != STATUS_OK)
		return status;
	status = pair_open(&pair, PAIR_WRITING_KEY, id, key_wrap, key_out);
	pair_clear(&pair);
	if (status == STATUS_OK && key_out->size != WRITING_KEY_SIZE) {
		secret_clear(key_out);
		status = STATUS_DAMAGED;
	}
	return status;
}

enum status
writing_seal(struct slice temporary_public, const struct writing *writing, struct arena *arena,
	     struct writing_row *row)
{
	struct slice bytes;
	struct secret key;
	enum status status = writing_write(writing, arena, &bytes);

	if (status != STATUS_OK)
		return status;
	row->id = id_new();
	secret_random(&key, WRITING_KEY_SIZE);
	status = writing_seal_key(temporary_public, &row->id, &key, arena, &row->key_wrap);
	if (status == STATUS_OK)
		row->sealed =
		    box_seal(secret_slice(&key), "writing", id_slice(&row->id), bytes, arena);
	secret_clear(&key);
	return status;
}

enum status
writing_open(const struct secret *temporary_private, const struct writing_row *row,
	     struct arena *arena, struct writing *writing_out)
{
	struct secret key;
	struct slice bytes;
	enum status status = writing_open_key(temporary_private, &row->id, row->key_wrap, &key);

	if (status != STATUS_OK)
		return status;
	status =
	    box_open(secret_slice(&key), "writing", id_slice(&row->id), row->sealed, arena, &bytes);
	secret_clear(&key);
	if (status == STATUS_OK)
		status = writing_read(bytes, arena, writing_out);
	if (status == STATUS_OK)
		writing_out->written_at = row->written_at;
	return status;
}
