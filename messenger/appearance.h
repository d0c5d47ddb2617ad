/*
 * How an organisation's pages, mails and documents look: read once from the configuration.
 */
#ifndef MESSENGER_APPEARANCE_H
#define MESSENGER_APPEARANCE_H

#include "base/config.h"
#include "base/template.h"

#define APPEARANCE_LINES_MAX ((size_t)8)
#define APPEARANCE_LINE_MAX ((size_t)100) /* bytes */
#define APPEARANCE_LEGAL_MAX ((size_t)500)

struct appearance {
	const char *logo;    /* file, PNG or SVG; "" without one (of PDFs: messenger/letterhead.h) */
	bool logo_says_name; /* the name is not written beside it */
	bool has_colour;
	uint32_t colour; /* 0xrrggbb */
	const char *const *address;
	size_t address_lines;
	const char *legal;     /* "" without one */
	const char *legal_url; /* "", or https:// */
};

/* Borrows the configuration.  False after writing what is wrong to `faults` (NULL: silently).  The
 * logo is not looked at: not every program can read it. */
bool appearance_read(const struct config *config, FILE *faults, struct appearance *appearance_out);

/* `address_lines` (a list of `line`), `has_address`, `legal` and `legal_url`, for the foot of pages
 * and mails. */
void appearance_put(const struct appearance *appearance, struct template_values *values);

#endif
