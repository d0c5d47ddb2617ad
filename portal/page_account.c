/*
 * /desk/account and /box/account: the second factors of somebody who signs in at the desk or to a
 * mailbox.  Passkeys are added in page_passkey.c, sessions end in page_sessions.c.
 */
#include "crypto/totp.h"
#include "messenger/account.h"
#include "messenger/passkey.h"
#include "messenger/sessions.h"
#include "portal/page.h"
#include "portal/qr.h"

static void
put_recovery(struct template_values *values, const struct account_recovery *recovery)
{
	struct template_list *list = template_put_list(values, "codes");
	bool shown = recovery != NULL && recovery->codes[0] != NULL;

	template_put_flag(values, "has_codes", shown);
	for (size_t i = 0; shown && i < ACCOUNT_RECOVERY_CODES; i++)
		template_put_text(template_list_add(list), "recovery_code", recovery->codes[i]);
}

void
page_account_say(struct request *request, struct answer *answer, int http_status, const char *flag,
		 const struct account_recovery *recovery)
{
	struct template_values *values = page_account_values(request);
	struct account_view view;
	enum status status = messenger_account_look(
	    &request->site->messenger, request->account.address, request->arena, &view);

	if (status == STATUS_OK)
		status = page_put_passkeys(request, values, request->account.index, PASSKEY_PROVE,
					   request->token);
	if (status == STATUS_OK)
		status = page_put_sessions(request, values);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_flag(values, "has_totp", view.has_totp);
	template_put_flag(values, "has_factor", view.has_totp || view.passkeys > 0);
	template_put_flag(values, "has_to", view.has_to);
	template_put_flag(values, "limited", view.has_to && !view.has_totp && view.passkeys == 0);
	page_put_time(values, "since", view.totp_since);
	page_put_time(values, "used_at", view.totp_used_at);
	template_put_number(values, "recovery_left", (int)view.recovery_left);
	put_recovery(values, recovery);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/account", values);
}

void
page_account(struct request *request, struct answer *answer)
{
	page_account_say(request, answer, 200, NULL, NULL);
}

/* --- setting it up --- */

/* In groups of four, which are easier to type. */
static const char *
in_groups(struct slice text, struct arena *arena)
{
	struct text *out = text_new_in(arena, text.size * 2 + 1);

	for (size_t i = 0; i < text.size; i++) {
		if (i > 0 && i % 4 == 0)
			text_append_byte(out, ' ');
		text_append_byte(out, text.data[i]);
	}
	return text_string(out);
}

static void
show_offer(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_account_values(request);
	struct account_offer offer;
	struct qr qr = {.path = "", .blocks = ""};
	enum status status =
	    messenger_account_offer(&request->site->messenger, request->account.address, &offer);

	if (status == STATUS_NOT_FOUND) {
		page_account_say(request, answer, http_status, flag, NULL);
		return;
	}
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	status = qr_draw(secret_slice(&offer.uri), request->arena, &qr);
	if (status == STATUS_OK) {
		template_put_number(values, "qr_size", qr.size);
		template_put_text(values, "qr_path", qr.path);
		template_put_text(values, "qr_blocks", qr.blocks);
		template_put_text(values, "secret",
				  in_groups(secret_slice(&offer.text), request->arena));
		template_put_slice(values, "uri", secret_slice(&offer.uri));
		template_put_flag(values, "stale", request->stale);
		if (flag != NULL)
			template_put_flag(values, flag, true);
		page_show(request, answer, http_status, "pages/account_new", values);
	} else {
		page_failure(request, answer, status);
	}
	account_offer_clear(&offer);
}

void
page_account_offer(struct request *request, struct answer *answer)
{
	show_offer(request, answer, 200, NULL);
}

static void
show_refusal(struct request *request, struct answer *answer, enum status status,
	     const struct account_proof *proof)
{
	switch (status) {
	case STATUS_DENIED:
	case STATUS_NOT_FOUND:
		page_account_say(request, answer, 403, page_proof_fault(proof), NULL);
		break;
	case STATUS_GONE:
		page_account_say(request, answer, 403, "too_late", NULL);
		break;
	case STATUS_CONFLICT:
		page_account_say(request, answer, 409, "needed", NULL);
		break;
	case STATUS_BUSY:
		page_account_say(request, answer, 429, "busy", NULL);
		break;
	default:
		page_failure(request, answer, status);
	}
}

void
page_account_begin(struct request *request, struct answer *answer)
{
	struct account_proof proof = page_proof(request, request->token);
	struct account_offer offer = {.text = {NULL, 0}};
	enum status status = messenger_account_begin(
	    &request->site->messenger, request->account.address, &proof, request->now, &offer);

	account_offer_clear(&offer);
	if (status == STATUS_OK)
		answer_redirect(answer, request_account_path(request, "/new"), request->arena);
	else if (status == STATUS_CONFLICT)
		answer_redirect(answer, request_account_path(request, ""), request->arena);
	else
		show_refusal(request, answer, status, &proof);
}

void
page_account_confirm(struct request *request, struct answer *answer)
{
	struct account_recovery recovery;
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->account, request->arena, &keeper);
	status = messenger_account_confirm(&request->site->messenger, request->account.address,
					   &keeper, form_value(&request->form, "code"),
					   request->now, request->arena, &recovery);
	page_account_go_on(request, answer, status, &keeper);
	switch (status) {
	case STATUS_OK:
		page_account_say(request, answer, 200, "added", &recovery);
		break;
	case STATUS_DENIED:
	case STATUS_INVALID:
		show_offer(request, answer, status == STATUS_DENIED ? 403 : 400, "wrong");
		break;
	case STATUS_BUSY:
		show_offer(request, answer, 429, "busy");
		break;
	case STATUS_NOT_FOUND:
		page_account_say(request, answer, 403, "too_late", NULL);
		break;
	default:
		page_failure(request, answer, status);
	}
}

/* --- changing it, by who can show it --- */

static void
renew(struct request *request, struct answer *answer)
{
	struct account_proof proof = page_proof(request, request->token);
	struct account_recovery recovery;
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->account, request->arena, &keeper);
	status = messenger_account_renew(&request->site->messenger, request->account.address,
					 &keeper, &proof, request->now, request->arena, &recovery);
	page_account_go_on(request, answer, status, &keeper);
	if (status == STATUS_OK)
		page_account_say(request, answer, 200, "renewed", &recovery);
	else
		show_refusal(request, answer, status, &proof);
}

static void
take_app_away(struct request *request, struct answer *answer)
{
	struct account_proof proof = page_proof(request, request->token);
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->account, request->arena, &keeper);
	status = messenger_account_remove(&request->site->messenger, request->account.address,
					  &keeper, &proof, request->now);
	page_account_go_on(request, answer, status, &keeper);
	if (status == STATUS_OK)
		page_account_say(request, answer, 200, "removed", NULL);
	else
		show_refusal(request, answer, status, &proof);
}

static void
take_passkey_away(struct request *request, struct answer *answer, const struct id *id)
{
	struct account_proof proof = page_proof(request, request->token);
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->account, request->arena, &keeper);
	status = messenger_passkey_remove(&request->site->messenger, request->account.address,
					  &keeper, id, &proof, request->now);
	page_account_go_on(request, answer, status, &keeper);
	if (status == STATUS_OK)
		page_account_say(request, answer, 200, "removed", NULL);
	else
		show_refusal(request, answer, status, &proof);
}

/* By the button, which text browsers name, too. */
void
page_account_change(struct request *request, struct answer *answer)
{
	const struct slice passkey = SLICE("passkey ");
	struct slice deed = form_value(&request->form, "do");
	struct id id;

	if (slice_equal(deed, SLICE("remove")))
		take_app_away(request, answer);
	else if (slice_equal(deed, SLICE("app")))
		page_account_begin(request, answer);
	else if (slice_equal(slice_part(deed, 0, passkey.size), passkey) &&
		 id_parse(slice_part(deed, passkey.size, deed.size), &id) == STATUS_OK)
		take_passkey_away(request, answer, &id);
	else
		renew(request, answer);
}
