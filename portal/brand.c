#include "portal/brand.h"

#include <inttypes.h>
#include <string.h>

#include "base/colour.h"
#include "messenger/letterhead.h"

#define STYLE_MAX ((size_t)4096)

struct brand {
	struct arena *arena;
	struct appearance appearance;
	struct asset parts[2];
	size_t count;
	const char *logo; /* address; "" without one */
	bool has_style;
};

/* What text in the colour, and the head's text on it, stand on: the grounds of static/postern.css
 * and the light of a focused link on the wall. */
static const uint32_t light_grounds[] = {0xfcecc9, 0xf5f0e6, 0xe7f1ea};
static const uint32_t dark_grounds[] = {0x362b17, 0x211e1a, 0x1d2f28};
static const uint32_t wall_texts[] = {COLOUR_WHITE, 0xffc66b};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
add(struct brand *brand, const char *name, const char *type, struct slice bytes)
{
	brand->parts[brand->count++] =
	    (struct asset){name, type, asset_tag(bytes, brand->arena), bytes};
}

/* --- the colour --- */

static void
put_scheme(struct text *style, uint32_t wall, uint32_t accent, uint32_t deep, uint32_t on_accent)
{
	text_printf(style,
		    ":root{--wall:#%06" PRIx32 ";--accent:#%06" PRIx32 ";--accent-deep:#%06" PRIx32
		    ";--on-accent:#%06" PRIx32 ";--link:#%06" PRIx32 "}",
		    wall, accent, deep, on_accent, accent);
}

static void
add_style(struct brand *brand)
{
	uint32_t colour = brand->appearance.colour;
	uint32_t wall =
	    colour_legible(colour, COLOUR_BLACK, wall_texts, COUNT(wall_texts), COLOUR_CONTRAST);
	uint32_t light = colour_legible(colour, COLOUR_BLACK, light_grounds, COUNT(light_grounds),
					COLOUR_CONTRAST);
	uint32_t dark = colour_legible(colour, COLOUR_WHITE, dark_grounds, COUNT(dark_grounds),
				       COLOUR_CONTRAST);
	struct text *style = arena_alloc(brand->arena, sizeof(*style));

	text_init_in(style, brand->arena, STYLE_MAX);
	put_scheme(style, wall, light, colour_mix(light, COLOUR_BLACK, 16), COLOUR_WHITE);
	text_append(style, SLICE("@media (prefers-color-scheme:dark){"));
	put_scheme(style, colour_mix(wall, COLOUR_BLACK, 16), dark,
		   colour_mix(dark, COLOUR_WHITE, 24),
		   colour_legible(colour_mix(dark, COLOUR_BLACK, 56), COLOUR_BLACK, &dark, 1,
				  COLOUR_CONTRAST));
	text_append(style, SLICE("}\n"));
	add(brand, "organisation.css", "text/css; charset=utf-8", text_slice(style));
	brand->has_style = true;
}

/* --- the logo --- */

static bool
is_svg(struct slice bytes)
{
	size_t begin = bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (begin < bytes.size && strchr(" \t\r\n", bytes.data[begin]) != NULL)
		begin++;
	return begin < bytes.size && bytes.data[begin] == '<' &&
	       memmem(bytes.data, bytes.size, "<svg", 4) != NULL;
}

static enum status
add_logo(struct brand *brand, const struct config *config, FILE *faults)
{
	struct slice bytes;
	bool png;
	enum status status =
	    letterhead_read_logo(config, "organisation.logo", faults, brand->arena, &bytes, &png);

	if (status != STATUS_OK)
		return status;
	if (png) {
		brand->logo = "/static/organisation.png";
		add(brand, "organisation.png", "image/png", bytes);
		return STATUS_OK;
	}
	if (is_svg(bytes)) {
		brand->logo = "/static/organisation.svg";
		add(brand, "organisation.svg", "image/svg+xml", bytes);
		return STATUS_OK;
	}
	config_fault(config, "organisation.logo", faults, "is neither PNG nor SVG");
	return STATUS_INVALID;
}

/* --- all of it --- */

enum status
brand_load(const struct config *config, FILE *faults, struct brand **brand_out)
{
	struct arena *arena = arena_new();
	struct brand *brand = arena_alloc(arena, sizeof(*brand));
	enum status status = STATUS_OK;

	*brand = (struct brand){.arena = arena, .logo = ""};
	/* The policy has complained. */
	if (appearance_read(config, NULL, &brand->appearance) && brand->appearance.has_colour)
		add_style(brand);
	if (*brand->appearance.logo != '\0')
		status = add_logo(brand, config, faults);
	if (status == STATUS_OK)
		*brand_out = brand;
	else
		arena_free(arena);
	return status;
}

void
brand_free(struct brand *brand)
{
	if (brand != NULL)
		arena_free(brand->arena);
}

const struct asset *
brand_find(const struct brand *brand, struct slice name)
{
	return assets_among(brand->parts, brand->count, name);
}

void
brand_put(const struct brand *brand, struct template_values *values)
{
	template_put_text(values, "logo", brand->logo);
	template_put_flag(values, "logo_says_name", brand->appearance.logo_says_name);
	template_put_flag(values, "own_style", brand->has_style);
	appearance_put(&brand->appearance, values);
}
