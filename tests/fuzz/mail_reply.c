/* Replies of a hostile server: whatever is taken is within bounds, clean, and taken the same when
 * it comes in two pieces. */
#include <stdlib.h>
#include <string.h>

#include "mail/relay_reply.h"
#include "mail/utf8.h"

static void
check(const struct relay_reply *reply, size_t used, size_t size)
{
	if (used == 0 || used > size || reply->code < 200 || reply->code > 599)
		abort();
	if (strlen(reply->text) > REPLY_TEXT_MAX || strlen(reply->status) > 9)
		abort();
	if (!utf8_is_valid(slice_from_text(reply->text)) || strpbrk(reply->text, "\r\n") != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena *arena = arena_new();
	struct relay_reply reply;
	size_t used;

	if (relay_reply_read(slice_of(data, size), arena, &reply, &used) == REPLY_DONE) {
		struct relay_reply again;
		size_t used_again;

		check(&reply, used, size);
		if (relay_reply_read(slice_of(data, used), arena, &again, &used_again) !=
			REPLY_DONE ||
		    used_again != used || strcmp(again.text, reply.text) != 0)
			abort();
		if (relay_reply_read(slice_of(data, used - 1), arena, &again, &used_again) ==
		    REPLY_DONE)
			abort();
	}
	arena_free(arena);
	return 0;
}
