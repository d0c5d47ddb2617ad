/* The text of a letter: each piece of it in its order, pictures between them named. */
#include <string.h>

#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_page_part.h"

/* A text that is no longer may be nothing but blanks. */
#define BLANK_MAX ((uint64_t)256)
/* What one page may cost: pieces, and bytes decoded on the way to them. */
#define PIECES_MAX 300
#define WORK_MAX ((uint64_t)268435456)

struct gathering {
	const struct manifest *manifest;
	const struct source *message;
	const struct part *letter;
	struct text *out;
	bool pictures; /* are to be named */
	size_t left;   /* bytes that may still be shown */
	size_t spans_left;
	unsigned pieces;
	uint64_t work;
	bool any;
	bool cut;
	bool html_failed;
};

static bool
is_blank(const struct gathering *gathering, const struct part *part)
{
	struct text text;
	bool blank;

	if (part->decoded_size > BLANK_MAX)
		return false;
	text_init(&text, (size_t)BLANK_MAX * 4);
	blank = body_text(gathering->message, part, &text) == STATUS_OK &&
		slice_trim(text_slice(&text)).size == 0;
	text_clear(&text);
	return blank;
}

/* Whether `part` stands below `top`. */
static bool
is_below(const struct manifest *manifest, const struct part *part, const struct part *top)
{
	while (part->number > top->number)
		part = &manifest->parts[part->parent];
	return part == top;
}

/* The outermost choice between alternatives in which a part of the letter stands; for what is in
 * winmail.dat, which repeats the letter, all of the letter. */
static const struct part *
choice_of(const struct gathering *gathering, const struct part *part)
{
	const struct part *parts = gathering->manifest->parts;
	const struct part *top = NULL;

	while (part->number != 0) {
		const struct part *parent = &parts[part->parent];

		if (parent == gathering->letter)
			break;
		if (parent->role == PART_FILE)
			return gathering->letter == NULL ? &parts[0] : gathering->letter;
		if (strcmp(parent->type, "multipart/alternative") == 0)
			top = parent;
		part = parent;
	}
	return top;
}

/* HTML is read as text where no text says the same. */
static bool
is_only_form(const struct gathering *gathering, const struct part *html)
{
	const struct manifest *manifest = gathering->manifest;
	const struct part *choice = choice_of(gathering, html);

	for (size_t i = 0; choice != NULL && i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if (part->role == PART_TEXT && is_below(manifest, part, choice) &&
		    page_has(manifest, gathering->letter, part) && !is_blank(gathering, part))
			return false;
	}
	return true;
}

static enum status
put_text_part(struct gathering *gathering, const struct part *part)
{
	enum status status;
	struct text text, spans;

	text_init(&text, gathering->left);
	text_init(&spans, gathering->spans_left * SPAN_SIZE);
	status = part->role == PART_TEXT
		     ? body_text(gathering->message, part, &text)
		     : body_html_to_text(gathering->message, part, &text, &spans);
	if (status == STATUS_TOO_LARGE && part->role == PART_HTML) {
		gathering->html_failed = true;
		status = STATUS_OK;
	}
	if (status == STATUS_OK && slice_trim(text_slice(&text)).size > 0) {
		pack_number(gathering->out, 1, 1);
		pack_bytes(gathering->out, text_slice(&text));
		pack_bytes(gathering->out, text_slice(&spans));
		gathering->spans_left -= spans.size / SPAN_SIZE;
		gathering->any = true;
	}
	gathering->cut = gathering->cut || !text_ok(&text);
	gathering->left -= text.size;
	text_clear(&text);
	text_clear(&spans);
	return status;
}

/* A picture between texts is told where it stood. */
static bool
is_picture_between(const struct gathering *gathering, const struct part *part)
{
	const struct manifest *manifest = gathering->manifest;
	const struct part *parent = &manifest->parts[part->parent];

	if ((part->role != PART_FILE && part->role != PART_INLINE) ||
	    strncmp(part->type, "image/", 6) != 0 || parent->role != PART_CONTAINER ||
	    strcmp(parent->type, "multipart/mixed") != 0)
		return false;
	for (size_t i = part->number + 1; i < manifest->part_count; i++) {
		const struct part *next = &manifest->parts[i];

		if (next->parent == part->parent &&
		    (next->role == PART_TEXT || next->role == PART_HTML) && next->decoded_size > 2)
			return true;
	}
	return false;
}

/* Whether there is time for one more piece. */
static bool
can_afford(struct gathering *gathering, const struct part *part)
{
	gathering->work += part->size;
	if (part->inside != NULL)
		gathering->work += part->inside->decoded_size;
	return ++gathering->pieces <= PIECES_MAX && gathering->work <= WORK_MAX;
}

static enum status
put_part(struct gathering *gathering, const struct part *part)
{
	bool text = part->role == PART_TEXT || part->role == PART_HTML;
	bool picture = gathering->any && strncmp(part->type, "image/", 6) == 0;

	if (!text && !picture)
		return STATUS_OK;
	if (!can_afford(gathering, part)) {
		gathering->cut = true;
		return STATUS_OK;
	}
	if (part->role == PART_TEXT || (text && is_only_form(gathering, part)))
		return put_text_part(gathering, part);
	if (picture && gathering->pictures && is_picture_between(gathering, part)) {
		pack_number(gathering->out, 2, 1);
		pack_number(gathering->out, part->number, 4);
	}
	return STATUS_OK;
}

static enum status
gather(struct gathering *gathering)
{
	const struct manifest *manifest = gathering->manifest;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < manifest->part_count && status == STATUS_OK && !gathering->cut; i++)
		if (page_has(manifest, gathering->letter, &manifest->parts[i]))
			status = put_part(gathering, &manifest->parts[i]);
	return status;
}

enum status
page_write_text(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	struct gathering gathering = {.manifest = wish->manifest,
				      .message = job->message,
				      .letter = wish->letter,
				      .out = out,
				      .pictures = (wish->wants & PAGE_PIECES) != 0,
				      .left = wish->text_max,
				      .spans_left = PAGE_SPANS_MAX};
	enum status status = gather(&gathering);

	pack_number(out, 0, 1);
	pack_number(out, gathering.cut, 1);
	pack_number(out, gathering.html_failed, 1);
	return status;
}
