#include "messenger/letterhead.h"

#include "base/colour.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/picture.h"
#include "messenger/appearance.h"

#define LOGO "organisation.logo"
#define LOGO_ON_PAPER "organisation.logo_pdf"

#define ACCENT 0x14532dU /* without a colour of its own */

static bool
is_png(struct slice bytes)
{
	const struct source source = source_from_slice(&bytes);
	struct picture picture;

	return picture_read(&source, &picture) == STATUS_OK && picture.form == PICTURE_PNG;
}

enum status
letterhead_read_logo(const struct config *config, const char *option, FILE *faults,
		     struct arena *arena, struct slice *bytes_out, bool *png_out)
{
	enum status status =
	    file_read(config_text(config, option), LOGO_FILE_MAX, arena, bytes_out);

	if (status != STATUS_OK) {
		config_fault(config, option, faults, "cannot be read (%s)", status_text(status));
		return STATUS_INVALID;
	}
	*png_out = is_png(*bytes_out);
	return STATUS_OK;
}

/* The logo that is meant for paper. */
static enum status
take_own(struct letterhead *letterhead, const struct config *config, FILE *faults,
	 struct arena *arena)
{
	bool png = false;
	enum status status =
	    letterhead_read_logo(config, LOGO_ON_PAPER, faults, arena, &letterhead->logo, &png);

	if (status == STATUS_OK && !png) {
		config_fault(config, LOGO_ON_PAPER, faults, "is no PNG");
		status = STATUS_INVALID;
	}
	return status;
}

/* That of pages, if paper can take it.  Whether it is there is the matter of the program that shows
 * pages: for others the name does. */
static void
take_that_of_pages(struct letterhead *letterhead, const struct config *config, struct arena *arena)
{
	struct slice bytes;
	enum status status = file_read(config_text(config, LOGO), LOGO_FILE_MAX, arena, &bytes);

	if (status != STATUS_OK)
		log_warning("logo-unreadable", LOG_TEXT("option", LOGO),
			    LOG_TEXT("status", status_text(status)));
	else if (is_png(bytes))
		letterhead->logo = bytes;
}

enum status
letterhead_load(const struct config *config, FILE *faults, struct letterhead **letterhead_out)
{
	static const uint32_t paper = COLOUR_WHITE;
	struct arena *arena = arena_new();
	struct letterhead *letterhead = arena_alloc(arena, sizeof(*letterhead));
	struct appearance appearance;
	enum status status = STATUS_OK;

	*letterhead = (struct letterhead){.arena = arena, .accent = ACCENT};
	/* The policy has complained. */
	if (appearance_read(config, NULL, &appearance) && appearance.has_colour)
		letterhead->accent =
		    colour_legible(appearance.colour, COLOUR_BLACK, &paper, 1, COLOUR_CONTRAST);
	letterhead->logo_says_name = appearance.logo_says_name;
	if (*config_text(config, LOGO_ON_PAPER) != '\0')
		status = take_own(letterhead, config, faults, arena);
	else if (*config_text(config, LOGO) != '\0')
		take_that_of_pages(letterhead, config, arena);
	if (status == STATUS_OK)
		*letterhead_out = letterhead;
	else
		arena_free(arena);
	return status;
}

void
letterhead_free(struct letterhead *letterhead)
{
	if (letterhead != NULL)
		arena_free(letterhead->arena);
}

enum status
letterhead_check(const struct config *config, FILE *faults)
{
	struct letterhead *letterhead = NULL;
	enum status status = letterhead_load(config, faults, &letterhead);

	letterhead_free(letterhead);
	return status;
}
