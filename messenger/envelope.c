#include "messenger/envelope.h"

#include <string.h>

#include "base/text.h"

/*
 * Byte form: version byte, flag byte, received_at (8 bytes, big-endian), then texts, each
 * with a length of 2 bytes: sender, client name, client address, user, certificate, envelope
 * id; a byte for what a report returns; a count of 2 bytes and the recipients, each with a byte for
 * what its sender wants to be told, the address, and the original address.
 *
 * The first version had no user, certificate, envelope id, return, notify and original address.
 */
#define VERSION 2
#define VERSION_FIRST 1
#define FLAG_TLS 1
#define FLAG_UTF8 2
#define FLAG_EIGHT_BIT 4
#define FLAG_BINARY 8
#define NOTIFY_ALL (NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY | NOTIFY_NEVER)
#define TEXT_MAX ((size_t)2048)
#define ENVELOPE_MAX (ENVELOPE_RECIPIENTS_MAX * 1536 + 16384)

static void
put_number(struct text *out, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0)
		text_append_byte(out, (unsigned char)(number >> (8 * bytes)));
}

static bool
put_text(struct text *out, const char *string)
{
	size_t length = strlen(string);

	if (length > TEXT_MAX)
		return false;
	put_number(out, length, 2);
	text_append_text(out, string);
	return true;
}

static bool
put_optional(struct text *out, const char *string)
{
	return put_text(out, string == NULL ? "" : string);
}

enum status
envelope_write(const struct envelope *envelope, struct arena *arena, struct slice *bytes_out)
{
	struct text *out = arena_alloc(arena, sizeof(*out));

	if (envelope->recipient_count > ENVELOPE_RECIPIENTS_MAX)
		return STATUS_TOO_LARGE;
	text_init_in(out, arena, ENVELOPE_MAX);
	text_append_byte(out, VERSION);
	text_append_byte(out, (unsigned char)((envelope->tls ? FLAG_TLS : 0) |
					      (envelope->utf8 ? FLAG_UTF8 : 0) |
					      (envelope->eight_bit ? FLAG_EIGHT_BIT : 0) |
					      (envelope->binary ? FLAG_BINARY : 0)));
	put_number(out, (uint64_t)envelope->received_at, 8);
	if (!put_text(out, envelope->sender) || !put_text(out, envelope->client_name) ||
	    !put_text(out, envelope->client_address) || !put_optional(out, envelope->user) ||
	    !put_optional(out, envelope->certificate) || !put_optional(out, envelope->envelope_id))
		return STATUS_TOO_LARGE;
	text_append_byte(out, (unsigned char)envelope->returns);
	put_number(out, envelope->recipient_count, 2);
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct envelope_recipient *recipient = &envelope->recipients[i];

		text_append_byte(out, (unsigned char)recipient->notify);
		if (!put_text(out, recipient->address) || !put_optional(out, recipient->original))
			return STATUS_TOO_LARGE;
	}
	if (!text_ok(out))
		return STATUS_TOO_LARGE;
	*bytes_out = text_slice(out);
	return STATUS_OK;
}

struct reader {
	struct slice bytes;
	size_t at;
	struct arena *arena;
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

static const char *
get_text(struct reader *reader)
{
	size_t length = (size_t)get_number(reader, 2);
	struct slice text;

	if (reader->bad || length > TEXT_MAX || reader->bytes.size - reader->at < length) {
		reader->bad = true;
		return "";
	}
	text = slice_part(reader->bytes, reader->at, reader->at + length);
	reader->at += length;
	return arena_text_from(reader->arena, text);
}

static void
get_recipient(struct reader *reader, unsigned version, struct envelope_recipient *recipient_out)
{
	bool told = version != VERSION_FIRST;

	recipient_out->notify = told ? (unsigned)get_number(reader, 1) : 0;
	recipient_out->address = get_text(reader);
	recipient_out->original = told ? get_text(reader) : "";
	if ((recipient_out->notify & ~(unsigned)NOTIFY_ALL) != 0)
		reader->bad = true;
}

enum status
envelope_read(struct slice bytes, struct arena *arena, struct envelope *envelope_out)
{
	struct reader reader = {.bytes = bytes, .arena = arena};
	struct envelope envelope;
	struct envelope_recipient *recipients;
	unsigned version = (unsigned)get_number(&reader, 1);
	unsigned flags;

	if (version != VERSION && version != VERSION_FIRST)
		return STATUS_DAMAGED;
	flags = (unsigned)get_number(&reader, 1);
	envelope.tls = (flags & FLAG_TLS) != 0;
	envelope.utf8 = (flags & FLAG_UTF8) != 0;
	envelope.eight_bit = (flags & FLAG_EIGHT_BIT) != 0;
	envelope.binary = (flags & FLAG_BINARY) != 0;
	envelope.received_at = (int64_t)get_number(&reader, 8);
	envelope.sender = get_text(&reader);
	envelope.client_name = get_text(&reader);
	envelope.client_address = get_text(&reader);
	envelope.user = version == VERSION ? get_text(&reader) : "";
	envelope.certificate = version == VERSION ? get_text(&reader) : "";
	envelope.envelope_id = version == VERSION ? get_text(&reader) : "";
	envelope.returns = version == VERSION ? (enum envelope_return)get_number(&reader, 1) : 0;
	envelope.recipient_count = (size_t)get_number(&reader, 2);
	if (reader.bad || envelope.recipient_count > ENVELOPE_RECIPIENTS_MAX ||
	    envelope.returns > RETURN_HEADERS)
		return STATUS_DAMAGED;
	recipients = arena_alloc_many(arena, envelope.recipient_count + 1, sizeof(*recipients));
	for (size_t i = 0; i < envelope.recipient_count; i++)
		get_recipient(&reader, version, &recipients[i]);
	envelope.recipients = recipients;
	if (reader.bad || reader.at != bytes.size)
		return STATUS_DAMAGED;
	*envelope_out = envelope;
	return STATUS_OK;
}
