#include "base/colour.h"

#include <math.h>
#include <stdbool.h>

#define STEPS 64U

static double
channel(uint32_t colour, unsigned shift)
{
	double part = (double)((colour >> shift) & 0xff) / 255;

	return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double
luminance(uint32_t colour)
{
	return 0.2126 * channel(colour, 16) + 0.7152 * channel(colour, 8) +
	       0.0722 * channel(colour, 0);
}

double
colour_contrast(uint32_t one, uint32_t other)
{
	double a = luminance(one) + 0.05;
	double b = luminance(other) + 0.05;

	return a > b ? a / b : b / a;
}

static uint32_t
mix_channel(uint32_t one, uint32_t other, unsigned shift, unsigned part)
{
	uint32_t a = (one >> shift) & 0xff;
	uint32_t b = (other >> shift) & 0xff;

	return ((a * (STEPS - part) + b * part + STEPS / 2) / STEPS) << shift;
}

uint32_t
colour_mix(uint32_t one, uint32_t other, unsigned part)
{
	return mix_channel(one, other, 16, part) | mix_channel(one, other, 8, part) |
	       mix_channel(one, other, 0, part);
}

static bool
is_legible(uint32_t colour, const uint32_t *grounds, size_t count, double contrast)
{
	for (size_t i = 0; i < count; i++)
		if (colour_contrast(colour, grounds[i]) < contrast)
			return false;
	return true;
}

uint32_t
colour_legible(uint32_t colour, uint32_t towards, const uint32_t *grounds, size_t count,
	       double contrast)
{
	unsigned part = 0;

	while (part < STEPS &&
	       !is_legible(colour_mix(colour, towards, part), grounds, count, contrast))
		part++;
	return colour_mix(colour, towards, part);
}
