/*
 * What is made of a stranger's bytes: a letter's marks and manifest, the text
 * of a page, the original layout.  Each is a task (mail/reading_task.h) that a reader
 * (mail/reader.h) does in a process of its own; the message stays here and is
 * handed over in the pieces that are asked for.  Whatever comes back is
 * checked: it was made where that message may have had its way.
 *
 * A task that dies, runs over its limits or makes no sense is logged here, under
 * `label`: what the log may call the message, and no other message is called; "" for none.
 *
 * A process that did a task about an opened message may be asked about that message
 * again, for some seconds (never about marks: it has seen the body).
 *
 * In all that follows:
 *   - STATUS_INVALID: the message cannot be read; nothing is set.
 *   - STATUS_TOO_LARGE: it is beyond what is safe to read; nothing is set.
 *   - STATUS_UNAVAILABLE: no reader, for now: try again later.
 *   - others: the source's own failures.
 */
#ifndef MAIL_READING_H
#define MAIL_READING_H

#include "base/text.h"
#include "mail/manifest.h"
#include "mail/marks.h"
#include "mail/reader.h"

/* How much of a letter was read. */
enum letter_depth {
	LETTER_UNREAD, /* not even its header: it may bear any mark */
	LETTER_HEADER, /* marks and header fields hold; nobody looked further, or could */
	LETTER_WHOLE
};

struct letter_reading {
	enum letter_depth depth;
	bool bulk;		       /* written for many, by a machine */
	bool brings_keys;	       /* its header says that it may (mail/autocrypt.h) */
	struct mark_findings findings; /* its edits are those that take the marks out */
	/* Of the message with `front` before it and marks taken out; has these edits. */
	struct manifest manifest;
};

/* What is asked about a stored message: `rules` is NULL for one of our own, which bears no marks;
 * `front` is what is put before it. */
struct letter_question {
	const char *label;
	const struct mark_rules *rules;
	struct slice front;
	const struct source *stored;
};

/* Its header: marks, and a manifest without parts.  All that a message needs which leaves as it
 * came; never fails because of what the message is (LETTER_UNREAD).  A header of plain ASCII is
 * looked at here, by our own code alone; every other one by a task, to which nothing but its bytes
 * is given. */
enum status reading_header(struct reader *reader, const struct letter_question *question,
			   struct arena *arena, struct letter_reading *letter_out) MUST_CHECK;

/* Its parts, added to what reading_header gave for the same question.  A message that cannot be
 * read gets one file, which is itself, and what plain text is found near its beginning: never
 * fails because of what the message is. */
enum status reading_parts(struct reader *reader, const struct letter_question *question,
			  struct arena *arena, struct letter_reading *letter) MUST_CHECK;

/* Whether these parts are what reading_parts makes of a message that cannot be read. */
bool reading_is_makeshift(const struct manifest *manifest);

/* Both. */
enum status reading_letter(struct reader *reader, const struct letter_question *question,
			   struct arena *arena, struct letter_reading *letter_out) MUST_CHECK;

/* What is missing in a text. */
#define READING_CUT 1U		/* it goes on */
#define READING_HTML_REFUSED 2U /* its HTML is beyond what is safe to parse */

/* The text of a message for people, that of attached letters left out, as far as `text` has room:
 * clean UTF-8 with LF line ends. */
enum status reading_text(struct reader *reader, const char *label, const struct source *message,
			 const struct manifest *manifest, struct arena *arena, struct text *text,
			 unsigned *flags_out) MUST_CHECK;

/* The HTML of a PART_HTML, sanitised, with the pictures of its letter inside. */
enum status reading_original(struct reader *reader, const char *label, const struct source *message,
			     const struct manifest *manifest, const struct part *html,
			     struct arena *arena, struct text *out) MUST_CHECK;

/* The decoded bytes of a part, to be given out as they are.  Transfer encodings are decoded here
 * and now, in constant memory; what was packed otherwise is unpacked by a task. */
enum status reading_open(struct reader *reader, const char *label, const struct source *message,
			 const struct manifest *manifest, const struct part *part,
			 struct arena *arena, struct source *decoded_out) MUST_CHECK;

#endif
