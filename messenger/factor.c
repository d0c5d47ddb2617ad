#include "messenger/factor.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/box.h"
#include "crypto/hash.h"
#include "crypto/pair.h"
#include "messenger/admit.h"
#include "messenger/code.h"
#include "messenger/door.h"
#include "messenger/phone.h"
#include "messenger/post.h"
#include "messenger/seal.h"
#include "messenger/sheet.h"
#include "messenger/throttle.h"
#include "store/factor.h"
#include "store/sheet.h"

#define HOUR 3600
#define CODE_BYTES ((size_t)5) /* eight characters of base32, without look-alikes */

static const char *const words[] = {[FACTOR_NONE] = "none",
				    [FACTOR_MAIL] = "mail",
				    [FACTOR_PHONE] = "phone",
				    [FACTOR_SHEET] = "sheet"};

const char *
factor_word(enum factor factor)
{
	return words[factor];
}

bool
factor_read_word(struct slice word, enum factor *factor_out)
{
	*factor_out = FACTOR_NONE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && word.size > 0; i++) {
		if (!slice_equal_nocase(word, slice_from_text(words[i])))
			continue;
		*factor_out = (enum factor)i;
		return true;
	}
	return word.size == 0;
}

enum factor
factor_in_force(const struct policy *policy, enum factor wished)
{
	return policy->always_factor && wished == FACTOR_NONE ? FACTOR_MAIL : wished;
}

bool
factor_is_ready(const struct policy *policy, enum factor factor, bool has_phone, int sheet_left)
{
	if (factor == FACTOR_PHONE)
		return policy->phone.is_set && has_phone;
	return factor != FACTOR_SHEET || sheet_left > 0;
}

static void
hash_token(struct slice token, unsigned char hash[HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "factor token", token, hash);
}

/* The key that opens what waits: of the cookie and of the code. */
static void
derive_key(struct slice token, struct slice code, struct secret *key_out)
{
	secret_init(key_out, HASH_SIZE);
	hash_purpose(token, "factor code", code, key_out->data);
}

static enum status
insert(const struct messenger *messenger, struct store *store, const struct delivery_row *delivery,
       const struct secret *temporary_private, const struct secret *token,
       const struct secret *code, int64_t now, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct secret key;
	struct factor_row row = {.id = id_new(), .delivery_id = delivery->id, .created_at = now};
	enum status status;

	hash_token(secret_slice(token), hash);
	derive_key(secret_slice(token), secret_slice(code), &key);
	row.sealed = box_seal(secret_slice(&key), "factor", id_slice(&row.id),
			      secret_slice(temporary_private), arena);
	secret_clear(&key);
	status = pair_seal(messenger->keys->gateway_public, PAIR_FACTOR_CODE, &row.id,
			   secret_slice(code), arena, &row.code_wrap);
	if (status == STATUS_OK)
		status = factor_insert(store, slice_of(hash, sizeof(hash)), &row);
	if (status == STATUS_OK)
		status = outbox_insert(store,
				       &(struct outbox_row){.id = id_new(),
							    .kind = delivery->factor == FACTOR_PHONE
									? OUTBOX_PHONE
									: OUTBOX_CODE,
							    .message_id = delivery->message_id,
							    .has_delivery = true,
							    .delivery_id = delivery->id,
							    .has_code = true,
							    .code_id = row.id,
							    .generation = delivery->link_generation,
							    .created_at = now,
							    .next_at = now});
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}

/* What waits is sealed to the number's public key, and that under the cookie. */
static enum status
insert_number(struct store *store, const struct delivery_row *delivery,
	      const struct secret *temporary_private, const struct secret *token,
	      const struct sheet_number_row *number, int64_t now, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct factor_row row = {.id = id_new(),
				 .delivery_id = delivery->id,
				 .has_sheet = true,
				 .sheet_id = number->sheet_id,
				 .number = number->number,
				 .created_at = now};
	struct slice inner;
	enum status status = number->public.size == PAIR_PUBLIC_SIZE
				 ? pair_seal(number->public.data, PAIR_FACTOR_SHEET, &row.id,
					     secret_slice(temporary_private), arena, &inner)
				 : STATUS_DAMAGED;

	if (status != STATUS_OK)
		return status;
	hash_token(secret_slice(token), hash);
	row.sealed = box_seal(secret_slice(token), "factor sheet", id_slice(&row.id), inner, arena);
	return factor_insert(store, slice_of(hash, sizeof(hash)), &row);
}

/* What the code will be asked from.  STATUS_NOT_FOUND as factor_begin. */
static enum status
find_means(const struct messenger *messenger, struct store *store,
	   const struct delivery_row *delivery, int64_t now, struct sheet_number_row *number_out,
	   struct arena *arena)
{
	char id[ID_TEXT_SIZE];
	enum status status = STATUS_OK, told;

	if (delivery->factor == FACTOR_PHONE &&
	    !factor_is_ready(messenger->policy, delivery->factor, delivery->phone.size > 0, 0)) {
		log_error("no-way-to-phones", LOG_TEXT("delivery", id_text(delivery->id, id)));
		return STATUS_NOT_FOUND;
	}
	if (delivery->factor == FACTOR_SHEET)
		status = sheet_next(store, delivery->sender_index, delivery->recipient_index, arena,
				    number_out);
	if (status != STATUS_NOT_FOUND)
		return status;
	told = sheet_tell_used_up(messenger, store, delivery, now, arena);
	return told == STATUS_OK ? STATUS_NOT_FOUND : told;
}

enum status
factor_begin(const struct messenger *messenger, struct store *store,
	     const struct delivery_row *delivery, const struct secret *temporary_private,
	     const struct secret *token, int64_t now, int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit = {"throttle factor", id_slice(&delivery->id), FACTOR_CODES, HOUR};
	struct sheet_number_row number;
	struct secret code;
	enum status status = delivery_set_right(store, &delivery->id);

	if (status == STATUS_OK)
		status = find_means(messenger, store, delivery, now, &number, arena);
	if (status == STATUS_OK)
		status = throttle_once(messenger, store, &limit, now, retry_at_out);
	if (status != STATUS_OK)
		return status;
	if (delivery->factor == FACTOR_SHEET)
		return insert_number(store, delivery, temporary_private, token, &number, now,
				     arena);
	secret_random(&code, CODE_BYTES);
	status = insert(messenger, store, delivery, temporary_private, token, &code, now, arena);
	secret_clear(&code);
	return status;
}

/* The row of this browser, of this link. */
static enum status
find(struct store *store, struct slice link, struct slice token, int64_t now, struct arena *arena,
     struct door *door, struct factor_row *row_out)
{
	unsigned char hash[HASH_SIZE];
	enum status status;

	if (token.size != ADMIT_TOKEN_SIZE)
		return STATUS_NOT_FOUND;
	hash_token(token, hash);
	status =
	    factor_find(store, slice_of(hash, sizeof(hash)), now - FACTOR_SECONDS, arena, row_out);
	if (status != STATUS_OK)
		return status;
	status = door_find(store, link, LINK_RECIPIENT, arena, door);
	if (status != STATUS_OK)
		return status;
	if (id_equal(door->delivery.id, row_out->delivery_id) &&
	    door_standing(door, now) == STANDING_READY)
		return STATUS_OK;
	door_clear(door);
	return STATUS_NOT_FOUND;
}

enum status
messenger_factor_asked(const struct messenger *messenger, struct slice link, struct slice token,
		       int64_t now, struct arena *arena, struct factor_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct factor_row row;
	struct door door;
	enum status status = find(store, link, token, now, arena, &door, &row);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	*view_out = (struct factor_view){
	    .factor = door.delivery.factor,
	    .phone =
		phone_mask(messenger_display_open(messenger, "delivery.phone", &door.delivery.id,
						  door.delivery.phone, arena),
			   arena),
	    .number = row.number,
	    .sheet_at = row.sheet_at,
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &door.delivery.id,
						door.delivery.recipient, arena),
	    .tries_left = FACTOR_TRIES - row.tries,
	    .until = row.created_at + FACTOR_SECONDS,
	};
	door_clear(&door);
	return row.tries < FACTOR_TRIES ? STATUS_OK : STATUS_NOT_FOUND;
}

/* A number is used up; the last one is told of while there is time. */
static enum status
use_number(const struct messenger *messenger, struct store *store,
	   const struct delivery_row *delivery, const struct factor_row *row, int64_t now,
	   struct arena *arena)
{
	struct sheet_number_row next;
	enum status status = sheet_number_use(store, &row->sheet_id, row->number, now);

	if (status != STATUS_OK)
		return status == STATUS_CONFLICT ? STATUS_NOT_FOUND : status;
	status = sheet_next(store, delivery->sender_index, delivery->recipient_index, arena, &next);
	return status == STATUS_NOT_FOUND
		   ? sheet_tell_used_up(messenger, store, delivery, now, arena)
		   : status;
}

static enum status
admit_with(const struct messenger *messenger, struct store *store,
	   const struct delivery_row *delivery, const struct factor_row *row,
	   const struct secret *temporary_private, const struct secret *session, int64_t now,
	   struct arena *arena)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK && row->has_sheet)
		status = use_number(messenger, store, delivery, row, now, arena);
	if (status == STATUS_OK)
		status = delivery_set_factor(store, &delivery->id, now);
	/* Before the receipt is queued, which tells of it.  A code is good for once. */
	if (status == STATUS_OK)
		status = factor_delete(store, &row->id);
	if (status == STATUS_OK)
		status = admit(store, delivery, temporary_private, session, now, arena);
	status = store_end(store, status);
	return status == STATUS_CONFLICT ? STATUS_GONE : status;
}

static enum status
open_by_mail(const struct factor_row *row, struct slice token, struct slice code,
	     struct secret *temporary_private_out)
{
	struct secret key;
	enum status status;

	derive_key(token, code, &key);
	status = box_open_secret(secret_slice(&key), "factor", id_slice(&row->id), row->sealed,
				 temporary_private_out);
	secret_clear(&key);
	return status;
}

static enum status
open_by_sheet(const struct messenger *messenger, const struct factor_row *row, struct slice token,
	      struct slice code, struct arena *arena, struct secret *temporary_private_out)
{
	struct slice inner;
	struct pair pair;
	enum status status =
	    box_open(token, "factor sheet", id_slice(&row->id), row->sealed, arena, &inner);

	if (status == STATUS_OK)
		status = sheet_derive(&messenger->keys->pepper, &row->sheet_id, row->number, code,
				      &pair);
	if (status != STATUS_OK)
		return status;
	status = pair_open(&pair, PAIR_FACTOR_SHEET, &row->id, inner, temporary_private_out);
	pair_clear(&pair);
	return status;
}

/* Whether the code is right is told by what it opens.  It may be in any case, with o for 0. */
static enum status
open_with(const struct messenger *messenger, const struct factor_row *row, struct slice token,
	  struct slice typed, struct arena *arena, struct secret *temporary_private_out)
{
	struct slice code = code_without_gaps(typed, arena);
	unsigned char bytes[CODE_BYTES];
	enum status status;

	if (code.size != FACTOR_CODE_LENGTH || !decode_base32(code, bytes, CODE_BYTES))
		return STATUS_DENIED;
	code = slice_of(bytes, CODE_BYTES);
	status = row->has_sheet
		     ? open_by_sheet(messenger, row, token, code, arena, temporary_private_out)
		     : open_by_mail(row, token, code, temporary_private_out);
	explicit_bzero(bytes, CODE_BYTES);
	return status == STATUS_OK ? STATUS_OK : STATUS_DENIED;
}

static enum status
try_code(const struct messenger *messenger, struct store *store, const struct door *door,
	 struct slice token, struct slice typed, int64_t now, struct secret *session, int *left_out,
	 struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct secret temporary_private;
	struct factor_row row;
	enum status status;

	hash_token(token, hash);
	status = factor_try(store, slice_of(hash, sizeof(hash)), &door->delivery.id,
			    now - FACTOR_SECONDS, FACTOR_TRIES, arena, &row);
	if (status != STATUS_OK)
		return status;
	*left_out = FACTOR_TRIES - row.tries;
	status = open_with(messenger, &row, token, typed, arena, &temporary_private);
	if (status != STATUS_OK)
		return status;
	status = admit_with(messenger, store, &door->delivery, &row, &temporary_private, session,
			    now, arena);
	secret_clear(&temporary_private);
	return status;
}

static enum status
enter(const struct messenger *messenger, struct store *store, const struct door *door,
      struct slice token, struct slice typed, struct slice network, int64_t now,
      struct secret *session, int *left_out, struct arena *arena)
{
	struct throttle limit = throttle_network(messenger, network);
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = try_code(messenger, store, door, token, typed, now, session, left_out, arena);
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

enum status
messenger_factor_enter(const struct messenger *messenger, struct slice link, struct slice token,
		       struct slice typed, struct slice network, int64_t now,
		       struct secret *session_out, int *left_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct factor_row row;
	struct secret session;
	struct door door;
	char id[ID_TEXT_SIZE];
	enum status status = find(store, link, token, now, arena, &door, &row);

	*left_out = 0;
	if (status == STATUS_OK) {
		secret_random(&session, ADMIT_TOKEN_SIZE);
		status = enter(messenger, store, &door, token, typed, network, now, &session,
			       left_out, arena);
		log_info("factor", LOG_TEXT("delivery", id_text(door.delivery.id, id)),
			 LOG_TEXT("status", status_text(status)));
		if (status == STATUS_OK)
			secret_move(session_out, &session);
		else
			secret_clear(&session);
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	return status;
}

enum status
factor_code(const struct messenger *messenger, struct store *store, const struct id *id,
	    int64_t now, struct arena *arena, const char **code_out)
{
	struct pair gateway = seal_gateway_pair(messenger);
	struct factor_row row;
	struct secret code;
	char *text;
	enum status status = factor_read(store, id, arena, &row);

	if (status == STATUS_NOT_FOUND)
		return STATUS_CONFLICT;
	if (status != STATUS_OK)
		return status;
	if (row.code_wrap.size == 0 || row.created_at + FACTOR_SECONDS <= now)
		return STATUS_CONFLICT;
	status = pair_open(&gateway, PAIR_FACTOR_CODE, &row.id, row.code_wrap, &code);
	if (status != STATUS_OK)
		return status;
	text = arena_alloc(arena, FACTOR_CODE_LENGTH + 1);
	encode_base32(secret_slice(&code), text);
	secret_clear(&code);
	*code_out = text;
	return STATUS_OK;
}
