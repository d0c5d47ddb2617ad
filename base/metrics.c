#include "base/metrics.h"

#include <inttypes.h>
#include <stdlib.h>

static size_t
count_values(const struct metric *metric, size_t label)
{
	size_t count = 0;

	if (metric->labels[label] == NULL)
		return 1;
	while (metric->values[label][count] != NULL)
		count++;
	return count;
}

static size_t
count_bounds(const struct metric *metric)
{
	size_t count = 0;

	while (metric->bounds[count] != 0)
		count++;
	return count;
}

static size_t
cell_of(const struct metric *metric, size_t value, size_t second)
{
	size_t seconds = count_values(metric, 1);
	size_t cell = value * seconds + second;

	if (metric->kind == METRIC_HISTOGRAM || value >= count_values(metric, 0) ||
	    second >= seconds || cell >= METRIC_CELLS)
		abort();
	return cell;
}

void
metric_add(struct metric *metric, size_t value, int64_t amount)
{
	metric_add_pair(metric, value, 0, amount);
}

void
metric_add_pair(struct metric *metric, size_t value, size_t second, int64_t amount)
{
	atomic_fetch_add_explicit(&metric->cells[cell_of(metric, value, second)], amount,
				  memory_order_relaxed);
}

void
metric_set(struct metric *metric, size_t value, size_t second, int64_t to)
{
	atomic_store_explicit(&metric->cells[cell_of(metric, value, second)], to,
			      memory_order_relaxed);
}

int64_t
metric_get(const struct metric *metric, size_t value, size_t second)
{
	return atomic_load_explicit(&metric->cells[cell_of(metric, value, second)],
				    memory_order_relaxed);
}

/* Cells of a histogram: one for each bound, one beyond them, the sum. */
void
metric_observe(struct metric *metric, int64_t milliseconds)
{
	size_t count = count_bounds(metric);
	size_t cell = 0;

	if (metric->kind != METRIC_HISTOGRAM || count + 2 > METRIC_CELLS)
		abort();
	if (milliseconds < 0)
		milliseconds = 0;
	while (cell < count && milliseconds > metric->bounds[cell])
		cell++;
	atomic_fetch_add_explicit(&metric->cells[cell], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&metric->cells[count + 1], milliseconds, memory_order_relaxed);
}

/* A help text escapes backslash and line feed; a label's value also the quote. */
static void
append_escaped(struct text *out, const char *text, bool quoted)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			text_append(out, SLICE("\\n"));
		else if (*text == '\\' || (quoted && *text == '"'))
			text_printf(out, "\\%c", *text);
		else
			text_append_byte(out, (unsigned char)*text);
	}
}

static void
append_label(struct text *out, const struct metric *metric, size_t label, size_t value)
{
	text_append_text(out, metric->labels[label]);
	text_append(out, SLICE("=\""));
	append_escaped(out, metric->values[label][value], true);
	text_append_byte(out, '"');
}

static void
write_values(const struct metric *metric, struct text *out)
{
	size_t firsts = count_values(metric, 0), seconds = count_values(metric, 1);

	for (size_t value = 0; value < firsts; value++) {
		for (size_t second = 0; second < seconds; second++) {
			text_append_text(out, metric->name);
			if (metric->labels[0] != NULL) {
				text_append_byte(out, '{');
				append_label(out, metric, 0, value);
				if (metric->labels[1] != NULL) {
					text_append_byte(out, ',');
					append_label(out, metric, 1, second);
				}
				text_append_byte(out, '}');
			}
			text_printf(out, " %" PRId64 "\n", metric_get(metric, value, second));
		}
	}
}

static void
append_seconds(struct text *out, int64_t milliseconds)
{
	text_printf(out, "%" PRId64 ".%03d", milliseconds / 1000, (int)(milliseconds % 1000));
}

static void
write_histogram(const struct metric *metric, struct text *out)
{
	size_t count = count_bounds(metric);
	int64_t events = 0;

	for (size_t i = 0; i <= count; i++) {
		/* The buckets themselves are the count, so that both always agree. */
		events += atomic_load_explicit(&metric->cells[i], memory_order_relaxed);
		text_printf(out, "%s_bucket{le=\"", metric->name);
		if (i < count)
			append_seconds(out, metric->bounds[i]);
		else
			text_append(out, SLICE("+Inf"));
		text_printf(out, "\"} %" PRId64 "\n", events);
	}
	text_printf(out, "%s_sum ", metric->name);
	append_seconds(out, atomic_load_explicit(&metric->cells[count + 1], memory_order_relaxed));
	text_printf(out, "\n%s_count %" PRId64 "\n", metric->name, events);
}

void
metrics_write(const struct metric *table, struct text *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	for (const struct metric *metric = table; metric->name != NULL; metric++) {
		text_printf(out, "# HELP %s ", metric->name);
		append_escaped(out, metric->help, false);
		text_printf(out, "\n# TYPE %s %s\n", metric->name, kinds[metric->kind]);
		if (metric->kind == METRIC_HISTOGRAM)
			write_histogram(metric, out);
		else
			write_values(metric, out);
	}
}
