#include "ctl/ctl.h"

#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "messenger/keyring.h"

int
ctl_ca_import(const struct ctl_call *call)
{
	static const struct output_column column = {"added", "added", OUTPUT_NUMBER, 0};
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct administrator administrator;
	struct output_cell cell;
	struct slice file;
	const char *path;
	size_t count = 0;
	enum status status;

	if (!arguments_read(call, options, 1, &path, 1))
		return 2;
	if (!administrator_open(call, DISPLAY_UNUSED, json, &administrator))
		return 1;
	status = file_read(path, KEYRING_FILE_MAX, administrator.arena, &file);
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   ctl_refuse("%s: %s", path, status_text(status)));
	status = keyring_add_authorities(&administrator.messenger, file, clock_now(),
					 administrator.arena, &count);
	if (status == STATUS_INVALID)
		return administrator_close(
		    &administrator, ctl_refuse("%s holds no certificate, or one that is not of an "
					       "authority",
					       path));
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	cell = output_number((int64_t)count);
	output_record(administrator.output, &column, 1, &cell);
	return administrator_close(&administrator, 0);
}

int
ctl_ca_list(const struct ctl_call *call)
{
	static const struct output_column columns[] = {
	    {"authority", "AUTHORITY", OUTPUT_TEXT, 0},
	    {"name", "NAME", OUTPUT_TEXT, 60},
	    {"root", "ROOT", OUTPUT_FLAG, 0},
	    {"expires_at", "EXPIRES (UTC)", OUTPUT_TIME, 0},
	    {"fingerprint", NULL, OUTPUT_TEXT, 0},
	    {"added_at", NULL, OUTPUT_TIME, 0},
	};
	const size_t width = sizeof(columns) / sizeof(columns[0]);
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct keyring_authority *authorities;
	struct administrator administrator;
	struct output_cell *cells;
	size_t count;
	enum status status;

	if (!arguments_read(call, options, 1, NULL, 0))
		return 2;
	if (!administrator_open(call, DISPLAY_UNUSED, json, &administrator))
		return 1;
	status = keyring_authorities(&administrator.messenger, administrator.arena, &authorities,
				     &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	cells = arena_alloc_many(administrator.arena, count * width + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		struct output_cell *row = cells + i * width;
		char *hex =
		    arena_alloc(administrator.arena, HEX_LENGTH(CERTIFICATE_FINGERPRINT_SIZE) + 1);

		encode_hex(
		    slice_of(authorities[i].certificate.fingerprint, CERTIFICATE_FINGERPRINT_SIZE),
		    hex);
		row[0] = output_id(authorities[i].id, administrator.arena);
		row[1] = output_text(authorities[i].certificate.subject);
		row[2] = output_number(authorities[i].root);
		row[3] = output_number(authorities[i].certificate.not_after);
		row[4] = output_text(hex);
		row[5] = output_number(authorities[i].added_at);
	}
	output_list(administrator.output, "authorities", columns, width, cells, count);
	if (count == 0)
		output_note(administrator.output, "There is none: no certificate is believed.");
	return administrator_close(&administrator, 0);
}

int
ctl_ca_delete(const struct ctl_call *call)
{
	return administrator_decide(call, "deleted", keyring_delete_authority,
				    "there is no authority with that id", "");
}
