/*
 * How an organisation looks on paper: its logo and its colour, in every PDF.  Made
 * anew when the configuration is read.
 */
#ifndef MESSENGER_LETTERHEAD_H
#define MESSENGER_LETTERHEAD_H

#include "base/arena.h"
#include "base/config.h"
#include "base/slice.h"
#include "base/status.h"
#include "mail/reading_task.h"

#define LOGO_FILE_MAX READING_LOGO_MAX /* bytes, of pages and of paper */

struct letterhead {
	struct arena *arena; /* all of it */
	uint32_t accent;     /* 0xrrggbb, legible on white */
	struct slice logo;   /* a PNG; empty: none */
	bool logo_says_name;
};

/* Of a configuration whose appearance was read (messenger/policy.h).  Without a logo for paper it
 * is that of pages, if there is one, it can be read (else a warning is logged) and is a PNG.
 * STATUS_INVALID after a line to `faults`: the one for paper cannot be read, or is no PNG. */
enum status letterhead_load(const struct config *config, FILE *faults,
			    struct letterhead **letterhead_out) MUST_CHECK;
void letterhead_free(struct letterhead *letterhead); /* NULL is fine */

/* The same, to see whether it can be. */
enum status letterhead_check(const struct config *config, FILE *faults) MUST_CHECK;

/* A logo's file, in the arena, and whether it is a PNG.  STATUS_INVALID after a line to `faults`:
 * it cannot be read. */
enum status
letterhead_read_logo(const struct config *config, const char *option, FILE *faults,
		     struct arena *arena, struct slice *bytes_out, bool *png_out) MUST_CHECK;

#endif
