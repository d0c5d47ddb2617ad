/*
 * The courier's figures: what it did, and what the database says is left to do.
 */
#ifndef COURIER_FIGURES_H
#define COURIER_FIGURES_H

#include "base/config.h"
#include "messenger/dispatch.h"

/* Serve them where `courier.metrics` says, if anywhere.  Borrows the configuration.  At most
 * once in a process. */
enum status courier_figures_start(const struct config *config) MUST_CHECK;
void courier_figures_stop(void);

/* After the outcomes were written down. */
void courier_count_letter(const struct dispatch *dispatch, int64_t now);

#endif
