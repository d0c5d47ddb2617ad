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

/* The reader of that generation went away in mid task, or gives no sign: end what is left of it. */
void reader_lost(struct reader *reader, unsigned generation);

#endif
