#include "messenger/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "mail/address.h"
#include "messenger/author.h"
#include "messenger/mailbox_key.h"

#define BATCH ((size_t)500)
#define LOOKED_AT_MOST ((size_t)20000)
#define FIND_MAX ((size_t)200)

/* Subjects and senders are sealed, so nothing of them can be searched by the database: they are
 * opened one after the other, newest first. */
struct search {
	const struct messenger *messenger;
	const struct inbox *inbox;
	const struct mailbox_question *question;
	struct slice wanted; /* folded */
	struct arena *arena; /* of the answer */
	struct mailbox_answer *answer;
	size_t most;
};

static bool
holds(const char *text, struct slice wanted, struct arena *arena)
{
	struct slice folded = slice_from_text(address_fold(slice_from_text(text), arena));

	return slice_find(folded, wanted, 0) != SLICE_NONE;
}

static bool
fits(const struct search *search, const struct mailbox_line *line, struct arena *arena)
{
	struct slice wanted = search->wanted;

	return wanted.size == 0 || holds(line->subject, wanted, arena) ||
	       holds(line->sender_address, wanted, arena) ||
	       holds(line->sender_name, wanted, arena);
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

/* Only of lines that are shown: opening a link costs more than the rest. */
static void
keep_line(struct search *search, struct mailbox_line line)
{
	struct arena *arena = search->arena;

	if (mailbox_key_link(&search->inbox->pair, &line.row.delivery_id, line.row.link_wrap, arena,
			     &line.link) != STATUS_OK)
		line.link = "";
	line.sender_name = arena_copy_text(arena, line.sender_name);
	line.sender_address = arena_copy_text(arena, line.sender_address);
	line.subject = arena_copy_text(arena, line.subject);
	line.row.sender = line.row.subject = slice_of(NULL, 0);
	line.row.link_wrap = slice_of(NULL, 0);
	search->answer->lines[search->answer->count++] = line;
}

/* Take what fits of these rows; false when the page is full and there is one more. */
static bool
take(struct search *search, const struct mailbox_line_row *rows, size_t count)
{
	struct mailbox_answer *answer = search->answer;

	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct mailbox_line line = open_line(search->messenger, &rows[i], arena);
		bool found = fits(search, &line, arena);
		bool full = found && answer->count == search->most;

		if (found && !full)
			keep_line(search, line);
		arena_free(arena);
		if (full) {
			answer->more = true;
			return false;
		}
		answer->looked_to = (struct desk_place){rows[i].came_at, rows[i].delivery_id};
		answer->looked_at++;
	}
	return true;
}

static enum status
go_through(struct search *search, struct store *store)
{
	size_t batch = search->wanted.size > 0 ? BATCH : search->most + 1;
	struct mailbox_answer *answer = search->answer;
	bool going = true;

	answer->looked_to = search->question->behind;
	while (going) {
		struct arena *arena = arena_new();
		struct mailbox_line_row *rows;
		size_t count;
		enum status status =
		    mailbox_list(store, &search->inbox->id, &answer->looked_to,
				 search->question->which, batch, arena, &rows, &count);

		going = status == STATUS_OK && take(search, rows, count) && count == batch;
		arena_free(arena);
		if (status != STATUS_OK)
			return status;
		if (going && answer->looked_at >= LOOKED_AT_MOST) {
			answer->cut = true;
			answer->more = true;
			going = false;
		}
	}
	return STATUS_OK;
}

enum status
messenger_mailbox_list(const struct messenger *messenger, const struct inbox *inbox,
		       const struct mailbox_question *question, size_t most, struct arena *arena,
		       struct mailbox_answer *answer_out)
{
	struct mailbox_answer answer = {
	    .lines = arena_alloc_many(arena, most + 1, sizeof(*answer.lines))};
	struct slice typed = slice_part(slice_trim(question->find), 0, FIND_MAX);
	struct search search = {
	    .messenger = messenger,
	    .inbox = inbox,
	    .question = question,
	    .wanted = slice_from_text(address_fold(typed, arena)),
	    .arena = arena,
	    .answer = &answer,
	    .most = most,
	};
	struct store *store = store_pool_get(messenger->stores);
	enum status status = go_through(&search, store);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*answer_out = answer;
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
