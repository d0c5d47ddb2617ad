#include "mail/reading_task.h"

#include "mail/manifest.h"

/* A letter's request holds its header, a text's the parts it is made of. */
#define LETTER_REQUEST_MAX ((size_t)2097152)
#define PARTS_REQUEST_MAX ((size_t)8388608)
#define TEXT_MAX ((size_t)1048576)
#define HTML_MAX ((size_t)4194304)

const struct reading_task reading_tasks[READING_KINDS] = {
    [READING_LETTER] = {"letter", LETTER_REQUEST_MAX, MANIFEST_SIZE_MAX + 4, MANIFEST_SIZE_MAX,
			reading_letter_first, reading_letter_run},
    [READING_TEXT] = {"text", PARTS_REQUEST_MAX, 0, TEXT_MAX, NULL, reading_text_run},
    [READING_ORIGINAL] = {"original", PARTS_REQUEST_MAX, 0, HTML_MAX, NULL, reading_original_run},
};
