/*
 * Whether the mail servers of a recipient can be verified, as a line beside what the
 * sources of keys said: "tls found dane 12".
 */
#include "messenger/finder_part.h"

#include "base/clock.h"
#include "mail/address.h"

struct tls_policies *
finder_tls(const struct finder *finder)
{
	return finder->tls;
}

const struct look_net *
finder_net(const struct finder *finder)
{
	return finder->discover != NULL ? discover_net(finder->discover) : NULL;
}

static bool
is_wanted(const struct messenger *messenger, const char *address)
{
	struct slice text = slice_from_text(address);

	return ladder_has(ladder_for(&messenger->policy->ladders, text), ROUTE_TLS) &&
	       tls_pin_for(&messenger->policy->tls_pins, text) == NULL;
}

bool
finder_wants_tls(const struct messenger *messenger, const char *address,
		 const struct found_keys *found)
{
	const struct ladder *ladder =
	    ladder_for(&messenger->policy->ladders, slice_from_text(address));

	for (size_t i = 0; i < ladder->count; i++) {
		if ((ladder->rungs[i] == ROUTE_SMIME && found->certificate != NULL) ||
		    (ladder->rungs[i] == ROUTE_OPENPGP && found->openpgp != NULL))
			return false;
		if (ladder->rungs[i] == ROUTE_TLS)
			return is_wanted(messenger, address);
	}
	return false;
}

int64_t
finder_look_tls(const struct messenger *messenger, const char *address, int64_t deadline,
		struct arena *arena, int64_t seconds, struct text *said)
{
	const struct finder *finder = messenger->finder;
	int64_t before = clock_monotonic_ms();
	const char *outcome = "none", *reason;
	struct tls_policy policy;

	if (finder->tls == NULL || !is_wanted(messenger, address))
		return seconds;
	policy =
	    tls_policy_find(finder->tls, address_domain(slice_from_text(address)), deadline, arena);
	reason = *policy.reason == '\0' ? "-" : policy.reason;
	if (policy.kind == TLS_POLICY_UNKNOWN)
		outcome = "failed";
	if (policy.kind == TLS_POLICY_DANE || policy.kind == TLS_POLICY_MTA_STS) {
		outcome = "found";
		reason = policy.kind == TLS_POLICY_DANE ? "dane" : "mta-sts";
	}
	text_printf(said, "tls %s %s %lld\n", outcome, reason,
		    (long long)(clock_monotonic_ms() - before));
	return policy.seconds < seconds ? policy.seconds : seconds;
}

const char *
finder_read_tls(const struct messenger *messenger, const char *address, const char *said)
{
	struct slice text = slice_from_text(address);
	struct slice rest = slice_from_text(said);

	if (!ladder_has(ladder_for(&messenger->policy->ladders, text), ROUTE_TLS))
		return NULL;
	if (tls_pin_for(&messenger->policy->tls_pins, text) != NULL)
		return "pinned";
	while (rest.size > 0) {
		struct slice line = slice_take_line(&rest);

		if (slice_starts_nocase(line, SLICE("tls found dane ")))
			return "dane";
		if (slice_starts_nocase(line, SLICE("tls found mta-sts ")))
			return "mta-sts";
	}
	return NULL;
}
