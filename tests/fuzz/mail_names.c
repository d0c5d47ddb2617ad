/* mail/parameters, mail/file_name, mail/report, mail/disguise: names from letters are clean when
 * they are offered, in whatever form they came. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/disguise.h"
#include "mail/file_name.h"
#include "mail/parameters.h"
#include "mail/report.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *raw, struct arena *arena)
{
	const char *name = file_name_clean(slice_from_text(raw), arena);
	struct slice bytes = slice_from_text(name);

	if (bytes.size > FILE_NAME_MAX || !utf8_is_valid(bytes) ||
	    strpbrk(name, "/\\<>:\"|?*\r\n\t") != NULL)
		abort();
	for (size_t at = 0; at < bytes.size;)
		if (utf8_is_unwanted(utf8_next(bytes, &at)))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();
	struct mail_report report;
	struct mailbox mailbox;
	const char *name;

	name = parameters_extended(bytes, "name", arena);
	if (name != NULL)
		check_name(name, arena);
	check_name(parameters_plain(bytes, "name", arena), arena);
	if (report_read(&source, arena, &report) != STATUS_OK ||
	    report.count > REPORT_RECIPIENTS_MAX)
		abort();
	mailbox.name = utf8_clean_line(bytes, 1000, arena);
	mailbox.address = mailbox.name;
	if (disguise_in_name(&mailbox) && strchr(mailbox.name, '@') == NULL)
		abort();
	if (disguise_in_domain(mailbox.address) && strchr(mailbox.address, '@') == NULL)
		abort();
	name = disguise_true_domain(mailbox.address, arena);
	if (!utf8_is_valid(slice_from_text(name)))
		abort();
	arena_free(arena);
	return 0;
}
