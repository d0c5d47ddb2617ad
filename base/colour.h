/*
 * Colours as 0xrrggbb, and whether text of one can be read on another: WCAG 2.2,
 * "contrast ratio" and "relative luminance".
 */
#ifndef BASE_COLOUR_H
#define BASE_COLOUR_H

#include <stddef.h>
#include <stdint.h>

#define COLOUR_BLACK 0x000000U
#define COLOUR_WHITE 0xffffffU
/* A little above what WCAG asks of text (4.5), so that shades between two steps stay above it. */
#define COLOUR_CONTRAST 4.7

/* From 1 (the same) to 21 (black on white). */
double colour_contrast(uint32_t one, uint32_t other);

/* `part` of 64 of `other`, the rest of `one`. */
uint32_t colour_mix(uint32_t one, uint32_t other, unsigned part);

/* `colour`, mixed with as little of `towards` as gives it that contrast against each of the
 * grounds; `towards` itself when nothing does. */
uint32_t colour_legible(uint32_t colour, uint32_t towards, const uint32_t *grounds, size_t count,
			double contrast);

#endif
