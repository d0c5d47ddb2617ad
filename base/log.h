/*
 * One line per event, key=value, to stderr: time, level, daemon, event, then
 * the fields.  Values that are not plain words are quoted and their control
 * characters escaped, so a value can never forge a line or a field.
 *
 * Never hand it a subject, body, clue, passphrase, link, file name or AUTH line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

#include "base/slice.h"

/* The last one is for a least level only: nothing is written. */
enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_NONE
};

enum log_kind { LOG_KIND_TEXT, LOG_KIND_NUMBER, LOG_KIND_SLICE };

struct log_field {
	const char *key;
	enum log_kind kind;
	const char *text;
	long long number;
	struct slice slice;
};

#define LOG_TEXT(name, value)                                                                      \
	((struct log_field){.key = (name), .kind = LOG_KIND_TEXT, .text = (value)})
#define LOG_NUMBER(name, value)                                                                    \
	((struct log_field){.key = (name), .kind = LOG_KIND_NUMBER, .number = (long long)(value)})
#define LOG_BYTES(name, value)                                                                     \
	((struct log_field){.key = (name), .kind = LOG_KIND_SLICE, .slice = (value)})

/* Name of the daemon in every line, and the least level that is written. */
void log_open(const char *daemon, enum log_level least);

/* Write one event; `event` is a stable lower-case word-with-dashes. */
void
log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_FIELDS(...)                                                                            \
	(const struct log_field[]){__VA_ARGS__},                                                   \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)
#define log_debug(event, ...) log_write(LOG_LEVEL_DEBUG, event, LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, event, LOG_FIELDS(__VA_ARGS__))
#define log_warning(event, ...) log_write(LOG_LEVEL_WARNING, event, LOG_FIELDS(__VA_ARGS__))
#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, event, LOG_FIELDS(__VA_ARGS__))

#endif
