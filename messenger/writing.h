/*
 * What a recipient writes, sealed so that only who opens the answered delivery can
 * read it: under a key of its own, and that to the delivery's temporary public
 * key.  Sealing needs no secret, so it also works when the session is over.
 */
#ifndef MESSENGER_WRITING_H
#define MESSENGER_WRITING_H

#include "base/secret.h"
#include "store/writing.h"

#define WRITING_TEXT_MAX ((size_t)2097152) /* body and quotation */
#define WRITING_SUBJECT_MAX ((size_t)500)  /* bytes; the rest is left out */
#define WRITING_KEY_SIZE ((size_t)32)

struct writing_file {
	const char *name;
	uint64_t size;
};

struct writing {
	struct slice body;
	struct slice quote;
	bool to_all; /* to everybody who holds the message */
	bool fresh;  /* it answers nothing, and has a subject of its own: */
	const char *subject;
	bool forward; /* the message itself went along */
	/* Of what was sent: */
	const char *const *recipients;
	size_t recipient_count;
	const struct writing_file *files;
	size_t file_count;
	int64_t written_at;
};

/* Fill in id, key_wrap and sealed of the row.  STATUS_TOO_LARGE: the text. */
enum status writing_seal(struct slice temporary_public, const struct writing *writing,
			 struct arena *arena, struct writing_row *row) MUST_CHECK;

/* STATUS_DAMAGED when it does not open, or holds what writing_seal would not write. */
enum status writing_open(const struct secret *temporary_private, const struct writing_row *row,
			 struct arena *arena, struct writing *writing_out) MUST_CHECK;

/* The key alone; also of a bundle of files. */
enum status
writing_seal_key(struct slice temporary_public, const struct id *id, const struct secret *key,
		 struct arena *arena, struct slice *key_wrap_out) MUST_CHECK;
enum status writing_open_key(const struct secret *temporary_private, const struct id *id,
			     struct slice key_wrap, struct secret *key_out) MUST_CHECK;

/* The byte form, and back: in docs/cryptography.md. */
enum status writing_write(const struct writing *writing, struct arena *arena,
			  struct slice *bytes_out) MUST_CHECK;
enum status
writing_read(struct slice bytes, struct arena *arena, struct writing *writing_out) MUST_CHECK;

#endif
