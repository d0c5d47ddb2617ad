/*
 * What a PDF may hold: bounds that its asker keeps to and its maker insists on.
 */
#ifndef PDF_TERMS_H
#define PDF_TERMS_H

#include <stddef.h>
#include <stdint.h>

#define PDF_FILES_COUNT_MAX ((size_t)1000)
#define PDF_FILES_SIZE_MAX ((uint64_t)26214400) /* of all together, decoded */
#define PDF_DRAWN_MAX ((size_t)20971520)	/* pages, without the files */

#endif
