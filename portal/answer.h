/*
 * An answer as a page makes it, and the only place that decides on the header
 * fields it leaves with: which security fields go with which kind of answer, and
 * which HTTP status stands for which result.  It knows nothing of the HTTP library.
 */
#ifndef PORTAL_ANSWER_H
#define PORTAL_ANSWER_H

#include "base/stream.h"
#include "base/text.h"

#define ANSWER_PAGE_MAX ((size_t)4194304)
#define ANSWER_EXTRA_MAX ((size_t)8)
#define ANSWER_HEADERS_MAX ((size_t)24)

enum answer_kind {
	ANSWER_PAGE,  /* a page of ours */
	ANSWER_FRAME, /* shown in a frame of ours: a letter as its writer laid it out */
	ANSWER_FILE,  /* from outside: to be saved, or a picture; nothing in it may run */
	ANSWER_ASSET, /* style sheet, picture, script of ours */
};

struct answer_header {
	const char *name;
	const char *value;
};

struct answer {
	struct arena *arena;
	int status; /* HTTP; 0: not made yet */
	enum answer_kind kind;
	bool lasting;	      /* caches may keep it */
	bool close;	      /* end the connection: nobody knows where the request ends */
	const char *type;     /* Content-Type; NULL: no body */
	const char *language; /* Content-Language; NULL: the body has none, or it was not chosen */
	struct slice body;
	struct text page;	     /* what body usually points into */
	const struct source *stream; /* instead of a body: bytes [from, from + size) */
	uint64_t stream_from;
	uint64_t stream_size;
	void (*done)(
	    void *context); /* once, when the stream's last byte is handed over; may be NULL */
	void *done_context;
	struct answer_header extra[ANSWER_EXTRA_MAX];
	size_t extra_count;
};

/* The answer itself lives in the arena, too. */
void answer_init(struct answer *answer, struct arena *arena);

/* One more field; the value is borrowed and holds no CR or LF. */
void answer_add(struct answer *answer, const char *name, const char *value);

/* "Come again in so many seconds." */
void answer_retry_after(struct answer *answer, int64_t seconds);

/* 303: look there now, with GET.  Something is added that makes the address a new one, as what is
 * seen there has just changed: links shows what it has kept under an address, whatever
 * Cache-Control says.  A cookie for a path does not go to that path with a query in lynx: `path` is
 * one below it where it is needed. */
void answer_redirect(struct answer *answer, const char *path, struct arena *arena);

/* A short text for machines. */
void answer_plain(struct answer *answer, int status, const char *text);

/* All fields in force, written to `headers` with room for ANSWER_HEADERS_MAX; the number of them.
 */
size_t answer_headers(const struct answer *answer, struct answer_header *headers);

/* The HTTP status of a result. */
int answer_http_status(enum status status);

#endif
