#include "ingest/reply.h"

#include "ingest/figures.h"

struct line {
	int code;
	const char *enhanced; /* "" where RFC 2034 wants none */
	const char *text;
};

static const struct line lines[REPLY_COUNT] = {
    [REPLY_OK] = {250, "2.0.0", "Ok"},
    [REPLY_BYE] = {221, "2.0.0", "Bye"},
    [REPLY_START_TLS] = {220, "2.0.0", "Ready to start TLS"},
    [REPLY_HELP] = {214, "2.0.0", "See RFC 5321"},
    [REPLY_CANNOT_VERIFY] = {252, "2.5.0", "Cannot verify; send the message and see"},
    [REPLY_SENDER_OK] = {250, "2.1.0", "Ok"},
    [REPLY_RECIPIENT_OK] = {250, "2.1.5", "Ok"},
    [REPLY_GO_AHEAD] = {354, "", "End data with <CR><LF>.<CR><LF>"},
    [REPLY_AUTHENTICATED] = {235, "2.7.0", "Authentication succeeded"},
    [REPLY_SHUTTING_DOWN] = {421, "4.3.2", "Service is shutting down"},
    [REPLY_TIMEOUT] = {421, "4.4.2", "Timeout exceeded"},
    [REPLY_TOO_SLOW] = {421, "4.4.2", "Data comes too slowly"},
    [REPLY_TOO_MANY_CONNECTIONS] = {421, "4.7.0", "Too many connections"},
    [REPLY_TOO_MANY_ERRORS] = {421, "4.7.0", "Too many errors"},
    [REPLY_TOO_MANY_COMMANDS] = {421, "4.7.0", "Too many commands without a message"},
    [REPLY_TOO_MANY_MESSAGES] = {451, "4.7.0", "Too many messages, try again later"},
    [REPLY_TOO_MANY_LOGINS] = {421, "4.7.0", "Too many failed authentications"},
    [REPLY_LATER] = {451, "4.3.0", "Cannot store the message now, try again later"},
    [REPLY_BUSY] = {451, "4.3.2", "Too busy now, try again later"},
    [REPLY_FULL] = {452, "4.3.1", "No room to store the message, try again later"},
    [REPLY_TOO_MANY_RECIPIENTS] = {452, "4.5.3", "Too many recipients"},
    [REPLY_LINE_TOO_LONG] = {500, "5.5.2", "Command line too long"},
    [REPLY_BARE_LINE_END] = {500, "5.5.2", "Bare CR, bare LF or NUL in a command"},
    [REPLY_UNKNOWN_COMMAND] = {500, "5.5.2", "Command not recognized"},
    [REPLY_NO_ARGUMENT_ALLOWED] = {501, "5.5.4", "This command takes no argument"},
    [REPLY_ARGUMENT_MISSING] = {501, "5.5.4", "This command needs an argument"},
    [REPLY_BAD_HOST] = {501, "5.5.4", "Not a host name or address literal"},
    [REPLY_BAD_SENDER] = {501, "5.1.7", "Bad sender address syntax"},
    [REPLY_BAD_RECIPIENT] = {501, "5.1.3", "Bad recipient address syntax"},
    [REPLY_SENDER_NOT_ALLOWED] = {553, "5.1.7", "Sender address not allowed"},
    [REPLY_RECIPIENT_NOT_ALLOWED] = {553, "5.1.3", "Recipient address not allowed"},
    [REPLY_BAD_PARAMETER] = {501, "5.5.4", "Bad parameter"},
    [REPLY_UNKNOWN_PARAMETER] = {555, "5.5.4", "Parameter not supported"},
    [REPLY_NEEDS_UTF8] = {553, "5.6.7", "This address needs SMTPUTF8"},
    [REPLY_NOT_EXPANDED] = {502, "5.5.1", "Lists are not expanded"},
    [REPLY_NO_TLS] = {502, "5.5.1", "TLS is not available"},
    [REPLY_PLAIN_BEHIND_TLS] = {501, "5.5.1", "Nothing may follow STARTTLS"},
    [REPLY_HELLO_FIRST] = {503, "5.5.1", "Send EHLO or HELO first"},
    [REPLY_MAIL_FIRST] = {503, "5.5.1", "Send MAIL first"},
    [REPLY_CHUNKS_BEGUN] = {503, "5.5.1", "The message comes in chunks; send BDAT or RSET"},
    [REPLY_CHUNKS_NEEDED] = {503, "5.5.1", "BODY=BINARYMIME needs BDAT"},
    [REPLY_BAD_CHUNK] = {501, "5.5.4", "Not the size of a chunk"},
    [REPLY_NESTED_MAIL] = {503, "5.5.1", "A transaction is open already"},
    [REPLY_NO_RECIPIENTS] = {554, "5.5.1", "No valid recipients"},
    [REPLY_NOT_ALLOWED] = {554, "5.7.1", "Relay access denied"},
    [REPLY_TLS_NEEDED] = {530, "5.7.0", "Send STARTTLS first"},
    [REPLY_AUTH_NEEDED] = {530, "5.7.0", "Authentication required"},
    [REPLY_SENDER_DOMAIN] = {550, "5.7.1", "This client may not send for that domain"},
    [REPLY_NO_LOGIN] = {502, "5.5.1", "Authentication is not available"},
    [REPLY_LOGIN_NEEDS_TLS] = {538, "5.7.11", "Send STARTTLS first"},
    [REPLY_LOGGED_IN_ALREADY] = {503, "5.5.1", "Authenticated already"},
    [REPLY_UNKNOWN_MECHANISM] = {504, "5.5.4", "Authentication mechanism not supported"},
    [REPLY_NOT_BASE64] = {501, "5.5.2", "Not base64"},
    [REPLY_LOGIN_CANCELLED] = {501, "5.7.0", "Authentication cancelled"},
    [REPLY_LOGIN_TOO_LONG] = {500, "5.5.6", "Authentication exchange line too long"},
    [REPLY_LOGIN_FAILED] = {535, "5.7.8", "Authentication credentials invalid"},
    [REPLY_NO_FORWARDING] = {550, "5.7.1", "XFORWARD is not allowed here"},
    [REPLY_NOT_SMTP] = {554, "5.5.1", "This is an SMTP service"},
    [REPLY_TOO_LARGE] = {552, "5.3.4", "Message is too large"},
    [REPLY_HEADER_TOO_LARGE] = {552, "5.3.4", "Message header is too large"},
    [REPLY_BARE_IN_DATA] = {550, "5.5.2", "Bare CR or bare LF in the message"},
    [REPLY_DATA_LINE_TOO_LONG] = {550, "5.5.2", "Line too long in the message"},
    [REPLY_TOO_MANY_HOPS] = {554, "5.4.6", "Too many hops"},
    [REPLY_REFUSED] = {554, "5.6.0", "Message refused"},
};

int
reply_code(enum reply reply)
{
	return lines[reply].code;
}

void
reply_write(enum reply reply, struct text *out)
{
	const struct line *line = &lines[reply];

	ingest_count_reply(line->code);
	text_printf(out, "%d %s%s%s\r\n", line->code, line->enhanced,
		    *line->enhanced == '\0' ? "" : " ", line->text);
}

enum reply
reply_for_status(enum status status)
{
	switch (status) {
	case STATUS_INVALID:
		return REPLY_REFUSED;
	case STATUS_TOO_LARGE:
		return REPLY_TOO_LARGE;
	case STATUS_DENIED:
		return REPLY_NOT_ALLOWED;
	case STATUS_BUSY:
		return REPLY_BUSY;
	case STATUS_FULL:
		return REPLY_FULL;
	case STATUS_OK:
	case STATUS_NOT_FOUND:
	case STATUS_CONFLICT:
	case STATUS_GONE:
	case STATUS_UNAVAILABLE:
	case STATUS_DAMAGED:
	case STATUS_INTERNAL:
		break;
	}
	return REPLY_LATER;
}
