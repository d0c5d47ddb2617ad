#include "pdf/options.h"

#define DEJAVU "/usr/share/fonts/truetype/dejavu/"

const struct config_option pdf_options[] = {
    {"pdf.fonts", CONFIG_LIST,
     DEJAVU "DejaVuSans.ttf, " DEJAVU "DejaVuSans-Bold.ttf, " DEJAVU "DejaVuSansMono.ttf, "
	    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
     0, 0, false, "TrueType fonts that PDF is drawn with, the preferred ones first"},
    {.name = NULL},
};

enum status
pdf_check(const struct config *config, FILE *faults)
{
	enum status status = STATUS_OK;
	size_t count;
	const char *const *fonts = config_list(config, "pdf.fonts", &count);

	if (count > READER_FONTS_MAX) {
		config_fault(config, "pdf.fonts", faults, "has more than %zu fonts",
			     READER_FONTS_MAX);
		status = STATUS_INVALID;
	}
	for (size_t i = 0; i < count; i++) {
		if (fonts[i][0] == '/')
			continue;
		config_fault(config, "pdf.fonts", faults, "expects absolute paths, not %s",
			     fonts[i]);
		status = STATUS_INVALID;
	}
	return status;
}

enum status
pdf_open_reader(const struct config *config, struct reader **reader_out)
{
	size_t count;
	const char *const *fonts = config_list(config, "pdf.fonts", &count);

	return reader_open(fonts, count, reader_out);
}
