/*
 * What pages tell of the files of a message: what kind they are in words, how large, and what is
 * inside, as far as that can be seen without unpacking or decoding anything.
 */
#ifndef PORTAL_FILE_VALUES_H
#define PORTAL_FILE_VALUES_H

#include "base/template.h"
#include "mail/picture.h"
#include "portal/request.h"

/* How much may still be done for a page: each look reads a chunk or two of the message, and each
 * name makes the page longer. */
struct file_budget {
	size_t looks; /* files to look into */
	size_t names; /* of what is in archives */
	size_t bytes; /* of these names on the page */
};

bool file_values_is_file(const struct part *part);

/* The files that are listed, at most BUNDLE_FILES_MAX, in the request's arena; their number.  Of an
 * attached letter, or with NULL of the message itself. */
size_t file_values_list(const struct request *request, const struct part *letter,
			const struct part ***parts_out);

/* Where a file is taken, in the request's arena. */
const char *file_values_url(const struct request *request, const struct part *part);

/* One file: templates/README.md says which values these are. */
void file_values_put(const struct request *request, const struct part *part,
		     struct file_budget *budget, struct template_values *values);

/* The list `files` of a letter, likewise, and what concerns all of them. */
void file_values_put_all(const struct request *request, const struct part *letter,
			 struct template_values *values);

/* Whether these bytes are a picture that may be shown: one of the forms that browsers only draw,
 * and not so large that drawing it would be an attack. */
bool file_values_picture(const struct source *source, struct picture *picture_out);

#endif
