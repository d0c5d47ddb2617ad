#include "messenger/desk.h"

#include "messenger/author.h"

/* The list of one sender, or of everybody. */
struct listing {
	const struct messenger *messenger;
	struct slice owner_index;
	const struct desk_question *question;
	struct arena *arena; /* of the answer */
	struct desk_line *lines;
	struct desk_line opened; /* the last one */
};

static enum status
fetch(void *context, struct store *store, const struct desk_place *behind, size_t most,
      struct arena *arena, void **rows_out, size_t *count_out)
{
	const struct listing *listing = context;
	struct desk_row *rows = NULL;
	enum status status = desk_list(store, listing->question->part, listing->owner_index, behind,
				       listing->question->states, most, arena, &rows, count_out);

	*rows_out = rows;
	return status;
}

static bool
fits(void *context, const void *rows, size_t index, struct slice wanted, struct arena *arena)
{
	struct listing *listing = context;
	const struct messenger *messenger = listing->messenger;
	const struct desk_row *row = &((const struct desk_row *)rows)[index];
	struct message_row message = {.id = row->message_id, .sender = row->sender};

	listing->opened = (struct desk_line){
	    .row = *row,
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &row->delivery_id,
						row->recipient, arena),
	    .subject = messenger_display_open(messenger, "message.subject", &row->message_id,
					      row->subject, arena),
	    .sender = author_open(messenger, &message, arena).address,
	};
	return search_holds(listing->opened.recipient, wanted, arena) ||
	       search_holds(listing->opened.subject, wanted, arena);
}

static void
keep(void *context, size_t line)
{
	struct listing *listing = context;
	struct desk_line kept = listing->opened;

	kept.recipient = arena_copy_text(listing->arena, kept.recipient);
	kept.subject = arena_copy_text(listing->arena, kept.subject);
	kept.sender = arena_copy_text(listing->arena, kept.sender);
	kept.row.recipient = kept.row.subject = kept.row.sender = slice_of(NULL, 0);
	listing->lines[line] = kept;
}

static struct desk_place
place(const void *rows, size_t index)
{
	const struct desk_row *row = &((const struct desk_row *)rows)[index];

	return (struct desk_place){row->created_at, row->delivery_id};
}

enum status
messenger_desk_list(const struct messenger *messenger, struct slice owner_index,
		    const struct desk_question *question, size_t most, struct arena *arena,
		    struct desk_answer *answer_out)
{
	struct listing listing = {
	    .messenger = messenger,
	    .owner_index = owner_index,
	    .question = question,
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
