/*
 * What only mail/reading_exchange.c asks of a reader: tasks begin, and readers get lost.
 */
#ifndef MAIL_READER_PART_H
#define MAIL_READER_PART_H

#include "mail/reader.h"
#include "mail/reading_channel.h"

/* Hand a task's socket to the reader, starting it again if it is gone; *generation_out tells which
 * one it was.  STATUS_BUSY: it was started too often of late, or does not start. */
enum status reader_begin(struct reader *reader, const struct frame_start *start, int descriptor,
			 unsigned *generation_out) MUST_CHECK;

/* A process that has answered about a message of that name and size, and knows nothing else; its
 * socket is the caller's, -1 when there is none. */
int reader_take(struct reader *reader, const char *name, uint64_t size);

/* Let it wait, for a few seconds, to be asked about the same message again.  Takes the socket. */
void reader_keep(struct reader *reader, const char *name, uint64_t size, int socket);

/* How long such a process lives at most, from its beginning. */
#define READER_KEPT_MS 20000U

/* The reader of that generation went away in mid task, or gives no sign: end what is left of it. */
void reader_lost(struct reader *reader, unsigned generation);

#endif
