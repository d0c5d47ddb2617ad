/*
 * What pages tell of the files of a message: what kind they are in words, how large, and what is
 * inside, as far as that can be seen without unpacking or decoding anything.
 */
#ifndef PORTAL_FILE_VALUES_H
#define PORTAL_FILE_VALUES_H

#include "base/template.h"
#include "mail/reading_page.h"
#include "portal/request.h"

/* How long a page may still become. */
struct file_budget {
	size_t names; /* of what is in archives */
	size_t bytes; /* of these names on the page */
};

/* The files that are listed, at most SHOWN_FILES_MAX, in the request's arena; their number.  Of an
 * attached letter, or with NULL of the message itself. */
size_t file_values_list(const struct request *request, const struct part *letter,
			const struct part ***parts_out);

/* Where a file is taken, in the request's arena. */
const char *file_values_url(const struct request *request, const struct part *part);

/* One file: templates/README.md says which values these are.  `sight` is NULL where nobody looked.
 */
void file_values_put(const struct request *request, const struct part *part,
		     const struct page_sight *sight, struct file_budget *budget,
		     struct template_values *values);

/* The list `files` of a letter, likewise, and what concerns all of them. */
void file_values_put_all(const struct request *request, const struct part *letter,
			 const struct page_wish *wish, const struct page_reading *page,
			 struct template_values *values);

/* Whether a picture was seen that may be shown: one of the forms that browsers only draw, and not
 * so large that drawing it would be an attack. */
bool file_values_is_picture(const struct page_sight *sight);

#endif
