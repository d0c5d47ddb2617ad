/*
 * Passkeys on pages: what static/passkey.js asks the browser with, the fields it fills in, and
 * /desk/account/passkey and /box/account/passkey, where one is added.
 */
#include "messenger/passkey.h"

#include <string.h>

#include "base/encode.h"
#include "portal/page.h"

/* Bytes of a field in base64url; empty where it is malformed, which nothing accepts. */
static struct slice
bytes_of(const struct request *request, const char *name, size_t most)
{
	struct slice text = form_value(&request->form, name);
	size_t size = text.size / 4 * 3 + (text.size % 4 == 0 ? 0 : text.size % 4 - 1);
	unsigned char *bytes;

	if (size == 0 || size > most || BASE64URL_LENGTH(size) != text.size)
		return slice_of(NULL, 0);
	bytes = arena_alloc(request->arena, size);
	return decode_base64url(text, bytes, size) ? slice_of(bytes, size) : slice_of(NULL, 0);
}

struct account_proof
page_proof(const struct request *request, struct slice token)
{
	return (struct account_proof){
	    .code = form_value(&request->form, "code"),
	    .passkey = {.id = bytes_of(request, "passkey_id", WEBAUTHN_ID_MAX),
			.client_data = bytes_of(request, "passkey_client", WEBAUTHN_CLIENT_MAX),
			.authenticator_data = bytes_of(request, "passkey_data", WEBAUTHN_DATA_MAX),
			.signature =
			    bytes_of(request, "passkey_signature", WEBAUTHN_SIGNATURE_MAX)},
	    .token = token,
	};
}

/* Ids with blanks between. */
static const char *
all_credentials(const struct request *request, const struct passkey_view *views, size_t count)
{
	struct text *out =
	    text_new_in(request->arena, PASSKEY_MOST * (BASE64URL_LENGTH(WEBAUTHN_ID_MAX) + 1));

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_append_byte(out, ' ');
		text_append_text(out, views[i].credential);
	}
	return text_string(out);
}

static void
put_list(struct template_values *values, const struct passkey_view *views, size_t count)
{
	struct template_list *list = template_put_list(values, "passkeys");
	char id[ID_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "passkey_id", id_text(views[i].id, id));
		template_put_text(item, "passkey_name", views[i].name);
		page_put_time(item, "passkey_since", views[i].created_at);
		page_put_time(item, "passkey_used_at", views[i].used_at);
	}
}

enum status
page_put_passkeys(const struct request *request, struct template_values *values,
		  struct slice owner_index, enum passkey_use use, struct slice token)
{
	const struct messenger *messenger = &request->site->messenger;
	const char *challenge = "";
	struct passkey_view *views;
	struct webauthn_party party;
	size_t count;
	bool possible = passkey_party(messenger, request->arena, &party);
	enum status status =
	    messenger_passkey_list(messenger, owner_index, request->arena, &views, &count);

	if (status == STATUS_OK && count > 0 && possible)
		status = messenger_passkey_challenge(messenger, use, token, request->now,
						     request->arena, &challenge);
	if (status != STATUS_OK)
		return status;
	put_list(values, views, count);
	template_put_flag(values, "has_passkeys", count > 0);
	template_put_flag(values, "no_host", !possible);
	template_put_flag(values, "passkeys_full", count >= PASSKEY_MOST);
	template_put_text(values, "passkey_host", possible ? party.id : "");
	template_put_text(values, "passkey_challenge", challenge);
	template_put_text(values, "passkey_all",
			  possible ? all_credentials(request, views, count) : "");
	return STATUS_OK;
}

/* --- adding one --- */

static enum status
put_making(const struct request *request, struct template_values *values)
{
	const struct messenger *messenger = &request->site->messenger;
	const char *challenge = "";
	struct account_view view;
	enum status status =
	    messenger_account_look(messenger, request->account.address, request->arena, &view);

	if (status == STATUS_OK)
		status = page_put_passkeys(request, values, request->account.index, PASSKEY_PROVE,
					   request->token);
	if (status == STATUS_OK)
		status = messenger_passkey_challenge(messenger, PASSKEY_MAKE, request->token,
						     request->now, request->arena, &challenge);
	if (status != STATUS_OK)
		return status;
	template_put_flag(values, "has_totp", view.has_totp);
	template_put_flag(values, "has_factor", view.has_totp || view.passkeys > 0);
	template_put_text(values, "make_challenge", challenge);
	template_put_text(values, "passkey_user",
			  passkey_user(messenger, request->account.index, request->arena));
	return STATUS_OK;
}

static void
show(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_account_values(request);
	enum status status = put_making(request, values);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_slice(values, "name", form_value(&request->form, "name"));
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/account_passkey", values);
}

void
page_passkey(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL);
}

const char *
page_proof_fault(const struct account_proof *proof)
{
	if (proof->copied)
		return "copied";
	return proof->passkey.id.size > 0 ? "passkey_wrong" : "wrong";
}

void
page_passkey_add(struct request *request, struct answer *answer)
{
	struct account_proof proof = page_proof(request, request->token);
	struct passkey_made made = {
	    .name = form_value(&request->form, "name"),
	    .client_data = bytes_of(request, "made_client", WEBAUTHN_CLIENT_MAX),
	    .attestation = bytes_of(request, "made_attestation", WEBAUTHN_ATTESTATION_MAX),
	    .token = request->token,
	};
	struct account_recovery recovery;
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->account, request->arena, &keeper);
	status = messenger_passkey_add(&request->site->messenger, request->account.address, &keeper,
				       &made, &proof, request->now, request->arena, &recovery);
	page_account_go_on(request, answer, status, &keeper);
	switch (status) {
	case STATUS_OK:
		page_account_say(request, answer, 200, "passkey_added", &recovery);
		break;
	case STATUS_DENIED:
		show(request, answer, 403, page_proof_fault(&proof));
		break;
	case STATUS_INVALID:
		show(request, answer, 400, "refused");
		break;
	case STATUS_GONE:
		show(request, answer, 403, "too_late");
		break;
	case STATUS_CONFLICT:
		show(request, answer, 409, "there");
		break;
	case STATUS_FULL:
		page_account_say(request, answer, 409, "too_many", NULL);
		break;
	case STATUS_BUSY:
		show(request, answer, 429, "busy");
		break;
	default:
		page_failure(request, answer, status);
	}
}
