/*
 * The rules.  messenger/ is the only writer of message state and the only place
 * where mail, keys and rows meet.  It never sends and never listens: it writes
 * state and an outbox row in one transaction, and the courier turns rows into
 * mail.
 *
 * A struct messenger is what a program may use: its keys, its connections, its
 * policy.  It is shared by the program's threads and never changed while they run.
 */
#ifndef MESSENGER_MESSENGER_H
#define MESSENGER_MESSENGER_H

#include "base/languages.h"
#include "base/pool.h"
#include "crypto/keyfile.h"
#include "mail/reader.h"
#include "messenger/policy.h"
#include "store/intake.h"
#include "store/store.h"

struct finder;
struct letterhead;

struct messenger {
	const struct keys *keys;
	const struct policy *policy;
	struct store_pool *stores;	     /* NULL in ingest */
	struct reader *reader;		     /* of what strangers wrote; NULL in ingest */
	struct intake *intake;		     /* NULL in the courier */
	const struct languages *languages;   /* for mails; NULL but in the courier and portal */
	const struct letterhead *letterhead; /* of PDFs; NULL but in the courier and portal */
	struct finder *finder;		     /* of keys; NULL but in the courier */
	struct pool *ahead; /* fetches chunks before they are asked for; may be NULL */
};

/* The language of the organisation, which is installed once this was STATUS_OK; STATUS_INVALID,
 * logged, when it is not. */
enum status messenger_check_language(const struct messenger *messenger) MUST_CHECK;
const struct language *messenger_own_language(const struct messenger *messenger);

/* Sealed shown values: box under the display key with context column ‖ row id. */
struct slice messenger_display_seal(const struct messenger *messenger, const char *column,
				    const struct id *row, const char *text, struct arena *arena);
struct slice
messenger_display_seal_bytes(const struct messenger *messenger, const char *column,
			     const struct id *row, struct slice bytes, struct arena *arena);
/* STATUS_DAMAGED, logged, when it does not open. */
enum status messenger_display_open_bytes(const struct messenger *messenger, const char *column,
					 const struct id *row, struct slice sealed,
					 struct arena *arena, struct slice *bytes_out) MUST_CHECK;
/* "" when there is nothing, when it does not open (which is logged), or when there is no display
 * key: the administrator may be without. */
const char *messenger_display_open(const struct messenger *messenger, const char *column,
				   const struct id *row, struct slice sealed, struct arena *arena);

/* The keyed hash by which rows of an address are found; 32 bytes in the arena. */
struct slice messenger_address_index(const struct messenger *messenger, const char *address,
				     struct arena *arena);

#endif
