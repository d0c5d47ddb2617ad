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
#define PDF_REQUEST_MAX (PARTS_REQUEST_MAX + READING_DOCUMENT_MAX + READING_LOGO_MAX)
/* What is drawn, and 25 MB of files. */
#define PDF_MAX ((size_t)50331648)

#define CPU_SECONDS 2U
#define MEMORY ((size_t)268435456)
/* Measured: bench/pdf.c. */
#define PDF_CPU_SECONDS 20U
#define PDF_MEMORY ((size_t)536870912)

#define ORDINARY .cpu_seconds = CPU_SECONDS, .memory = MEMORY

const struct reading_task reading_tasks[READING_KINDS] = {
    [READING_LETTER] = {"letter", ORDINARY, .request_max = LETTER_REQUEST_MAX,
			.first_max = MANIFEST_SIZE_MAX + 4, .result_max = MANIFEST_SIZE_MAX,
			.first = reading_letter_first, .run = reading_letter_run},
    [READING_PAGE] = {"page", ORDINARY, .again = true, .request_max = PARTS_REQUEST_MAX,
		      .result_max = PAGE_MAX, .run = reading_page_run},
    [READING_ORIGINAL] = {"original", ORDINARY, .again = true, .request_max = PARTS_REQUEST_MAX,
			  .result_max = HTML_MAX, .run = reading_original_run},
    [READING_KEYS] = {"keys", ORDINARY, .result_max = KEYS_MAX, .run = reading_keys_run},
    [READING_FILE] = {"file", ORDINARY, .again = true, .request_max = PARTS_REQUEST_MAX,
		      .result_max = RTF_SIZE_MAX, .run = reading_file_run},
    /* Its process has held a password: never asked again. */
    [READING_PDF] = {"pdf", .cpu_seconds = PDF_CPU_SECONDS, .memory = PDF_MEMORY,
		     .request_max = PDF_REQUEST_MAX, .result_max = PDF_MAX},
};
