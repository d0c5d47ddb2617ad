/*
 * The tasks that a reader knows: one row each.  A task is a pure function of
 * what it is asked and of the message; it runs where nothing but these is at
 * hand (reader/), and what it says is believed by nobody (mail/reading.c).
 *
 * A row has the terms of a task, which both sides keep to.  What is done stands there, too, as far
 * as mail/ does it; what a floor above does is found in reader/tasks.c.
 */
#ifndef MAIL_READING_TASK_H
#define MAIL_READING_TASK_H

#include "base/stream.h"
#include "base/text.h"

enum reading_kind {
	READING_LETTER,	  /* marks, then the manifest */
	READING_PAGE,	  /* all that a page shows */
	READING_ORIGINAL, /* the HTML as it was laid out */
	READING_FILE,	  /* the bytes of a packed file */
	READING_KEYS,	  /* what a message brings of its author's keys */
	READING_PDF,	  /* a document drawn, with files of the message in it (pdf/) */
	READING_KINDS
};

struct reading_job {
	struct slice request; /* written by mail/reading.c; not from the message */
	const struct source *message;
	struct arena *arena;
	void *kept; /* from `first` to `run` */
	struct text first;
	struct text result;
	/* Instead of `result`, unless it is empty: bytes that lie elsewhere until the job's arena
	 * is freed, and are too many to be copied. */
	struct slice given;
};

struct reading_task {
	const char *name; /* for log and figures */
	/* Its process may do more such tasks of the same message afterwards. */
	bool again;
	unsigned cpu_seconds; /* of work; a large message gets some more */
	size_t memory;	      /* bytes of addresses besides those that the reader has */
	size_t request_max;
	size_t first_max; /* 0: there is no `first` */
	size_t result_max;
	/* Says what can be said without the message's body, before any of it is read; a
	 * failure is the task's. */
	enum status (*first)(struct reading_job *job);
	enum status (*run)(struct reading_job *job); /* NULL: not done in mail/ */
};

extern const struct reading_task reading_tasks[READING_KINDS];

/* How "letter" says what kind of letter it is. */
#define LETTER_BULK 1U
#define LETTER_BRINGS_KEYS 2U

typedef enum status reading_step(struct reading_job *job);
reading_step reading_letter_first, reading_letter_run; /* reading_letter.c */
reading_step reading_page_run;			       /* reading_page_task.c */
reading_step reading_original_run;		       /* reading_original.c */
reading_step reading_file_run;			       /* reading_file.c */
reading_step reading_keys_run;			       /* reading_keys_task.c */

/* What is to be drawn, as its asker describes it (pdf/document.h); it stands beside the manifest.
 */
#define READING_DOCUMENT_MAX ((size_t)8388608)
#define READING_LOGO_MAX ((size_t)262144)

#endif
