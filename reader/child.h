/*
 * One task in a process of its own: in the sandbox before it hears a word, gone
 * when it has answered.
 */
#ifndef READER_CHILD_H
#define READER_CHILD_H

#include "base/sandbox.h"
#include "mail/reading_channel.h"

/* Serve the task whose socket this is; never returns. */
_Noreturn void
child_serve(const struct sandbox *sandbox, const struct frame_start *start, int socket);

#endif
