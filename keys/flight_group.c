/* Look-ups that depend on the same domain or server. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "keys/flight_part.h"

/* How long a server that answered is asked by many at once, before one has to go ahead again. */
#define ALIVE_MILLISECONDS 60000
#define GROUPS_MAX ((size_t)4096)

static void
free_group(struct flights *flights, struct group *group)
{
	table_remove(&flights->groups, &group->node);
	arena_free(group->arena);
	free(group->name);
	free(group);
}

static void
forget_groups(struct flights *flights)
{
	struct table_node *node = flights->groups.oldest;

	while (node != NULL && flights->groups.count > GROUPS_MAX) {
		struct group *group = (struct group *)node;

		node = node->newer;
		if (group->state != GROUP_PROBED)
			free_group(flights, group);
	}
}

/* NULL when nothing is known of it any more. */
static struct group *
find_group(struct flights *flights, const char *name)
{
	struct group *group = (struct group *)table_find(&flights->groups, name);

	if (group == NULL || group->state == GROUP_PROBED || group->expires > clock_monotonic_ms())
		return group;
	free_group(flights, group);
	return NULL;
}

/* The first look-up of its group goes ahead. */
static void
lead(struct flights *flights, struct flight *flight)
{
	struct group *group = flight_allocate(sizeof(*group));

	group->name = strdup(flight->group);
	if (group->name == NULL)
		abort();
	group->node.name = group->name;
	group->parked_end = &group->parked;
	table_add(&flights->groups, &group->node);
	forget_groups(flights);
	flight->leads = true;
	flight_launch(flights, flight);
}

static void
park(struct group *group, struct flight *flight)
{
	flight->holders++;
	*group->parked_end = flight;
	group->parked_end = &flight->next;
}

static struct flight *
take_parked(struct group *group)
{
	struct flight *flight = group->parked;

	if (flight == NULL)
		return NULL;
	group->parked = flight->next;
	if (group->parked == NULL)
		group->parked_end = &group->parked;
	flight->next = NULL;
	return flight;
}

static void
settle_group(struct flights *flights, struct group *group, const struct finding *finding)
{
	struct flight *flight;

	arena_free(group->arena);
	group->arena = arena_new();
	group->finding = finding_copy(finding, group->arena);
	group->expires = flight_expiry(flights, finding);
	group->state = GROUP_SETTLED;
	while ((flight = take_parked(group)) != NULL) {
		flight_land_by_group(flights, flight, &group->finding, group->expires);
		flight_let_go(flight);
	}
}

/* The one that went ahead has come through: all others may follow. */
static void
open_group(struct flights *flights, struct group *group)
{
	struct flight *flight;

	group->state = GROUP_ALIVE;
	group->expires = clock_monotonic_ms() + ALIVE_MILLISECONDS;
	while ((flight = take_parked(group)) != NULL) {
		flight_launch(flights, flight);
		flight_let_go(flight);
	}
}

void
flight_group_tell(struct flights *flights, const struct flight *flight,
		  const struct finding *finding)
{
	static const struct finding closing = {
	    .outcome = FINDING_FAILED, .reason = "closing", .detail = ""};
	struct group *group = flight->group == NULL ? NULL : find_group(flights, flight->group);

	if (group == NULL)
		return;
	if (flights->closing)
		settle_group(flights, group, &closing);
	else if (finding->for_all)
		settle_group(flights, group, finding);
	else if (flight->leads)
		open_group(flights, group);
}

void
flight_group_begin(struct flights *flights, struct flight *flight)
{
	struct group *group = find_group(flights, flight->group);

	if (group == NULL)
		lead(flights, flight);
	else if (group->state == GROUP_ALIVE)
		flight_launch(flights, flight);
	else if (group->state == GROUP_PROBED)
		park(group, flight);
	else
		flight_land_by_group(flights, flight, &group->finding, group->expires);
}

const struct group *
flight_group_settled(struct flights *flights, const struct flight *flight)
{
	const struct group *group =
	    flight->group == NULL ? NULL : find_group(flights, flight->group);

	return group != NULL && group->state == GROUP_SETTLED ? group : NULL;
}

void
flight_group_free_all(struct flights *flights)
{
	while (flights->groups.oldest != NULL)
		free_group(flights, (struct group *)flights->groups.oldest);
}
