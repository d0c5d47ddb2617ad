/*
 * The text of an opened message as it stands, quoted, in the form of an answer.
 */
#ifndef PORTAL_QUOTING_H
#define PORTAL_QUOTING_H

#include "portal/request.h"

/* In the request's arena; "" when the message has no text.  What cannot be read is not quoted. */
const char *quoting_text(const struct request *request);

#endif
