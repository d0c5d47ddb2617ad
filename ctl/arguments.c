#include "ctl/arguments.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "mail/address.h"

static const struct argument_option *
find(const struct argument_option *options, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, word) == 0)
			return &options[i];
	return NULL;
}

static bool
take_number(const struct ctl_call *call, const struct argument_option *option, const char *value)
{
	unsigned long long number;

	if (!slice_to_number(slice_from_text(value), &number) || number > LLONG_MAX ||
	    (long long)number < option->least || (long long)number > option->most) {
		ctl_usage(call, "%s expects a number from %lld to %lld", option->name,
			  option->least, option->most);
		return false;
	}
	*option->number = (long long)number;
	return true;
}

/* The option at words[*at], and its value, which *at moves on to. */
static bool
take_option(const struct ctl_call *call, const struct argument_option *option, int *at)
{
	const char *value;

	if (option == NULL) {
		ctl_usage(call, "%s is no option of this command", call->arguments[*at]);
		return false;
	}
	if (option->flag != NULL) {
		*option->flag = true;
		return true;
	}
	if (++*at == call->argument_count) {
		ctl_usage(call, "%s expects a value", option->name);
		return false;
	}
	value = call->arguments[*at];
	if (option->number != NULL)
		return take_number(call, option, value);
	*option->text = value;
	return true;
}

bool
arguments_read(const struct ctl_call *call, const struct argument_option *options,
	       size_t option_count, const char **words, size_t word_count)
{
	bool options_over = false;
	size_t taken = 0;

	for (int at = 0; at < call->argument_count; at++) {
		const char *word = call->arguments[at];

		if (!options_over && strcmp(word, "--") == 0) {
			options_over = true;
		} else if (!options_over && word[0] == '-' && word[1] != '\0') {
			if (!take_option(call, find(options, option_count, word), &at))
				return false;
		} else if (taken < word_count) {
			words[taken++] = word;
		} else {
			ctl_usage(call, "there are too many words");
			return false;
		}
	}
	if (taken < word_count) {
		ctl_usage(call, "something is missing");
		return false;
	}
	return true;
}

bool
arguments_id(const struct ctl_call *call, const char *word, struct id *id_out)
{
	if (id_parse(slice_from_text(word), id_out) == STATUS_OK)
		return true;
	ctl_usage(call, "an id has 26 lower-case letters and digits, as lists and logs show it");
	return false;
}

bool
arguments_address(const struct ctl_call *call, const char *word)
{
	if (address_check(slice_from_text(word), NULL) == STATUS_OK)
		return true;
	ctl_usage(call, "that is no mail address");
	return false;
}
