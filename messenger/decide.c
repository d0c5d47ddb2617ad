#include "messenger/decide.h"

#include <string.h>

#include "messenger/finder.h"

#define UNREADABLE "unreadable-header"

/* What asks for security for this recipient; NULL when nothing does. */
static const char *
reason_to_secure(const struct policy *policy, enum mark address, const struct decision_facts *facts,
		 bool *must_ask_out)
{
	const struct mark_findings *findings = facts->findings;

	*must_ask_out = false;
	if (address == MARK_FOUND)
		return "address-mark";
	if (findings->subject == MARK_FOUND)
		return "subject-mark";
	if (findings->header == MARK_FOUND)
		return "header-mark";
	if (policy->always)
		return "always";
	if (policy->mark_whole_message && (facts->address_marked || findings->address))
		return "message-mark";
	/* What was probably meant as a mark never leaves in clear. */
	*must_ask_out = true;
	if (address == MARK_NEAR)
		return "address-near-miss";
	if (findings->subject == MARK_NEAR)
		return "subject-near-miss";
	if (findings->header == MARK_NEAR)
		return "header-near-miss";
	if (facts->unread)
		return UNREADABLE;
	if (facts->in_thread)
		return "thread";
	*must_ask_out = false;
	return NULL;
}

struct decision
decide_route(const struct policy *policy, const struct decision_facts *facts, const char *recipient,
	     struct arena *arena)
{
	struct decision decision = {.route = ROUTE_PLAIN};
	const char *sender = facts->sender;
	enum mark address =
	    mark_address(&policy->marks, slice_from_text(recipient), arena, &decision.recipient);
	const char *reason = reason_to_secure(policy, address, facts, &decision.must_ask);
	bool inside = *sender != '\0' && policy_is_own(policy, slice_from_text(sender));

	if (policy_is_own(policy, slice_from_text(decision.recipient))) {
		decision.reason = "own-domain";
		decision.must_ask = false;
	} else if (reason == NULL) {
		decision.reason = "not-marked";
	} else if (!inside) {
		/* There is nobody here who could set clue and passphrase; and in clear it must not
		 * go. */
		decision.route = ROUTE_REFUSE;
		decision.must_ask = false;
		if (strcmp(reason, UNREADABLE) == 0)
			decision.reason = UNREADABLE;
		else
			decision.reason =
			    *sender == '\0' ? "marked-without-sender" : "marked-by-outsider";
	} else {
		decision.route = ROUTE_PORTAL;
		decision.reason = reason;
	}
	return decision;
}

bool
decide_wants_key(const struct policy *policy, const struct decision *decision)
{
	const struct ladder *ladder =
	    ladder_for(&policy->ladders, slice_from_text(decision->recipient));

	/* A near miss may have been meant as something else; an answer in a secured conversation is
	 * secured whatever its sender meant. */
	if (decision->route != ROUTE_PORTAL ||
	    (decision->must_ask && strcmp(decision->reason, "thread") != 0))
		return false;
	return ladder_has(ladder, ROUTE_SMIME) || ladder_has(ladder, ROUTE_OPENPGP) ||
	       ladder_has(ladder, ROUTE_TLS);
}

bool
decide_pdf(const struct policy *policy, const struct decision *decision)
{
	return decision->route == ROUTE_PORTAL && !decision->must_ask &&
	       ladder_has(ladder_for(&policy->ladders, slice_from_text(decision->recipient)),
			  ROUTE_PDF);
}

static const struct known_key *
key_for(enum delivery_route rung, const struct found_keys *found)
{
	if (rung == ROUTE_SMIME)
		return found->certificate;
	return rung == ROUTE_OPENPGP ? found->openpgp : NULL;
}

/* The first rung that holds. */
static void
climb(const struct ladder *ladder, const struct found_keys *found, struct decision *decision)
{
	for (size_t i = 0; i < ladder->count; i++) {
		enum delivery_route rung = ladder->rungs[i];
		const struct known_key *key = key_for(rung, found);

		if (rung == ROUTE_PORTAL || rung == ROUTE_PDF)
			return;
		if (rung == ROUTE_TLS ? found->tls == NULL : key == NULL)
			continue;
		decision->route = rung;
		decision->key = key;
		decision->tls = rung == ROUTE_TLS ? found->tls : NULL;
		decision->must_ask = false;
		return;
	}
	decision->route = ROUTE_REFUSE;
	decision->reason = ladder_has(ladder, ROUTE_TLS) ? "no-secure-way" : "no-key";
}

void
decide_reply(const struct policy *policy, const struct found_keys *found, struct decision *decision)
{
	const struct ladder *ladder =
	    ladder_for(&policy->ladders, slice_from_text(decision->recipient));

	for (size_t i = 0; i < ladder->count && decision->key == NULL; i++) {
		decision->key = key_for(ladder->rungs[i], found);
		if (decision->key != NULL)
			decision->route = ladder->rungs[i];
	}
}

void
decide_rung(const struct policy *policy, const struct found_keys *found, struct decision *decision)
{
	climb(ladder_for(&policy->ladders, slice_from_text(decision->recipient)), found, decision);
}

void
decide_fall(const struct policy *policy, const struct found_keys *found, struct decision *decision)
{
	const struct ladder *ladder =
	    ladder_for(&policy->ladders, slice_from_text(decision->recipient));
	struct ladder rest = ladder_below(ladder, ROUTE_TLS);

	decision->route = ROUTE_PORTAL;
	climb(&rest, found, decision);
	if (decision->route == ROUTE_REFUSE)
		decision->reason = "no-secure-way";
}
