/*
 * What a file is for people: a PDF, a picture, a program.  Judged by its name first, because the
 * ending is what decides at its reader's computer which program opens it, and by the labelled type
 * where the name says nothing.  Nothing of the content is looked at.
 */
#ifndef MAIL_FILE_KIND_H
#define MAIL_FILE_KIND_H

#include <stdbool.h>

#include "base/slice.h"

enum file_kind {
	FILE_KIND_OTHER,
	FILE_KIND_PDF,
	FILE_KIND_WORD, /* written text, of whatever office suite */
	FILE_KIND_SHEET,
	FILE_KIND_SLIDES,
	FILE_KIND_TEXT, /* can be read as it is */
	FILE_KIND_PICTURE,
	FILE_KIND_SOUND,
	FILE_KIND_FILM,
	FILE_KIND_ZIP,
	FILE_KIND_ARCHIVE, /* of another form */
	FILE_KIND_MAIL,
	FILE_KIND_CALENDAR,
	FILE_KIND_CONTACT,
	FILE_KIND_KEY, /* signatures, keys, certificates */
	/* From here on: what can do harm when it is opened. */
	FILE_KIND_WEB,	   /* a browser runs what is in it */
	FILE_KIND_MACRO,   /* an office document with a program inside */
	FILE_KIND_IMAGE,   /* of a disk: its content comes without the marks of a download */
	FILE_KIND_PROGRAM, /* programs, scripts, shortcuts, installers */
};

/* `name` may be a path, and any bytes. */
enum file_kind file_kind_of(struct slice name, struct slice type);

/* Whether a reader should think before opening it. */
bool file_kind_is_risky(enum file_kind kind);

#endif
