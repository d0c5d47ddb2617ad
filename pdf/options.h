/*
 * What the configuration says of drawing: the fonts.  The programs that start a
 * reader have it load them.
 */
#ifndef PDF_OPTIONS_H
#define PDF_OPTIONS_H

#include "base/config.h"
#include "mail/reader.h"

extern const struct config_option pdf_options[];

/* Paths must be absolute, and not too many.  That a font is missing is no fault of the
 * configuration: the reader warns, and `postern ctl doctor` tells. */
enum status pdf_check(const struct config *config, FILE *faults) MUST_CHECK;

/* reader_open with the fonts of the configuration, which outlives the reader. */
enum status pdf_open_reader(const struct config *config, struct reader **reader_out) MUST_CHECK;

#endif
