#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "mail/compose_part.h"
#include "mail/field.h"
#include "mail/transfer.h"
#include "mail/utf8.h"

#define DIAGNOSTIC_MAX ((size_t)600)
#define DIAGNOSTIC_WORD 60
#define ORIGINAL_MAX ((size_t)600)

/* A word of a report: printable ASCII without blanks. */
static bool
is_word(const char *text, size_t limit)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	return size > 0 && size <= limit;
}

/* UTF-8 in the form of RFC 6533 section 3 that stands in ASCII. */
static void
put_in_ascii(struct text *out, struct slice address, const char *escaped)
{
	for (size_t at = 0; at < address.size;) {
		uint32_t code = utf8_next(address, &at);

		if (code > ' ' && code < 0x7f && strchr(escaped, (int)code) == NULL)
			text_append_byte(out, (unsigned char)code);
		else
			text_printf(out, "\\x{%02X}", (unsigned)code);
	}
}

/* "Name: rfc822; address", or with UTF-8 in it "utf-8; ": as it is where the reader knows it
 * (`raw`), else in ASCII. */
static void
put_recipient(struct text *out, const char *recipient, bool raw, struct arena *arena)
{
	struct slice address =
	    slice_from_text(utf8_clean_line(slice_from_text(recipient), ADDRESS_MAX, arena));
	bool ascii = is_word((const char *)address.data, ADDRESS_MAX);

	text_printf(out, "Final-Recipient: %s; ", ascii ? "rfc822" : "utf-8");
	if (ascii || (raw && slice_find_byte(address, ' ', 0) == SLICE_NONE))
		text_append(out, address);
	else
		put_in_ascii(out, address, "\\+=");
	text_append_text(out, "\r\n");
}

static int
hexadecimal(unsigned char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* xtext (RFC 3461 section 4): "+2B" is "+".  NULL when it is none, or holds what could end a line.
 */
static const char *
decode_xtext(struct slice xtext, struct arena *arena)
{
	char *text = arena_alloc(arena, xtext.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < xtext.size; i++) {
		int byte = xtext.data[i];

		if (byte == '+' && i + 2 < xtext.size) {
			int high = hexadecimal(xtext.data[i + 1]);
			int low = hexadecimal(xtext.data[i + 2]);

			if (high < 0 || low < 0)
				return NULL;
			byte = high * 16 + low;
			i += 2;
		} else if (byte == '+') {
			return NULL;
		}
		if (byte < ' ' || byte == 0x7f)
			return NULL;
		text[size++] = (char)byte;
	}
	text[size] = '\0';
	return utf8_is_valid(slice_of(text, size)) ? text : NULL;
}

/* ORCPT, decoded: "Original-Recipient: rfc822; Fred+home@example.net". */
static void
put_original_recipient(struct text *out, const char *original, bool raw, struct arena *arena)
{
	struct slice all = slice_from_text(original == NULL ? "" : original);
	size_t end = slice_find_byte(all, ';', 0);
	const char *type, *address;

	if (end == SLICE_NONE || all.size > ORIGINAL_MAX)
		return;
	type = arena_text_from(arena, slice_part(all, 0, end));
	address = decode_xtext(slice_part(all, end + 1, all.size), arena);
	if (!is_word(type, 60) || address == NULL || *address == '\0')
		return;
	text_printf(out, "Original-Recipient: %s; ", type);
	if (raw || is_word(address, ORIGINAL_MAX))
		text_append_text(out, address);
	else
		put_in_ascii(out, slice_from_text(address), "");
	text_append_text(out, "\r\n");
}

/* The server's words as ASCII that folds: single blanks, no endless words, nothing that reads as
 * an encoded word or, in this structured field, as a comment. */
static const char *
plain_words(const char *diagnostic, struct arena *arena)
{
	const char *clean = utf8_clean_line(slice_from_text(diagnostic), DIAGNOSTIC_MAX, arena);
	struct text *text = arena_alloc(arena, sizeof(*text));
	size_t word = 0;

	text_init_in(text, arena, DIAGNOSTIC_MAX * 2);
	for (const char *at = clean; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte >= 0x7f || byte == '(' || byte == ')' || (byte == '=' && at[1] == '?'))
			byte = '.';
		if (word == DIAGNOSTIC_WORD || (byte == ' ' && word > 0)) {
			text_append_byte(text, ' ');
			word = 0;
		}
		if (byte != ' ') {
			text_append_byte(text, byte);
			word++;
		}
	}
	return text_string(text);
}

static void
put_diagnostic(struct text *out, const char *diagnostic, struct arena *arena)
{
	const char *text = plain_words(diagnostic, arena);
	bool reply = *text >= '2' && *text <= '5';

	if (*text != '\0')
		field_put_text(out, "Diagnostic-Code",
			       arena_printf(arena, "%s; %s", reply ? "smtp" : "x-postern", text));
}

/* digit "." 1*3DIGIT "." 1*3DIGIT (RFC 3463 section 2) */
static bool
is_status(const char *text)
{
	static const size_t longest[] = {1, 3, 3};

	for (size_t part = 0; part < 3; part++) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > longest[part] ||
		    text[digits] != (part < 2 ? '.' : '\0'))
			return false;
		text += digits + 1;
	}
	return true;
}

/* The status of an action that nothing more is known of; NULL: no action of ours. */
static const char *
status_unknown(const char *action)
{
	if (strcmp(action, "failed") == 0)
		return "5.0.0";
	if (strcmp(action, "delayed") == 0)
		return "4.0.0";
	return strcmp(action, "relayed") == 0 ? "2.0.0" : NULL;
}

static void
put_time(struct text *out, const char *name, int64_t time)
{
	char date[CLOCK_TEXT_SIZE];

	if (time <= 0)
		return;
	clock_format_mail(time, date);
	field_put(out, name, date);
}

static bool
is_ascii(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Whether the report itself holds UTF-8. */
static bool
is_global(const struct report *report)
{
	for (size_t i = 0; report->utf8 && i < report->failure_count; i++)
		if (!is_ascii(report->failures[i].recipient) ||
		    !is_ascii(report->failures[i].original))
			return true;
	return false;
}

static enum status
put_failure(struct text *out, const struct failure *failure, bool raw, struct arena *arena)
{
	const char *unknown = status_unknown(failure->action);

	if (unknown == NULL)
		return STATUS_INVALID;
	text_append_text(out, "\r\n");
	put_original_recipient(out, failure->original, raw, arena);
	put_recipient(out, failure->recipient, raw, arena);
	field_put(out, "Action", failure->action);
	field_put(out, "Status", is_status(failure->status) ? failure->status : unknown);
	if (failure->host != NULL && is_word(failure->host, 255))
		text_printf(out, "Remote-MTA: dns; %s\r\n", failure->host);
	put_diagnostic(out, failure->diagnostic, arena);
	put_time(out, "Last-Attempt-Date", failure->tried_at);
	put_time(out, "Will-Retry-Until", failure->retry_until);
	return STATUS_OK;
}

static enum status
put_failures(struct text *out, const struct report *report, struct arena *arena)
{
	bool raw = is_global(report);
	const char *envelope_id = NULL;
	enum status status = STATUS_OK;

	text_printf(out, "Content-Type: message/%sdelivery-status\r\n", raw ? "global-" : "");
	text_printf(out, "%s\r\n", raw ? "Content-Transfer-Encoding: 8bit\r\n" : "");
	if (report->envelope_id != NULL && *report->envelope_id != '\0')
		envelope_id = decode_xtext(slice_from_text(report->envelope_id), arena);
	if (envelope_id != NULL && is_ascii(envelope_id) && strlen(envelope_id) <= 100)
		field_put(out, "Original-Envelope-Id", envelope_id);
	text_printf(out, "Reporting-MTA: dns; %s\r\n", report->host);
	put_time(out, "Arrival-Date", report->arrived_at);
	for (size_t i = 0; i < report->failure_count && status == STATUS_OK; i++)
		status = put_failure(out, &report->failures[i], raw, arena);
	return status;
}

/* RFC 6522 section 4: quoted-printable when the header needs it. */
static void
put_original(struct text *out, const char *headers)
{
	struct text lines;

	text_init(&lines, out->limit);
	transfer_clean_lines(slice_from_text(headers), &lines);
	text_append_text(out, "Content-Type: text/rfc822-headers; charset=utf-8\r\n");
	if (transfer_is_7bit(text_slice(&lines))) {
		text_append_text(out, "\r\n");
		transfer_put_7bit(text_slice(&lines), out);
	} else {
		text_append_text(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		transfer_put_quoted(text_slice(&lines), out);
	}
	if (!text_ok(&lines))
		out->overflowed = true;
	text_clear(&lines);
}

static bool
has_8_bits(struct slice bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		if (bytes.data[i] >= 0x80)
			return true;
	return false;
}

/* The whole message, byte for byte. */
static void
put_whole(struct text *out, struct slice message)
{
	text_append_text(out, "Content-Type: message/rfc822\r\n");
	if (has_8_bits(message))
		text_append_text(out, "Content-Transfer-Encoding: 8bit\r\n");
	text_append_text(out, "\r\n");
	text_append(out, message);
}

/* The headers and the part for people; what machines read follows. */
static enum status
begin_report(const struct letter *letter, struct slice body, const char *host, const char *type,
	     bool eight_bit, const char *boundary, struct text *out)
{
	enum status status;

	if (!is_word(host, 255))
		return STATUS_INVALID;
	status = compose_headers(letter, out);
	if (status != STATUS_OK)
		return status;
	text_printf(out, "Content-Type: multipart/report; report-type=%s;\r\n\tboundary=\"%s\"\r\n",
		    type, boundary);
	/* RFC 2046 section 5: what holds 8 bits says so. */
	text_printf(out, "%s\r\n", eight_bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
	compose_delimiter(boundary, false, out);
	compose_text_part(body, false, out);
	compose_delimiter(boundary, false, out);
	return STATUS_OK;
}

enum status
compose_report(const struct letter *letter, struct slice body, const struct report *report,
	       struct text *out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct arena *arena = arena_new();
	bool eight_bit = is_global(report) || has_8_bits(report->original);
	enum status status;

	compose_boundary(boundary);
	status =
	    begin_report(letter, body, report->host, "delivery-status", eight_bit, boundary, out);
	if (status == STATUS_OK)
		status = put_failures(out, report, arena);
	if (status == STATUS_OK && report->original.size > 0) {
		compose_delimiter(boundary, false, out);
		put_whole(out, report->original);
	} else if (status == STATUS_OK && report->original_header != NULL &&
		   *report->original_header != '\0') {
		compose_delimiter(boundary, false, out);
		put_original(out, report->original_header);
	}
	if (status == STATUS_OK)
		compose_delimiter(boundary, true, out);
	arena_free(arena);
	if (status == STATUS_OK && !text_ok(out))
		status = STATUS_TOO_LARGE;
	return status;
}

/* A person opened it, or time passed; that it is told was settled beforehand. */
static void
put_disposition(enum receipt_kind kind, struct text *out)
{
	if (kind == RECEIPT_EXPIRED) {
		field_put(out, "Disposition", "automatic-action/MDN-sent-automatically; deleted");
		return;
	}
	field_put(out, "Disposition", "manual-action/MDN-sent-automatically; displayed");
	if (kind != RECEIPT_OPENED)
		field_put(out, "X-Postern-Event", kind == RECEIPT_TAKEN ? "file-taken" : "replied");
}

enum status
compose_receipt(const struct letter *letter, struct slice body, const char *reporting_host,
		const char *final_recipient, const char *original_message_id,
		enum receipt_kind kind, struct text *out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct arena *arena = arena_new();
	enum status status;

	compose_boundary(boundary);
	status = begin_report(letter, body, reporting_host, "disposition-notification", false,
			      boundary, out);
	if (status == STATUS_OK) {
		text_append_text(out, "Content-Type: message/disposition-notification\r\n\r\n");
		text_printf(out, "Reporting-UA: %s; Postern\r\n", reporting_host);
		put_recipient(out, final_recipient, false, arena);
		field_put_ids(out, "Original-Message-ID", original_message_id);
		put_disposition(kind, out);
		compose_delimiter(boundary, true, out);
	}
	arena_free(arena);
	if (status == STATUS_OK && !text_ok(out))
		status = STATUS_TOO_LARGE;
	return status;
}
