#include "messenger/appearance.h"

#include <stdlib.h>
#include <string.h>

#include "mail/utf8.h"

static bool
is_line(const char *text, size_t most)
{
	struct slice bytes = slice_from_text(text);
	size_t at = 0;

	if (bytes.size > most || !utf8_is_valid(bytes))
		return false;
	while (at < bytes.size) {
		uint32_t code = utf8_next(bytes, &at);

		if (code < ' ' || code == 0x7f || utf8_is_unwanted(code))
			return false;
	}
	return true;
}

static bool
read_colour(const char *text, struct appearance *appearance)
{
	appearance->has_colour = *text != '\0';
	if (!appearance->has_colour)
		return true;
	if (strlen(text) != 7 || *text != '#' || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	appearance->colour = (uint32_t)strtoul(text + 1, NULL, 16);
	return true;
}

static bool
are_lines(const struct appearance *appearance)
{
	bool good = appearance->address_lines <= APPEARANCE_LINES_MAX;

	for (size_t i = 0; i < appearance->address_lines; i++)
		good = good && *appearance->address[i] != '\0' &&
		       is_line(appearance->address[i], APPEARANCE_LINE_MAX);
	return good;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* As browsers, mails and PDFs all can follow it. */
static bool
is_url(const char *text)
{
	return *text == '\0' || (strncmp(text, "https://", 8) == 0 && text[8] != '\0' &&
				 strpbrk(text, " \"<>\\^`{|}") == NULL && is_ascii(text) &&
				 is_line(text, APPEARANCE_LEGAL_MAX));
}

bool
appearance_read(const struct config *config, FILE *faults, struct appearance *appearance_out)
{
	struct appearance appearance = {
	    .logo = config_text(config, "organisation.logo"),
	    .logo_says_name = config_flag(config, "organisation.logo_says_name"),
	    .legal = config_text(config, "organisation.legal"),
	    .legal_url = config_text(config, "organisation.legal_url"),
	};
	bool colour = read_colour(config_text(config, "organisation.colour"), &appearance);
	bool lines, legal, url;

	appearance.address = config_list(config, "organisation.address", &appearance.address_lines);
	lines = are_lines(&appearance);
	legal = is_line(appearance.legal, APPEARANCE_LEGAL_MAX);
	url = is_url(appearance.legal_url);
	if (faults != NULL && !colour)
		config_fault(config, "organisation.colour", faults, "expects #rrggbb");
	if (faults != NULL && !lines)
		config_fault(config, "organisation.address", faults,
			     "expects at most %zu lines of at most %zu bytes", APPEARANCE_LINES_MAX,
			     APPEARANCE_LINE_MAX);
	if (faults != NULL && !legal)
		config_fault(config, "organisation.legal", faults,
			     "expects one line of at most %zu bytes", APPEARANCE_LEGAL_MAX);
	if (faults != NULL && !url)
		config_fault(config, "organisation.legal_url", faults,
			     "expects https://... in ASCII");
	*appearance_out = appearance;
	return colour && lines && legal && url;
}

void
appearance_put(const struct appearance *appearance, struct template_values *values)
{
	struct template_list *lines = template_put_list(values, "address_lines");

	for (size_t i = 0; i < appearance->address_lines; i++)
		template_put_text(template_list_add(lines), "line", appearance->address[i]);
	template_put_flag(values, "has_address", appearance->address_lines > 0);
	template_put_text(values, "legal", appearance->legal);
	template_put_text(values, "legal_url", appearance->legal_url);
}
