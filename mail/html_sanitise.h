/*
 * HTML written anew from its tree: a list of elements and attributes, values
 * checked by kind, everything quoted and escaped.  What is not on a list does
 * not come out, whatever it is.  Nothing touches the text behind this.
 */
#ifndef MAIL_HTML_SANITISE_H
#define MAIL_HTML_SANITISE_H

#include "base/status.h"
#include "base/text.h"

/* Append a whole document.  Sanitising it again gives the same, with `cid_url` NULL: then pictures
 * keep their "cid:" address.  STATUS_TOO_LARGE when the HTML is beyond html_tree.h's bounds or
 * comes to no rest; STATUS_OK with !text_ok(out) when it does not fit. */
enum status html_sanitise(struct slice html, const char *(*cid_url)(void *context, const char *id),
			  void *context, struct text *out) MUST_CHECK;

#endif
