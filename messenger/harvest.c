#include "messenger/harvest.h"

#include <stdatomic.h>

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/cms.h"
#include "mail/reading_keys.h"
#include "messenger/content.h"
#include "messenger/finder.h"
#include "messenger/work.h"
#include "store/harvest.h"

#define LEASE_SECONDS ((int64_t)60)
#define CLAIMS_MAX 3 /* beginnings */
/* Then the message's bytes are of more use gone. */
#define WAIT_SECONDS ((int64_t)600)
#define WAITING_MAX ((size_t)1000)
#define COMPANIONS_MAX ((size_t)4)

struct harvesting {
	const struct messenger *messenger;
	struct store *store;
	struct arena *arena;
	int64_t now;
	struct message_row row;
	struct secret key;
	struct envelope envelope;
	struct source stored;
	const char *label;
	struct keys_reading keys;
	int64_t said_at; /* by the message, which anybody may have written */
};

/* --- noting --- */

static bool
brings_keys(const struct letter_reading *letter)
{
	return letter->brings_keys || brings_attached_keys(&letter->manifest);
}

enum status
harvest_later(const struct routing *routing)
{
	/* What a recipient wrote in the portal bears nothing of theirs; what is refused passes not.
	 */
	if (finder_harvest(routing->messenger->finder) == HARVEST_OFF ||
	    routing->row.origin == MESSAGE_BY_PORTAL || routing->letter.depth == LETTER_UNREAD ||
	    routing->plain + routing->protected + routing->verified + routing->secured == 0 ||
	    !brings_keys(&routing->letter))
		return STATUS_OK;
	return harvest_note(routing->store, &routing->row.id, routing->row.gateway_wrap,
			    routing->now, WAITING_MAX);
}

enum status
harvest_give_up(struct store *store, int64_t now)
{
	return harvest_sweep(store, now - WAIT_SECONDS);
}

/* --- what was brought --- */

static enum status
take(struct harvesting *harvesting, struct brought_key *brought)
{
	struct belief_answer answer;
	struct id id;
	enum status status;

	brought->address = harvesting->keys.author;
	brought->place = harvesting->label;
	status = finder_take(harvesting->messenger, harvesting->store, brought, harvesting->now,
			     harvesting->arena, &answer, &id);
	/* Nothing that could be a key. */
	return status == STATUS_INVALID ? STATUS_OK : status;
}

static bool
is_authors(const struct harvesting *harvesting, const struct certificate *certificate)
{
	enum local_rule rule = finder_local_rule(harvesting->messenger->finder);
	struct slice author = slice_from_text(harvesting->keys.author);

	for (size_t i = 0; i < certificate->address_count; i++)
		if (same_address(author, slice_from_text(certificate->addresses[i]), rule))
			return true;
	return false;
}

static bool
can_encrypt(const struct certificate *certificate)
{
	return certificate->key == CERTIFICATE_KEY_RSA ? certificate->usage.key_encipherment
						       : certificate->usage.key_agreement;
}

/* Who signs with one key and decrypts with another sends both certificates.  The second is not
 * under the signature: it counts only when an authority says whose it is. */
static enum status
take_companions(struct harvesting *harvesting, const struct cms_signatures *signatures,
		struct brought_key *brought)
{
	struct slice signer = brought->bytes;
	enum status status = STATUS_OK;
	size_t count = 0;

	brought->only_believed = true;
	for (size_t i = 0; i < signatures->certificate_count && count < COMPANIONS_MAX; i++) {
		struct certificate certificate;

		if (slice_equal(signatures->certificates[i], signer) ||
		    certificate_parse(signatures->certificates[i], harvesting->arena,
				      &certificate) != STATUS_OK ||
		    !can_encrypt(&certificate) || !is_authors(harvesting, &certificate))
			continue;
		brought->bytes = signatures->certificates[i];
		status = take(harvesting, brought);
		if (status != STATUS_OK)
			return status;
		count++;
	}
	return status;
}

static enum status
take_signer(struct harvesting *harvesting, const struct cms_signatures *signatures,
	    const struct cms_signed_by *signer)
{
	struct brought_key brought = {
	    .kind = KEY_CERTIFICATE,
	    .bytes = signer->certificate,
	    .others = signatures->certificates,
	    .other_count = signatures->certificate_count,
	    .origin = ORIGIN_SIGNED,
	    .told = &signer->capabilities,
	    /* Who sends an old message again makes no old certificate newer. */
	    .said_at =
		signer->at > 0 && signer->at < harvesting->now ? signer->at : harvesting->now,
	};
	struct certificate certificate;

	if (signer->weak_digest ||
	    certificate_parse(signer->certificate, harvesting->arena, &certificate) != STATUS_OK ||
	    !is_authors(harvesting, &certificate)) {
		log_info("not-harvested", LOG_TEXT("message", harvesting->label),
			 LOG_TEXT("why", signer->weak_digest ? "weak-signature" : "other-address"));
		return STATUS_OK;
	}
	return can_encrypt(&certificate) ? take(harvesting, &brought)
					 : take_companions(harvesting, signatures, &brought);
}

/* A piece of the stored message. */
static enum status
read_content(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const struct harvesting *harvesting = context;
	const struct source *stored = &harvesting->stored;
	uint64_t size = harvesting->keys.content_size;
	uint64_t left = offset < size ? size - offset : 0;

	*size_out = 0;
	if (left == 0)
		return STATUS_OK;
	return stored->read_at(stored->context, harvesting->keys.content_offset + offset, bytes,
			       room < left ? room : (size_t)left, size_out);
}

static enum status
take_signed(struct harvesting *harvesting)
{
	const struct keys_reading *keys = &harvesting->keys;
	struct source content = {harvesting, keys->content_size, read_content};
	struct cms_signatures signatures;
	enum status status;

	if (keys->form == SIGNATURE_NONE)
		return STATUS_OK;
	status = cms_verify(keys->signature, keys->form == SIGNATURE_APART ? &content : NULL,
			    harvesting->arena, &signatures);
	switch (status) {
	case STATUS_OK:
		break;
	case STATUS_INVALID:
	case STATUS_NOT_FOUND:
	case STATUS_DAMAGED:
	case STATUS_TOO_LARGE:
		log_info("not-harvested", LOG_TEXT("message", harvesting->label),
			 LOG_TEXT("why", "signature"), LOG_TEXT("status", status_text(status)));
		return STATUS_OK;
	default:
		return status;
	}
	for (size_t i = 0; i < signatures.signer_count && status == STATUS_OK; i++)
		status = take_signer(harvesting, &signatures, &signatures.signers[i]);
	return status;
}

/* Own people's mail comes from inside: what comes from elsewhere in their name is at least odd. */
static bool
is_plausible(const struct harvesting *harvesting)
{
	const struct policy *policy = harvesting->messenger->policy;

	return !policy_is_own(policy, slice_from_text(harvesting->keys.author)) ||
	       policy_is_own(policy, slice_from_text(harvesting->envelope.sender));
}

static enum status
take_openpgp(struct harvesting *harvesting, struct slice bytes, enum origin origin)
{
	struct brought_key brought = {
	    .kind = KEY_OPENPGP,
	    .bytes = bytes,
	    .origin = origin,
	    .vouched = finder_harvest(harvesting->messenger->finder) == HARVEST_USE &&
		       is_plausible(harvesting),
	    .said_at = harvesting->said_at,
	};

	return bytes.size == 0 ? STATUS_OK : take(harvesting, &brought);
}

static enum status
take_all(struct harvesting *harvesting)
{
	const struct keys_reading *keys = &harvesting->keys;
	enum status status;

	if (*keys->author == '\0')
		return STATUS_OK;
	harvesting->said_at =
	    keys->sent_at > 0 && keys->sent_at < harvesting->now ? keys->sent_at : harvesting->now;
	status = take_signed(harvesting);
	if (finder_openpgp(harvesting->messenger->finder) == NULL)
		return status;
	if (status == STATUS_OK)
		status = take_openpgp(harvesting, keys->autocrypt, ORIGIN_AUTOCRYPT);
	for (size_t i = 0; i < keys->attached_count && status == STATUS_OK; i++)
		status = take_openpgp(harvesting, keys->attached[i], ORIGIN_ATTACHED);
	return status;
}

/* --- looking --- */

static enum status
open_message(struct harvesting *harvesting, const struct harvest_row *waiting)
{
	struct message_row *row = &harvesting->row;
	struct slice bytes;
	enum status status =
	    message_read(harvesting->store, &waiting->message, false, harvesting->arena, row);

	if (status != STATUS_OK)
		return status;
	if (row->state != MESSAGE_ROUTED)
		return STATUS_GONE;
	/* Its own wrap may be gone: what was routed to the portal is not the courier's to read. */
	row->gateway_wrap = waiting->key_wrap;
	status = content_key_by_gateway(harvesting->messenger, row, &harvesting->key);
	if (status == STATUS_OK)
		status = box_open(secret_slice(&harvesting->key), "envelope", id_slice(&row->id),
				  row->envelope, harvesting->arena, &bytes);
	if (status == STATUS_OK)
		status = envelope_read(bytes, harvesting->arena, &harvesting->envelope);
	if (status == STATUS_OK)
		status = content_open(harvesting->messenger, row, &harvesting->key,
				      harvesting->arena, &harvesting->stored);
	return status;
}

static enum status
harvest_one(const struct messenger *messenger, struct store *store,
	    const struct harvest_row *waiting, int64_t now)
{
	struct harvesting harvesting = {
	    .messenger = messenger, .store = store, .arena = arena_new(), .now = now};
	char text[ID_TEXT_SIZE];
	enum status status = open_message(&harvesting, waiting);

	harvesting.label = arena_copy_text(harvesting.arena, id_text(waiting->message, text));
	if (status == STATUS_OK)
		status = reading_keys(messenger->reader, harvesting.label, &harvesting.stored,
				      harvesting.arena, &harvesting.keys);
	if (status == STATUS_OK)
		status = take_all(&harvesting);
	/* The source of the message goes with the arena, and needs its key. */
	arena_free(harvesting.arena);
	secret_clear(&harvesting.key);
	return status;
}

/* One that could not be done for now is tried again when its lease is over; so is one whose courier
 * died, but not for ever: it may have died of it. */
static enum status
harvest_waiting(const struct messenger *messenger, struct store *store,
		const struct harvest_row *waiting, int64_t now)
{
	char text[ID_TEXT_SIZE];
	enum status status = STATUS_GONE;

	if (waiting->claims <= CLAIMS_MAX)
		status = harvest_one(messenger, store, waiting, now);
	if (status != STATUS_OK)
		log_warning("not-harvested", LOG_TEXT("message", id_text(waiting->message, text)),
			    LOG_TEXT("why", status_text(status)),
			    LOG_NUMBER("claims", waiting->claims));
	return status == STATUS_UNAVAILABLE ? STATUS_OK : harvest_done(store, &waiting->message);
}

enum status
messenger_harvest_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	/* Signatures and keys may take their time: one thread is enough, the others have mail. */
	static atomic_flag at_work = ATOMIC_FLAG_INIT;
	struct harvest_row waiting;
	struct arena *arena;
	struct store *store;
	enum status status;

	*worked_out = false;
	if (finder_harvest(messenger->finder) == HARVEST_OFF || atomic_flag_test_and_set(&at_work))
		return STATUS_OK;
	arena = arena_new();
	store = store_pool_get(messenger->stores);
	status =
	    harvest_claim(store, now, now + LEASE_SECONDS, now - WAIT_SECONDS, arena, &waiting);
	*worked_out = status == STATUS_OK;
	if (status == STATUS_OK)
		status = harvest_waiting(messenger, store, &waiting, now);
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	atomic_flag_clear(&at_work);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
