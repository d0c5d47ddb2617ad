/*
 * The words behind a verb: a fixed number of plain words, and options in any order
 * before, between and behind them.  "--" ends the options.
 */
#ifndef CTL_ARGUMENTS_H
#define CTL_ARGUMENTS_H

#include "base/id.h"
#include "ctl/ctl.h"

/* One option; exactly one of flag, text and number is given, and is set when the option is there.
 */
struct argument_option {
	const char *name; /* "--limit" */
	bool *flag;	  /* takes no value */
	const char **text;
	long long *number; /* of least to most */
	long long least;
	long long most;
};

/* False, after saying to stderr what is wrong and how the verb is used: the exit status is 2. */
bool arguments_read(const struct ctl_call *call, const struct argument_option *options,
		    size_t option_count, const char **words, size_t word_count);

/* What is in a word, said to be wrong in the same way. */
bool arguments_id(const struct ctl_call *call, const char *word, struct id *id_out);
bool arguments_address(const struct ctl_call *call, const char *word);

#endif
