/*
 * The task "pdf": a document is drawn, files of the message are put in, all of it is encrypted.
 * For a reader's process only: what it holds is gone with that.
 */
#ifndef PDF_TASK_H
#define PDF_TASK_H

#include "mail/reading_task.h"

reading_step pdf_task_run;

/* Draw and encrypt something of every kind, so that each library is met once before the reader is
 * shut in. */
void pdf_task_warm(void);

#endif
