/*
 * What the rules count, for whichever program runs them.
 */
#ifndef MESSENGER_FIGURES_H
#define MESSENGER_FIGURES_H

#include "base/metrics.h"

/* Deliveries by what was decided, after the commit: in the words of `postern ctl route test`. */
enum figure_route {
	FIGURE_PLAIN,
	FIGURE_PORTAL,
	FIGURE_HELD,
	FIGURE_REFUSED,
	FIGURE_ENCRYPTED,
	FIGURE_VERIFIED,
};

/* Ends with a NULL name. */
extern struct metric messenger_figures[];

void messenger_count_routed(enum figure_route route, size_t deliveries);

#endif
