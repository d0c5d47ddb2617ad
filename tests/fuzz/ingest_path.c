/*
 * The arguments of MAIL and RCPT: what is taken for a path lies in the line, and what passes for a
 * parameter can be put into a log, a header or a report without doing harm.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/path.h"
#include "ingest/xtext.h"
#include "mail/address.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_inside(struct slice part, struct slice whole)
{
	check(part.size == 0 ||
	      (part.data >= whole.data && part.data + part.size <= whole.data + whole.size));
}

/* No blank, no control, and what it stands for has none either. */
static void
check_xtext(struct slice xtext, bool ascii)
{
	struct text plain;

	for (size_t i = 0; i < xtext.size; i++)
		check(xtext.data[i] > ' ' && xtext.data[i] != 0x7f &&
		      (!ascii || xtext.data[i] < 0x7f));
	if (!ascii)
		return;
	text_init(&plain, 4096);
	check(xtext_decode(xtext, &plain) && text_ok(&plain));
	for (size_t i = 0; i < plain.size; i++)
		check(plain.data[i] >= ' ' && plain.data[i] < 0x7f);
	text_clear(&plain);
}

static void
check_mailbox(struct slice mailbox)
{
	bool utf8;

	if (address_check(mailbox, &utf8) != STATUS_OK)
		return;
	check(mailbox.size <= ADDRESS_MAX && utf8_is_valid(mailbox));
	for (size_t i = 0; i < mailbox.size; i++) {
		unsigned char byte = mailbox.data[i];

		check(byte >= ' ' && byte != 0x7f && byte != '<' && byte != '>' && byte != ',');
		check(utf8 || byte < 0x80);
	}
}

static void
try_mail(struct slice line)
{
	struct mail_parameters parameters;
	struct slice mailbox, rest = line;

	if (!path_take("FROM:", &rest, &mailbox))
		return;
	check_inside(mailbox, line);
	check_inside(rest, line);
	check_mailbox(mailbox);
	if (path_mail_parameters(rest, &parameters) != REPLY_OK)
		return;
	check_inside(parameters.envelope_id, rest);
	check(parameters.envelope_id.size <= PATH_ENVELOPE_ID_MAX);
	check(parameters.has_envelope_id == (parameters.envelope_id.size > 0));
	check(parameters.has_return == (parameters.returns != RETURN_UNSAID));
	check(!(parameters.binary && parameters.eight_bit));
	check(parameters.has_size || parameters.size == 0);
	check_xtext(parameters.envelope_id, true);
}

static void
try_rcpt(struct slice line, bool utf8)
{
	struct recipient_parameters parameters;
	struct slice mailbox, rest = line;

	if (!path_take("TO:", &rest, &mailbox))
		return;
	check_inside(mailbox, line);
	check_mailbox(mailbox);
	if (path_recipient_parameters(rest, utf8, &parameters) != REPLY_OK)
		return;
	check_inside(parameters.original, rest);
	check(parameters.original.size <= PATH_ORIGINAL_MAX);
	check(parameters.has_notify == (parameters.notify != 0));
	check(parameters.notify <= (NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY) ||
	      parameters.notify == NOTIFY_NEVER);
	/* One with bytes that are neither RFC's is dropped, in a transaction with SMTPUTF8 only. */
	check(!parameters.has_original || parameters.original.size > 0 || utf8);
	if (parameters.original.size > 0) {
		size_t semicolon = slice_find_byte(parameters.original, ';', 0);
		struct slice address =
		    slice_part(parameters.original, semicolon + 1, parameters.original.size);

		check(semicolon != SLICE_NONE && semicolon > 0 && address.size > 0);
		check_xtext(address, !utf8);
	}
}

/* The line as the session hands it on: no CR, LF or NUL, and bounded. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice line = slice_of(data, size);

	if (size > 2048 || memchr(data, '\r', size) != NULL || memchr(data, '\n', size) != NULL ||
	    memchr(data, '\0', size) != NULL)
		return 0;
	try_mail(line);
	try_rcpt(line, false);
	try_rcpt(line, true);
	return 0;
}
