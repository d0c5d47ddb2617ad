/*
 * What is to be drawn, said without a word about how: blocks in the order of
 * reading.  A program describes, a reader's task draws (pdf/task.h); the description goes
 * from one to the other as bytes, bounded, and is believed no more than anything else.
 *
 * All words that people read come in with it, in the language of the document.  Text is UTF-8 of
 * any script; what stands in it decides its direction.
 */
#ifndef PDF_DOCUMENT_H
#define PDF_DOCUMENT_H

#include "base/status.h"
#include "base/text.h"
#include "mail/pack.h"
#include "mail/quoted.h"
#include "mail/reading_task.h"

#define DOCUMENT_MAX READING_DOCUMENT_MAX /* bytes of a description */
#define DOCUMENT_QUOTES_MAX QUOTED_DEPTH_MAX
#define DOCUMENT_LINK_MAX ((size_t)2000)
#define DOCUMENT_CODES_MAX ((size_t)1000)
#define DOCUMENT_HEADINGS_MAX 6
#define DOCUMENT_DEPTH_MAX 32
#define DOCUMENT_LEAD_MAX ((size_t)100)

/* What concerns all of it. */
struct document_head {
	const char *title;
	const char *author;
	const char *language; /* "de" */
	bool rtl;	      /* where labels and page numbers stand; texts decide for themselves */
	uint32_t accent;      /* 0xRRGGBB, of headings, links and lines */
	int64_t made_at;
	/* Below each page; %1 is its number, %2 that of all pages. */
	const char *page_words;
	/* On the last line, if any character had to be written as ‹U+1F600 grinning face›; %1 is
	 * how many.  "" for nothing. */
	const char *unseen_words;
	/* What the attached text is called, which says the same without pages; "" for none. */
	const char *text_name;
};

enum document_kind {
	DOCUMENT_END,
	DOCUMENT_TITLE,
	DOCUMENT_HEADING, /* `level` 0: the document's own; 1 to 6: of a letter in it */
	DOCUMENT_PARAGRAPH,
	DOCUMENT_NOTE,	/* a paragraph that stands back */
	DOCUMENT_LINES, /* text whose line ends are its writer's; `level` of quotation */
	DOCUMENT_ITEM,	/* of a list: `lead` stands before it; `level` of quotation */
	DOCUMENT_ROW,	/* of a table: cells, runs that begin one between them; `level` of quotation
			 */
	DOCUMENT_FACT,	/* `label` and its value */
	DOCUMENT_RULE,
	DOCUMENT_FILE,	     /* `label` is its name, then a line about it, then its digest */
	DOCUMENT_PICTURE,    /* `part` of the message; `label` is its name, `otherwise` what stands
			      * there when it cannot be drawn */
	DOCUMENT_LETTERHEAD, /* the logo that comes with it, `label` the name that stands there
			      * without one, and lines of an address */
	DOCUMENT_CODES,	     /* short texts, in columns */
	DOCUMENT_BREAK,	     /* a new page */
	DOCUMENT_KINDS
};

struct document_run {
	struct slice text;
	struct slice link; /* where it leads; empty: nowhere */
	bool bold;
	bool cell; /* of a ROW, without text: another cell begins here */
};

struct document;

/* An empty document in the arena. */
struct document *document_new(struct arena *arena, const struct document_head *head);

/* A block that holds runs (TITLE to ROW), until document_end; `level` is for LINES, HEADING and
 * ROW. An ITEM is one with a bullet in a list that is in no other. */
void document_begin(struct document *document, enum document_kind kind, unsigned level);
/* The same for an ITEM of a list in `depth` - 1 others, in quotes.  `lead` is what text has in
 * front of its words: an indent, and a bullet ("*") or a number; without these it goes on with the
 * item before it. */
void
document_begin_item(struct document *document, unsigned quotes, unsigned depth, struct slice lead);
/* A link that is not of a kind that may be followed is left out, its text is not. */
void document_run(struct document *document, struct slice text, struct slice link);
void document_run_bold(struct document *document, struct slice text, struct slice link);
/* The next cell of a ROW; its first needs none. */
void document_cell(struct document *document);
void document_end(struct document *document);

/* begin, one run, end; and a fact. */
void document_add(struct document *document, enum document_kind kind, struct slice text);
void document_add_fact(struct document *document, struct slice label, struct slice value);

void document_add_rule(struct document *document);
void document_add_break(struct document *document);
void document_add_file(struct document *document, struct slice name, struct slice about,
		       struct slice digest);
void document_add_picture(struct document *document, uint32_t part, struct slice name,
			  struct slice otherwise);
/* At most DOCUMENT_CODES_MAX lines; `beside`: the name stands beside the logo, too. */
void document_add_letterhead(struct document *document, struct slice name, bool beside,
			     const struct slice *address, size_t count);
/* At most DOCUMENT_CODES_MAX; the rest is left out. */
void document_add_codes(struct document *document, const struct slice *codes, size_t count);

/* The description.  STATUS_TOO_LARGE: beyond DOCUMENT_MAX. */
enum status document_pack(const struct document *document, struct slice *bytes_out) MUST_CHECK;

/* ---- where it is drawn ---- */

struct document_block {
	enum document_kind kind;
	unsigned level; /* LETTERHEAD: 1 where the name stands beside the logo, too */
	unsigned depth; /* ITEM: of lists, 1 for the outermost */
	struct slice label;
	struct slice lead;	/* ITEM: as text has it, with its indent */
	struct slice otherwise; /* FILE: the line about it */
	struct slice digest;
	uint32_t part;
	struct document_run *runs; /* CODES, LETTERHEAD: each is one */
	size_t run_count;
};

/* What is still to be read of a description. */
struct document_reading {
	struct unpack from;
	struct arena *arena;
};

/* The texts of the head are copied into the arena.  STATUS_INVALID. */
enum status document_open(struct slice bytes, struct arena *arena, struct document_head *head_out,
			  struct document_reading *reading_out) MUST_CHECK;

/* The next block, DOCUMENT_END behind the last; borrows the description.  STATUS_INVALID: that is
 * none, or not text, or leads where nothing may lead. */
enum status
document_next(struct document_reading *reading, struct document_block *block_out) MUST_CHECK;

/* Whether a reader may be led there: http, https or mailto, in visible ASCII. */
bool document_may_lead(struct slice link);

#endif
