/*
 * One message on its way through routing (route.c), and what becomes of each
 * of its recipients (route_deliver.c, route_reply.c).  Inside messenger/ only.
 */
#ifndef MESSENGER_ROUTING_H
#define MESSENGER_ROUTING_H

#include "base/secret.h"
#include "mail/reading.h"
#include "messenger/author.h"
#include "messenger/decide.h"
#include "messenger/envelope.h"
#include "store/message.h"

struct routing {
	const struct messenger *messenger;
	struct store *store;
	struct arena *arena;
	int64_t now;
	struct message_row row;
	struct secret key;
	struct envelope envelope;
	const struct source *stored; /* the message */
	struct letter_question question;
	struct letter_reading letter;
	struct slice sender_index;
	bool address_marked;
	bool falls;	  /* its one delivery is written already, and goes another way */
	bool automatic;	  /* written by a machine: no receipts, no reminders */
	size_t plain;	  /* deliveries that wait for the relay */
	size_t protected; /* the same, encrypted */
	size_t verified;  /* the same, by verified TLS */
	size_t secured;	  /* portal deliveries, held ones too */
	size_t held;
	size_t refused;
	struct author host; /* of a reply that others get, too: who answers for it; else zeros */
};

/* Write the delivery of one recipient, and the letters that go with it; `asked` is what the
 * envelope says about it. */
enum status routing_deliver(struct routing *routing, const struct decision *decision,
			    const struct envelope_recipient *asked) MUST_CHECK;

/* The same of a delivery that was to leave by ROUTE_TLS and does not. */
enum status routing_deliver_fallen(struct routing *routing, const struct decision *decision,
				   const struct delivery_row *delivery) MUST_CHECK;

/* The same for all recipients of a reply, and what is to be noted with it.  STATUS_DAMAGED: it does
 * not go to the sender of what it answers. */
enum status routing_deliver_reply(struct routing *routing) MUST_CHECK;

#endif
