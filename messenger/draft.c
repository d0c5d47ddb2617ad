#include "messenger/draft.h"

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/chunk.h"
#include "messenger/content.h"
#include "messenger/door.h"

#define FILE_BYTES ((size_t)1024)
#define FILE_VERSION 1

/* What is sealed of a file: version byte, from and to (8 bytes each), name and type, each with a
 * length of 2 bytes. */
static struct slice
write_file(const struct draft_file *file, struct arena *arena)
{
	const char *texts[] = {file->name, file->type};
	const size_t most[] = {DRAFT_NAME_MAX, DRAFT_TYPE_MAX};
	struct text *out = arena_alloc(arena, sizeof(*out));

	text_init_in(out, arena, FILE_BYTES);
	text_append_byte(out, FILE_VERSION);
	for (unsigned i = 8; i-- > 0;)
		text_append_byte(out, (unsigned char)(file->from >> (8 * i)));
	for (unsigned i = 8; i-- > 0;)
		text_append_byte(out, (unsigned char)(file->to >> (8 * i)));
	for (size_t i = 0; i < 2; i++) {
		struct slice text = slice_part(slice_from_text(texts[i]), 0, most[i]);

		text_append_byte(out, (unsigned char)(text.size >> 8));
		text_append_byte(out, (unsigned char)text.size);
		text_append(out, text);
	}
	return text_slice(out);
}

static uint64_t
number_at(struct slice bytes, size_t at, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes.data[at + i];
	return number;
}

static bool
take_text(struct slice bytes, size_t *at, size_t most, struct arena *arena, const char **text_out)
{
	size_t size;

	if (bytes.size - *at < 2)
		return false;
	size = (size_t)number_at(bytes, *at, 2);
	*at += 2;
	if (size > most || bytes.size - *at < size)
		return false;
	*text_out = arena_text_from(arena, slice_part(bytes, *at, *at + size));
	*at += size;
	return true;
}

static enum status
read_file(struct slice bytes, struct arena *arena, struct draft_file *file)
{
	size_t at = 17;

	if (bytes.size < at || bytes.data[0] != FILE_VERSION)
		return STATUS_DAMAGED;
	file->from = number_at(bytes, 1, 8);
	file->to = number_at(bytes, 9, 8);
	if (!take_text(bytes, &at, DRAFT_NAME_MAX, arena, &file->name) ||
	    !take_text(bytes, &at, DRAFT_TYPE_MAX, arena, &file->type) || at != bytes.size)
		return STATUS_DAMAGED;
	return file->from <= file->to && file->to <= file->row->bundle_size ? STATUS_OK
									    : STATUS_DAMAGED;
}

static enum status
open_file(const struct opened *opened, const struct draft_file_row *row, struct arena *arena,
	  struct draft_file *file)
{
	struct secret key;
	struct slice bytes;
	enum status status =
	    writing_open_key(&opened->temporary_private, &row->bundle_id, row->key_wrap, &key);

	if (status != STATUS_OK)
		return status;
	status = box_open(secret_slice(&key), "draft file", id_slice(&row->id), row->sealed, arena,
			  &bytes);
	secret_clear(&key);
	*file = (struct draft_file){.id = row->id, .size = row->size, .row = row};
	return status == STATUS_OK ? read_file(bytes, arena, file) : status;
}

static void
log_damage(const struct id *delivery, const char *what)
{
	char id[ID_TEXT_SIZE];

	log_error("draft-damaged", LOG_TEXT("delivery", id_text(*delivery, id)),
		  LOG_TEXT("what", what));
}

/* What does not open is told of in the log and left out: the rest is not to be lost with it. */
static enum status
open_rows(const struct opened *opened, const struct writing_row *text,
	  const struct draft_file_row *rows, size_t count, struct arena *arena, struct draft *draft)
{
	draft->files = arena_alloc_many(arena, count + 1, sizeof(*draft->files));
	if (text != NULL) {
		enum status status =
		    writing_open(&opened->temporary_private, text, arena, &draft->text);

		draft->has_text = status == STATUS_OK;
		if (status != STATUS_OK)
			log_damage(&opened->delivery, "text");
	}
	for (size_t i = 0; i < count; i++) {
		struct draft_file *file = &draft->files[draft->file_count];

		if (open_file(opened, &rows[i], arena, file) != STATUS_OK) {
			log_damage(&opened->delivery, "file");
			continue;
		}
		draft->file_count++;
		draft->size += file->size;
	}
	return STATUS_OK;
}

enum status
messenger_draft_open(const struct messenger *messenger, const struct opened *opened,
		     struct arena *arena, struct draft *draft_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct draft draft = {.has_text = false};
	struct draft_file_row *rows = NULL;
	struct writing_row text;
	size_t count = 0;
	bool has_text;
	enum status status = writing_draft(store, &opened->delivery, arena, &text);

	has_text = status == STATUS_OK;
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		status = writing_files(store, &opened->delivery, arena, &rows, &count);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		status = open_rows(opened, has_text ? &text : NULL, rows, count, arena, &draft);
	if (status == STATUS_OK)
		*draft_out = draft;
	return status;
}

/* A bundle as content.c reads it, and its key for as long. */
struct bundle_content {
	struct message_row row;
	struct secret key;
};

static void
clear_content(void *argument)
{
	struct bundle_content *content = argument;

	secret_clear(&content->key);
}

/* content.c finds the chunk of a message with only one in its row. */
static enum status
fetch_only_chunk(const struct messenger *messenger, struct message_row *row, struct arena *arena)
{
	size_t room = (size_t)row->size + CHUNK_OVERHEAD;
	unsigned char *bytes = arena_alloc(arena, room);
	struct store *store = store_pool_get(messenger->stores);
	size_t size;
	enum status status = message_chunk(store, &row->id, 0, bytes, room, &size);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		row->chunk = slice_of(bytes, size);
	return status == STATUS_NOT_FOUND ? STATUS_DAMAGED : status;
}

enum status
draft_file_open(const struct messenger *messenger, const struct opened *opened,
		const struct draft_file *file, struct arena *arena, struct source *source_out)
{
	struct bundle_content *content = arena_alloc(arena, sizeof(*content));
	const struct draft_file_row *row = file->row;
	enum status status = STATUS_OK;

	content->row = (struct message_row){
	    .id = row->bundle_id, .size = row->bundle_size, .chunk_count = row->chunk_count};
	if (row->chunk_count == 1 && row->bundle_size > CHUNK_SIZE)
		return STATUS_DAMAGED;
	if (row->chunk_count == 1)
		status = fetch_only_chunk(messenger, &content->row, arena);
	if (status == STATUS_OK)
		status = writing_open_key(&opened->temporary_private, &row->bundle_id,
					  row->key_wrap, &content->key);
	if (status != STATUS_OK)
		return status;
	arena_defer(arena, clear_content, content);
	return content_open(messenger, &content->row, &content->key, arena, source_out);
}

enum status
messenger_sent_list(const struct messenger *messenger, const struct opened *opened, size_t most,
		    struct arena *arena, struct writing **list_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct writing_row *rows;
	struct writing *list;
	size_t count, good = 0;
	enum status status = writing_sent(store, &opened->delivery, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	list = arena_alloc_many(arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		if (writing_open(&opened->temporary_private, &rows[i], arena, &list[good]) ==
		    STATUS_OK)
			good++;
		else
			log_damage(&opened->delivery, "sent");
	*list_out = list;
	*count_out = good;
	return STATUS_OK;
}

enum status
messenger_draft_place(const struct messenger *messenger, struct slice link, int64_t now,
		      struct id *delivery_out)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct door door;
	enum status status = door_find(store, link, LINK_RECIPIENT, arena, &door);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK) {
		const struct delivery_row *row = &door.delivery;

		if (row->opened_at == 0 || row->expires_at <= now ||
		    row->temporary_public.size == 0)
			status = STATUS_GONE;
		else
			*delivery_out = row->id;
		door_clear(&door);
	}
	arena_free(arena);
	return status;
}

enum status
messenger_draft_total(const struct messenger *messenger, const struct id *delivery,
		      size_t *count_out, uint64_t *size_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = writing_files_total(store, delivery, count_out, size_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_draft_drop(const struct messenger *messenger, const struct id *delivery,
		     const struct id *file)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = writing_drop_file(store, delivery, file);

	store_pool_put(messenger->stores, store);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Is it there to be answered?  While a new passphrase is made for it, too. */
static bool
is_open(const struct delivery_row *row, int64_t now)
{
	return row->opened_at != 0 && row->expires_at > now &&
	       (row->state == DELIVERY_OPENED || row->state == DELIVERY_SECURING);
}

static enum status
add_files(struct store *store, const struct delivery_row *delivery, const struct draft_save *save,
	  int64_t now, struct arena *arena, size_t *kept_out)
{
	const struct bundle *bundle = save->bundle;
	struct draft_file_row row = {.bundle_id = bundle->id,
				     .bundle_size = bundle->size,
				     .chunk_count = bundle->chunk_count};
	size_t count, kept = 0;
	uint64_t total;
	enum status status = writing_files_total(store, &delivery->id, &count, &total);

	if (status == STATUS_OK)
		status = writing_seal_key(delivery->temporary_public, &bundle->id, &bundle->key,
					  arena, &row.key_wrap);
	for (size_t i = 0; i < save->file_count && status == STATUS_OK; i++) {
		const struct draft_file *file = &save->files[i];

		if (count + kept == DRAFT_FILES_MAX || total > save->most ||
		    file->size > save->most - total)
			break;
		row.id = id_new();
		row.size = file->size;
		row.sealed = box_seal(secret_slice(&bundle->key), "draft file", id_slice(&row.id),
				      write_file(file, arena), arena);
		status = writing_add_file(store, &delivery->id, &row);
		total += file->size;
		kept++;
	}
	if (status == STATUS_OK && kept > 0)
		status = writing_end_bundle(store, &bundle->id, bundle->chunk_count - 1,
					    bundle->last_chunk, now);
	*kept_out = kept;
	return status;
}

static enum status
save_in_transaction(struct store *store, const struct id *id, const struct draft_save *save,
		    int64_t now, struct arena *arena, size_t *kept_out)
{
	struct writing_row row = {.delivery_id = *id, .written_at = now};
	struct delivery_row delivery;
	enum status status = delivery_read(store, id, true, arena, &delivery);

	if (status == STATUS_OK && !is_open(&delivery, now))
		status = STATUS_GONE;
	if (status == STATUS_OK && save->text != NULL)
		status = writing_seal(delivery.temporary_public, save->text, arena, &row);
	if (status == STATUS_OK && save->text != NULL)
		status = writing_put_draft(store, &row);
	if (status == STATUS_OK && save->bundle != NULL)
		status = add_files(store, &delivery, save, now, arena, kept_out);
	return status;
}

enum status
messenger_draft_save(const struct messenger *messenger, const struct id *delivery,
		     const struct draft_save *save, int64_t now, size_t *kept_out)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	char id[ID_TEXT_SIZE];
	size_t kept = 0;
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = save_in_transaction(store, delivery, save, now, arena, &kept);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	log_info("draft", LOG_TEXT("delivery", id_text(*delivery, id)),
		 LOG_NUMBER("files", (long long)kept), LOG_TEXT("status", status_text(status)));
	if (status == STATUS_OK)
		*kept_out = kept;
	return status;
}
