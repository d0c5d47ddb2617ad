#include "mail/reading_figures.h"

/* By enum reading_kind: the names of the tasks. */
static const char *const tasks[] = {"letter", "page", "original", "file", "keys", "pdf", NULL};
_Static_assert(sizeof(tasks) / sizeof(tasks[0]) == READING_KINDS + 1, "a name for each");
/* By enum figure_reading. */
static const char *const ends[] = {"ok", "refused", "killed", "late", "no-reader", NULL};
static const int64_t times[] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 0};

enum { TASKS, TIMES };

struct metric reading_figures[] = {
    [TASKS] = {.name = "postern_reader_tasks_total",
	       .help = "Tasks of the sandboxed reader by what came of them.",
	       .kind = METRIC_COUNTER,
	       .labels = {"task", "outcome"},
	       .values = {tasks, ends}},
    [TIMES] = {.name = "postern_reader_task_seconds",
	       .help = "Time from asking the reader to its answer, or its end.",
	       .kind = METRIC_HISTOGRAM,
	       .bounds = times},
    {.name = NULL},
};

void
reading_count(enum reading_kind kind, enum figure_reading end, int64_t milliseconds)
{
	metric_add_pair(&reading_figures[TASKS], kind, end, 1);
	metric_observe(&reading_figures[TIMES], milliseconds);
}
