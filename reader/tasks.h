/*
 * What is done for each task: those of mail/ as its table says (mail/reading_task.h), and those of
 * the floor above it.
 */
#ifndef READER_TASKS_H
#define READER_TASKS_H

#include "mail/reading_task.h"

reading_step *tasks_find_run(enum reading_kind kind);

/* The most memory that any of them may have. */
size_t tasks_memory_max(void);

#endif
