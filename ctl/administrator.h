/*
 * What commands about messages and templates work with: the owner's connection, the
 * policy, the display key where it can be read, and the output.  Of a key file it
 * keeps the display key and the gateway's public half: it could not open a message, nor try a
 * passphrase.
 */
#ifndef CTL_ADMINISTRATOR_H
#define CTL_ADMINISTRATOR_H

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "messenger/messenger.h"

/* Without the key: */
enum display_need {
	DISPLAY_UNUSED, /* nothing is missing */
	DISPLAY_WANTED, /* names are not shown; a warning says so */
	DISPLAY_NEEDED, /* there is nothing to search by; opening fails */
};

struct administrator {
	struct arena *arena;
	struct policy *policy;
	struct keys keys; /* as above; empty when no file can be read */
	struct messenger messenger;
	struct output *output;
	bool unreadable; /* set by who meets a name that is there and does not open */
};

/* False after one clear line to stderr. */
bool administrator_open(const struct ctl_call *call, enum display_need need, bool json,
			struct administrator *administrator);

/* Note whether this name, which is always there, could be opened. */
void administrator_see_name(struct administrator *administrator, const char *name);

/* The line for a failure, as far as all commands share it; gives 1. */
int administrator_refuse(enum status status, const char *not_found, const char *conflict);

/* A whole command, `ID [--json]`, that does something to the one thing with that id and says so by
 * the word `done`; `denied` says why where that is answered with STATUS_DENIED. */
int
administrator_decide(const struct ctl_call *call, const char *done,
		     enum status (*deed)(const struct messenger *messenger, const struct id *id),
		     const char *not_found, const char *denied);

/* Write the output when `result` is 0, and let everything go.  Gives the exit status. */
int administrator_close(struct administrator *administrator, int result);

#endif
