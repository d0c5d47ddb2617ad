#include "mail/compose.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/id.h"
#include "mail/compose_part.h"
#include "mail/field.h"
#include "mail/transfer.h"

static bool
is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

static enum status
put_mailboxes(const struct letter *letter, struct text *out)
{
	enum status status = field_put_mailbox(out, "From", &letter->from);

	if (status == STATUS_OK)
		status = field_put_mailbox(out, "To", &letter->to);
	if (status == STATUS_OK)
		status = field_put_mailboxes(out, "Cc", letter->cc, letter->cc_count);
	if (status == STATUS_OK && is_given(letter->reply_to.address))
		status = field_put_mailbox(out, "Reply-To", &letter->reply_to);
	return status;
}

enum status
compose_headers(const struct letter *letter, struct text *out)
{
	char date[CLOCK_TEXT_SIZE];
	enum status status = put_mailboxes(letter, out);

	if (status != STATUS_OK)
		return status;
	if (is_given(letter->subject))
		field_put_text(out, "Subject", letter->subject);
	clock_format_mail(letter->date, date);
	field_put(out, "Date", date);
	/* A letter without a name of its own could not be told from its copies. */
	if (!field_put_ids(out, "Message-ID", letter->message_id))
		return STATUS_INVALID;
	field_put_ids(out, "In-Reply-To", letter->in_reply_to);
	field_put_ids(out, "References", letter->references);
	if (letter->automatic || is_given(letter->auto_submitted)) {
		field_put(out, "Auto-Submitted",
			  is_given(letter->auto_submitted) ? letter->auto_submitted
							   : "auto-generated");
		field_put(out, "X-Auto-Response-Suppress", "All");
	}
	if (is_given(letter->language))
		field_put(out, "Content-Language", letter->language);
	field_put(out, "MIME-Version", "1.0");
	return STATUS_OK;
}

void
compose_boundary(char boundary[COMPOSE_BOUNDARY_SIZE])
{
	char name[ID_TEXT_SIZE];

	snprintf(boundary, COMPOSE_BOUNDARY_SIZE, "=_%s", id_text(id_new(), name));
}

void
compose_delimiter(const char *boundary, bool last, struct text *out)
{
	text_printf(out, "\r\n--%s%s\r\n", boundary, last ? "--" : "");
}

void
compose_text_part(struct slice body, bool flowed, struct text *out)
{
	struct text clean;
	struct text lines;

	/* Every bound follows from that of `out`, which tells when it was met. */
	text_init(&clean, out->limit);
	text_init(&lines, out->limit);
	transfer_clean_lines(body, &clean);
	if (flowed)
		transfer_flow(text_slice(&clean), &lines);
	else
		text_append(&lines, text_slice(&clean));
	text_printf(out, "Content-Type: text/plain; charset=utf-8%s\r\n",
		    flowed ? "; format=flowed" : "");
	if (transfer_is_7bit(text_slice(&lines))) {
		text_append_text(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
		transfer_put_7bit(text_slice(&lines), out);
	} else {
		text_append_text(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		transfer_put_quoted(text_slice(&lines), out);
	}
	if (!text_ok(&clean) || !text_ok(&lines))
		out->overflowed = true;
	text_clear(&lines);
	text_clear(&clean);
}

enum status
compose_text(const struct letter *letter, struct slice body, struct text *out)
{
	enum status status = compose_headers(letter, out);

	if (status != STATUS_OK)
		return status;
	compose_text_part(body, false, out);
	return text_ok(out) ? STATUS_OK : STATUS_TOO_LARGE;
}
