#include "messenger/letterhead.h"

#include "base/colour.h"
#include "base/file.h"
#include "mail/picture.h"
#include "messenger/appearance.h"

#define LOGO "organisation.logo"
#define LOGO_ON_PAPER "organisation.logo_pdf"

#define ACCENT 0x14532dU /* without a colour of its own */
#define BLACK 0x000000U
#define WHITE 0xffffffU
#define CONTRAST 4.7 /* as pages have it */

struct owned {
	struct letterhead letterhead; /* first: it is what others see */
	struct arena *arena;
};

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

/* The one that is meant for paper, else that of pages if paper can take it. */
static enum status
find_logo(struct letterhead *letterhead, const struct config *config, FILE *faults,
	  struct arena *arena)
{
	bool own = *config_text(config, LOGO_ON_PAPER) != '\0';
	const char *option = own ? LOGO_ON_PAPER : LOGO;
	struct slice bytes;
	bool png = false;
	enum status status;

	if (*config_text(config, option) == '\0')
		return STATUS_OK;
	status = letterhead_read_logo(config, option, faults, arena, &bytes, &png);
	if (status == STATUS_OK && own && !png) {
		config_fault(config, option, faults, "is no PNG");
		status = STATUS_INVALID;
	}
	if (status == STATUS_OK && png)
		letterhead->logo = bytes;
	return status;
}

enum status
letterhead_load(const struct config *config, FILE *faults, struct letterhead **letterhead_out)
{
	static const uint32_t ground = WHITE;
	struct arena *arena = arena_new();
	struct owned *owned = arena_alloc(arena, sizeof(*owned));
	struct appearance appearance;
	enum status status;

	*owned = (struct owned){.letterhead = {.accent = ACCENT}, .arena = arena};
	/* The policy has complained. */
	if (appearance_read(config, NULL, &appearance) && appearance.has_colour)
		owned->letterhead.accent =
		    colour_legible(appearance.colour, BLACK, &ground, 1, CONTRAST);
	owned->letterhead.logo_says_name = appearance.logo_says_name;
	status = find_logo(&owned->letterhead, config, faults, arena);
	if (status == STATUS_OK)
		*letterhead_out = &owned->letterhead;
	else
		arena_free(arena);
	return status;
}

void
letterhead_free(struct letterhead *letterhead)
{
	if (letterhead != NULL)
		arena_free(((struct owned *)letterhead)->arena);
}

enum status
letterhead_check(const struct config *config, FILE *faults)
{
	struct letterhead *letterhead = NULL;
	enum status status = letterhead_load(config, faults, &letterhead);

	letterhead_free(letterhead);
	return status;
}
