#include "mail/reading_answer.h"

void
reading_answer_init(struct reading_answer *answer, uint64_t size, size_t first_max,
		    size_t result_max, struct arena *arena)
{
	*answer = (struct reading_answer){.size = size, .first_done = first_max == 0};
	text_init_in(&answer->first, arena, first_max);
	text_init_in(&answer->result, arena, result_max);
}

static enum answer_step
take_read(struct reading_answer *answer, const struct frame *frame)
{
	if (!answer->first_done || frame->flag != 0 || frame->payload.size != 12)
		return ANSWER_BROKEN;
	answer->read_offset = frame_get(frame->payload.data, 8);
	answer->read_size = (size_t)frame_get(frame->payload.data + 8, 4);
	if (answer->read_offset > answer->size || answer->read_size == 0 ||
	    answer->read_size > FRAME_PAYLOAD_MAX)
		return ANSWER_BROKEN;
	if (answer->read_size > answer->size - answer->read_offset)
		answer->read_size = (size_t)(answer->size - answer->read_offset);
	return ANSWER_READ;
}

static enum answer_step
take_first(struct reading_answer *answer, const struct frame *frame)
{
	if (answer->first_done || (frame->flag & FRAME_STATUS) != 0)
		return ANSWER_BROKEN;
	text_append(&answer->first, frame->payload);
	answer->first_done = (frame->flag & FRAME_LAST) != 0;
	return text_ok(&answer->first) ? ANSWER_MORE : ANSWER_BROKEN;
}

/* What a task may say of its message.  All else is about things that are not its own. */
static enum status
status_from(unsigned number)
{
	switch (number) {
	case STATUS_OK:
		return STATUS_OK;
	case STATUS_TOO_LARGE:
		return STATUS_TOO_LARGE;
	default:
		return STATUS_INVALID;
	}
}

/* Whoever tells a size keeps to it. */
static enum answer_step
take_size(struct reading_answer *answer, const struct frame *frame)
{
	struct text *result = &answer->result;
	uint64_t size;

	if (answer->size_told || !answer->first_done || result->size > 0 || frame->flag != 0 ||
	    frame->payload.size != 8)
		return ANSWER_BROKEN;
	size = frame_get(frame->payload.data, 8);
	if (size > result->limit)
		return ANSWER_BROKEN;
	result->limit = (size_t)size;
	answer->size_told = true;
	return text_reserve(result, result->limit) != NULL ? ANSWER_MORE : ANSWER_BROKEN;
}

static enum answer_step
take_result(struct reading_answer *answer, const struct frame *frame)
{
	bool last = (frame->flag & FRAME_LAST) != 0;
	unsigned status = frame->flag & FRAME_STATUS;

	if (!last && status != 0)
		return ANSWER_BROKEN;
	text_append(&answer->result, frame->payload);
	if (!text_ok(&answer->result))
		return ANSWER_BROKEN;
	if (!last)
		return ANSWER_MORE;
	answer->status = status_from(status);
	if (answer->size_told && answer->result.size != answer->result.limit)
		return ANSWER_BROKEN;
	/* Who says all is well has said everything. */
	return answer->status == STATUS_OK && !answer->first_done ? ANSWER_BROKEN : ANSWER_DONE;
}

static enum answer_step
take_ended(struct reading_answer *answer, const struct frame *frame)
{
	unsigned end;

	if (frame->flag != 0 || frame->payload.size != FRAME_ENDED_SIZE)
		return ANSWER_BROKEN;
	end = frame->payload.data[0];
	if (end < FRAME_END_EXIT || end > FRAME_END_NONE)
		return ANSWER_BROKEN;
	answer->ended = (struct frame_ended){(enum frame_end)end, frame->payload.data[1]};
	return ANSWER_ENDED;
}

enum answer_step
reading_answer_take(struct reading_answer *answer, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_READ:
		return take_read(answer, frame);
	case FRAME_FIRST:
		return take_first(answer, frame);
	case FRAME_SIZE:
		return take_size(answer, frame);
	case FRAME_RESULT:
		return take_result(answer, frame);
	case FRAME_ENDED:
		return take_ended(answer, frame);
	default:
		return ANSWER_BROKEN;
	}
}
