/*
 * The process that reads what strangers wrote, as its program holds it: started
 * from the program's own executable with one socket, no memory and no secret in
 * common, and started again when it is gone.  What it is asked, and what it answers:
 * mail/reading.h.
 *
 * Thread-safe.
 */
#ifndef MAIL_READER_H
#define MAIL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

struct reader;

#define READER_FONTS_MAX ((size_t)16)

/* Start `postern reader` and wait until it is ready.  The first READER_FONTS_MAX of `fonts` are
 * paths of fonts that it loads, to draw with; borrowed.  STATUS_UNAVAILABLE: there is none, which
 * is logged. */
enum status
reader_open(const char *const *fonts, size_t font_count, struct reader **reader_out) MUST_CHECK;

/* End it, and whatever it works on.  NULL is fine. */
void reader_close(struct reader *reader);

/* A reader that is no process: tasks run here and now, without any sandbox.  For what never meets
 * a stranger's message: the operator's commands, a reader that warms up, tests. */
struct reader *reader_within(void);
bool reader_is_within(const struct reader *reader);

/* Whether it has a font to draw with. */
bool reader_has_fonts(struct reader *reader);
/* Whether it loaded that one of its paths, from 0. */
bool reader_has_font(struct reader *reader, size_t font);

/* Its process, for tests; 0 when there is none. */
pid_t reader_process(struct reader *reader);

#endif
