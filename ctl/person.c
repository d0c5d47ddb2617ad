#include "ctl/person.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/arguments.h"
#include "mail/utf8.h"

/* One line, as people are called. */
static bool
is_name(const char *name)
{
	struct slice text = slice_from_text(name);

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return slice_trim(text).size > 0 && text.size <= RESET_NAME_MAX && utf8_is_valid(text);
}

static const char *
account_of_caller(struct arena *arena)
{
	const char *caller = getenv("SUDO_USER");
	const struct passwd *entry;

	if (caller != NULL && is_name(caller))
		return arena_copy_text(arena, caller);
	entry = getpwuid(getuid());
	if (entry != NULL && is_name(entry->pw_name))
		return arena_copy_text(arena, entry->pw_name);
	return arena_printf(arena, "uid %lld", (long long)getuid());
}

bool
person_read(const struct ctl_call *call, struct arena *arena, struct person_call *person)
{
	const struct argument_option options[] = {
	    {.name = "--by", .text = &person->by.name},
	    {.name = "--confirm", .flag = &person->confirm},
	    {.name = "--json", .flag = &person->json},
	};

	*person = (struct person_call){.address = NULL};
	if (!arguments_read(call, options, sizeof(options) / sizeof(options[0]), &person->address,
			    1) ||
	    !arguments_address(call, person->address))
		return false;
	if (person->by.name == NULL || !is_name(person->by.name)) {
		ctl_usage(call, "--by expects the name of who does it");
		return false;
	}
	person->by.account = account_of_caller(arena);
	return true;
}

void
person_show(struct output *output, const struct person_call *person, const struct person_step *step,
	    int64_t ready_at)
{
	const struct output_column columns[] = {
	    {step->key, step->heading, OUTPUT_TEXT, 0},
	    {"by", "By", OUTPUT_TEXT, 0},
	    {"from", "From", OUTPUT_TEXT, 0},
	    {"ready_at", step->ready, OUTPUT_TIME, 0},
	};
	const struct output_cell cells[] = {
	    output_text(person->address),
	    output_text(person->by.name),
	    output_text(person->by.account),
	    output_number(ready_at),
	};

	output_record(output, columns, step->ready == NULL ? 3 : 4, cells);
	output_note(output, step->note);
}

int
person_refuse(enum status status, int64_t ready_at, const struct person_faults *faults)
{
	char time[CLOCK_TEXT_SIZE];

	if (status == STATUS_DENIED)
		return ctl_refuse("a second person has to complete it: neither the name nor the "
				  "account of this machine may be that of who began");
	if (status == STATUS_BUSY) {
		clock_format_people(ready_at, time);
		return ctl_refuse("it cannot be completed before %s", time);
	}
	if (status == STATUS_GONE)
		return ctl_refuse("%s", faults->gone);
	return administrator_refuse(status, faults->not_found, faults->conflict);
}
