/*
 * How the reader's tasks end, as figures of the program that asked.
 */
#ifndef MAIL_READING_FIGURES_H
#define MAIL_READING_FIGURES_H

#include "base/metrics.h"
#include "mail/reading_task.h"

enum figure_reading {
	FIGURE_READ,
	FIGURE_UNREADABLE, /* refused: beyond what is safe to read */
	FIGURE_KILLED,
	FIGURE_LATE,
	FIGURE_NO_READER
};

/* Ends with a NULL name. */
extern struct metric reading_figures[];

void reading_count(enum reading_kind kind, enum figure_reading end, int64_t milliseconds);

#endif
