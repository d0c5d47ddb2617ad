#include "messenger/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "messenger/author.h"
#include "messenger/mailbox_key.h"

/* Of one mailbox. */
struct listing {
	const struct messenger *messenger;
	const struct inbox *inbox;
	unsigned which;
	struct arena *arena; /* of the answer */
	struct mailbox_line *lines;
	struct mailbox_line opened; /* the last one */
};

static enum status
fetch(void *context, struct store *store, const struct desk_place *behind, size_t most,
      struct arena *arena, void **rows_out, size_t *count_out)
{
	const struct listing *listing = context;
	struct mailbox_line_row *rows = NULL;
	enum status status = mailbox_list(store, &listing->inbox->id, behind, listing->which, most,
					  arena, &rows, count_out);

	*rows_out = rows;
	return status;
}

static struct mailbox_line
open_line(const struct messenger *messenger, const struct mailbox_line_row *row,
	  struct arena *arena)
{
	struct message_row message = {.id = row->message_id, .sender = row->sender};
	struct author author = author_open(messenger, &message, arena);

	return (struct mailbox_line){
	    .row = *row,
	    .sender_name = author.name,
	    .sender_address = author.address,
	    .subject = messenger_display_open(messenger, "message.subject", &row->message_id,
					      row->subject, arena),
	    .link = "",
	};
}

static bool
fits(void *context, const void *rows, size_t index, struct slice wanted, struct arena *arena)
{
	struct listing *listing = context;
	const struct mailbox_line_row *row = &((const struct mailbox_line_row *)rows)[index];
	struct mailbox_line *line = &listing->opened;

	*line = open_line(listing->messenger, row, arena);
	return search_holds(line->subject, wanted, arena) ||
	       search_holds(line->sender_address, wanted, arena) ||
	       search_holds(line->sender_name, wanted, arena);
}

/* Only what is shown has its link opened: that costs more than the rest. */
static void
keep(void *context, size_t number)
{
	struct listing *listing = context;
	struct mailbox_line line = listing->opened;
	struct arena *arena = listing->arena;

	if (mailbox_key_link(&listing->inbox->pair, &line.row.delivery_id, line.row.link_wrap,
			     arena, &line.link) != STATUS_OK)
		line.link = "";
	line.sender_name = arena_copy_text(arena, line.sender_name);
	line.sender_address = arena_copy_text(arena, line.sender_address);
	line.subject = arena_copy_text(arena, line.subject);
	line.row.sender = line.row.subject = line.row.link_wrap = slice_of(NULL, 0);
	listing->lines[number] = line;
}

static struct desk_place
place(const void *rows, size_t index)
{
	const struct mailbox_line_row *row = &((const struct mailbox_line_row *)rows)[index];

	return (struct desk_place){row->came_at, row->delivery_id};
}

enum status
messenger_mailbox_list(const struct messenger *messenger, const struct inbox *inbox,
		       const struct mailbox_question *question, size_t most, struct arena *arena,
		       struct mailbox_answer *answer_out)
{
	struct listing listing = {
	    .messenger = messenger,
	    .inbox = inbox,
	    .which = question->which,
	    .arena = arena,
	    .lines = arena_alloc_many(arena, most + 1, sizeof(*listing.lines)),
	};
	const struct search_list list = {&listing, fetch, fits, keep, place};
	struct store *store = store_pool_get(messenger->stores);
	enum status status = search_go(&list, store, question->find, &question->behind, most, arena,
				       &answer_out->found);

	store_pool_put(messenger->stores, store);
	answer_out->lines = listing.lines;
	return status;
}

/* --- whom to write to --- */

static int
compare_people(const void *left, const void *right)
{
	const struct mailbox_person *one = left, *other = right;

	return strcmp(one->address, other->address);
}

enum status
messenger_mailbox_people(const struct messenger *messenger, const struct inbox *inbox,
			 struct arena *arena, struct mailbox_person **people_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_line_row *rows;
	struct mailbox_person *people;
	size_t row_count, count = 0;
	enum status status = mailbox_people(store, &inbox->id, arena, &rows, &row_count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	people = arena_alloc_many(arena, row_count + 1, sizeof(*people));
	for (size_t i = 0; i < row_count; i++) {
		struct mailbox_line line = open_line(messenger, &rows[i], arena);

		/* A message without a reverse-path has nobody to write to. */
		if (*line.sender_address == '\0' ||
		    mailbox_key_link(&inbox->pair, &rows[i].delivery_id, rows[i].link_wrap, arena,
				     &line.link) != STATUS_OK)
			continue;
		people[count++] = (struct mailbox_person){line.sender_name, line.sender_address,
							  line.link, rows[i].came_at};
	}
	qsort(people, count, sizeof(*people), compare_people);
	*people_out = people;
	*count_out = count;
	return STATUS_OK;
}

/* --- what was sent --- */

static enum status
open_sent(const struct inbox *inbox, const struct mailbox_sent_row *row, struct arena *arena,
	  struct mailbox_sent *sent_out)
{
	struct secret temporary;
	enum status status = mailbox_key_take(&inbox->pair, &row->writing.delivery_id,
					      row->delivery_key_wrap, &temporary);

	if (status != STATUS_OK)
		return status;
	status = writing_open(&temporary, &row->writing, arena, &sent_out->writing);
	secret_clear(&temporary);
	sent_out->id = row->writing.id;
	sent_out->expires_at = row->expires_at;
	return status == STATUS_OK
		   ? mailbox_key_link(&inbox->pair, &row->writing.delivery_id,
				      row->delivery_link_wrap, arena, &sent_out->link)
		   : status;
}

enum status
messenger_mailbox_sent(const struct messenger *messenger, const struct inbox *inbox,
		       const struct id *from, size_t most, struct arena *arena,
		       struct mailbox_sent **list_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_sent_row *rows;
	struct mailbox_sent *list;
	char id[ID_TEXT_SIZE];
	size_t row_count, count = 0;
	enum status status = mailbox_sent(store, &inbox->id, from, most, arena, &rows, &row_count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	list = arena_alloc_many(arena, row_count + 1, sizeof(*list));
	for (size_t i = 0; i < row_count; i++) {
		status = open_sent(inbox, &rows[i], arena, &list[count]);
		if (status == STATUS_OK)
			count++;
		else
			log_error("sent-damaged",
				  LOG_TEXT("writing", id_text(rows[i].writing.id, id)));
	}
	*list_out = list;
	*count_out = count;
	return STATUS_OK;
}

enum status
messenger_mailbox_sent_ids(const struct messenger *messenger, const struct inbox *inbox,
			   size_t most, struct arena *arena, struct id **ids_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = mailbox_sent_ids(store, &inbox->id, most, arena, ids_out, count_out);

	store_pool_put(messenger->stores, store);
	return status;
}

/* --- all of it --- */

enum status
messenger_mailbox_usage(const struct messenger *messenger, const struct inbox *inbox,
			struct mailbox_usage *usage_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = mailbox_usage(store, &inbox->id, usage_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_mailbox_piece(const struct messenger *messenger, const struct inbox *inbox, size_t from,
			size_t most, struct arena *arena, struct id **ids_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status =
	    mailbox_piece(store, &inbox->id, from, most, arena, ids_out, count_out);

	store_pool_put(messenger->stores, store);
	return status;
}
