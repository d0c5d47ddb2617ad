#include "ingest/auth.h"

#include <stdlib.h>
#include <string.h>

enum place {
	AT_PLAIN,
	AT_LOGIN_NAME,
	AT_LOGIN_PASSWORD,
	AT_SCRAM_FIRST,
	AT_SCRAM_FINAL,
	AT_SCRAM_END,
	AT_END,
};

struct auth {
	const struct users *users;
	void (*fill_random)(unsigned char *bytes, size_t size);
	enum place place;
	const struct user *user;	/* NULL for somebody who does not exist */
	struct scram_verifier verifier; /* theirs, or an invented one */
	struct scram scram;
};

struct auth *
auth_new(const struct users *users, struct slice mechanism,
	 void (*fill_random)(unsigned char *bytes, size_t size))
{
	static const struct {
		const char *name;
		enum place place;
	} mechanisms[] = {
	    {"PLAIN", AT_PLAIN}, {"LOGIN", AT_LOGIN_NAME}, {"SCRAM-SHA-256", AT_SCRAM_FIRST}};

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		struct auth *auth;

		if (!slice_equal_nocase(mechanism, slice_from_text(mechanisms[i].name)))
			continue;
		auth = calloc(1, sizeof(*auth));
		if (auth == NULL)
			abort();
		auth->users = users;
		auth->fill_random = fill_random;
		auth->place = mechanisms[i].place;
		return auth;
	}
	return NULL;
}

void
auth_free(struct auth *auth)
{
	if (auth == NULL)
		return;
	scram_clear(&auth->scram);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

bool
auth_client_first(const struct auth *auth)
{
	return auth->place != AT_LOGIN_NAME;
}

void
auth_greet(struct auth *auth, struct text *challenge_out)
{
	if (auth->place == AT_LOGIN_NAME)
		text_append_text(challenge_out, "Username:");
}

const struct user *
auth_user(const struct auth *auth)
{
	return auth->user;
}

/* Look the name up; false when it is nothing that could be a name. */
static bool
take_name(struct auth *auth, struct slice name)
{
	struct secret prepared;

	if (name.size > SCRAM_NAME_MAX || scram_prepare(name, false, &prepared) != STATUS_OK)
		return false;
	auth->user = users_find(auth->users, secret_slice(&prepared));
	if (auth->user != NULL)
		auth->verifier = auth->user->verifier;
	else
		users_invent(auth->users, secret_slice(&prepared), &auth->verifier);
	secret_clear(&prepared);
	return true;
}

static enum auth_step
judge_password(struct auth *auth, struct slice password)
{
	struct secret prepared;
	bool fits;

	auth->place = AT_END;
	if (scram_prepare(password, false, &prepared) != STATUS_OK)
		return AUTH_FAILED;
	fits = scram_password_fits(&auth->verifier, secret_slice(&prepared));
	secret_clear(&prepared);
	return fits && auth->user != NULL ? AUTH_PASSED : AUTH_FAILED;
}

/* RFC 4616 section 2: whom to act as, NUL, name, NUL, password.  Nobody acts as somebody else. */
static enum auth_step
take_plain(struct auth *auth, struct slice message)
{
	size_t first = slice_find_byte(message, '\0', 0);
	size_t second = first == SLICE_NONE ? first : slice_find_byte(message, '\0', first + 1);
	struct slice authorising = slice_part(message, 0, first);
	struct slice name, password;

	auth->place = AT_END;
	if (second == SLICE_NONE)
		return AUTH_FAILED;
	name = slice_part(message, first + 1, second);
	password = slice_part(message, second + 1, message.size);
	if (authorising.size > 0 && !slice_equal(authorising, name))
		return AUTH_FAILED;
	return take_name(auth, name) ? judge_password(auth, password) : AUTH_FAILED;
}

static enum auth_step
take_login_name(struct auth *auth, struct slice name, struct text *challenge_out)
{
	/* What is no name is nobody's; that is told with the password's reply. */
	if (!take_name(auth, name))
		users_invent(auth->users, SLICE("nobody"), &auth->verifier);
	auth->place = AT_LOGIN_PASSWORD;
	text_append_text(challenge_out, "Password:");
	return AUTH_CHALLENGE;
}

static enum auth_step
take_scram_first(struct auth *auth, struct slice message, struct text *challenge_out)
{
	unsigned char random[SCRAM_NONCE_SIZE];
	struct scram_first first;
	struct text name;
	bool good;

	auth->place = AT_END;
	if (!scram_read_first(message, &first) ||
	    (first.authorising.size > 0 && !slice_equal(first.authorising, first.name)))
		return AUTH_FAILED;
	text_init(&name, 3 * SCRAM_NAME_MAX);
	good = scram_decode_name(first.name, &name) && take_name(auth, text_slice(&name));
	text_clear(&name);
	if (!good)
		return AUTH_FAILED;
	auth->fill_random(random, sizeof(random));
	scram_start(&auth->scram, &first, &auth->verifier, random, challenge_out);
	auth->place = AT_SCRAM_FINAL;
	return AUTH_CHALLENGE;
}

/* SMTP's success has no room for the server's last message, so it goes as one more challenge
 * (RFC 4954 section 4). */
static enum auth_step
take_scram_final(struct auth *auth, struct slice message, struct text *challenge_out)
{
	auth->place = AT_END;
	if (!scram_finish(&auth->scram, message, challenge_out) || auth->user == NULL)
		return AUTH_FAILED;
	auth->place = AT_SCRAM_END;
	return AUTH_CHALLENGE;
}

enum auth_step
auth_take(struct auth *auth, struct slice message, struct text *challenge_out)
{
	switch (auth->place) {
	case AT_PLAIN:
		return take_plain(auth, message);
	case AT_LOGIN_NAME:
		return take_login_name(auth, message, challenge_out);
	case AT_LOGIN_PASSWORD:
		return judge_password(auth, message);
	case AT_SCRAM_FIRST:
		return take_scram_first(auth, message, challenge_out);
	case AT_SCRAM_FINAL:
		return take_scram_final(auth, message, challenge_out);
	case AT_SCRAM_END:
		auth->place = AT_END;
		return message.size == 0 ? AUTH_PASSED : AUTH_FAILED;
	case AT_END:
		break;
	}
	return AUTH_FAILED;
}
