/*
 * Figures of a program: counters, gauges and histograms that threads move
 * without a lock, written out in Prometheus' text format 0.0.4.  A program
 * declares its metrics in a static table; a label's values are fixed there, so that
 * nothing from outside can ever become one.
 *
 * Never hand it a secret, an address or an id: figures are readable by whoever may read them.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum metric_kind {
	METRIC_COUNTER, /* its name ends in _total */
	METRIC_GAUGE,
	METRIC_HISTOGRAM, /* of milliseconds; its name ends in _seconds, and so it is written */
};

#define METRIC_CELLS 64 /* values of a label, or both labels' multiplied; bounds and two more */
#define METRIC_LABELS 2

struct metric {
	const char *name;
	const char *help;
	enum metric_kind kind;
	const char *labels[METRIC_LABELS];	  /* NULL: none, or no second one */
	const char *const *values[METRIC_LABELS]; /* of each label, ends with NULL */
	const int64_t *bounds;			  /* of a histogram, rising, ends with 0 */
	_Atomic int64_t cells[METRIC_CELLS];	  /* moved by the functions below only */
};

/* `value` and `second` are positions in the labels' values, 0 where there is no such label; one out
 * of range is a bug and aborts. */
void metric_add(struct metric *metric, size_t value, int64_t amount);
void metric_add_pair(struct metric *metric, size_t value, size_t second, int64_t amount);
void metric_set(struct metric *metric, size_t value, size_t second, int64_t to);
int64_t metric_get(const struct metric *metric, size_t value, size_t second);

/* One event of a histogram that took so long; below 0 counts as 0. */
void metric_observe(struct metric *metric, int64_t milliseconds);

/* Append all metrics of the table, which ends with a NULL name. */
void metrics_write(const struct metric *table, struct text *out);

#endif
