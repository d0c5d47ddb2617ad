#include "mail/report.h"

#include <string.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/utf8.h"
#include "mail/words.h"

#define FIELD_MAX ((size_t)1000)
#define GROUPS_MAX 200

bool
report_is_type(const char *type)
{
	static const char *const types[] = {
	    "message/delivery-status", "message/global-delivery-status",
	    "message/disposition-notification", "message/global-disposition-notification"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* A field's value; with a type in front ("rfc822; someone@example.org") what is behind it. */
static const char *
field_text(const struct header_block *block, const char *name, bool typed, struct arena *arena)
{
	const struct header_field *field = header_find(block, name, 0);
	const char *text = field == NULL ? "" : words_text(field->value, FIELD_MAX, arena);
	const char *behind = typed ? strchr(text, ';') : NULL;

	return behind == NULL ? text
			      : utf8_clean_line(slice_from_text(behind + 1), FIELD_MAX, arena);
}

static enum report_action
action_of(const struct header_block *block, struct arena *arena)
{
	static const struct {
		const char *word;
		enum report_action action;
	} rows[] = {
	    {"failed", REPORT_FAILED},	     {"delayed", REPORT_DELAYED},
	    {"delivered", REPORT_DELIVERED}, {"relayed", REPORT_RELAYED},
	    {"expanded", REPORT_EXPANDED},
	};
	struct slice action = slice_from_text(field_text(block, "Action", false, arena));
	struct slice mode = slice_from_text(field_text(block, "Disposition", true, arena));

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_starts_nocase(action, slice_from_text(rows[i].word)))
			return rows[i].action;
	/* "automatic-action/MDN-sent-automatically; displayed" */
	if (slice_starts_nocase(mode, SLICE("displayed")))
		return REPORT_DISPLAYED;
	return slice_starts_nocase(mode, SLICE("deleted")) ? REPORT_DELETED : REPORT_OTHER;
}

/* One group of fields; that of the message itself names no recipient. */
static void
take_group(const struct header_block *block, struct arena *arena, struct mail_report *report)
{
	struct report_recipient *recipient;
	const char *address = field_text(block, "Final-Recipient", true, arena);

	if (*address == '\0')
		address = field_text(block, "Original-Recipient", true, arena);
	if (*address == '\0')
		return;
	if (report->count == REPORT_RECIPIENTS_MAX) {
		report->more = true;
		return;
	}
	recipient = &report->recipients[report->count++];
	recipient->address = address;
	recipient->action = action_of(block, arena);
	recipient->status = field_text(block, "Status", false, arena);
	recipient->answer = field_text(block, "Diagnostic-Code", true, arena);
	recipient->host = field_text(block, "Remote-MTA", true, arena);
	recipient->until = field_text(block, "Will-Retry-Until", false, arena);
}

enum status
report_read(const struct source *content, struct arena *arena, struct mail_report *report_out)
{
	size_t size = content->size > REPORT_BYTES_MAX ? REPORT_BYTES_MAX : (size_t)content->size;
	unsigned char *bytes = arena_alloc(arena, size + 1);
	struct mail_report report = {.count = 0};
	enum status status = source_read_exactly(content, 0, bytes, size);
	struct slice rest = slice_of(bytes, size);
	size_t groups = 0;

	if (status != STATUS_OK)
		return status;
	report.recipients =
	    arena_alloc_many(arena, REPORT_RECIPIENTS_MAX, sizeof(*report.recipients));
	/* Groups of fields with a blank line between. */
	while (rest.size > 0 && groups < GROUPS_MAX) {
		struct source source = source_from_slice(&rest);
		struct header_block block;

		if (rest.data[0] == '\r' || rest.data[0] == '\n') {
			rest = slice_part(rest, 1, rest.size);
			continue;
		}
		if (header_read(&source, arena, &block) != STATUS_OK || block.body == 0)
			break;
		groups++;
		take_group(&block, arena, &report);
		rest = slice_part(rest, (size_t)block.body, rest.size);
	}
	*report_out = report;
	return STATUS_OK;
}
