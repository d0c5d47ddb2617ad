/*
 * Going through a list, newest first.  What its rows say is sealed, so nothing of it can be
 * searched by the database: they are opened one after the other.
 */
#ifndef MESSENGER_SEARCH_H
#define MESSENGER_SEARCH_H

#include "messenger/messenger.h"
#include "store/desk.h"

/* How far it went. */
struct search_found {
	size_t count; /* lines that were kept */
	bool more;    /* there is something behind the last line, or behind `looked_to` */
	bool
	    cut; /* so many were looked at that the search stopped; it can go on behind looked_to */
	struct desk_place looked_to;
	size_t looked_at;
};

/* The list. */
struct search_list {
	void *context;
	/* The next rows behind a place, at most `most`, in the arena. */
	enum status (*fetch)(void *context, struct store *store, const struct desk_place *behind,
			     size_t most, struct arena *arena, void **rows_out, size_t *count_out);
	/* Open one of them, into the arena; whether it holds what is wanted, by search_holds. */
	bool (*fits)(void *context, const void *rows, size_t index, struct slice wanted,
		     struct arena *arena);
	/* Keep what was opened last, which goes with its arena. */
	void (*keep)(void *context, size_t line);
	struct desk_place (*place)(const void *rows, size_t index);
};

/* Does a text hold what is wanted, in any case of letters?  Everything holds nothing. */
bool search_holds(const char *text, struct slice wanted, struct arena *arena);

/* Keep at most `most` lines that fit what was typed (empty: all), from behind a place on. */
enum status search_go(const struct search_list *list, struct store *store, struct slice typed,
		      const struct desk_place *behind, size_t most, struct arena *arena,
		      struct search_found *found_out) MUST_CHECK;

#endif
