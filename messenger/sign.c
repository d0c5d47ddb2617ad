#include "messenger/sign.h"

#include "base/log.h"
#include "messenger/evidence.h"

static bool
is_same(const struct messenger *messenger, const char *one, const char *other, struct arena *arena)
{
	return *one != '\0' && *other != '\0' &&
	       slice_equal(messenger_address_index(messenger, one, arena),
			   messenger_address_index(messenger, other, arena));
}

static enum status
has_key(const struct messenger *messenger, struct store *store, const char *address,
	enum key_kind kind, int64_t now, struct arena *arena)
{
	struct own_key_row row;

	return own_key_find(store, messenger_address_index(messenger, address, arena), kind, now,
			    arena, &row);
}

enum status
sign_choose(const struct messenger *messenger, struct store *store, const char *from,
	    const char *sender, enum key_kind kind, int64_t now, struct arena *arena,
	    const char **signer_out)
{
	const struct policy *policy = messenger->policy;
	enum status status = STATUS_NOT_FOUND;

	*signer_out = "";
	if (policy->sign == SIGN_SENDER || policy->sign == SIGN_EITHER) {
		if (is_same(messenger, from, sender, arena))
			status = has_key(messenger, store, sender, kind, now, arena);
		if (status == STATUS_OK)
			*signer_out = sender;
	}
	if (status == STATUS_NOT_FOUND &&
	    (policy->sign == SIGN_GATEWAY || policy->sign == SIGN_EITHER)) {
		status = has_key(messenger, store, policy->system_address, kind, now, arena);
		if (status == STATUS_OK)
			*signer_out = policy->system_address;
	}
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
sign_open(const struct messenger *messenger, struct store *store,
	  const struct delivery_row *delivery, enum key_kind kind, int64_t now, struct arena *arena,
	  struct own_key_open *open_out)
{
	struct evidence evidence =
	    evidence_open(messenger, DELIVERY_EVIDENCE, &delivery->id, delivery->evidence, arena);
	enum status status;

	*open_out = (struct own_key_open){.private = {NULL, 0}};
	if (*evidence.signer == '\0')
		return STATUS_OK;
	status = own_keys_open(messenger, store, evidence.signer, kind, now, arena, open_out);
	if (status == STATUS_NOT_FOUND || status == STATUS_DAMAGED)
		return sign_not(messenger, store, delivery, "no-key", arena);
	return status;
}

enum status
sign_not(const struct messenger *messenger, struct store *store,
	 const struct delivery_row *delivery, const char *reason, struct arena *arena)
{
	struct evidence evidence =
	    evidence_open(messenger, DELIVERY_EVIDENCE, &delivery->id, delivery->evidence, arena);
	char id[ID_TEXT_SIZE];

	log_warning("not-signed", LOG_TEXT("delivery", id_text(delivery->id, id)),
		    LOG_TEXT("reason", reason));
	evidence.signer = "";
	return delivery_set_evidence(
	    store, &delivery->id,
	    evidence_seal(messenger, DELIVERY_EVIDENCE, &delivery->id, &evidence, arena));
}
