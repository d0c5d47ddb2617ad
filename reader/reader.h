/*
 * `postern reader`: started by courier and portal (mail/reader.h), never by
 * hand.  It holds no key, opens no connection, and makes a process for each task that
 * it is handed (reader/child.h).
 */
#ifndef READER_READER_H
#define READER_READER_H

#include <stddef.h>

/* Load these fonts, then serve on descriptor 3 until its other end is closed.  Gives the exit
 * status. */
int reader_main(const char *const *fonts, size_t font_count);

#endif
