#include "ctl/ctl.h"

#include <stdio.h>
#include <unistd.h>

#include "crypto/keyfile.h"
#include "mail/reader.h"
#include "messenger/finder.h"
#include "store/store.h"

#define DETAIL_SIZE 4200 /* a path, and what is wrong with it */

static int
report(bool good, const char *what, const char *detail)
{
	printf("%-8s %s%s%s\n", good ? "ok" : "PROBLEM", what, *detail == '\0' ? "" : ": ", detail);
	return good ? 0 : 1;
}

static int
look_at_keys(const struct config *config, const char *option, enum keyfile_role role)
{
	const char *path = config_text(config, option);
	struct keys keys;
	enum status status = keyfile_load(path, role, &keys);

	if (status == STATUS_OK)
		keys_clear(&keys);
	return report(status == STATUS_OK, option,
		      status == STATUS_OK ? path : status_text(status));
}

static int
look_at_database(const struct config *config, const char *option)
{
	struct store *store;
	enum status status = store_open(config_text(config, option), &store);

	if (status == STATUS_OK)
		store_close(store);
	return report(status == STATUS_OK, option,
		      status == STATUS_CONFLICT
			  ? "the schema does not fit; run `postern ctl schema migrate`"
		      : status == STATUS_OK ? ""
					    : status_text(status));
}

static int
look_at_file(const struct config *config, const char *option)
{
	const char *path = config_text(config, option);

	return report(*path != '\0' && access(path, R_OK) == 0, option,
		      *path == '\0' ? "is not set" : path);
}

static int
look_at_font(struct reader *reader, const char *path, size_t number)
{
	const char *fault = NULL;
	char detail[DETAIL_SIZE];

	if (access(path, R_OK) != 0)
		fault = "cannot be read";
	else if (number >= READER_FONTS_MAX)
		fault = "is one too many";
	else if (!reader_has_font(reader, number))
		fault = "cannot be drawn with, font-missing says why";
	snprintf(detail, sizeof(detail), "%s%s%s", path, fault == NULL ? "" : ": ",
		 fault == NULL ? "" : fault);
	return report(fault == NULL, "pdf.fonts", detail);
}

/* Fonts to draw PDF with, as a reader takes them: one that is missing leaves characters out, all of
 * them PDF. */
static int
look_at_fonts(const struct config *config)
{
	size_t count;
	const char *const *fonts = config_list(config, "pdf.fonts", &count);
	int problems = count == 0 ? report(false, "pdf.fonts", "there are none") : 0;
	struct reader *reader;

	if (count == 0)
		return problems;
	if (reader_open(fonts, count, &reader) != STATUS_OK)
		return report(false, "pdf.fonts", "no reader can be started to try them");
	for (size_t i = 0; i < count; i++)
		problems += look_at_font(reader, fonts[i], i);
	reader_close(reader);
	return problems;
}

/* Whether gpg can be run: without it OpenPGP keys are found in vain. */
static int
look_at_openpgp(const struct config *config)
{
	struct finder *finder;
	bool usable;

	if (!config_flag(config, "keys.openpgp"))
		return 0;
	if (finder_open(config, false, stderr, &finder) != STATUS_OK)
		return report(false, "keys", "the configuration is refused, or no folder for gpg");
	usable = finder_openpgp(finder) != NULL;
	finder_close(finder);
	return report(usable, "keys.openpgp", usable ? "" : "gpg cannot be run");
}

int
ctl_doctor(const struct ctl_call *call)
{
	const struct config *config = call->config;
	int problems = 0;

	problems += look_at_keys(config, "ingest.keys", KEYFILE_INGEST);
	problems += look_at_keys(config, "courier.keys", KEYFILE_COURIER);
	problems += look_at_keys(config, "portal.keys", KEYFILE_PORTAL);
	problems += look_at_database(config, "ingest.database");
	problems += look_at_database(config, "courier.database");
	problems += look_at_database(config, "portal.database");
	problems += look_at_file(config, "portal.certificate");
	problems += look_at_file(config, "portal.private_key");
	problems += look_at_file(config, "portal.templates");
	problems += look_at_file(config, "portal.static");
	problems += look_at_file(config, "courier.templates");
	problems += look_at_openpgp(config);
	problems += look_at_fonts(config);
	return problems == 0 ? 0 : 1;
}
