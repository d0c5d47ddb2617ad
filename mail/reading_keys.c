#include "mail/reading_keys.h"

#include "base/log.h"
#include "mail/pack.h"
#include "mail/reading_exchange.h"

static bool
is_sane_author(const char *author, size_t size)
{
	struct slice address = slice_from_text(author);

	/* A NUL would hide the rest. */
	return address.size == size && size <= ADDRESS_MAX &&
	       address_check(address, NULL) == STATUS_OK;
}

static bool
is_sane_signature(const struct keys_reading *keys, uint64_t size)
{
	switch (keys->form) {
	case SIGNATURE_NONE:
		return keys->signature.size == 0 && keys->content_offset == 0 &&
		       keys->content_size == 0;
	case SIGNATURE_APART:
		return keys->signature.size > 0 &&
		       keys->signature.size <= BROUGHT_SIGNATURE_APART_MAX &&
		       keys->content_offset <= size &&
		       keys->content_size <= size - keys->content_offset;
	case SIGNATURE_WITHIN:
		return keys->signature.size > 0 && keys->signature.size <= BROUGHT_SIGNATURE_MAX &&
		       keys->content_offset == 0 && keys->content_size == 0;
	}
	return false;
}

static bool
take_attached(struct unpack *from, struct keys_reading *keys)
{
	uint64_t count = unpack_number(from, 1);

	if (count > ATTACHED_KEYS_MAX)
		return false;
	for (; keys->attached_count < count; keys->attached_count++) {
		struct slice key = unpack_bytes(from);

		if (key.size == 0 || key.size > ATTACHED_KEY_SIZE_MAX)
			return false;
		keys->attached[keys->attached_count] = key;
	}
	return true;
}

enum status
reading_keys_check(struct slice bytes, uint64_t size, struct arena *arena,
		   struct keys_reading *keys_out)
{
	struct unpack from = {bytes, 0, true};
	struct keys_reading keys = {.author = ""};
	struct slice author;
	uint64_t form;

	*keys_out = keys;
	if (bytes.size == 0)
		return STATUS_OK;
	author = unpack_bytes(&from);
	keys.author = arena_text_from(arena, author);
	keys.sent_at = (int64_t)unpack_number(&from, 8);
	keys.autocrypt = unpack_bytes(&from);
	form = unpack_number(&from, 1);
	keys.signature = unpack_bytes(&from);
	keys.content_offset = unpack_number(&from, 8);
	keys.content_size = unpack_number(&from, 8);
	if (form > SIGNATURE_WITHIN || !take_attached(&from, &keys) || !unpack_is_done(&from))
		return STATUS_INVALID;
	keys.form = (enum brought_signature)form;
	if (!is_sane_author(keys.author, author.size) || keys.sent_at < 0 ||
	    keys.autocrypt.size > AUTOCRYPT_FIELD_MAX || !is_sane_signature(&keys, size))
		return STATUS_INVALID;
	*keys_out = keys;
	return STATUS_OK;
}

enum status
reading_keys(struct reader *reader, const char *label, const struct source *message,
	     struct arena *arena, struct keys_reading *keys_out)
{
	struct exchange answer;
	enum status status =
	    exchange(reader, READING_KEYS, label, SLICE(""), message, arena, &answer);

	if (status == STATUS_OK)
		status = answer.status;
	if (status != STATUS_OK)
		return status;
	status = reading_keys_check(answer.result, message->size, arena, keys_out);
	if (status != STATUS_OK)
		log_warning("reading-failed", LOG_TEXT("message", label),
			    LOG_TEXT("task", reading_tasks[READING_KEYS].name),
			    LOG_TEXT("why", "nonsense"));
	return status;
}
