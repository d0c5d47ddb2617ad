/* mail/reading_answer and mail/reading_check: frames from a task that may say anything.  The input
 * is a row of packets, each behind its length in two bytes; the first byte of all chooses the task.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail/reading_answer.h"
#include "mail/reading_check.h"
#include "mail/reading_keys.h"
#include "mail/reading_page.h"
#include "mail/reading_task.h"

#define MESSAGE ((uint64_t)4096)
#define HEADER ((uint64_t)256)
#define TEXT ((size_t)2048)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was believed must be true. */
static void
check(enum reading_kind kind, const struct reading_answer *answer, struct arena *arena)
{
	struct slice first = text_slice(&answer->first), result = text_slice(&answer->result);
	struct letter_reading letter;
	struct manifest parts;
	struct part given[] = {{.role = PART_CONTAINER},
			       {.number = 1, .role = PART_TEXT},
			       {.number = 2, .role = PART_FILE, .letter = true}};
	const struct manifest manifest = {.parts = given, .part_count = 3};
	const struct page_look looks[] = {{2, LOOK_PICTURE}, {2, LOOK_ARCHIVE}, {2, LOOK_TEXT}};
	struct page_wish wish = {.manifest = &manifest,
				 .letter = &given[2],
				 .wants = PAGE_HEAD | PAGE_LETTERS | PAGE_TEXT | PAGE_EXTRAS,
				 .text_max = TEXT,
				 .looks = looks,
				 .look_count = 3,
				 .names_max = 2};
	struct page_reading page;
	struct keys_reading keys;

	if (kind == READING_KEYS && reading_keys_check(result, MESSAGE, arena, &keys) == STATUS_OK)
		for (size_t i = 0; i <= keys.attached_count; i++)
			if (keys.content_offset + keys.content_size > MESSAGE ||
			    keys.attached_count > ATTACHED_KEYS_MAX ||
			    (i < keys.attached_count && keys.attached[i].size == 0))
				abort();
	if (kind == READING_LETTER &&
	    reading_check_header(first, HEADER, arena, &letter) == STATUS_OK)
		for (size_t i = 0; i < letter.findings.edits.count; i++)
			if (letter.findings.edits.list[i].offset +
				letter.findings.edits.list[i].size >
			    HEADER)
				abort();
	if (kind == READING_LETTER &&
	    reading_check_parts(result, MESSAGE, arena, &parts) == STATUS_OK)
		for (size_t i = 0; i < parts.part_count; i++)
			if (parts.parts[i].offset + parts.parts[i].size > MESSAGE)
				abort();
	if (kind != READING_PAGE)
		return;
	/* Once as it is, and once without the headers, which are a manifest. */
	for (int i = 0; i < 2; i++) {
		size_t size = 0;

		if (reading_page_check(result, &wish, arena, &page) == STATUS_OK) {
			for (size_t j = 0; j < page.piece_count; j++) {
				const struct page_piece *piece = &page.pieces[j];

				size += piece->text.size;
				for (size_t k = 0; k < piece->span_count; k++)
					if (piece->spans[k].end > piece->text.size)
						abort();
			}
			if (size > TEXT || page.sights[1].listing.item_count > wish.names_max)
				abort();
		}
		wish.wants &= ~PAGE_HEAD;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum reading_kind kind = size == 0 ? READING_LETTER : data[0] % READING_KINDS;
	const struct reading_task *task = &reading_tasks[kind];
	struct arena *arena = arena_new();
	struct reading_answer *answer = arena_alloc(arena, sizeof(*answer));
	enum answer_step step = ANSWER_MORE;

	reading_answer_init(answer, MESSAGE, task->first_max, task->result_max, arena);
	for (size_t at = 1; at + 2 <= size && (step == ANSWER_MORE || step == ANSWER_READ);) {
		size_t length = (size_t)data[at] << 8 | data[at + 1];
		struct frame frame;

		at += 2;
		length = length < size - at ? length : size - at;
		if (frame_parse(slice_of(data + at, length), &frame) != STATUS_OK)
			break;
		at += length;
		step = reading_answer_take(answer, &frame);
		if (step == ANSWER_READ && (answer->read_size > FRAME_PAYLOAD_MAX ||
					    answer->read_offset + answer->read_size > MESSAGE))
			abort();
	}
	if (step == ANSWER_DONE)
		check(kind, answer, arena);
	arena_free(arena);
	return 0;
}
