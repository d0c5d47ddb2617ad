/*
 * The password of a PDF as its readers want it: text of any script, prepared
 * as SASLprep says (RFC 4013), at most 127 bytes of UTF-8 (ISO 32000-2, 7.6.4.3.3).  Cut or
 * unprepared, some programs would open the file and others not.
 */
#ifndef PDF_PASSWORD_H
#define PDF_PASSWORD_H

#include "base/secret.h"
#include "base/status.h"

#define PDF_PASSWORD_MAX ((size_t)127)

enum pdf_password_fault {
	PDF_PASSWORD_MISSING = 1 << 0,
	PDF_PASSWORD_TOO_LONG = 1 << 1,
	PDF_PASSWORD_NOT_TEXT = 1 << 2, /* not UTF-8, a control, or directions mixed up */
	PDF_PASSWORDS_DIFFER = 1 << 3,
};

/* What is wrong with what was typed twice, bits; 0: *password_out is made, and the caller's to
 * clear. */
unsigned pdf_password_prepare(struct slice typed, struct slice again, struct secret *password_out);

#endif
