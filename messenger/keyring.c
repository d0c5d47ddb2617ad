#include "messenger/keyring.h"

#include "messenger/finder_part.h"
#include "messenger/work.h"
#include "store/authority.h"
#include "store/key_search.h"

#define AUTHORITIES_MAX ((size_t)2000)
#define IMPORTS_MAX ((size_t)4096)
#define LEASE_SECONDS ((int64_t)30)
#define BATCH ((size_t)16)

/* What is being imported, and what came of it so far. */
struct importing {
	const struct messenger *messenger;
	const struct keyring_order *order;
	struct store *store;
	int64_t now;
	struct arena *arena;
	struct keyring_import *list;
	size_t count;
};

/* It may have been known, and something decided about it. */
static enum status
see_standing(struct importing *importing, struct keyring_import *import)
{
	struct key_row row;
	enum status status = key_read(importing->store, &import->id, importing->arena, &row);

	if (status != STATUS_OK)
		return status;
	import->standing = row.standing;
	import->reason = row.reason == NULL ? "" : row.reason;
	return STATUS_OK;
}

static enum status
take(struct importing *importing, enum key_kind kind, struct slice bytes, const char *address,
     const struct slice *others, size_t other_count)
{
	struct keyring_import *import = &importing->list[importing->count];
	const struct brought_key brought = {
	    .address = address,
	    .kind = kind,
	    .bytes = bytes,
	    .others = others,
	    .other_count = other_count,
	    .origin = ORIGIN_IMPORTED,
	    .place = importing->order->place,
	    /* Who imports an OpenPGP key says whose it is; for certificates there are authorities.
	     */
	    .vouched = kind == KEY_OPENPGP,
	    .accept = importing->order->accept,
	};
	struct belief_answer answer;
	enum status status;

	if (importing->count == IMPORTS_MAX)
		return STATUS_TOO_LARGE;
	*import = (struct keyring_import){.address = address, .kind = kind};
	status = finder_take(importing->messenger, importing->store, &brought, importing->now,
			     importing->arena, &answer, &import->id);
	if (status != STATUS_OK && status != STATUS_INVALID)
		return status;
	import->fingerprint = answer.fingerprint;
	import->reason = answer.reason;
	import->kept = status == STATUS_OK;
	importing->count++;
	return import->kept ? see_standing(importing, import) : STATUS_OK;
}

static enum status
take_certificates(struct importing *importing)
{
	const struct keyring_order *order = importing->order;
	struct slice *ders;
	size_t count;
	enum status status = certificate_find_all(order->file, importing->arena, &ders, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct certificate certificate;

		/* Authorities come along so that the others have a chain. */
		if (certificate_parse(ders[i], importing->arena, &certificate) != STATUS_OK ||
		    (certificate.is_authority && count > 1))
			continue;
		if (order->address != NULL)
			status =
			    take(importing, KEY_CERTIFICATE, ders[i], order->address, ders, count);
		for (size_t at = 0; order->address == NULL && at < certificate.address_count &&
				    status == STATUS_OK;
		     at++)
			status = take(importing, KEY_CERTIFICATE, ders[i],
				      certificate.addresses[at], ders, count);
	}
	return status;
}

static enum status
take_openpgp(struct importing *importing)
{
	const struct keyring_order *order = importing->order;
	struct openpgp *openpgp = finder_openpgp(importing->messenger->finder);
	struct openpgp_key *keys;
	size_t count;
	enum status status =
	    openpgp == NULL ? STATUS_INVALID
			    : openpgp_look(openpgp, order->file, importing->arena, &keys, &count);

	if (status != STATUS_OK)
		return status;
	if (order->address != NULL)
		return take(importing, KEY_OPENPGP, order->file, order->address, NULL, 0);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		for (size_t at = 0; at < keys[i].user_id_count && status == STATUS_OK; at++)
			if (keys[i].user_ids[at].address.size > 0)
				status = take(
				    importing, KEY_OPENPGP, order->file,
				    arena_text_from(importing->arena, keys[i].user_ids[at].address),
				    NULL, 0);
	return status;
}

enum status
keyring_import(const struct messenger *messenger, const struct keyring_order *order, int64_t now,
	       struct arena *arena, struct keyring_import **imports_out, size_t *count_out)
{
	struct importing importing = {
	    .messenger = messenger,
	    .order = order,
	    .store = store_pool_get(messenger->stores),
	    .now = now,
	    .arena = arena,
	    .list = arena_alloc_many(arena, IMPORTS_MAX, sizeof(*importing.list)),
	};
	enum status status = take_certificates(&importing);

	if (status == STATUS_NOT_FOUND || status == STATUS_INVALID)
		status = take_openpgp(&importing);
	store_pool_put(messenger->stores, importing.store);
	if (status == STATUS_NOT_FOUND)
		status = STATUS_INVALID;
	*imports_out = importing.list;
	*count_out = importing.count;
	return status;
}

/* Those that open. */
static struct known_key *
open_all(const struct messenger *messenger, const struct key_row *rows, size_t count,
	 struct arena *arena, size_t *opened_out)
{
	struct known_key *keys = arena_alloc_many(arena, count + 1, sizeof(*keys));

	*opened_out = 0;
	for (size_t i = 0; i < count; i++)
		if (known_key_open(messenger, &rows[i], arena, &keys[*opened_out]) == STATUS_OK)
			++*opened_out;
	return keys;
}

enum status
keyring_list(const struct messenger *messenger, bool review, const struct known_key *after,
	     size_t most, struct arena *arena, struct known_key **keys_out, size_t *count_out)
{
	static const struct id none;
	struct store *store = store_pool_get(messenger->stores);
	struct key_row *rows;
	size_t count = 0;
	enum status status =
	    key_list(store, review, after == NULL ? 0 : after->found_at,
		     after == NULL ? &none : &after->id, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*keys_out = open_all(messenger, rows, count, arena, count_out);
	return status;
}

enum status
keyring_list_of(const struct messenger *messenger, const char *address, bool review, size_t most,
		struct arena *arena, struct known_key **keys_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct key_row *rows;
	size_t count = 0;
	enum status status = key_list_of(store, messenger_address_index(messenger, address, arena),
					 review, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*keys_out = open_all(messenger, rows, count, arena, count_out);
	return status;
}

enum status
keyring_read(const struct messenger *messenger, const struct id *id, struct arena *arena,
	     struct known_key *key_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct key_row row;
	enum status status = key_read(store, id, arena, &row);

	if (status == STATUS_OK)
		status = known_key_open(messenger, &row, arena, key_out);
	store_pool_put(messenger->stores, store);
	return status;
}

static bool
can_be_accepted(const struct key_row *row)
{
	return row->reason == NULL ||
	       belief_lacks_a_word(row->kind == KEY_OPENPGP ? CANDIDATE_OPENPGP
							    : CANDIDATE_CERTIFICATE,
				   row->reason);
}

enum status
keyring_accept(const struct messenger *messenger, const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct key_row row;
	enum status status = key_read(store, id, arena, &row);

	if (status == STATUS_OK && !can_be_accepted(&row))
		status = STATUS_DENIED;
	if (status == STATUS_OK)
		status = key_set_standing(store, id, KEY_ACCEPTED, NULL);
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_ban(const struct messenger *messenger, const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = key_ban(store, id);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_delete(const struct messenger *messenger, const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = key_delete(store, id);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_ask(const struct messenger *messenger, const char *address, bool anew, int64_t now)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct slice index = messenger_address_index(messenger, address, arena);
	struct id context = known_key_search_id(index);
	enum status status = anew ? key_search_forget(store, index) : STATUS_OK;

	if (status == STATUS_OK)
		status = key_search_ask(store, index,
					messenger_display_seal(messenger, "key_search.address",
							       &context, address, arena),
					now);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_answer(const struct messenger *messenger, const char *address, struct arena *arena,
	       bool *answered_out, const char **said_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct slice index = messenger_address_index(messenger, address, arena);
	struct id context = known_key_search_id(index);
	struct key_search_row row;
	enum status status = key_search_read(store, index, arena, &row);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	*answered_out = row.answered_at >= row.asked_at;
	*said_out =
	    messenger_display_open(messenger, "key_search.outcome", &context, row.outcome, arena);
	return STATUS_OK;
}

/* Answer questions that others have put into the database. */
static enum status
answer_some(const struct messenger *messenger, struct store *store,
	    const struct key_search_row *rows, size_t count, int64_t now, struct arena *arena)
{
	const char **addresses =
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	    arena_alloc_many(arena, count + 1, sizeof(*addresses));
	struct found_keys *found = arena_alloc_many(arena, count + 1, sizeof(*found));
	enum status status;

	for (size_t i = 0; i < count; i++) {
		struct id context = known_key_search_id(rows[i].address_index);

		addresses[i] = messenger_display_open(messenger, "key_search.address", &context,
						      rows[i].address, arena);
	}
	status = finder_find(messenger, store, addresses, count, now, arena, found);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct key_search_row row = rows[i];

		/* What was known already needed no search. */
		if (*found[i].said != '\0')
			continue;
		row.answered_at = now;
		row.until = now + FINDER_SECONDS_LEAST;
		status = key_search_answer(store, &row);
	}
	return status;
}

enum status
messenger_find_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	struct store *store;
	struct arena *arena;
	struct key_search_row *rows;
	size_t count = 0;
	enum status status;

	*worked_out = false;
	if (messenger->finder == NULL)
		return STATUS_OK;
	store = store_pool_get(messenger->stores);
	arena = arena_new();
	status = key_search_claim(store, now, now + LEASE_SECONDS, BATCH, arena, &rows, &count);
	if (status == STATUS_OK && count > 0)
		status = answer_some(messenger, store, rows, count, now, arena);
	*worked_out = status == STATUS_OK && count > 0;
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_add_authorities(const struct messenger *messenger, struct slice file, int64_t now,
			struct arena *arena, size_t *count_out)
{
	struct store *store;
	struct slice *ders;
	size_t count;
	enum status status = certificate_find_all(file, arena, &ders, &count);

	*count_out = 0;
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
	store = store_pool_get(messenger->stores);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct authority_row row = {
		    .id = id_new(), .certificate = ders[i], .added_at = now};
		struct certificate certificate;

		status = certificate_parse(ders[i], arena, &certificate);
		if (status == STATUS_OK && !certificate.is_authority)
			status = STATUS_INVALID;
		if (status != STATUS_OK)
			break;
		row.print = slice_of(certificate.fingerprint, sizeof(certificate.fingerprint));
		row.root = certificate.self_issued;
		status = authority_put(store, &row);
		*count_out += status == STATUS_OK;
		if (status == STATUS_CONFLICT)
			status = STATUS_OK;
	}
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
keyring_authorities(const struct messenger *messenger, struct arena *arena,
		    struct keyring_authority **authorities_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct keyring_authority *list;
	struct authority_row *rows;
	size_t count = 0, read = 0;
	enum status status = authority_list(store, AUTHORITIES_MAX, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	list = arena_alloc_many(arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (certificate_parse(rows[i].certificate, arena, &list[read].certificate) !=
		    STATUS_OK)
			continue;
		list[read].id = rows[i].id;
		list[read].root = rows[i].root;
		list[read++].added_at = rows[i].added_at;
	}
	*authorities_out = list;
	*count_out = read;
	return status;
}

enum status
keyring_delete_authority(const struct messenger *messenger, const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = authority_delete(store, id);

	store_pool_put(messenger->stores, store);
	return status;
}
