/*
 * /desk/factor and /box/factor: a second factor is shown to sign in, behind the mailed code or
 * behind the passphrase of a mailbox.
 */
#include "messenger/account.h"
#include "messenger/desk.h"
#include "messenger/passkey.h"
#include "portal/page.h"

/* Where somebody comes in. */
struct entrance {
	const char *cookie; /* of who owes a factor */
	bool in_box;
	enum status (*owes)(const struct messenger *messenger, struct slice token, int64_t now,
			    struct arena *arena, const char **address_out);
	enum status (*enter)(const struct messenger *messenger, struct slice token,
			     struct account_proof *proof, const struct place *place, int64_t now,
			     struct secret *session_out, int *left_out);
};

static const struct entrance desk = {SESSION_CODE_COOKIE, false, messenger_desk_owes,
				     messenger_desk_factor};
static const struct entrance box = {SESSION_OWES_COOKIE, true, messenger_mailbox_owes,
				    messenger_mailbox_factor};

static struct slice
token_of(const struct request *request, const struct entrance *entrance)
{
	return session_token(request->headers.cookie, entrance->cookie, request->arena);
}

/* What there is to show. */
static enum status
put_factors(const struct request *request, struct template_values *values, const char *address,
	    struct slice token)
{
	const struct messenger *messenger = &request->site->messenger;
	struct slice index = messenger_address_index(messenger, address, request->arena);
	struct account_view view;
	enum status status = messenger_account_look(messenger, address, request->arena, &view);

	if (status == STATUS_OK)
		status = page_put_passkeys(request, values, index, PASSKEY_SIGN_IN, token);
	template_put_flag(values, "has_totp", view.has_totp);
	return status;
}

static void
show(const struct request *request, struct answer *answer, const struct entrance *entrance,
     int http_status, const char *flag, int tries_left)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	struct slice token = token_of(request, entrance);
	const char *address = "";
	enum status status = entrance->owes(&request->site->messenger, token, request->now,
					    request->arena, &address);
	bool dead = status == STATUS_NOT_FOUND;

	if (dead)
		template_put_flag(values, "has_totp", true);
	else if (status == STATUS_OK)
		status = put_factors(request, values, address, token);
	if (status != STATUS_OK && !dead) {
		page_failure(request, answer, status);
		return;
	}
	template_put_flag(values, "in_box", entrance->in_box);
	template_put_text(values, "action", entrance->in_box ? "/box/factor" : "/desk/factor");
	template_put_text(values, "address", address);
	template_put_number(values, "tries_left", tries_left);
	template_put_flag(values, "dead", dead);
	template_put_flag(values, "stale", request->stale);
	/* That somebody has to wait is so whatever became of this way in meanwhile. */
	if (flag != NULL && (status == STATUS_OK || http_status == 429))
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/factor", values);
}

static void
let_in(struct request *request, struct answer *answer, const struct entrance *entrance,
       const struct secret *session)
{
	if (!entrance->in_box) {
		page_desk_let_in(request, answer, session);
		return;
	}
	answer_add(answer, "Set-Cookie", session_owes_cookie(request, slice_of(NULL, 0)));
	page_box_let_in(request, answer, session, false, "/box");
}

static void
enter(struct request *request, struct answer *answer, const struct entrance *entrance)
{
	struct account_proof proof = page_proof(request, token_of(request, entrance));
	struct place place = page_place(request);
	struct secret session;
	int left;
	enum status status = entrance->enter(&request->site->messenger, proof.token, &proof, &place,
					     request->now, &session, &left);

	switch (status) {
	case STATUS_OK:
		let_in(request, answer, entrance, &session);
		secret_clear(&session);
		break;
	case STATUS_DENIED:
		show(request, answer, entrance, 403, page_proof_fault(&proof), left);
		break;
	case STATUS_GONE:
		show(request, answer, entrance, 403, "too_late", left);
		break;
	case STATUS_BUSY:
		show(request, answer, entrance, 429, "busy", 0);
		break;
	case STATUS_NOT_FOUND:
		show(request, answer, entrance, 403, NULL, 0);
		break;
	default:
		page_failure(request, answer, status);
	}
}

void
page_desk_factor(struct request *request, struct answer *answer)
{
	show(request, answer, &desk, 200, NULL, 0);
}

void
page_desk_factor_enter(struct request *request, struct answer *answer)
{
	enter(request, answer, &desk);
}

void
page_box_factor(struct request *request, struct answer *answer)
{
	show(request, answer, &box, 200, NULL, 0);
}

void
page_box_factor_enter(struct request *request, struct answer *answer)
{
	enter(request, answer, &box);
}
