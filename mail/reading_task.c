#include "mail/reading_task.h"

#include "mail/manifest.h"
#include "mail/reading_keys.h"
#include "mail/rtf_pack.h"

/* A letter's request holds its header, all others the manifest. */
#define LETTER_REQUEST_MAX ((size_t)2097152)
#define PARTS_REQUEST_MAX (MANIFEST_SIZE_MAX + 65536)
#define PAGE_MAX ((size_t)16777216)
#define HTML_MAX ((size_t)4194304)
#define KEYS_MAX (BROUGHT_SIGNATURE_MAX + ATTACHED_KEYS_MAX * ATTACHED_KEY_SIZE_MAX + 65536)

const struct reading_task reading_tasks[READING_KINDS] = {
    [READING_LETTER] = {"letter", false, LETTER_REQUEST_MAX, MANIFEST_SIZE_MAX + 4,
			MANIFEST_SIZE_MAX, reading_letter_first, reading_letter_run},
    [READING_PAGE] = {"page", true, PARTS_REQUEST_MAX, 0, PAGE_MAX, NULL, reading_page_run},
    [READING_ORIGINAL] = {"original", true, PARTS_REQUEST_MAX, 0, HTML_MAX, NULL,
			  reading_original_run},
    [READING_KEYS] = {"keys", false, 0, 0, KEYS_MAX, NULL, reading_keys_run},
    [READING_FILE] = {"file", true, PARTS_REQUEST_MAX, 0, RTF_SIZE_MAX, NULL, reading_file_run},
};
