/*
 * One reading of the configuration: what its parts are read with, so that all of them tell their
 * faults and none stops at the first.
 */
#ifndef INGEST_READING_H
#define INGEST_READING_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/config.h"

struct reading {
	const struct config *config; /* the file, or one of its rows */
	struct arena *arena;	     /* for what is read */
	FILE *faults;
	bool checking; /* by somebody who may lack the daemon's rights: a file that cannot be
			  read for that reason is a warning */
	bool bad;      /* a fault was told */
};

/* A fault of one option of reading->config. */
void reading_fault(struct reading *reading, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what is no fault, only said. */
void reading_warning(struct reading *reading, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
