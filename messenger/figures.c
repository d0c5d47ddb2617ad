#include "messenger/figures.h"

static const char *const routes[] = {"plain",	  "portal",   "held", "refuse",
				     "encrypted", "verified", NULL};

struct metric messenger_figures[] = {
    {.name = "postern_deliveries_routed_total",
     .help = "Deliveries by what was decided for them.",
     .kind = METRIC_COUNTER,
     .labels = {"route"},
     .values = {routes}},
    {.name = NULL},
};

void
messenger_count_routed(enum figure_route route, size_t deliveries)
{
	metric_add(&messenger_figures[0], route, (int64_t)deliveries);
}
