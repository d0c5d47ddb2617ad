#include "reader/tasks.h"

#include "pdf/task.h"

reading_step *
tasks_find_run(enum reading_kind kind)
{
	return kind == READING_PDF ? pdf_task_run : reading_tasks[kind].run;
}

size_t
tasks_memory_max(void)
{
	size_t most = 0;

	for (size_t i = 0; i < READING_KINDS; i++)
		if (reading_tasks[i].memory > most)
			most = reading_tasks[i].memory;
	return most;
}
