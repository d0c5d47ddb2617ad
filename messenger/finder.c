#include "messenger/finder_part.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/openpgp_home.h"
#include "store/key_search.h"

const struct config_option finder_options[] = {
    {"keys.openpgp", CONFIG_FLAG, "true", 0, 0, true, "use OpenPGP keys; needs gpg"},
    {"keys.runtime_folder", CONFIG_PATH, "", 0, 0, true,
     "folder for what gpg needs while it works, on memory rather than on disk; empty: that of the "
     "service manager, else one of the user's in /dev/shm"},
    {"keys.revocation", CONFIG_TEXT, "soft", 0, 0, true,
     "soft: CRLs and OCSP answers count where they can be had; hard: without one a certificate is "
     "not used; off"},
    {"keys.exact_case", CONFIG_FLAG, "false", 0, 0, true,
     "Fred@ and fred@ are two people, as RFC 5321 allows"},
    {"keys.key_servers", CONFIG_TEXT, "review", 0, 0, true,
     "what vks and hkps give is for review, or to use: use trusts those servers"},
    {"keys.harvest", CONFIG_TEXT, "review", 0, 0, true,
     "keys that mail brings which passes: off; review: certificates that a known authority vouches "
     "for are used, all else is for review; use: OpenPGP keys are used as well"},
    {.name = NULL},
};

/* Which of three words it is; says so when it is none. */
static bool
find_word(const struct config *config, const char *name, const char *const *words, FILE *faults,
	  size_t *word_out)
{
	for (*word_out = 0; words[*word_out] != NULL; (*word_out)++)
		if (strcmp(config_text(config, name), words[*word_out]) == 0)
			return true;
	*word_out = 0;
	config_fault(config, name, faults, "is none of %s, %s, %s", words[0], words[1], words[2]);
	return false;
}

static enum status
read_rules(struct finder *finder, const struct config *config, FILE *faults)
{
	static const char *const revocations[] = {"off", "soft", "hard", NULL};
	static const char *const harvests[] = {"off", "review", "use", NULL};
	const char *servers = config_text(config, "keys.key_servers");
	enum status status = STATUS_OK;
	size_t word;

	if (!find_word(config, "keys.revocation", revocations, faults, &word))
		status = STATUS_INVALID;
	finder->rules.revocation = (enum trust_revocation)word;
	if (!find_word(config, "keys.harvest", harvests, faults, &word))
		status = STATUS_INVALID;
	finder->harvest = (enum harvest)word;
	finder->trusts_servers = strcmp(servers, "use") == 0;
	if (!finder->trusts_servers && strcmp(servers, "review") != 0) {
		config_fault(config, "keys.key_servers", faults, "is neither review nor use");
		status = STATUS_INVALID;
	}
	finder->rules.local = config_flag(config, "keys.exact_case") ? LOCAL_EXACT : LOCAL_ANY_CASE;
	finder->milliseconds = config_number(config, "keys.deadline") * 1000;
	finder->none_seconds = config_number(config, "keys.negative_ttl");
	finder->failed_seconds = config_number(config, "keys.failure_ttl");
	return status;
}

/* Is it this user's alone?  Nobody takes the name away from them in a folder like /tmp; somebody
 * else may have had it first. */
static bool
is_own_folder(const char *path)
{
	struct stat facts;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return false;
	return lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() &&
	       (facts.st_mode & 077) == 0;
}

/* One that stays, and that all processes of this user share: so the next one finds, and takes away,
 * what a killed one has left in it (crypto/openpgp_home.h).  Else a new one. */
static enum status
make_runtime_folder(struct finder *finder)
{
	static const char *const places[] = {"/dev/shm", "/tmp"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		finder->folder = arena_printf(finder->arena, "%s/postern-keys-%ju", places[i],
					      (uintmax_t)geteuid());
		if (is_own_folder(finder->folder))
			return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		finder->own_folder =
		    arena_printf(finder->arena, "%s/postern-keys-XXXXXX", places[i]);
		finder->folder = finder->own_folder;
		if (mkdtemp(finder->own_folder) != NULL)
			return STATUS_OK;
	}
	finder->own_folder = NULL;
	return STATUS_UNAVAILABLE;
}

/* Where gpg's own folder is made. */
static enum status
find_runtime_folder(struct finder *finder, const struct config *config)
{
	const char *chosen = config_text(config, "keys.runtime_folder");
	const char *given = getenv("RUNTIME_DIRECTORY");

	if (*chosen == '\0' && given != NULL && *given == '/' && strchr(given, ':') == NULL)
		chosen = given;
	if (*chosen == '\0')
		return make_runtime_folder(finder);
	finder->folder = arena_copy_text(finder->arena, chosen);
	return STATUS_OK;
}

static enum status
open_network(struct finder *finder, const struct config *config, FILE *faults)
{
	enum status status = keys_read_settings(config, faults, finder->arena, &finder->settings);

	if (status != STATUS_OK)
		return status;
	finder->asks = finder->settings.discover.asker_count > 0;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return STATUS_UNAVAILABLE;
	status = discover_new(&finder->settings.discover, &finder->discover);
	if (status != STATUS_OK)
		return status;
	finder->settings.policy.net = discover_net(finder->discover);
	finder->tls = tls_policies_new(&finder->settings.policy);
	return STATUS_OK;
}

enum status
finder_open(const struct config *config, bool network, FILE *faults, struct finder **finder_out)
{
	struct finder *finder = calloc(1, sizeof(*finder));
	enum status status;

	if (finder == NULL)
		return STATUS_UNAVAILABLE;
	finder->arena = arena_new();
	pthread_mutex_init(&finder->lock, NULL);
	status = read_rules(finder, config, faults);
	/* Who fetches no lists knows of some certificates only, and takes nothing from the others:
	 * before one is used it is judged again. */
	if (!network && finder->rules.revocation == TRUST_REVOCATION_HARD)
		finder->rules.revocation = TRUST_REVOCATION_SOFT;
	if (status == STATUS_OK && network)
		status = open_network(finder, config, faults);
	if (status == STATUS_OK && config_flag(config, "keys.openpgp")) {
		status = find_runtime_folder(finder, config);
		if (status == STATUS_OK)
			status = openpgp_open(finder->folder, &finder->openpgp);
		if (status != STATUS_OK)
			log_error("openpgp", LOG_TEXT("why", "gpg cannot be used"),
				  LOG_TEXT("status", status_text(status)));
	}
	if (status != STATUS_OK) {
		finder_close(finder);
		return status;
	}
	*finder_out = finder;
	return STATUS_OK;
}

void
finder_close(struct finder *finder)
{
	if (finder == NULL)
		return;
	tls_policies_free(finder->tls);
	if (finder->discover != NULL)
		discover_free(finder->discover);
	if (finder->openpgp != NULL)
		openpgp_close(finder->openpgp);
	if (finder->own_folder != NULL)
		rmdir(finder->own_folder);
	finder_forget_roots(finder);
	pthread_mutex_destroy(&finder->lock);
	arena_free(finder->arena);
	free(finder);
}

enum status
finder_check(const struct config *config, FILE *faults)
{
	struct finder finder = {.arena = arena_new()};
	enum status rules = read_rules(&finder, config, faults);
	enum status keys = keys_check(config, faults);

	arena_free(finder.arena);
	return rules == STATUS_OK ? keys : rules;
}

struct openpgp *
finder_openpgp(const struct finder *finder)
{
	return finder->openpgp;
}

enum harvest
finder_harvest(const struct finder *finder)
{
	return finder == NULL ? HARVEST_OFF : finder->harvest;
}

enum local_rule
finder_local_rule(const struct finder *finder)
{
	return finder->rules.local;
}

const char *
finder_runtime_folder(const struct finder *finder)
{
	return finder->folder;
}

bool
finder_keeps_secrets(const struct finder *finder)
{
	return openpgp_home_in_memory(finder->folder);
}

bool
finder_same_address(const struct finder *finder, struct slice one, struct slice other)
{
	return same_address(one, other, finder->rules.local);
}

static const enum origin origins[CANDIDATE_SOURCES] = {
    [CANDIDATE_SMIMEA] = ORIGIN_SMIMEA, [CANDIDATE_OPENPGPKEY] = ORIGIN_OPENPGPKEY,
    [CANDIDATE_LDAP] = ORIGIN_LDAP,	[CANDIDATE_WKD] = ORIGIN_WKD,
    [CANDIDATE_VKS] = ORIGIN_VKS,	[CANDIDATE_HKPS] = ORIGIN_HKPS,
};

/* Whether the source itself settles whose key it is.  For certificates only the domain's own
 * signed word does, and only where it does not ask for a chain as well. */
static bool
is_vouched(const struct finder *finder, const struct candidate *candidate)
{
	if (candidate->kind == CANDIDATE_CERTIFICATE)
		return candidate->trust == CANDIDATE_DNSSEC && candidate->usage == DANE_EE;
	switch (candidate->trust) {
	case CANDIDATE_DNSSEC:
	case CANDIDATE_DOMAIN:
	case CANDIDATE_DIRECTORY:
		return true;
	case CANDIDATE_CHECKED:
	case CANDIDATE_ANYBODY:
		return finder->trusts_servers;
	}
	return false;
}

/* All that the domain says of its certificates. */
static size_t
pins_of(const struct discovery *discovery, struct arena *arena, struct dane_record **pins_out)
{
	size_t count = 0, at = 0;

	for (size_t i = 0; i < discovery->finding_count; i++)
		count += discovery->findings[i].pin_count;
	*pins_out = arena_alloc_many(arena, count + 1, sizeof(**pins_out));
	for (size_t i = 0; i < discovery->finding_count; i++)
		for (size_t pin = 0; pin < discovery->findings[i].pin_count; pin++)
			(*pins_out)[at++] = discovery->findings[i].pins[pin];
	return count;
}

/* Judge a key and note it, with what came of it. */
static enum status
judge(const struct messenger *messenger, struct store *store, const struct belief *belief,
      const struct belief_question *question, struct known_key_found *found, bool only_believed,
      int64_t now, struct arena *arena, struct belief_answer *answer, struct id *id_out)
{
	enum status status = belief_ask(belief, question, arena, answer);

	if (status != STATUS_OK || (only_believed && *answer->reason != '\0'))
		return status;
	/* Whoever sends the keys of a third person says nothing about their own. */
	if (found->origin >= ORIGIN_SIGNED && strcmp(answer->reason, BELIEF_WRONG_ADDRESS) == 0)
		return STATUS_INVALID;
	found->vouched = question->vouched;
	found->answer = answer;
	status = known_key_note(messenger, store, found, now, arena, id_out);
	log_info("key-found", LOG_TEXT("source", origin_text(found->origin)),
		 LOG_TEXT("fingerprint", answer->fingerprint),
		 LOG_TEXT("reason", *answer->reason == '\0' ? "believed" : answer->reason));
	return status;
}

static enum status
note_candidate(const struct messenger *messenger, struct store *store, const struct belief *belief,
	       const struct discovery *discovery, const struct candidate *candidate,
	       const char *address, int64_t now, struct arena *arena)
{
	struct dane_record *pins;
	size_t pin_count = pins_of(discovery, arena, &pins);
	const struct belief_question question = {
	    .kind = candidate->kind,
	    .bytes = candidate->bytes,
	    .address = slice_from_text(address),
	    .vouched = is_vouched(messenger->finder, candidate),
	    .pins = pins,
	    .pin_count = pin_count,
	    .at = now,
	};
	struct known_key_found found = {
	    .address = address,
	    .origin = origins[candidate->source],
	    .place = candidate->evidence,
	    .kind = candidate->kind == CANDIDATE_CERTIFICATE ? KEY_CERTIFICATE : KEY_OPENPGP,
	    .standing = KEY_FOUND,
	};
	struct belief_answer answer;
	struct id id;
	enum status status =
	    judge(messenger, store, belief, &question, &found, false, now, arena, &answer, &id);

	/* Unreadable bytes were found, and that is all. */
	return status == STATUS_INVALID ? STATUS_OK : status;
}

enum status
finder_take(const struct messenger *messenger, struct store *store,
	    const struct brought_key *brought, int64_t now, struct arena *arena,
	    struct belief_answer *answer_out, struct id *id_out)
{
	const struct belief_question question = {
	    .kind = brought->kind == KEY_CERTIFICATE ? CANDIDATE_CERTIFICATE : CANDIDATE_OPENPGP,
	    .bytes = brought->bytes,
	    .others = brought->others,
	    .other_count = brought->other_count,
	    .address = slice_from_text(brought->address),
	    .vouched = brought->vouched || brought->accept,
	    .at = now,
	};
	struct known_key_found found = {
	    .address = brought->address,
	    .origin = brought->origin,
	    .place = brought->place,
	    .kind = brought->kind,
	    .standing = brought->accept ? KEY_ACCEPTED : KEY_FOUND,
	    .told = brought->told,
	    .said_at = brought->said_at,
	};
	struct finder_roots *roots;
	struct belief belief;
	enum status status = finder_begin(messenger, store, now, arena, &roots, &belief);

	if (status == STATUS_OK)
		status = judge(messenger, store, &belief, &question, &found, brought->only_believed,
			       now, arena, answer_out, id_out);
	finder_end(messenger->finder, roots);
	return status;
}

/* How long the answers count together, and what they were. */
static int64_t
summarise(const struct finder *finder, const struct discovery *discovery, struct text *said)
{
	int64_t seconds = finder->none_seconds;
	bool first = true;

	for (size_t i = 0; i < discovery->finding_count; i++) {
		const struct finding *finding = &discovery->findings[i];
		int64_t holds =
		    finding->outcome == FINDING_FAILED || finding->outcome == FINDING_LATE
			? finder->failed_seconds
			: finding->seconds;

		if (first || holds < seconds)
			seconds = holds;
		first = false;
		text_printf(said, "%s %s %s %lld\n", candidate_source_text(finding->source),
			    finding_outcome_text(finding->outcome),
			    *finding->reason == '\0' ? "-" : finding->reason,
			    (long long)finding->milliseconds);
	}
	return seconds;
}

static enum status
note_discovery(const struct messenger *messenger, struct store *store, const struct belief *belief,
	       const struct discovery *discovery, const char *address, int64_t now,
	       int64_t deadline, struct arena *arena, const char **said_out)
{
	struct text *said = text_new_in(arena, FINDER_SAID_MAX);
	int64_t seconds = finder_look_tls(messenger, address, deadline, arena,
					  summarise(messenger->finder, discovery, said), said);
	struct slice index = messenger_address_index(messenger, address, arena);
	struct key_search_row row = {
	    .address_index = index,
	    .answered_at = now,
	    .until = now + (seconds < FINDER_SECONDS_LEAST ? FINDER_SECONDS_LEAST : seconds),
	};
	struct id context = known_key_search_id(index);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < discovery->candidate_count && status == STATUS_OK; i++)
		status = note_candidate(messenger, store, belief, discovery,
					discovery->candidates[i], address, now, arena);
	if (status != STATUS_OK)
		return status;
	*said_out = text_ok(said) ? text_string(said) : "";
	row.address =
	    messenger_display_seal(messenger, "key_search.address", &context, address, arena);
	row.outcome =
	    messenger_display_seal(messenger, "key_search.outcome", &context, *said_out, arena);
	return key_search_answer(store, &row);
}

/* Ask for those in `wanted`, positions in `addresses`. */
static enum status
ask(const struct messenger *messenger, struct store *store, const struct belief *belief,
    const char *const *addresses, const size_t *wanted, size_t count, int64_t now,
    struct arena *arena, struct found_keys *found)
{
	const struct finder *finder = messenger->finder;
	struct slice *names = arena_alloc_many(arena, count + 1, sizeof(*names));
	struct discovery *discoveries = arena_alloc_many(arena, count + 1, sizeof(*discoveries));
	enum status status = STATUS_OK;
	int64_t deadline;

	for (size_t i = 0; i < count; i++)
		names[i] = slice_from_text(addresses[wanted[i]]);
	keys_discover(finder->discover, names, count, clock_monotonic_ms() + finder->milliseconds,
		      arena, discoveries);
	/* Of many recipients the policies share one more deadline. */
	deadline = clock_monotonic_ms() + finder->milliseconds;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status =
		    note_discovery(messenger, store, belief, &discoveries[i], addresses[wanted[i]],
				   now, deadline, arena, &found[wanted[i]].said);
	return status;
}

enum status
finder_find(const struct messenger *messenger, struct store *store, const char *const *addresses,
	    size_t count, int64_t now, struct arena *arena, struct found_keys *found_out)
{
	struct finder *finder = messenger->finder;
	size_t *wanted = arena_alloc_many(arena, count + 1, sizeof(*wanted));
	size_t wanted_count = 0;
	struct finder_roots *roots;
	struct belief belief;
	enum status status = finder_begin(messenger, store, now, arena, &roots, &belief);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		bool fresh;

		status = finder_choose(messenger, store, addresses[i], &belief, now, arena,
				       &found_out[i], &fresh);
		if (status == STATUS_OK && !fresh &&
		    (finder->asks || finder_wants_tls(messenger, addresses[i], &found_out[i])))
			wanted[wanted_count++] = i;
	}
	if (status == STATUS_OK && wanted_count > 0)
		status = ask(messenger, store, &belief, addresses, wanted, wanted_count, now, arena,
			     found_out);
	for (size_t i = 0; i < wanted_count && status == STATUS_OK; i++) {
		const char *said = found_out[wanted[i]].said;
		bool fresh;

		status = finder_choose(messenger, store, addresses[wanted[i]], &belief, now, arena,
				       &found_out[wanted[i]], &fresh);
		found_out[wanted[i]].said = said;
	}
	finder_end(finder, roots);
	return status;
}

enum status
finder_known(const struct messenger *messenger, struct store *store, const char *const *addresses,
	     size_t count, int64_t now, struct arena *arena, struct found_keys *found_out)
{
	struct finder_roots *roots;
	struct belief belief;
	enum status status = finder_begin(messenger, store, now, arena, &roots, &belief);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		bool fresh;

		status = finder_choose(messenger, store, addresses[i], &belief, now, arena,
				       &found_out[i], &fresh);
	}
	finder_end(messenger->finder, roots);
	return status;
}
