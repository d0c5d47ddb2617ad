/*
 * Deeds that take two administrators: who they are, and what is said of each step.
 */
#ifndef CTL_PERSON_H
#define CTL_PERSON_H

#include "ctl/administrator.h"
#include "messenger/reset.h"

/* `ADDRESS --by NAME [--confirm] [--json]`, and the account of this machine that runs the command;
 * behind sudo that of who called it.  Whoever is root can write anything there (docs/operating.md).
 */
struct person_call {
	const char *address;
	struct reset_person by;
	bool confirm;
	bool json;
};
/* False after one clear line to stderr. */
bool person_read(const struct ctl_call *call, struct arena *arena, struct person_call *person);

/* A step that was done. */
struct person_step {
	const char *key;
	const char *heading;
	const char *ready; /* heading of the time from which on it goes on; NULL: it does not */
	const char *note;
};
void person_show(struct output *output, const struct person_call *person,
		 const struct person_step *step, int64_t ready_at);

/* The line for a step that was refused; gives 1. */
struct person_faults {
	const char *not_found;
	const char *conflict;
	const char *gone;
};
int person_refuse(enum status status, int64_t ready_at, const struct person_faults *faults);

#endif
