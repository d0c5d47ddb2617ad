/*
 * Which of the known keys of an address is used, and the authorities by which
 * certificates are believed.
 */
#include "messenger/finder_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "messenger/revocation.h"
#include "store/authority.h"
#include "store/key_search.h"

#define AUTHORITIES_MAX ((size_t)2000)

static void
free_roots(struct finder_roots *roots)
{
	if (roots == NULL)
		return;
	arena_free(roots->arena);
	free(roots);
}

static enum status
load_roots(struct store *store, struct finder_roots **roots_out)
{
	struct finder_roots *roots = calloc(1, sizeof(*roots));
	struct authority_row *rows;
	struct slice *list;
	size_t count, root_count = 0, refused;
	enum status status;

	if (roots == NULL)
		return STATUS_UNAVAILABLE;
	roots->arena = arena_new();
	/* Before the list: what is added between the two is seen the next time. */
	status = authority_version(store, &roots->version);
	if (status == STATUS_OK)
		status = authority_list(store, AUTHORITIES_MAX, roots->arena, &rows, &count);
	if (status != STATUS_OK) {
		free_roots(roots);
		return status;
	}
	list = arena_alloc_many(roots->arena, count + 1, sizeof(*list));
	roots->steps = arena_alloc_many(roots->arena, count + 1, sizeof(*roots->steps));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].root)
			list[root_count++] = rows[i].certificate;
		else
			roots->steps[roots->step_count++] = rows[i].certificate;
	}
	roots->store = trust_store_new(list, root_count, roots->arena, &refused);
	if (refused > 0)
		log_warning("authorities-unreadable", LOG_NUMBER("count", (long long)refused));
	*roots_out = roots;
	return STATUS_OK;
}

static void
drop(struct finder_roots *roots)
{
	if (roots == NULL)
		return;
	roots->dropped = true;
	if (roots->users == 0)
		free_roots(roots);
}

void
finder_forget_roots(struct finder *finder)
{
	drop(finder->roots);
	finder->roots = NULL;
}

/* The authorities, loaded anew when they have changed. */
static enum status
take_roots(struct finder *finder, struct store *store, struct finder_roots **roots_out)
{
	int64_t version;
	enum status status = authority_version(store, &version);

	if (status != STATUS_OK)
		return status;
	pthread_mutex_lock(&finder->lock);
	if (finder->roots == NULL || finder->roots->version != version) {
		struct finder_roots *fresh;

		status = load_roots(store, &fresh);
		if (status == STATUS_OK) {
			drop(finder->roots);
			finder->roots = fresh;
		}
	}
	if (status == STATUS_OK) {
		finder->roots->users++;
		*roots_out = finder->roots;
	}
	pthread_mutex_unlock(&finder->lock);
	return status;
}

enum status
finder_begin(const struct messenger *messenger, struct store *store, int64_t now,
	     struct arena *arena, struct finder_roots **roots_out, struct belief *belief_out)
{
	struct finder *finder = messenger->finder;
	struct revocation_source *source = arena_alloc(arena, sizeof(*source));
	enum status status;

	*roots_out = NULL;
	status = take_roots(finder, store, roots_out);
	if (status != STATUS_OK)
		return status;
	*source = (struct revocation_source){
	    .store = store,
	    .now = now,
	    .net = finder->discover != NULL ? discover_net(finder->discover) : NULL,
	    .left_ms = finder->milliseconds,
	};
	*belief_out = (struct belief){
	    .roots = (*roots_out)->store,
	    .steps = (*roots_out)->steps,
	    .step_count = (*roots_out)->step_count,
	    .openpgp = finder->openpgp,
	    .rules = finder->rules,
	    .context = source,
	    .revocation = revocation_find,
	};
	return STATUS_OK;
}

void
finder_end(struct finder *finder, struct finder_roots *roots)
{
	if (roots == NULL)
		return;
	pthread_mutex_lock(&finder->lock);
	roots->users--;
	if (roots->users == 0 && roots->dropped)
		free_roots(roots);
	pthread_mutex_unlock(&finder->lock);
}

/* Sources that are asked again and again: what they no longer give does not count any more. */
static bool
is_from_search(const struct known_key *key)
{
	return key->origin >= ORIGIN_SMIMEA && key->origin <= ORIGIN_HKPS;
}

static bool
is_from_mail(const struct known_key *key)
{
	return key->origin >= ORIGIN_SIGNED && key->origin <= ORIGIN_ATTACHED;
}

/* Keys that mail brought count while the administrator lets them. */
static bool
is_let(const struct finder *finder, const struct known_key *key)
{
	/* Who has no finder only looks. */
	if (finder == NULL || key->standing == KEY_ACCEPTED || !is_from_mail(key))
		return true;
	return finder->harvest == HARVEST_USE ||
	       (finder->harvest == HARVEST_REVIEW && key->kind == KEY_CERTIFICATE);
}

/* Whether it can be used just now, as far as the rows tell. */
static bool
may_be_used(const struct finder *finder, const struct known_key *key,
	    const struct key_search_row *search, int64_t now)
{
	if (key->standing != KEY_FOUND && key->standing != KEY_ACCEPTED)
		return false;
	if (key->evidence.expires_at != 0 && key->evidence.expires_at <= now)
		return false;
	if (!is_let(finder, key))
		return false;
	return key->standing == KEY_ACCEPTED || !is_from_search(key) ||
	       (search != NULL && key->seen_at >= search->answered_at);
}

/* What the administrator accepted comes first; an OpenPGP key that only mail speaks for, last.  Of
 * equals the one that was seen last. */
static int
rank_of(const struct known_key *key)
{
	if (key->standing == KEY_ACCEPTED)
		return 3;
	return key->kind == KEY_OPENPGP && is_from_mail(key) ? 1 : 2;
}

/* Where the house has one that can be used, nobody else is asked. */
static bool
is_of_the_house(const struct known_key *key)
{
	return !is_from_search(key) && (!is_from_mail(key) || key->standing == KEY_ACCEPTED);
}

/* Certificates are believed each time: their authorities may have taken them back.  What an OpenPGP
 * key says of itself was looked at when it came, and its end is known. */
static enum status
check(const struct belief *belief, const struct known_key *key, int64_t now, struct arena *arena,
      bool *fine_out)
{
	struct belief_question question = {
	    .kind = CANDIDATE_CERTIFICATE,
	    .bytes = key->material,
	    .others = key->chain,
	    .other_count = key->chain_count,
	    .address = slice_from_text(key->address),
	    .vouched = key->vouched || key->standing == KEY_ACCEPTED,
	    .at = now,
	};
	struct belief_answer answer;
	enum status status;

	*fine_out = true;
	if (belief == NULL || key->kind != KEY_CERTIFICATE)
		return STATUS_OK;
	status = belief_ask(belief, &question, arena, &answer);
	if (status != STATUS_OK)
		return status;
	/* The administrator's word stands for the name as well. */
	*fine_out = *answer.reason == '\0' || (key->standing == KEY_ACCEPTED &&
					       strcmp(answer.reason, BELIEF_WRONG_ADDRESS) == 0);
	if (!*fine_out)
		log_info("key-not-used", LOG_TEXT("fingerprint", key->evidence.fingerprint),
			 LOG_TEXT("reason", answer.reason));
	return STATUS_OK;
}

/* What is known of the mail servers; `search` is NULL when that is over. */
static const char *
read_tls(const struct messenger *messenger, const char *address,
	 const struct key_search_row *search, struct arena *arena)
{
	struct id context;

	if (search == NULL)
		return finder_read_tls(messenger, address, "");
	context = known_key_search_id(search->address_index);
	return finder_read_tls(messenger, address,
			       messenger_display_open(messenger, "key_search.outcome", &context,
						      search->outcome, arena));
}

enum status
finder_choose(const struct messenger *messenger, struct store *store, const char *address,
	      const struct belief *belief, int64_t now, struct arena *arena,
	      struct found_keys *found_out, bool *fresh_out)
{
	struct slice index = messenger_address_index(messenger, address, arena);
	struct found_keys found = {.said = ""};
	struct key_search_row search;
	struct known_key *keys;
	size_t count;
	bool searched, own = false;
	enum status status = key_search_read(store, index, arena, &search);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	searched = status == STATUS_OK && search.answered_at > 0;
	*fresh_out = searched && search.until > now;
	status = known_keys_of(messenger, store, address, arena, &keys, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		const struct known_key **place =
		    keys[i].kind == KEY_CERTIFICATE ? &found.certificate : &found.openpgp;
		bool better = *place == NULL || rank_of(*place) < rank_of(&keys[i]);
		bool first = !own && is_of_the_house(&keys[i]);
		bool fine;

		if ((!better && !first) ||
		    !may_be_used(messenger->finder, &keys[i], searched ? &search : NULL, now))
			continue;
		status = check(belief, &keys[i], now, arena, &fine);
		if (status != STATUS_OK || !fine)
			continue;
		if (better)
			*place = &keys[i];
		own = own || first;
	}
	if (status != STATUS_OK)
		return status;
	found.tls = read_tls(messenger, address, *fresh_out ? &search : NULL, arena);
	if (own && !finder_wants_tls(messenger, address, &found))
		*fresh_out = true;
	*found_out = found;
	return STATUS_OK;
}

enum status
finder_recall(const struct messenger *messenger, struct store *store, const char *address,
	      int64_t now, struct arena *arena, struct found_keys *found_out, bool *fresh_out)
{
	return finder_choose(messenger, store, address, NULL, now, arena, found_out, fresh_out);
}
