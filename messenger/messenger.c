#include "messenger/messenger.h"

#include <string.h>

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/hash.h"
#include "mail/address.h"

enum status
messenger_check_language(const struct messenger *messenger)
{
	const char *code = messenger->policy->language;

	if (languages_find(messenger->languages, slice_from_text(code)) != NULL)
		return STATUS_OK;
	log_error("configuration", LOG_TEXT("option", "organisation.language"),
		  LOG_TEXT("why", "is not the code of an installed language"));
	return STATUS_INVALID;
}

const struct language *
messenger_own_language(const struct messenger *messenger)
{
	return languages_find_or_english(messenger->languages, messenger->policy->language);
}

static struct slice
display_context(const char *column, const struct id *row, struct arena *arena)
{
	struct slice name = slice_from_text(column);
	unsigned char *context = arena_alloc(arena, name.size + ID_SIZE);

	memcpy(context, name.data, name.size);
	memcpy(context + name.size, row->bytes, ID_SIZE);
	return slice_of(context, name.size + ID_SIZE);
}

struct slice
messenger_display_seal_bytes(const struct messenger *messenger, const char *column,
			     const struct id *row, struct slice bytes, struct arena *arena)
{
	return box_seal(secret_slice(&messenger->keys->display_key), "display",
			display_context(column, row, arena), bytes, arena);
}

struct slice
messenger_display_seal(const struct messenger *messenger, const char *column, const struct id *row,
		       const char *text, struct arena *arena)
{
	return messenger_display_seal_bytes(messenger, column, row, slice_from_text(text), arena);
}

enum status
messenger_display_open_bytes(const struct messenger *messenger, const char *column,
			     const struct id *row, struct slice sealed, struct arena *arena,
			     struct slice *bytes_out)
{
	char row_text[ID_TEXT_SIZE];
	enum status status =
	    box_open(secret_slice(&messenger->keys->display_key), "display",
		     display_context(column, row, arena), sealed, arena, bytes_out);

	if (status != STATUS_OK)
		log_error("display-value-damaged", LOG_TEXT("column", column),
			  LOG_TEXT("row", id_text(*row, row_text)));
	return status;
}

const char *
messenger_display_open(const struct messenger *messenger, const char *column, const struct id *row,
		       struct slice sealed, struct arena *arena)
{
	struct slice plain;

	if (sealed.size == 0 || messenger->keys->display_key.size == 0 ||
	    messenger_display_open_bytes(messenger, column, row, sealed, arena, &plain) !=
		STATUS_OK)
		return "";
	return arena_text_from(arena, plain);
}

struct slice
messenger_address_index(const struct messenger *messenger, const char *address, struct arena *arena)
{
	unsigned char *hash = arena_alloc(arena, HASH_SIZE);
	const char *normal = address_normalise(slice_from_text(address), arena);

	hash_purpose(secret_slice(&messenger->keys->display_key), "address index",
		     slice_from_text(normal), hash);
	return slice_of(hash, HASH_SIZE);
}
