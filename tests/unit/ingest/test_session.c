/*
 * Runs tests/smtp/NAME.in through the SMTP machine and compares what comes out
 * with tests/smtp/NAME.ref: as one piece, byte by byte, and cut at random places.
 *
 * A line of a .in file is sent with CRLF.  In it \r, \n, \0, \\ and \xHH stand for
 * bytes; a line that ends in \c is sent without CRLF.  Lines that begin with '!' set up or act:
 *
 *	!size N			largest message
 *	!recipients N		most recipients
 *	!tls			a certificate is configured
 *	!stranger		the client may not send
 *	!needs-tls		the client has to use TLS
 *	!needs-auth		the client has to authenticate
 *	!forward		the client is believed about XFORWARD
 *	!sender-domain NAME	the only domain that the client may send for
 *	!user NAME PASSWORD [DOMAIN,DOMAIN]	who may authenticate
 *	!certified		the client has shown a certificate that may send
 *	!begin STATUS		what the next message is told at its beginning
 *	!store STATUS		what the next message is told at its end
 *	!full-after N		keeping content fails with STATUS_FULL after N bytes
 *	!handshake		the TLS handshake that was asked for succeeds
 *	!drain			the server stops
 *	!timeout		the command's time is over
 *	!repeat N LINE		the line N times; %d in it is the count
 *	!fill N BYTE		N times that byte, without CRLF
 *	!apart			the machine has used up what came so far
 *	!whole			only as one piece (what STARTTLS does depends on it)
 *
 * A .ref file holds the replies, and what the machine asked for in brackets;
 * content as "| line" with bytes outside of printable ASCII escaped.
 *
 * SMTP_TRANSCRIPTS=write writes the .ref files instead; read them before you
 * believe them.
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/session.h"

#define SCRIPT_MAX ((size_t)4194304)

enum manner { AS_ONE_PIECE, BYTE_BY_BYTE, CUT_AT_RANDOM };

struct player {
	struct session_settings settings;
	struct session_rules rules;
	const char *sender_domain;
	struct text users; /* the file */
	struct users *parsed;
	struct session *session;
	enum manner manner;
	unsigned seed;
	struct text pending; /* bytes to be sent */
	struct text record;  /* what came out */
	struct text content; /* of the message in hand */
	enum status begin;
	enum status store;
	size_t room;
	size_t stored;
	bool closed;
};

static enum status
status_from_text(const char *text)
{
	for (int status = STATUS_OK; status <= STATUS_INTERNAL; status++) {
		if (strcmp(status_text((enum status)status), text) == 0)
			return (enum status)status;
	}
	fail_msg("no such status: %s", text);
	return STATUS_INTERNAL;
}

static void
take_replies(struct player *player)
{
	struct slice replies = session_replies(player->session);

	for (size_t i = 0; i < replies.size; i++) {
		if (replies.data[i] != '\r')
			text_append_byte(&player->record, replies.data[i]);
		else
			assert_true(i + 1 < replies.size && replies.data[i + 1] == '\n');
	}
	session_replies_sent(player->session);
}

static void
record_content(struct player *player)
{
	struct slice content = text_slice(&player->content);
	bool at_start = true;

	for (size_t i = 0; i < content.size && i < 400; i++) {
		unsigned char byte = content.data[i];

		if (at_start)
			text_append_text(&player->record, "| ");
		at_start = byte == '\n';
		if (byte == '\n')
			text_append_text(&player->record, "\n");
		else if (byte == '\r' && i + 1 < content.size && content.data[i + 1] == '\n')
			continue;
		else if (byte < ' ' || byte >= 0x7f || byte == '\\')
			text_printf(&player->record, "\\x%02x", byte);
		else
			text_append_byte(&player->record, byte);
	}
	if (!at_start)
		text_append_text(&player->record, content.size > 400 ? "...\n" : "\\c\n");
}

/* What DSN asks for, where it asks. */
static void
record_wishes(struct player *player, const struct envelope *envelope)
{
	static const char *const returns[] = {"", " ret=full", " ret=headers"};
	const char *forwarded;

	text_append_text(&player->record, returns[envelope->returns]);
	if (*envelope->envelope_id != '\0')
		text_printf(&player->record, " envid=%s", envelope->envelope_id);
	if (*envelope->user != '\0')
		text_printf(&player->record, " user=%s", envelope->user);
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct envelope_recipient *recipient = &envelope->recipients[i];

		if (recipient->notify != 0)
			text_printf(&player->record, " notify%zu=%u", i + 1, recipient->notify);
		if (*recipient->original != '\0')
			text_printf(&player->record, " orcpt%zu=%s", i + 1, recipient->original);
	}
	forwarded = forward_text(&player->session->forward, player->session->transaction->arena);
	if (*forwarded != '\0')
		text_printf(&player->record, " forwarded: %s", forwarded);
	text_append_text(&player->record, "]\n");
}

static void
record_message(struct player *player)
{
	const struct envelope *envelope = &player->session->transaction->envelope;

	text_printf(&player->record, "[end from=<%s> to=", envelope->sender);
	for (size_t i = 0; i < envelope->recipient_count && i < 5; i++)
		text_printf(&player->record, "%s<%s>", i == 0 ? "" : ",",
			    envelope->recipients[i].address);
	text_printf(&player->record, " recipients=%zu size=%zu helo=%s%s%s%s%s",
		    envelope->recipient_count, player->content.size, envelope->client_name,
		    envelope->tls ? " tls" : "", envelope->utf8 ? " utf8" : "",
		    envelope->eight_bit ? " 8bit" : "", envelope->binary ? " binary" : "");
	record_wishes(player, envelope);
	record_content(player);
	assert_int_equal(player->content.size, player->session->transaction->size);
}

/* Go on until the machine wants more, and act as a server would. */
static void
play(struct player *player, struct slice input)
{
	struct slice content;

	for (;;) {
		switch (session_step(player->session, &input, &content)) {
		case SESSION_READ:
			take_replies(player);
			if (input.size == 0)
				return;
			break;
		case SESSION_BEGIN:
			take_replies(player);
			text_append_text(&player->record, "[begin]\n");
			text_reset(&player->content);
			session_begun(player->session, player->begin);
			player->begin = STATUS_OK;
			break;
		case SESSION_CONTENT:
			assert_true(content.size > 0);
			if (player->content.size + content.size > player->room)
				session_refuse(player->session, STATUS_FULL);
			else
				text_append(&player->content, content);
			break;
		case SESSION_END:
			take_replies(player);
			record_message(player);
			session_stored(player->session, player->store,
				       (struct id){.bytes = {0x42}});
			player->stored += player->store == STATUS_OK;
			player->store = STATUS_OK;
			break;
		case SESSION_GIVE_UP:
			take_replies(player);
			text_append_text(&player->record, "[given up]\n");
			break;
		case SESSION_LOGIN:
			take_replies(player);
			text_printf(&player->record, "[login %s user=%s]\n",
				    player->session->login == SESSION_LOGIN_PASSED ? "passed"
										   : "failed",
				    player->session->login_name);
			break;
		case SESSION_START_TLS:
			take_replies(player);
			text_append_text(&player->record, "[start tls]\n");
			assert_int_equal(input.size, 0);
			return;
		case SESSION_CLOSE:
			take_replies(player);
			if (!player->closed)
				text_append_text(&player->record, "[close]\n");
			player->closed = true;
			return;
		}
	}
}

/* Send what is pending, cut as the manner says. */
static void
flush(struct player *player)
{
	struct slice input = text_slice(&player->pending);

	while (input.size > 0) {
		size_t size = input.size;

		if (player->manner == BYTE_BY_BYTE)
			size = 1;
		else if (player->manner == CUT_AT_RANDOM)
			size = 1 + (size_t)rand_r(&player->seed) % 40;
		if (size > input.size)
			size = input.size;
		play(player, slice_part(input, 0, size));
		/* A closed connection takes nothing more. */
		if (player->session->phase == SESSION_CLOSED)
			break;
		input = slice_part(input, size, input.size);
	}
	text_reset(&player->pending);
}

/* Send a line of a script with its escapes. */
static void
put_line(struct player *player, const char *line)
{
	for (const char *c = line; *c != '\0'; c++) {
		unsigned value;

		if (*c != '\\') {
			text_append_byte(&player->pending, (unsigned char)*c);
			continue;
		}
		c++;
		switch (*c) {
		case 'r':
			text_append_byte(&player->pending, '\r');
			break;
		case 'n':
			text_append_byte(&player->pending, '\n');
			break;
		case '0':
			text_append_byte(&player->pending, '\0');
			break;
		case 'x':
			assert_int_equal(sscanf(c + 1, "%2x", &value), 1);
			text_append_byte(&player->pending, (unsigned char)value);
			c += 2;
			break;
		case 'c':
			assert_int_equal(c[1], '\0');
			return;
		default:
			text_append_byte(&player->pending, (unsigned char)*c);
		}
	}
	text_append_text(&player->pending, "\r\n");
}

static void
put_many(struct player *player, const char *arguments)
{
	unsigned long count = strtoul(arguments, NULL, 10);
	const char *line = strchr(arguments, ' ') + 1;
	const char *mark = strstr(line, "%d");
	char numbered[4096];

	for (unsigned long i = 0; i < count; i++) {
		if (mark == NULL)
			snprintf(numbered, sizeof(numbered), "%s", line);
		else
			snprintf(numbered, sizeof(numbered), "%.*s%lu%s", (int)(mark - line), line,
				 i, mark + 2);
		put_line(player, numbered);
	}
}

static void
put_fill(struct player *player, const char *arguments)
{
	unsigned long count = strtoul(arguments, NULL, 10);
	unsigned char byte = (unsigned char)strchr(arguments, ' ')[1];

	for (unsigned long i = 0; i < count; i++)
		text_append_byte(&player->pending, byte);
}

/* What acts on the machine happens when all before it has been sent. */
static void
act(struct player *player, const char *word, const char *arguments)
{
	flush(player);
	if (strcmp(word, "begin") == 0) {
		player->begin = status_from_text(arguments);
	} else if (strcmp(word, "store") == 0) {
		player->store = status_from_text(arguments);
	} else if (strcmp(word, "full-after") == 0) {
		player->room = strtoul(arguments, NULL, 10);
	} else if (strcmp(word, "handshake") == 0) {
		session_tls_started(player->session);
	} else if (strcmp(word, "certified") == 0) {
		player->session->certified = true;
	} else if (strcmp(word, "drain") == 0) {
		session_drain(player->session);
		play(player, slice_of("", 0));
	} else if (strcmp(word, "timeout") == 0) {
		session_interrupt(player->session, REPLY_TIMEOUT);
		play(player, slice_of("", 0));
	} else {
		assert_string_equal(word, "apart");
	}
}

/* Cheap, and the same at each run. */
static void
add_user(struct player *player, const char *arguments)
{
	char name[64], password[64], domains[64] = "";
	struct scram_verifier verifier;

	assert_true(sscanf(arguments, "%63s %63s %63s", name, password, domains) >= 2);
	assert_int_equal(scram_verifier_make(slice_from_text(password), SLICE("salt of sixteen!"),
					     SCRAM_ITERATIONS_LEAST, &verifier),
			 STATUS_OK);
	text_printf(&player->users, "%s:", name);
	scram_verifier_write(&verifier, &player->users);
	text_printf(&player->users, "%s%s\n", *domains == '\0' ? "" : ":", domains);
}

static void
count_bytes(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i + 1);
}

/* Settings come before the session begins, at the first line that is none. */
static bool
set_up(struct player *player, const char *word, const char *arguments)
{
	if (strcmp(word, "size") == 0)
		player->rules.message_size = strtoul(arguments, NULL, 10);
	else if (strcmp(word, "needs-tls") == 0)
		player->rules.needs_tls = true;
	else if (strcmp(word, "needs-auth") == 0)
		player->rules.needs_auth = true;
	else if (strcmp(word, "recipients") == 0)
		player->rules.recipients = strtoul(arguments, NULL, 10);
	else if (strcmp(word, "forward") == 0)
		player->rules.may_forward = true;
	else if (strcmp(word, "sender-domain") == 0)
		player->sender_domain = arguments;
	else if (strcmp(word, "user") == 0)
		add_user(player, arguments);
	else if (strcmp(word, "tls") == 0)
		player->settings.offer_tls = true;
	else if (strcmp(word, "stranger") == 0)
		player->rules.may_send = false;
	else
		return strcmp(word, "whole") == 0;
	assert_null(player->session);
	return true;
}

static void
begin_session(struct player *player)
{
	size_t line;

	if (player->users.size > 0)
		assert_int_equal(users_parse(text_slice(&player->users), &player->parsed, &line),
				 STATUS_OK);
	player->settings.users = player->parsed;
	player->rules.sender_domains = &player->sender_domain;
	player->rules.sender_domain_count = player->sender_domain != NULL;
	player->session = session_new(&player->settings, &player->rules, "192.0.2.1");
}

static void
run_line(struct player *player, char *line)
{
	char *arguments = line;

	if (line[0] == '!') {
		arguments = strchrnul(line, ' ');
		if (*arguments == ' ')
			*arguments++ = '\0';
		if (set_up(player, line + 1, arguments))
			return;
	}
	if (player->session == NULL)
		begin_session(player);
	if (line[0] != '!')
		put_line(player, line);
	else if (strcmp(line + 1, "repeat") == 0)
		put_many(player, arguments);
	else if (strcmp(line + 1, "fill") == 0)
		put_fill(player, arguments);
	else
		act(player, line + 1, arguments);
}

/* The record of one run, to be freed with text_clear. */
static struct text
run_script(const char *script, enum manner manner, unsigned seed)
{
	struct player player = {
	    .settings = {.host_name = "mx.example.org", .fill_random = count_bytes},
	    .rules = {.may_send = true, .message_size = 100000, .recipients = 100},
	    .manner = manner,
	    .seed = seed,
	    .room = SIZE_MAX / 2,
	};
	char *copy = strdup(script);
	char *rest = copy;
	char *line;

	text_init(&player.users, SCRIPT_MAX);
	text_init(&player.pending, SCRIPT_MAX);
	text_init(&player.record, SCRIPT_MAX);
	text_init(&player.content, SCRIPT_MAX);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (rest != NULL)
			run_line(&player, line);
	}
	flush(&player);
	assert_true(text_ok(&player.pending) && text_ok(&player.record) &&
		    text_ok(&player.content));
	session_free(player.session);
	users_free(player.parsed);
	text_clear(&player.users);
	text_clear(&player.pending);
	text_clear(&player.content);
	free(copy);
	return player.record;
}

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *bytes = calloc(1, SCRIPT_MAX);

	if (file == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	assert_non_null(bytes);
	if (fread(bytes, 1, SCRIPT_MAX - 1, file) == 0)
		fail_msg("%s is empty", path);
	fclose(file);
	return bytes;
}

static void
write_reference(const char *path, struct text *record)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text_string(record), file);
	fclose(file);
}

static void
check_script(const char *path)
{
	char *script = read_file(path);
	char *reference_path;
	char *reference;
	bool whole = strstr(script, "!whole\n") != NULL;

	assert_true(
	    asprintf(&reference_path, "%.*s.ref", (int)(strlen(path) - strlen(".in")), path) > 0);
	if (getenv("SMTP_TRANSCRIPTS") != NULL) {
		struct text record = run_script(script, AS_ONE_PIECE, 0);

		write_reference(reference_path, &record);
		text_clear(&record);
	}
	reference = read_file(reference_path);
	for (unsigned run = 0; run < (whole ? 1 : 12); run++) {
		enum manner manner = run < 2 ? (enum manner)run : CUT_AT_RANDOM;
		struct text record = run_script(script, manner, run);

		if (strcmp(text_string(&record), reference) != 0)
			fail_msg("%s, run %u:\n%s", path, run, text_string(&record));
		text_clear(&record);
	}
	free(script);
	free(reference);
	free(reference_path);
}

static void
transcripts_agree_however_they_are_cut(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/smtp/*.in", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 40);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_script(found.gl_pathv[i]);
	globfree(&found);
}

/* Replies are handed over before they grow without bound, and no command is lost by it. */
static void
replies_to_a_flood_stay_bounded(void **state)
{
	struct session_settings settings = {.host_name = "mx"};
	struct session_rules rules = {.may_send = true, .message_size = 1000, .recipients = 100};
	struct session *session = session_new(&settings, &rules, "192.0.2.1");
	struct text flood;
	struct slice input;
	struct slice content;
	size_t lines = 0;

	(void)state;
	text_init(&flood, SCRIPT_MAX);
	text_append_text(&flood, "EHLO client\r\nMAIL FROM:<>\r\n");
	for (int i = 0; i < 5000; i++)
		text_append_text(&flood, "RCPT TO:<same@example.net>\r\n");
	input = text_slice(&flood);
	do {
		struct slice replies;

		assert_int_equal(session_step(session, &input, &content), SESSION_READ);
		replies = session_replies(session);
		assert_true(replies.size < 16384);
		for (size_t i = 0; i < replies.size; i++)
			lines += replies.data[i] == '\n';
		session_replies_sent(session);
	} while (input.size > 0);
	assert_int_equal(lines, 1 + 10 + 1 + 5000);
	assert_int_equal(session->transaction->envelope.recipient_count, 1);
	text_clear(&flood);
	session_free(session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transcripts_agree_however_they_are_cut),
	    cmocka_unit_test(replies_to_a_flood_stay_bounded),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
