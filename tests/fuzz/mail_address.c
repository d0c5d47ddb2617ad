/* mail/address: any field gives mailboxes without controls; any checked address is harmless in a
 * command. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/address.h"
#include "mail/mailbox_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct arena *arena = arena_new();
	struct mailbox_scan scan;
	struct mailbox_span span;
	struct mailbox *list;
	size_t count, last = 0;

	list = address_list_parse(bytes, 1000, arena, &count);
	for (size_t i = 0; i < count; i++) {
		expect_clean(list[i].name);
		expect_clean(list[i].address);
	}
	for (mailbox_scan_begin(&scan, bytes); mailbox_scan_next(&scan, &span);) {
		if (span.from < last || span.end > size || span.local_from < span.from ||
		    span.local_end > span.end || span.domain_end > span.end)
			abort();
		last = span.end;
	}
	if (address_check(bytes, NULL) == STATUS_OK) {
		const char *normal = address_normalise(bytes, arena);

		if (memchr(data, '\n', size) != NULL || memchr(data, '>', size) != NULL ||
		    strcmp(normal, address_normalise(slice_from_text(normal), arena)) != 0)
			abort();
	}
	arena_free(arena);
	return 0;
}
