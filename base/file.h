/*
 * Whole writes to a file descriptor.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/slice.h"

/* All the bytes, whatever interrupts; false with errno set when some could not be written. */
bool file_write_all(int fd, struct slice bytes);

#endif
