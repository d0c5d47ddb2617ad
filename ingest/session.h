/*
 * One SMTP session (RFC 5321) as a pure machine: bytes in, replies and the next
 * step out.  It knows no socket, no clock and no store: whoever runs it does what the
 * step says and tells the result.  The server, the transcripts and the fuzzer
 * run the same machine.
 *
 *	session_new
 *	for (;;)
 *		session_step -> SESSION_READ: send session_replies, read, go on
 *			     -> SESSION_BEGIN: answer with session_begun
 *			     ...
 *
 * The verb table in command.c is the only dispatcher.
 */
#ifndef INGEST_SESSION_H
#define INGEST_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/text.h"
#include "ingest/auth.h"
#include "ingest/forward.h"
#include "ingest/reply.h"
#include "ingest/transaction.h"

#define SESSION_LINE_MAX ((size_t)2048)	       /* a command with its CRLF */
#define SESSION_AUTH_LINE_MAX ((size_t)12290)  /* RFC 4954 section 4, with its CRLF */
#define SESSION_LINE_ENDLESS ((size_t)1048576) /* nobody waits for the end of such a line */
#define SESSION_ERRORS_MAX 20		       /* since the last message that was taken */
#define SESSION_IDLE_COMMANDS_MAX 100	       /* NOOP, RSET and their like since then */

struct session_settings {
	const char *host_name;
	bool offer_tls;
	struct transaction_bounds bounds;
	const struct users *users; /* that may authenticate; NULL: nobody */
	/* For nonces; NULL: the system's. */
	void (*fill_random)(unsigned char *bytes, size_t size);
};

/* What one client may do: the rule that its address, certificate or user matched. */
struct session_rules {
	bool may_send;			   /* false: a stranger */
	bool needs_tls;			   /* before MAIL */
	bool needs_auth;		   /* before MAIL */
	bool may_forward;		   /* XFORWARD is believed */
	uint64_t message_size;		   /* the largest message */
	size_t recipients;		   /* the most of one message */
	const char *const *sender_domains; /* that may stand in MAIL; none: any */
	size_t sender_domain_count;
};

enum session_step {
	SESSION_READ,	   /* send the replies; then give what is left of the input, or more */
	SESSION_BEGIN,	   /* a message begins: answer with session_begun */
	SESSION_CONTENT,   /* the next bytes of the message; session_refuse when they cannot be kept
			    */
	SESSION_END,	   /* the message is whole: store it, then session_stored */
	SESSION_GIVE_UP,   /* the message that began will not be stored */
	SESSION_LOGIN,	   /* an attempt to authenticate has ended: look at `login` */
	SESSION_START_TLS, /* send the replies, shake hands, then session_tls_started */
	SESSION_CLOSE,	   /* send the replies and close; a message that began is not stored */
};

enum session_login { SESSION_LOGIN_NONE, SESSION_LOGIN_PASSED, SESSION_LOGIN_FAILED };

enum session_phase {
	SESSION_IN_COMMANDS,
	SESSION_AT_BEGIN,
	SESSION_IN_TEXT, /* behind DATA, or in a chunk of BDAT, also one that is only skipped */
	SESSION_AT_END,
	SESSION_AT_TLS,
	SESSION_CLOSED,
};

/* Fields are for session.c, command.c and login.c; others may read `transaction`, `tls`, `forward`,
 * `user` and those of the login, and set `certified` and the rules between two steps. */
struct session {
	const struct session_settings *settings; /* borrowed */
	const struct session_rules *rules;	 /* borrowed */
	const char *client_address;		 /* borrowed */
	const char *user;			 /* who has authenticated; "" for nobody */
	const struct user *account; /* the same, with what binds them; NULL for nobody */
	bool certified;		  /* a client certificate was verified and its rule lets it send */
	struct auth *auth;	  /* of the attempt in hand */
	enum session_login login; /* how the last attempt ended */
	bool owes_login;	  /* the caller has not been told yet */
	const char *login_name;	  /* whom it named, when there is such a user; else "" */
	int login_failures;
	struct forward forward; /* what XFORWARD told of the next message */
	bool tls;
	bool draining;
	enum session_phase phase;
	bool greeted; /* EHLO or HELO has come */
	char *client_name;
	int errors;
	int idle_commands;
	struct transaction *transaction; /* NULL outside of one */
	bool owes_give_up;		 /* one was dropped whose message had begun */
	uint64_t skip;			 /* bytes of a chunk that nobody wants, still to come */
	enum reply skip_reply;		 /* what it is told then */
	uint64_t text_read;		 /* bytes of text in this session, content or not */
	struct text line;		 /* the beginning of a command whose end has not come */
	unsigned char line_last;	 /* its last byte, kept even when it is too long */
	size_t line_size;		 /* of the line so far, kept or not */
	struct text replies;
};

/* Begins with the greeting in session_replies. */
struct session *session_new(const struct session_settings *settings,
			    const struct session_rules *rules, const char *client_address);
void session_free(struct session *session);

/* Go on until something is to be done.  Takes bytes off *input; *content_out is set with
 * SESSION_CONTENT; it points into the input or to a constant. */
enum session_step
session_step(struct session *session, struct slice *input, struct slice *content_out);

/* What is to be sent, and that it was. */
struct slice session_replies(const struct session *session);
void session_replies_sent(struct session *session);

/* A message is on its way: what comes, or the next chunk, belongs to it. */
bool session_is_in_text(const struct session *session);

/* Can the message be taken?  Anything but STATUS_OK refuses it, before its text is sent. */
void session_begun(struct session *session, enum status status);

/* The same for a client that sends too many messages. */
void session_throttled(struct session *session);

/* The message in hand failed: the rest of its text is skipped and the status told at its end. */
void session_refuse(struct session *session, enum status status);

/* STATUS_OK: the message is durable, and is named `id` in the reply. */
void session_stored(struct session *session, enum status status, struct id id);

/* The handshake is done: all that the client said before is forgotten (RFC 3207 section 4.2). */
void session_tls_started(struct session *session);

/* The session is new, and inside TLS from the first byte. */
void session_in_tls(struct session *session);

/* The server stops: a message in hand is still taken, then the session ends. */
void session_drain(struct session *session);

/* The session ends now, with a 421. */
void session_interrupt(struct session *session, enum reply reply);

/* For command.c: one reply, counted when it is an error. */
void session_reply(struct session *session, enum reply reply);
void session_drop_transaction(struct session *session);

/* For command.c: so many bytes of text follow, which are no commands whatever they are.
 * Unless `refusal` is REPLY_OK they are skipped, and it is told at their end. */
void session_begin_chunk(struct session *session, uint64_t size, bool last, enum reply refusal);

#endif
