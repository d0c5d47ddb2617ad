#include <stdio.h>
#include <string.h>

#include "mail/compose_part.h"
#include "mail/field.h"
#include "mail/transfer.h"
#include "mail/utf8.h"

#define DIAGNOSTIC_MAX ((size_t)600)
#define DIAGNOSTIC_WORD 60

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

/* "rfc822; address", or with UTF-8 in it "utf-8; " and the form of RFC 6533
 * section 3 that stands in ASCII. */
static void
put_recipient(struct text *out, const char *recipient, struct arena *arena)
{
	struct slice address =
	    slice_from_text(utf8_clean_line(slice_from_text(recipient), ADDRESS_MAX, arena));
	bool ascii = is_word((const char *)address.data, ADDRESS_MAX);

	text_printf(out, "Final-Recipient: %s; ", ascii ? "rfc822" : "utf-8");
	if (ascii) {
		text_append(out, address);
	} else {
		for (size_t at = 0; at < address.size;) {
			uint32_t code = utf8_next(address, &at);

			if (code > ' ' && code < 0x7f && strchr("\\+=", (int)code) == NULL)
				text_append_byte(out, (unsigned char)code);
			else
				text_printf(out, "\\x{%02X}", (unsigned)code);
		}
	}
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

static enum status
put_failures(struct text *out, const char *host, const struct failure *failures, size_t count,
	     struct arena *arena)
{
	text_append_text(out, "Content-Type: message/delivery-status\r\n\r\n");
	text_printf(out, "Reporting-MTA: dns; %s\r\n", host);
	for (size_t i = 0; i < count; i++) {
		const struct failure *failure = &failures[i];

		const char *unknown = status_unknown(failure->action);

		if (unknown == NULL)
			return STATUS_INVALID;
		text_append_text(out, "\r\n");
		put_recipient(out, failure->recipient, arena);
		field_put(out, "Action", failure->action);
		if (is_status(failure->status))
			field_put(out, "Status", failure->status);
		else
			field_put(out, "Status", unknown);
		put_diagnostic(out, failure->diagnostic, arena);
	}
	return STATUS_OK;
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

/* The headers and the part for people; what machines read follows. */
static enum status
begin_report(const struct letter *letter, struct slice body, const char *host, const char *type,
	     const char *boundary, struct text *out)
{
	enum status status;

	if (!is_word(host, 255))
		return STATUS_INVALID;
	status = compose_headers(letter, out);
	if (status != STATUS_OK)
		return status;
	text_printf(out,
		    "Content-Type: multipart/report; report-type=%s;\r\n\tboundary=\"%s\"\r\n\r\n",
		    type, boundary);
	compose_delimiter(boundary, false, out);
	compose_text_part(body, false, out);
	compose_delimiter(boundary, false, out);
	return STATUS_OK;
}

enum status
compose_bounce(const struct letter *letter, struct slice body, const char *reporting_host,
	       const struct failure *failures, size_t failure_count, const char *original_headers,
	       struct text *out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct arena *arena = arena_new();
	enum status status;

	compose_boundary(boundary);
	status = begin_report(letter, body, reporting_host, "delivery-status", boundary, out);
	if (status == STATUS_OK)
		status = put_failures(out, reporting_host, failures, failure_count, arena);
	if (status == STATUS_OK && *original_headers != '\0') {
		compose_delimiter(boundary, false, out);
		put_original(out, original_headers);
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
	status =
	    begin_report(letter, body, reporting_host, "disposition-notification", boundary, out);
	if (status == STATUS_OK) {
		text_append_text(out, "Content-Type: message/disposition-notification\r\n\r\n");
		text_printf(out, "Reporting-UA: %s; Postern\r\n", reporting_host);
		put_recipient(out, final_recipient, arena);
		field_put_ids(out, "Original-Message-ID", original_message_id);
		put_disposition(kind, out);
		compose_delimiter(boundary, true, out);
	}
	arena_free(arena);
	if (status == STATUS_OK && !text_ok(out))
		status = STATUS_TOO_LARGE;
	return status;
}
