/*
 * When a letter says that it was written.
 */
#ifndef MAIL_SENT_DATE_H
#define MAIL_SENT_DATE_H

#include <stdint.h>

/* Seconds since 1970 of a Date field's value; 0 when it cannot be read, or lies before. */
int64_t sent_date(const char *value);

#endif
