#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "crypto/scram.h"
#include "ctl/arguments.h"
#include "ctl/output.h"
#include "ctl/password.h"
#include "ctl/users_file.h"

static const char *
users_path(const struct ctl_call *call)
{
	const char *path = config_text(call->config, "smtp.users_file");

	if (*path != '\0')
		return path;
	(void)ctl_refuse("smtp.users_file is not set");
	return NULL;
}

static int
refuse(const char *path, enum status status)
{
	switch (status) {
	case STATUS_NOT_FOUND:
		return ctl_refuse("there is no such user");
	case STATUS_CONFLICT:
		return ctl_refuse("%s.new is there: somebody else is changing users, or was "
				  "interrupted; nothing was changed",
				  path);
	default:
		return ctl_refuse("%s: %s; nothing was changed", path, status_text(status));
	}
}

/* The name as it is looked for when somebody authenticates. */
static bool
prepare_name(const struct ctl_call *call, const char *word, struct arena *arena,
	     const char **name_out)
{
	struct slice typed = slice_from_text(word);
	struct secret prepared;

	if (typed.size > SCRAM_NAME_MAX || slice_find_byte(typed, ':', 0) != SLICE_NONE ||
	    word[0] == '#' || slice_trim(typed).size != typed.size ||
	    scram_prepare(typed, true, &prepared) != STATUS_OK) {
		ctl_usage(call, "that is no name for a user");
		return false;
	}
	*name_out = arena_text_from(arena, secret_slice(&prepared));
	secret_clear(&prepared);
	return true;
}

static bool
check_domains(const struct ctl_call *call, const char *domains)
{
	struct slice rest = slice_from_text(domains);

	for (;;) {
		size_t comma = slice_find_byte(rest, ',', 0);
		char probe[300];
		struct slice domain = slice_part(rest, 0, comma);

		snprintf(probe, sizeof(probe), "a@%.*s", (int)domain.size,
			 (const char *)domain.data);
		if (domain.size > 255 || !arguments_address(call, probe))
			return false;
		if (comma == SLICE_NONE)
			return true;
		rest = slice_part(rest, comma + 1, rest.size);
	}
}

static enum status
make_line(const char *name, const char *domains, const struct secret *password, struct text *line)
{
	struct scram_verifier verifier;
	struct secret prepared, salt;
	enum status status = scram_prepare(secret_slice(password), true, &prepared);

	if (status != STATUS_OK)
		return status;
	secret_random(&salt, SCRAM_SALT_SIZE);
	status = scram_verifier_make(secret_slice(&prepared), secret_slice(&salt), SCRAM_ITERATIONS,
				     &verifier);
	secret_clear(&prepared);
	secret_clear(&salt);
	if (status != STATUS_OK)
		return status;
	text_printf(line, "%s:", name);
	scram_verifier_write(&verifier, line);
	text_printf(line, "%s%s\n", domains == NULL ? "" : ":", domains == NULL ? "" : domains);
	return STATUS_OK;
}

static int
set_user(const char *path, const char *name, const char *domains, struct arena *arena)
{
	struct text *line = arena_alloc(arena, sizeof(*line));
	struct secret password;
	enum status status;

	text_init_in(line, arena, USERS_FILE_LINE_MAX);
	if (!password_ask("Password", &password))
		return 1;
	status = make_line(name, domains, &password, line);
	secret_clear(&password);
	if (status != STATUS_OK)
		return ctl_refuse("that cannot be a password: %s", status_text(status));
	status = users_file_put(path, name, text_slice(line), arena);
	return status == STATUS_OK ? 0 : refuse(path, status);
}

int
ctl_user_set(const struct ctl_call *call)
{
	const char *domains = NULL, *word, *name;
	const struct argument_option options[] = {{.name = "--domains", .text = &domains}};
	const char *path;
	struct arena *arena;
	int result = 2;

	if (!arguments_read(call, options, 1, &word, 1) ||
	    (domains != NULL && !check_domains(call, domains)))
		return 2;
	path = users_path(call);
	if (path == NULL)
		return 1;
	arena = arena_new();
	if (prepare_name(call, word, arena, &name))
		result = set_user(path, name, domains, arena);
	arena_free(arena);
	return result;
}

int
ctl_user_delete(const struct ctl_call *call)
{
	const char *word, *path;
	struct arena *arena;
	enum status status;

	if (!arguments_read(call, NULL, 0, &word, 1))
		return 2;
	path = users_path(call);
	if (path == NULL)
		return 1;
	arena = arena_new();
	status = users_file_put(path, word, slice_of(NULL, 0), arena);
	arena_free(arena);
	return status == STATUS_OK ? 0 : refuse(path, status);
}

int
ctl_user_list(const struct ctl_call *call)
{
	static const struct output_column columns[] = {{"user", "USER", OUTPUT_TEXT, 40},
						       {"domains", "DOMAINS", OUTPUT_TEXT, 60}};
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct users_file_entry *entries;
	struct output_cell *cells;
	struct output *output;
	struct arena *arena;
	const char *path;
	size_t count;
	enum status status;
	bool good;

	if (!arguments_read(call, options, 1, NULL, 0))
		return 2;
	path = users_path(call);
	if (path == NULL)
		return 1;
	arena = arena_new();
	status = users_file_list(path, arena, &entries, &count);
	if (status != STATUS_OK) {
		arena_free(arena);
		return ctl_refuse("%s: %s", path, status_text(status));
	}
	output = output_open(stdout, output_form_for(stdout, json), arena);
	cells = arena_alloc_many(arena, 2 * count + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		cells[2 * i] = output_text(entries[i].name);
		cells[2 * i + 1] = output_text(entries[i].domains);
	}
	output_list(output, "users", columns, 2, cells, count);
	if (count == 0)
		output_note(output, "There is none.");
	good = output_close(output);
	arena_free(arena);
	return good ? 0 : ctl_refuse("the list could not be written");
}
