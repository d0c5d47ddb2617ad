/*
 * The wraps of one delivery, sealed by reader.py, opened in the order that
 * docs/cryptography.md describes; and what each thief can not do.
 */
#include <stdbool.h>

#include "crypto/box.h"
#include "crypto/chunk.h"
#include "crypto/link.h"
#include "crypto/lock.h"
#include "tests/unit/crypto/given.h"

#define MAIL "From: a@example.org\r\n\r\nSecret.\r\n"

struct fixture {
	struct arena *arena;
	struct id message, delivery;
	struct slice chunk, wrapped_key, outer;
	struct secret *pepper;
	struct lock_terms terms;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f.arena = arena_new();
	f.message = given_id(VECTOR_MESSAGE);
	f.delivery = given_id(VECTOR_DELIVERY);
	f.chunk = given(f.arena, VECTOR_WRAP_CHUNK);
	f.wrapped_key = given(f.arena, VECTOR_WRAP_K);
	f.outer = given(f.arena, VECTOR_WRAP_OUTER);
	f.pepper = given_secret(f.arena, VECTOR_PEPPER);
	f.terms = (struct lock_terms){
	    .id = given_id(VECTOR_LOCK), .rule = LOCK_FORGIVING, .ops = 1, .memory_kib = 8};
	memcpy(f.terms.salt, given(f.arena, VECTOR_SALT).data, LOCK_SALT_SIZE);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

/* T → K → chunk */
static void
assert_reads(struct fixture *f, const struct secret *temporary)
{
	unsigned char plain[128];
	struct secret key;
	struct pair pair;
	size_t size;

	assert_int_equal(pair_from_private(secret_slice(temporary), &pair), STATUS_OK);
	assert_slice_equal(slice_of(pair.public, PAIR_PUBLIC_SIZE),
			   given(f->arena, VECTOR_T_PUBLIC));
	assert_int_equal(pair_open(&pair, PAIR_MESSAGE_KEY, &f->message, f->wrapped_key, &key),
			 STATUS_OK);
	assert_int_equal(chunk_open(&key, &f->message, 0, true, f->chunk, plain, &size), STATUS_OK);
	assert_slice_equal(slice_of(plain, size), SLICE(MAIL));
	secret_clear(&key);
	pair_clear(&pair);
}

/* Outer, then inner → T, with a passphrase and a pepper. */
static enum status
unlock(struct fixture *f, struct slice link, struct slice passphrase, const struct secret *pepper,
       struct secret *temporary_out)
{
	struct slice inner;
	struct secret answer;
	struct pair lock;
	enum status status =
	    box_open(link, "wrap", id_slice(&f->delivery), f->outer, f->arena, &inner);

	if (status != STATUS_OK)
		return status;
	assert_int_equal(lock_normalise(f->terms.rule, passphrase, &answer), STATUS_OK);
	assert_int_equal(lock_derive(&f->terms, &answer, pepper, &lock), STATUS_OK);
	status = pair_open(&lock, PAIR_TEMPORARY_PRIVATE, &f->delivery, inner, temporary_out);
	secret_clear(&answer);
	pair_clear(&lock);
	return status;
}

static void
link_and_passphrase_open_it(void **state)
{
	struct fixture *f = *state;
	unsigned char hash[LINK_HASH_SIZE];
	struct secret link, temporary;

	assert_int_equal(link_parse(given(f->arena, VECTOR_LINK_RECIPIENT_TEXT), &link), STATUS_OK);
	link_hash(secret_slice(&link), hash);
	assert_slice_equal(slice_of(hash, sizeof(hash)),
			   given(f->arena, VECTOR_LINK_RECIPIENT_HASH));
	assert_int_equal(
	    unlock(f, secret_slice(&link), SLICE("grusse, tante ERNA"), f->pepper, &temporary),
	    STATUS_OK);
	assert_reads(f, &temporary);
	secret_clear(&temporary);
	secret_clear(&link);
}

static void
the_pickup_code_leads_to_the_link(void **state)
{
	struct fixture *f = *state;
	struct secret *display_key = given_secret(f->arena, VECTOR_DISPLAY_KEY);
	unsigned char hash[LINK_HASH_SIZE];
	struct secret key, link;

	assert_int_equal(
	    pickup_stretch(display_key, given(f->arena, VECTOR_PICKUP_CODE), hash, &key),
	    STATUS_OK);
	assert_int_equal(box_open_secret(secret_slice(&key), "pickup", id_slice(&f->delivery),
					 given(f->arena, VECTOR_WRAP_PICKUP), &link),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&link), given(f->arena, VECTOR_LINK_RECIPIENT));
	secret_clear(&key);
	secret_clear(&link);
}

static void
the_senders_link_rescues(void **state)
{
	struct fixture *f = *state;
	struct secret temporary;

	assert_int_equal(box_open_secret(given(f->arena, VECTOR_LINK_SENDER), "rescue",
					 id_slice(&f->delivery),
					 given(f->arena, VECTOR_WRAP_RESCUE), &temporary),
			 STATUS_OK);
	assert_reads(f, &temporary);
	secret_clear(&temporary);
	assert_int_equal(box_open_secret(given(f->arena, VECTOR_LINK_RECIPIENT), "rescue",
					 id_slice(&f->delivery),
					 given(f->arena, VECTOR_WRAP_RESCUE), &temporary),
			 STATUS_DAMAGED);
}

static void
while_held_the_gateway_opens_it(void **state)
{
	struct fixture *f = *state;
	struct secret temporary, key;
	struct pair gateway;

	assert_int_equal(pair_from_private(given(f->arena, VECTOR_GATEWAY_PRIVATE), &gateway),
			 STATUS_OK);
	assert_int_equal(pair_open(&gateway, PAIR_TEMPORARY_PRIVATE, &f->delivery,
				   given(f->arena, VECTOR_PAIR_TEMPORARY), &temporary),
			 STATUS_OK);
	assert_reads(f, &temporary);
	/* And not otherwise: it is neither the temporary pair nor the lock. */
	assert_int_equal(pair_open(&gateway, PAIR_MESSAGE_KEY, &f->message, f->wrapped_key, &key),
			 STATUS_DAMAGED);
	secret_clear(&temporary);
	pair_clear(&gateway);
}

static void
each_half_alone_opens_nothing(void **state)
{
	struct fixture *f = *state;
	struct slice link = given(f->arena, VECTOR_LINK_RECIPIENT);
	struct secret *no_pepper = given_secret(f->arena, VECTOR_DISPLAY_KEY);
	struct secret temporary = {NULL, 4711};

	/* the passphrase without the link; the sender's link is another one */
	assert_int_equal(unlock(f, given(f->arena, VECTOR_LINK_SENDER), SLICE("grusse tante erna"),
				f->pepper, &temporary),
			 STATUS_DAMAGED);
	/* the link without the passphrase */
	assert_int_equal(unlock(f, link, SLICE("grusse tante emma"), f->pepper, &temporary),
			 STATUS_DAMAGED);
	/* link and passphrase without the pepper: guessing at a stolen database */
	assert_int_equal(unlock(f, link, SLICE("grusse tante erna"), no_pepper, &temporary),
			 STATUS_DAMAGED);
	assert_int_equal(temporary.size, 4711);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(link_and_passphrase_open_it),
	    cmocka_unit_test(the_pickup_code_leads_to_the_link),
	    cmocka_unit_test(the_senders_link_rescues),
	    cmocka_unit_test(while_held_the_gateway_opens_it),
	    cmocka_unit_test(each_half_alone_opens_nothing),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
