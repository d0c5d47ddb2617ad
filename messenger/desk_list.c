#include "messenger/desk.h"

#include <string.h>

#include "base/text.h"
#include "mail/address.h"
#include "messenger/author.h"

#define BATCH ((size_t)500)
#define LOOKED_AT_MOST ((size_t)20000)
#define FIND_MAX ((size_t)200)

/* Subjects and addresses are sealed, so nothing of them can be searched by the database: they are
 * opened one after the other, newest first. */
struct search {
	const struct messenger *messenger;
	struct slice owner_index;
	const struct desk_question *question;
	struct slice wanted; /* folded */
	struct arena *arena; /* of the answer */
	struct desk_answer *answer;
	size_t most;
};

static struct slice
fold(const char *text, struct arena *arena)
{
	return slice_from_text(address_fold(slice_from_text(text), arena));
}

static bool
fits(const struct search *search, const struct desk_line *line, struct arena *arena)
{
	return search->wanted.size == 0 ||
	       slice_find(fold(line->recipient, arena), search->wanted, 0) != SLICE_NONE ||
	       slice_find(fold(line->subject, arena), search->wanted, 0) != SLICE_NONE;
}

/* One line, opened into `arena`. */
static struct desk_line
open_line(const struct messenger *messenger, const struct desk_row *row, struct arena *arena)
{
	struct message_row message = {.id = row->message_id, .sender = row->sender};

	return (struct desk_line){
	    .row = *row,
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &row->delivery_id,
						row->recipient, arena),
	    .subject = messenger_display_open(messenger, "message.subject", &row->message_id,
					      row->subject, arena),
	    .sender = author_open(messenger, &message, arena).address,
	};
}

/* Take what fits of these rows; false when the page is full and there is one more. */
static bool
take(struct search *search, const struct desk_row *rows, size_t count)
{
	struct desk_answer *answer = search->answer;

	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct desk_line line = open_line(search->messenger, &rows[i], arena);
		bool found = fits(search, &line, arena);

		if (found && answer->count == search->most) {
			arena_free(arena);
			answer->more = true;
			return false;
		}
		if (found) {
			line.recipient = arena_copy_text(search->arena, line.recipient);
			line.subject = arena_copy_text(search->arena, line.subject);
			line.sender = arena_copy_text(search->arena, line.sender);
			line.row.recipient = line.row.subject = line.row.sender = slice_of(NULL, 0);
			answer->lines[answer->count++] = line;
		}
		arena_free(arena);
		answer->looked_to = (struct desk_place){rows[i].created_at, rows[i].delivery_id};
		answer->looked_at++;
	}
	return true;
}

static enum status
go_through(struct search *search, struct store *store)
{
	size_t batch = search->wanted.size > 0 ? BATCH : search->most + 1;
	struct desk_answer *answer = search->answer;
	bool going = true;

	answer->looked_to = search->question->behind;
	while (going) {
		struct arena *arena = arena_new();
		struct desk_row *rows;
		size_t count;
		enum status status = desk_list(store, search->question->part, search->owner_index,
					       &answer->looked_to, search->question->states, batch,
					       arena, &rows, &count);

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
messenger_desk_list(const struct messenger *messenger, struct slice owner_index,
		    const struct desk_question *question, size_t most, struct arena *arena,
		    struct desk_answer *answer_out)
{
	struct desk_answer answer = {.lines =
					 arena_alloc_many(arena, most + 1, sizeof(*answer.lines))};
	struct slice typed = slice_trim(question->find);
	struct search search = {
	    .messenger = messenger,
	    .owner_index = owner_index,
	    .question = question,
	    .wanted = slice_from_text(address_fold(slice_part(typed, 0, FIND_MAX), arena)),
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
