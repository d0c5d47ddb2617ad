/* keys/mta_sts: whatever a domain publishes, what is read of it is well-formed and bounded.  The
 * first byte chooses between the record and the policy. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/mta_sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_record(struct slice text, struct arena *arena)
{
	size_t half = text.size / 2;
	struct slice texts[] = {text, slice_part(text, half, text.size)};
	const char *id;

	if (mta_sts_read_record(texts, 2, arena, &id) == STATUS_OK &&
	    (*id == '\0' || strlen(id) > MTA_STS_ID_MAX ||
	     strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
		 strlen(id)))
		abort();
}

static void
try_policy(struct slice text, struct arena *arena)
{
	struct mta_sts_policy policy;

	if (mta_sts_read_policy(text, arena, &policy) != STATUS_OK)
		return;
	if (policy.seconds < 0 || policy.seconds > MTA_STS_AGE_MAX ||
	    policy.pattern_count > MTA_STS_HOSTS_MAX ||
	    (policy.mode != MTA_STS_NONE && policy.pattern_count == 0))
		abort();
	for (size_t i = 0; i < policy.pattern_count; i++) {
		const char *pattern = policy.patterns[i];
		const char *star = strchr(pattern, '*');

		if ((star != NULL && (star != pattern || pattern[1] != '.')) ||
		    mta_sts_fits(pattern, "") || (star == NULL && !mta_sts_fits(pattern, pattern)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	if (size > 0 && data[0] % 2 == 0)
		try_record(slice_of(data + 1, size - 1), arena);
	else if (size > 0)
		try_policy(slice_of(data + 1, size - 1), arena);
	arena_free(arena);
	return 0;
}
