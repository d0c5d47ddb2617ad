/*
 * The two kinds of fields that hold marks, each cleaned alone: Subject by its
 * decoded text, To and Cc by their mailboxes.  Used by mail/marks.c only.
 */
#ifndef MAIL_MARKS_FIELD_H
#define MAIL_MARKS_FIELD_H

#include "base/text.h"
#include "mail/marks.h"

/* Edits under construction, as bytes of `struct edit`. */
struct edit_list {
	struct text bytes;
	struct arena *arena;
};

/* Take `size` bytes out at `from` in the field's value and put `replacement` there. */
void edit_list_add(struct edit_list *list, const struct header_field *field, size_t from,
		   size_t size, struct slice replacement);

/* Bytes [from, end) of the value with the edits in them applied, from edit number `first` on. */
struct slice edit_list_apply(const struct edit_list *list, const struct header_field *field,
			     size_t first, size_t from, size_t end, struct arena *arena);

size_t edit_list_count(const struct edit_list *list);
void edit_list_cut(struct edit_list *list, size_t count);

/* Whether folding is sound: no line of the value behind the first is empty or only blanks. */
bool value_is_folded_well(struct slice value);

/* Look for the marks in one Subject; edits are added when MARK_FOUND. */
enum mark marks_subject(const struct mark_rules *rules, const struct header_field *field,
			struct edit_list *list);

/* Take marks out of one address field; true when a mailbox was marked. */
bool marks_addresses(const struct mark_rules *rules, const struct header_field *field,
		     struct edit_list *list);

/* The prefix's length in bytes when `text` begins with it in any case, else 0. */
size_t mark_prefix_length(const struct mark_rules *rules, struct slice text);

#endif
