#include "messenger/original.h"

#include "crypto/box.h"
#include "mail/manifest.h"
#include "messenger/content.h"
#include "messenger/seal.h"

static void
clear_secret(void *argument)
{
	secret_clear(argument);
}

enum status
original_open(const struct messenger *messenger, const struct message_row *row,
	      const struct delivery_row *held, struct arena *arena, struct source *source_out)
{
	struct secret *key = arena_alloc(arena, sizeof(*key));
	struct manifest *manifest = arena_alloc(arena, sizeof(*manifest));
	struct source *stored = arena_alloc(arena, sizeof(*stored));
	struct slice bytes;
	enum status status = held != NULL ? seal_open_held_message(messenger, held, key)
					  : content_key_by_gateway(messenger, row, key);

	if (status != STATUS_OK)
		return status;
	arena_defer(arena, clear_secret, key);
	status = box_open(secret_slice(key), "manifest", id_slice(&row->id), row->manifest, arena,
			  &bytes);
	if (status == STATUS_OK)
		status = manifest_read(bytes, arena, manifest);
	if (status == STATUS_OK)
		status = content_open(messenger, row, key, arena, stored);
	if (status == STATUS_OK)
		status = edit_source(stored, &manifest->edits, arena, source_out);
	return status;
}
