/* keys/dane and keys/rdata: whatever a record holds, what is read of it lies inside and keeps to
 * its bounds.  The first byte chooses the reader. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/dane.h"
#include "keys/rdata.h"

#define TEXT_MAX ((size_t)4096)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct slice part, struct slice whole)
{
	if (part.data < whole.data || part.data + part.size > whole.data + whole.size)
		abort();
}

static void
try_dane(struct slice rdata)
{
	struct dane_record record;
	struct slice key;

	if (dane_read(rdata, &record) == STATUS_OK) {
		check_inside(record.data, rdata);
		if (record.data.size + 3 != rdata.size || record.usage > DANE_EE ||
		    record.matching > DANE_SHA512)
			abort();
		/* Bytes that are exactly what is meant fit; for a key they must be a certificate
		 * around it, which these are not. */
		if (dane_fits(&record, record.data) !=
		    (record.selector == DANE_WHOLE && record.matching == DANE_EXACT))
			abort();
		dane_fits(&record, rdata);
	}
	if (dane_read_openpgp(rdata, &key) == STATUS_OK)
		check_inside(key, rdata);
}

static void
try_mx(struct slice rdata, struct arena *arena)
{
	struct rdata_mx mx;

	if (rdata_read_mx(rdata, arena, &mx) != STATUS_OK)
		return;
	if (strlen(mx.host) > 253 || mx.preference > 65535)
		abort();
	for (const char *at = mx.host; *at != '\0'; at++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", *at) == NULL)
			abort();
	if (strstr(mx.host, "..") != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice text;

	if (size > 0 && data[0] % 3 == 0)
		try_dane(slice_of(data + 1, size - 1));
	else if (size > 0 && data[0] % 3 == 1)
		try_mx(slice_of(data + 1, size - 1), arena);
	else if (size > 0 &&
		 rdata_read_text(slice_of(data + 1, size - 1), TEXT_MAX, arena, &text) ==
		     STATUS_OK &&
		 text.size > TEXT_MAX)
		abort();
	arena_free(arena);
	return 0;
}
