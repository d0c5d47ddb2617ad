#include "messenger/protect.h"

#include "base/log.h"
#include "crypto/cms.h"
#include "mail/protect_openpgp.h"
#include "mail/protect_smime.h"
#include "messenger/finder.h"

/* Armour, packets and frame around an OpenPGP message. */
#define OPENPGP_FRAME ((uint64_t)8192)

static struct cms_choices
choices_for(const struct known_key *key)
{
	return (struct cms_choices){
	    .cipher = key->gcm ? CMS_AES_GCM : CMS_AES_CBC,
	    .transport = key->oaep ? CMS_OAEP : CMS_PKCS1,
	};
}

const char *
protect_method(const struct known_key *key)
{
	if (key->kind == KEY_OPENPGP)
		return "OpenPGP";
	return key->gcm ? "S/MIME, AES-256-GCM" : "S/MIME, AES-256-CBC";
}

static enum status
read_key(const struct messenger *messenger, struct store *store,
	 const struct delivery_row *delivery, int64_t now, struct arena *arena,
	 struct known_key *key_out)
{
	struct key_row row;
	enum status status =
	    delivery->has_key ? key_read(store, &delivery->key_id, arena, &row) : STATUS_INTERNAL;

	if (status == STATUS_NOT_FOUND)
		return STATUS_GONE;
	if (status == STATUS_OK)
		status = known_key_open(messenger, &row, arena, key_out);
	if (status != STATUS_OK)
		return status;
	/* A message may wait for days: what the administrator or time ended meanwhile is over. */
	if (row.standing == KEY_BANNED || row.standing == KEY_REVIEW ||
	    (row.expires_at != 0 && row.expires_at <= now))
		return STATUS_GONE;
	return STATUS_OK;
}

static enum status
put_smime(const struct known_key *key, struct protected_letter *letter, struct arena *arena,
	  struct dispatch *dispatch)
{
	struct source *der = arena_alloc(arena, sizeof(*der));
	struct source *body = arena_alloc(arena, sizeof(*body));
	struct cms_choices choices = choices_for(key);
	enum status status = cms_encrypt(&letter->inner, key->material, &choices, arena, der);

	if (status != STATUS_OK)
		return status;
	*body = cms_base64(der, arena);
	return protect_smime(letter, choices.cipher == CMS_AES_GCM, body, arena, &dispatch->letter);
}

/* What the relay asks for when it comes to the body. */
struct openpgp_making {
	struct openpgp *openpgp;
	struct slice key;
	struct source inner;
	struct slice behind;
};

static enum status
make_openpgp(void *context, const struct sink *sink)
{
	struct openpgp_making *making = context;
	enum status status =
	    openpgp_encrypt(making->openpgp, making->key, NULL, &making->inner, sink);

	return status == STATUS_OK ? sink_write(sink, making->behind) : status;
}

static enum status
put_openpgp(const struct messenger *messenger, const struct known_key *key,
	    struct protected_letter *letter, struct arena *arena, struct dispatch *dispatch)
{
	struct openpgp_making *making = arena_alloc(arena, sizeof(*making));
	struct slice *before = arena_alloc(arena, sizeof(*before));
	struct protect_frame frame;
	enum status status = protect_openpgp(letter, arena, &frame);

	if (status != STATUS_OK)
		return status;
	*before = frame.before;
	*making = (struct openpgp_making){
	    .openpgp = finder_openpgp(messenger->finder),
	    .key = key->material,
	    .inner = letter->inner,
	    .behind = frame.behind,
	};
	if (making->openpgp == NULL)
		return STATUS_GONE;
	dispatch->letter = source_from_slice(before);
	/* Four characters for three bytes, and a line end of two for each 64 of them. */
	dispatch->making = (struct relay_making){
	    .make = make_openpgp,
	    .context = making,
	    .about = letter->inner.size / 3 * 4 / 64 * 66 + OPENPGP_FRAME,
	};
	return STATUS_OK;
}

enum status
protect_letter(const struct messenger *messenger, struct store *store,
	       const struct delivery_row *delivery, const struct source *original, int64_t now,
	       struct arena *arena, struct dispatch *dispatch)
{
	struct protected_letter *letter = arena_alloc(arena, sizeof(*letter));
	struct known_key *key = arena_alloc(arena, sizeof(*key));
	struct protect_policy policy = {.subject = messenger->policy->hide_subject ? PROTECT_SUBJECT
										   : NULL};
	char id[ID_TEXT_SIZE];
	enum status status = read_key(messenger, store, delivery, now, arena, key);

	if (status == STATUS_OK)
		status = protect_header(original, &policy, arena, letter);
	if (status == STATUS_OK)
		status = key->kind == KEY_CERTIFICATE
			     ? put_smime(key, letter, arena, dispatch)
			     : put_openpgp(messenger, key, letter, arena, dispatch);
	/* Whatever the message itself was, what leaves are short lines of ASCII. */
	dispatch->binary = false;
	if (status == STATUS_INVALID) {
		log_error("not-encrypted", LOG_TEXT("delivery", id_text(delivery->id, id)),
			  LOG_TEXT("fingerprint", key->evidence.fingerprint));
		return STATUS_GONE;
	}
	return status;
}
