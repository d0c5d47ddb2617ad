#include "ingest/login.h"

#include <sodium.h>

#include "base/encode.h"
#include "ingest/figures.h"

bool
login_offered(const struct session *session)
{
	return session->tls && users_count(session->settings->users) > 0;
}

static void
fill_random(unsigned char *bytes, size_t size)
{
	randombytes_buf(bytes, size);
}

static void
end_attempt(struct session *session)
{
	auth_free(session->auth);
	session->auth = NULL;
}

void
login_break(struct session *session, enum reply reply)
{
	end_attempt(session);
	session_reply(session, reply);
}

/* `challenge` is not encoded yet. */
static void
reply_challenge(struct session *session, struct text *challenge)
{
	char encoded[BASE64_LENGTH(AUTH_CHALLENGE_MAX) + 1];

	encode_base64(text_slice(challenge), encoded);
	text_printf(&session->replies, "334 %s\r\n", encoded);
}

static void
pass(struct session *session)
{
	session->account = auth_user(session->auth);
	session->user = session->account->name;
	ingest_count_login(true);
	session->login = SESSION_LOGIN_PASSED;
	session->owes_login = true;
	session->login_name = session->user;
	login_break(session, REPLY_AUTHENTICATED);
}

/* One name less to be tried from one connection: three wrong passwords are no typing error. */
static void
fail(struct session *session)
{
	const struct user *user = auth_user(session->auth);

	ingest_count_login(false);
	session->login = SESSION_LOGIN_FAILED;
	session->owes_login = true;
	session->login_name = user == NULL ? "" : user->name;
	end_attempt(session);
	if (++session->login_failures >= LOGIN_FAILURES_MAX)
		session_interrupt(session, REPLY_TOO_MANY_LOGINS);
	else
		session_reply(session, REPLY_LOGIN_FAILED);
}

static void
take_message(struct session *session, struct slice message)
{
	struct text challenge;
	enum auth_step step;

	text_init(&challenge, AUTH_CHALLENGE_MAX);
	step = auth_take(session->auth, message, &challenge);
	if (step == AUTH_CHALLENGE && text_ok(&challenge))
		reply_challenge(session, &challenge);
	else if (step == AUTH_PASSED)
		pass(session);
	else
		fail(session);
	text_clear(&challenge);
}

static void
take_encoded(struct session *session, struct slice encoded)
{
	struct secret message;
	size_t size = 0;

	secret_init(&message, BASE64_BYTES(encoded.size) + 1);
	if (decode_base64(encoded, message.data, message.size, &size))
		take_message(session, slice_of(message.data, size));
	else
		login_break(session, REPLY_NOT_BASE64);
	secret_clear(&message);
}

static void
greet(struct session *session)
{
	struct text challenge;

	text_init(&challenge, AUTH_CHALLENGE_MAX);
	auth_greet(session->auth, &challenge);
	reply_challenge(session, &challenge);
	text_clear(&challenge);
}

static enum reply
check_offer(const struct session *session)
{
	if (users_count(session->settings->users) == 0)
		return REPLY_NO_LOGIN;
	/* Before TLS neither name nor password may be asked for. */
	if (!session->tls)
		return REPLY_LOGIN_NEEDS_TLS;
	return *session->user != '\0' ? REPLY_LOGGED_IN_ALREADY : REPLY_OK;
}

void
login_begin(struct session *session, struct slice argument)
{
	size_t blank = slice_find_byte(argument, ' ', 0);
	struct slice initial = slice_trim(slice_part(argument, blank, argument.size));
	enum reply reply = check_offer(session);

	if (reply != REPLY_OK) {
		session_reply(session, reply);
		return;
	}
	session->auth = auth_new(
	    session->settings->users, slice_part(argument, 0, blank),
	    session->settings->fill_random != NULL ? session->settings->fill_random : fill_random);
	if (session->auth == NULL)
		session_reply(session, REPLY_UNKNOWN_MECHANISM);
	else if (initial.size == 0)
		greet(session);
	else if (slice_equal(initial, SLICE("="))) /* RFC 4954 section 4: a message without bytes */
		take_message(session, slice_of("", 0));
	else
		take_encoded(session, initial);
}

void
login_line(struct session *session, struct slice line)
{
	if (slice_equal(line, SLICE("*")))
		login_break(session, REPLY_LOGIN_CANCELLED);
	else
		take_encoded(session, line);
}
