/*
 * What a task says, frame by frame, as its program takes it: bounded, in order, and believed
 * in nothing.  Pure: no socket, no message.
 */
#ifndef MAIL_READING_ANSWER_H
#define MAIL_READING_ANSWER_H

#include "base/text.h"
#include "mail/reading_channel.h"

struct reading_answer {
	uint64_t size;	   /* of the message */
	struct text first; /* what the task says before it may read the message */
	struct text result;
	bool first_done;
	bool size_told;	    /* of the result */
	enum status status; /* of a finished task */
	struct frame_ended ended;
	uint64_t read_offset; /* of the last READ, within the message */
	size_t read_size;
};

enum answer_step {
	ANSWER_MORE,  /* wait for the next frame */
	ANSWER_READ,  /* DATA is wanted: read_offset, read_size */
	ANSWER_DONE,  /* result and status are complete */
	ANSWER_ENDED, /* its process is gone: ended */
	ANSWER_BROKEN /* no such frame may come here: nothing of it holds */
};

/* A task that says `first_max` bytes (0: nothing) before it reads, and at most `result_max` in the
 * end; both live in the arena. */
void reading_answer_init(struct reading_answer *answer, uint64_t size, size_t first_max,
			 size_t result_max, struct arena *arena);

/* Take one frame. */
enum answer_step reading_answer_take(struct reading_answer *answer, const struct frame *frame);

#endif
