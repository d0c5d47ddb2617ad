/*
 * Whole reads and writes of files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

/* All the bytes, whatever interrupts; false with errno set when some could not be written. */
bool file_write_all(int fd, struct slice bytes);

/* The whole of a regular file into the arena.  STATUS_NOT_FOUND, STATUS_DENIED: it is not there, or
 * not for us; STATUS_TOO_LARGE: over `most` bytes; STATUS_UNAVAILABLE: it cannot be read. */
enum status
file_read(const char *path, size_t most, struct arena *arena, struct slice *bytes_out) MUST_CHECK;

#endif
