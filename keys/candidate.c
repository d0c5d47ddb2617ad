#include "keys/candidate.h"

#include <string.h>

static const char *const source_words[CANDIDATE_SOURCES] = {
    [CANDIDATE_SMIMEA] = "smimea", [CANDIDATE_OPENPGPKEY] = "openpgpkey",
    [CANDIDATE_LDAP] = "ldap",	   [CANDIDATE_WKD] = "wkd",
    [CANDIDATE_VKS] = "vks",	   [CANDIDATE_HKPS] = "hkps",
};

const char *
candidate_source_text(enum candidate_source source)
{
	return source_words[source];
}

enum candidate_source
candidate_source_from_text(const char *word)
{
	unsigned source = 0;

	while (source < CANDIDATE_SOURCES && strcmp(word, source_words[source]) != 0)
		source++;
	return (enum candidate_source)source;
}

const char *
candidate_trust_text(enum candidate_trust trust)
{
	switch (trust) {
	case CANDIDATE_DNSSEC:
		return "dnssec";
	case CANDIDATE_DOMAIN:
		return "domain";
	case CANDIDATE_DIRECTORY:
		return "directory";
	case CANDIDATE_CHECKED:
		return "checked";
	case CANDIDATE_ANYBODY:
		break;
	}
	return "anybody";
}

const char *
finding_outcome_text(enum finding_outcome outcome)
{
	switch (outcome) {
	case FINDING_FOUND:
		return "found";
	case FINDING_NONE:
		return "none";
	case FINDING_FAILED:
		return "failed";
	case FINDING_LATE:
		break;
	}
	return "late";
}

/* Most answers found nothing; they take no memory. */
static const char *
copy_text(const char *text, struct arena *arena)
{
	return *text == '\0' ? "" : arena_copy_text(arena, text);
}

struct finding
finding_copy(const struct finding *finding, struct arena *arena)
{
	struct finding copy = *finding;

	copy.detail = copy_text(finding->detail, arena);
	if (finding->candidate_count > 0)
		copy.candidates =
		    arena_alloc_many(arena, finding->candidate_count, sizeof(*copy.candidates));
	for (size_t i = 0; i < finding->candidate_count; i++) {
		copy.candidates[i] = finding->candidates[i];
		copy.candidates[i].bytes = arena_copy(arena, finding->candidates[i].bytes);
		copy.candidates[i].evidence = copy_text(finding->candidates[i].evidence, arena);
	}
	if (finding->pin_count > 0)
		copy.pins = arena_alloc_many(arena, finding->pin_count, sizeof(*copy.pins));
	for (size_t i = 0; i < finding->pin_count; i++) {
		copy.pins[i] = finding->pins[i];
		copy.pins[i].data = arena_copy(arena, finding->pins[i].data);
	}
	return copy;
}

struct finding
finding_failed(enum candidate_source source, const struct look_failure *failure, bool for_all,
	       struct arena *arena)
{
	return (struct finding){
	    .source = source,
	    .outcome = FINDING_FAILED,
	    .reason = failure->reason,
	    .detail = copy_text(failure->detail, arena),
	    .for_all = for_all,
	};
}

void
finding_add(struct finding *finding, const struct candidate *candidate, struct arena *arena)
{
	if (candidate->bytes.size == 0 || candidate->bytes.size > CANDIDATE_SIZE_MAX ||
	    finding->candidate_count == CANDIDATE_COUNT_MAX)
		return;
	if (finding->candidates == NULL)
		finding->candidates =
		    arena_alloc_many(arena, CANDIDATE_COUNT_MAX, sizeof(*finding->candidates));
	finding->candidates[finding->candidate_count++] = *candidate;
	finding->outcome = FINDING_FOUND;
	finding->reason = "";
	finding->for_all = false;
}
