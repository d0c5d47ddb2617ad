/*
 * The fonts that tests draw with: those of the default configuration.
 */
#ifndef TESTS_PDF_FONTS_HERE_H
#define TESTS_PDF_FONTS_HERE_H

#include "base/log.h"
#include "pdf/fonts.h"

#define FONTS_HERE "/usr/share/fonts/truetype/"
#define REGULAR ((size_t)0)
#define BOLD ((size_t)1)
#define MONO ((size_t)2)
#define CHINESE ((size_t)3)

static const char *const fonts_here[] = {
    FONTS_HERE "dejavu/DejaVuSans.ttf", FONTS_HERE "dejavu/DejaVuSans-Bold.ttf",
    FONTS_HERE "dejavu/DejaVuSansMono.ttf", FONTS_HERE "droid/DroidSansFallbackFull.ttf"};

#define FONTS_HERE_COUNT (sizeof(fonts_here) / sizeof(fonts_here[0]))

/* As cmocka calls what comes before a group of tests, and after it. */
static inline int
set_up_fonts(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_NONE);
	return fonts_load(fonts_here, FONTS_HERE_COUNT) == FONTS_HERE_COUNT ? 0 : -1;
}

static inline int
tear_down_fonts(void **state)
{
	(void)state;
	return fonts_load(NULL, 0) == 0 ? 0 : -1;
}

#endif
