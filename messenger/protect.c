#include "messenger/protect.h"

#include "base/log.h"
#include "crypto/cms.h"
#include "mail/protect_openpgp.h"
#include "mail/protect_smime.h"
#include "messenger/finder.h"
#include "messenger/sign.h"

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

/* What is being protected, and for whom. */
struct protecting {
	const struct messenger *messenger;
	struct store *store;
	const struct delivery_row *delivery;
	int64_t now;
	struct arena *arena;
	const struct known_key *key;
	struct protected_letter *letter;
	struct own_key_open own; /* who signs */
};

/* What is encrypted: the letter, with a signature over it where somebody signs.  The letter is read
 * once for that. */
static enum status
sign_smime(struct protecting *protecting, struct source *signed_out)
{
	const struct own_key_open *own = &protecting->own;
	const struct cms_signer signer = {
	    .certificate = own->key.material,
	    .others = own->key.chain,
	    .other_count = own->key.chain_count,
	    .key = &own->private,
	};
	const struct source *inner = &protecting->letter->inner;
	struct slice signature;
	enum status status;

	*signed_out = *inner;
	if (own->private.size == 0)
		return STATUS_OK;
	status = cms_sign(inner, &signer, protecting->now, protecting->arena, &signature);
	if (status == STATUS_OK)
		status = protect_smime_sign(inner, signature, protecting->arena, signed_out);
	if (status != STATUS_CONFLICT && status != STATUS_INVALID)
		return status;
	*signed_out = *inner;
	return sign_not(protecting->messenger, protecting->store, protecting->delivery,
			status == STATUS_CONFLICT ? "line-ends" : "unusable-key",
			protecting->arena);
}

static enum status
put_smime(struct protecting *protecting, struct dispatch *dispatch)
{
	const struct known_key *key = protecting->key;
	struct arena *arena = protecting->arena;
	struct source *content = arena_alloc(arena, sizeof(*content));
	struct source *der = arena_alloc(arena, sizeof(*der));
	struct source *body = arena_alloc(arena, sizeof(*body));
	struct cms_choices choices = choices_for(key);
	enum status status = sign_smime(protecting, content);

	if (status == STATUS_OK)
		status = cms_encrypt(content, key->material, &choices, arena, der);
	if (status != STATUS_OK)
		return status;
	*body = cms_base64(der, arena);
	return protect_smime(protecting->letter, choices.cipher == CMS_AES_GCM, body, arena,
			     &dispatch->letter);
}

/* What the relay asks for when it comes to the body. */
struct openpgp_making {
	struct openpgp *openpgp;
	struct openpgp_signer *signer; /* NULL: nobody signs */
	struct slice key;
	struct source inner;
	struct slice behind;
};

static enum status
make_openpgp(void *context, const struct sink *sink)
{
	struct openpgp_making *making = context;
	enum status status =
	    openpgp_encrypt(making->openpgp, making->key, making->signer, &making->inner, sink);

	return status == STATUS_OK ? sink_write(sink, making->behind) : status;
}

static void
close_signer(void *argument)
{
	openpgp_signer_close(argument);
}

/* The agent that holds the key lives as long as the arena: until the letter has left. */
static enum status
open_signer(struct protecting *protecting, struct openpgp_signer **signer_out)
{
	const struct own_key_open *own = &protecting->own;
	enum status status;

	*signer_out = NULL;
	if (own->private.size == 0)
		return STATUS_OK;
	/* A key without a passphrase would lie there in clear. */
	if (!finder_keeps_secrets(protecting->messenger->finder))
		return sign_not(protecting->messenger, protecting->store, protecting->delivery,
				"runtime-folder-on-disk", protecting->arena);
	status = openpgp_signer_open(finder_runtime_folder(protecting->messenger->finder),
				     secret_slice(&own->private), secret_slice(&own->passphrase),
				     signer_out);
	if (status == STATUS_OK)
		arena_defer(protecting->arena, close_signer, *signer_out);
	if (status != STATUS_INVALID && status != STATUS_DENIED)
		return status;
	return sign_not(protecting->messenger, protecting->store, protecting->delivery,
			"unusable-key", protecting->arena);
}

static enum status
put_openpgp(struct protecting *protecting, struct dispatch *dispatch)
{
	const struct protected_letter *letter = protecting->letter;
	struct arena *arena = protecting->arena;
	struct openpgp_making *making = arena_alloc(arena, sizeof(*making));
	struct slice *before = arena_alloc(arena, sizeof(*before));
	struct protect_frame frame;
	enum status status = protect_openpgp(letter, arena, &frame);

	if (status != STATUS_OK)
		return status;
	*before = frame.before;
	*making = (struct openpgp_making){
	    .openpgp = finder_openpgp(protecting->messenger->finder),
	    .key = protecting->key->material,
	    .inner = letter->inner,
	    .behind = frame.behind,
	};
	if (making->openpgp == NULL)
		return STATUS_GONE;
	status = open_signer(protecting, &making->signer);
	if (status != STATUS_OK)
		return status;
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
	struct protecting *protecting = arena_alloc(arena, sizeof(*protecting));
	char id[ID_TEXT_SIZE];
	enum status status = read_key(messenger, store, delivery, now, arena, key);

	if (status == STATUS_OK)
		status = protect_header(original, &policy, arena, letter);
	*protecting = (struct protecting){.messenger = messenger,
					  .store = store,
					  .delivery = delivery,
					  .now = now,
					  .arena = arena,
					  .key = key,
					  .letter = letter};
	if (status == STATUS_OK)
		status =
		    sign_open(messenger, store, delivery, key->kind, now, arena, &protecting->own);
	if (status == STATUS_OK)
		status = key->kind == KEY_CERTIFICATE ? put_smime(protecting, dispatch)
						      : put_openpgp(protecting, dispatch);
	/* Whatever the message itself was, what leaves are short lines of ASCII. */
	dispatch->binary = false;
	if (status == STATUS_INVALID) {
		log_error("not-encrypted", LOG_TEXT("delivery", id_text(delivery->id, id)),
			  LOG_TEXT("fingerprint", key->evidence.fingerprint));
		return STATUS_GONE;
	}
	return status;
}
