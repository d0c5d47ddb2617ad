/*
 * One letter in the making: what letter.c has gathered when a kind of letter
 * (letter_sender.c, letter_recipient.c) is written.  Inside messenger/ only.
 */
#ifndef MESSENGER_LETTER_MAKING_H
#define MESSENGER_LETTER_MAKING_H

#include "mail/compose.h"
#include "messenger/author.h"
#include "messenger/letter.h"
#include "store/delivery.h"

struct making {
	const struct messenger *messenger;
	struct store *store;
	const struct message_row *message;
	struct delivery_row delivery;
	struct author author;
	const char *answered_by; /* address of who wrote an answer that went to all; else "" */
	const struct language *language;
	const char *recipient;
	int64_t now;
	struct arena *arena;
	struct dispatch *dispatch;
	struct template_values *values;
	struct letter letter;
	struct text *body;
	struct text *out;
};

/* Is it there for its recipient? */
bool making_is_open(const struct making *making);

/* The address of a private link, alone on its line in a mail, under 78 characters. */
const char *making_link(const struct making *making, const char *kind, const struct secret *link);

/* Envelope: one recipient. */
void making_address(struct making *making, const char *envelope_sender, const char *recipient);

/* The recipient's link of that generation, and its pick-up code as people type it. */
const char *making_recipient_link(const struct making *making, uint32_t generation);
const char *making_pickup_code(const struct making *making, uint32_t generation);

/* What is said to the recipient's phone, in one line of that template, which has `organisation`
 * unless that is too much for one short message.  STATUS_CONFLICT: there is no number. */
enum status making_call(struct making *making, const char *name) MUST_CHECK;

/* From now on in this language, if it is an installed one; NULL and "" are none. */
void making_use_language(struct making *making, const char *code);

/* Subject and body from a template. */
enum status making_render(struct making *making, const char *name) MUST_CHECK;

/* What of no message is told, and to whom: the values of a mail about a mailbox that is given up,
 * or about second factors that are lost.  STATUS_CONFLICT, as below. */
enum status letter_fill_give_up(struct making *making, const char **address_out) MUST_CHECK;
enum status letter_fill_factors_lost(struct making *making, const char **address_out) MUST_CHECK;

/* The letters, by whom they go to.  STATUS_CONFLICT: the state it speaks of is over. */
enum status letter_to_recipient(struct making *making) MUST_CHECK;
enum status letter_to_sender(struct making *making) MUST_CHECK;
/* The mail that carries a PDF (its headers and values are set, as of any to the recipient); what
 * tells its password to the sender; the same to the recipient's phone. */
enum status letter_pdf(struct making *making) MUST_CHECK;
enum status letter_pdf_password(struct making *making) MUST_CHECK;
enum status letter_pdf_call(struct making *making) MUST_CHECK;
/* Reports about a delivery (RFC 3464), to the sender as well. */
enum status letter_report(struct making *making) MUST_CHECK;

#endif
