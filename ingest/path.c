#include "ingest/path.h"

#include "base/status.h"
#include "ingest/xtext.h"
#include "mail/utf8.h"

/* RFC 1870 section 3: 1 to 20 digits. */
#define SIZE_DIGITS_MAX 20

/* Position of the '>' that closes a path whose '<' is behind us, or SLICE_NONE; one inside a
 * quoted string does not count. */
static size_t
find_end(struct slice text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.size; i++) {
		unsigned char byte = text.data[i];

		if (quoted && byte == '\\')
			i++;
		else if (byte == '"')
			quoted = !quoted;
		else if (!quoted && byte == '>')
			return i;
		else if (!quoted && byte == '<')
			return SLICE_NONE;
	}
	return SLICE_NONE;
}

static bool
is_host_byte(unsigned char byte)
{
	unsigned char lower = slice_lower(byte);

	return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
	       byte == '-';
}

/* "@one,@two:user@three": the mailbox behind the route.  Anything else stays as it is. */
static struct slice
without_route(struct slice path)
{
	if (path.size == 0 || path.data[0] != '@')
		return path;
	for (size_t i = 0; i < path.size; i++) {
		unsigned char byte = path.data[i];

		if (byte == ':')
			return slice_part(path, i + 1, path.size);
		if (!is_host_byte(byte) && byte != '@' && byte != ',')
			break;
	}
	return path;
}

bool
path_take(const char *keyword, struct slice *argument, struct slice *mailbox_out)
{
	struct slice prefix = slice_from_text(keyword);
	struct slice rest;
	size_t from;
	size_t size;

	if (!slice_starts_nocase(*argument, prefix))
		return false;
	/* Blanks before the path are outside the grammar, but widely sent. */
	for (from = prefix.size; from < argument->size && argument->data[from] == ' ';)
		from++;
	if (from == argument->size || argument->data[from] != '<')
		return false;
	rest = slice_part(*argument, from + 1, argument->size);
	size = find_end(rest);
	if (size == SLICE_NONE)
		return false;
	*mailbox_out = without_route(slice_part(rest, 0, size));
	*argument = slice_part(rest, size + 1, rest.size);
	return true;
}

/* The next parameter: "keyword" or "keyword=value", with at least one blank before it. */
enum next { NEXT_NONE, NEXT_ONE, NEXT_BROKEN };

struct parameter {
	struct slice keyword;
	struct slice value;
	bool has_value;
};

static enum next
take_parameter(struct slice *text, struct parameter *parameter_out)
{
	size_t from = 0;
	size_t to;
	size_t equals;
	struct slice word;

	while (from < text->size && text->data[from] == ' ')
		from++;
	if (from == text->size)
		return NEXT_NONE;
	if (from == 0)
		return NEXT_BROKEN;
	to = slice_find_byte(*text, ' ', from);
	if (to == SLICE_NONE)
		to = text->size;
	word = slice_part(*text, from, to);
	equals = slice_find_byte(word, '=', 0);
	parameter_out->has_value = equals != SLICE_NONE;
	parameter_out->keyword = slice_part(word, 0, equals == SLICE_NONE ? word.size : equals);
	parameter_out->value =
	    slice_part(word, parameter_out->has_value ? equals + 1 : word.size, word.size);
	*text = slice_part(*text, to, text->size);
	/* RFC 5321 section 4.1.2: a keyword begins with a letter or digit. */
	if (parameter_out->keyword.size == 0 || !is_host_byte(parameter_out->keyword.data[0]))
		return NEXT_BROKEN;
	return NEXT_ONE;
}

static bool
take_size(const struct parameter *parameter, struct mail_parameters *parameters)
{
	unsigned long long size;

	if (parameters->has_size || parameter->value.size == 0 ||
	    parameter->value.size > SIZE_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < parameter->value.size; i++) {
		if (parameter->value.data[i] < '0' || parameter->value.data[i] > '9')
			return false;
	}
	parameters->has_size = true;
	parameters->size = slice_to_number(parameter->value, &size) ? size : UINT64_MAX;
	return true;
}

static bool
take_body(const struct parameter *parameter, struct mail_parameters *parameters)
{
	if (parameters->has_body)
		return false;
	parameters->has_body = true;
	parameters->eight_bit = slice_equal_nocase(parameter->value, SLICE("8BITMIME"));
	parameters->binary = slice_equal_nocase(parameter->value, SLICE("BINARYMIME"));
	return parameters->eight_bit || parameters->binary ||
	       slice_equal_nocase(parameter->value, SLICE("7BIT"));
}

static bool
take_utf8(const struct parameter *parameter, struct mail_parameters *parameters)
{
	if (parameters->utf8 || parameter->has_value)
		return false;
	parameters->utf8 = true;
	return true;
}

static bool
take_return(const struct parameter *parameter, struct mail_parameters *parameters)
{
	bool full = slice_equal_nocase(parameter->value, SLICE("FULL"));

	if (parameters->has_return)
		return false;
	parameters->has_return = true;
	parameters->returns = full ? RETURN_FULL : RETURN_HEADERS;
	return full || slice_equal_nocase(parameter->value, SLICE("HDRS"));
}

static bool
take_envelope_id(const struct parameter *parameter, struct mail_parameters *parameters)
{
	if (parameters->has_envelope_id || parameter->value.size == 0 ||
	    parameter->value.size > PATH_ENVELOPE_ID_MAX)
		return false;
	parameters->has_envelope_id = true;
	parameters->envelope_id = parameter->value;
	return xtext_is_ascii(parameter->value);
}

/* RFC 4954 section 5 lets a server ignore what the client says of whose message it is. */
static bool
take_auth(const struct parameter *parameter, struct mail_parameters *parameters)
{
	if (parameters->has_auth || parameter->value.size == 0)
		return false;
	parameters->has_auth = true;
	return slice_equal(parameter->value, SLICE("<>")) || xtext_decode(parameter->value, NULL);
}

static const struct {
	const char *keyword;
	bool (*take)(const struct parameter *parameter, struct mail_parameters *parameters);
} mail_keywords[] = {
    {"SIZE", take_size},  {"BODY", take_body},	       {"SMTPUTF8", take_utf8},
    {"RET", take_return}, {"ENVID", take_envelope_id}, {"AUTH", take_auth},
};

#define MAIL_KEYWORDS (sizeof(mail_keywords) / sizeof(mail_keywords[0]))

enum reply
path_mail_parameters(struct slice text, struct mail_parameters *parameters_out)
{
	struct mail_parameters parameters = {.has_size = false};
	struct parameter parameter;
	enum next next;

	while ((next = take_parameter(&text, &parameter)) == NEXT_ONE) {
		size_t i = 0;

		while (i < MAIL_KEYWORDS &&
		       !slice_equal_nocase(parameter.keyword,
					   slice_from_text(mail_keywords[i].keyword)))
			i++;
		if (i == MAIL_KEYWORDS)
			return REPLY_UNKNOWN_PARAMETER;
		if (!mail_keywords[i].take(&parameter, &parameters))
			return REPLY_BAD_PARAMETER;
	}
	if (next == NEXT_BROKEN)
		return REPLY_BAD_PARAMETER;
	*parameters_out = parameters;
	return REPLY_OK;
}

/* One of the words of NOTIFY, 0 when it is none. */
static unsigned
notify_word(struct slice word)
{
	static const struct {
		const char *word;
		enum envelope_notify notify;
	} words[] = {{"SUCCESS", NOTIFY_SUCCESS},
		     {"FAILURE", NOTIFY_FAILURE},
		     {"DELAY", NOTIFY_DELAY},
		     {"NEVER", NOTIFY_NEVER}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_equal_nocase(word, slice_from_text(words[i].word)))
			return words[i].notify;
	return 0;
}

static bool
take_notify(const struct parameter *parameter, struct recipient_parameters *parameters)
{
	struct slice rest = parameter->value;

	if (parameters->has_notify)
		return false;
	parameters->has_notify = true;
	for (;;) {
		size_t comma = slice_find_byte(rest, ',', 0);
		unsigned notify = notify_word(slice_part(rest, 0, comma));

		if (notify == 0 || (parameters->notify & notify) != 0)
			return false;
		parameters->notify |= notify;
		if (comma == SLICE_NONE)
			break;
		rest = slice_part(rest, comma + 1, rest.size);
	}
	return (parameters->notify & NOTIFY_NEVER) == 0 || parameters->notify == NOTIFY_NEVER;
}

/* Valid UTF-8 without controls, whose ASCII is xtext. */
static bool
is_utf8_xtext(struct slice text)
{
	for (size_t from = 0; from < text.size;) {
		size_t to = from;

		while (to < text.size && text.data[to] < 0x80)
			to++;
		if (!xtext_is_ascii(slice_part(text, from, to)))
			return false;
		for (from = to; from < text.size && text.data[from] >= 0x80;)
			if (utf8_is_unwanted(utf8_next(text, &from)))
				return false;
	}
	return true;
}

/* "rfc822;" and xtext.  Under SMTPUTF8 "utf-8;" may hold UTF-8 as it is (RFC 6533 section 3). */
static bool
take_original(const struct parameter *parameter, bool utf8, struct recipient_parameters *parameters)
{
	size_t semicolon = slice_find_byte(parameter->value, ';', 0);
	struct slice type = slice_part(parameter->value, 0, semicolon);
	struct slice address = slice_part(parameter->value, semicolon + 1, parameter->value.size);

	if (parameters->has_original || semicolon == SLICE_NONE || type.size == 0 ||
	    address.size == 0 || parameter->value.size > PATH_ORIGINAL_MAX)
		return false;
	for (size_t i = 0; i < type.size; i++)
		if (!is_host_byte(type.data[i]))
			return false;
	parameters->has_original = true;
	parameters->original = parameter->value;
	if (!utf8 || xtext_is_ascii(address))
		return xtext_is_ascii(address);
	if (slice_equal_nocase(type, SLICE("utf-8")))
		return utf8_is_valid(address) && is_utf8_xtext(address);
	/* Postfix writes UTF-8 as bytes in xtext, of type "rfc822", which is neither RFC 3461's nor
	 * RFC 6533's: no reason to refuse the recipient, but nothing to hand on either. */
	parameters->original = slice_of(address.data, 0);
	return xtext_decode(address, NULL);
}

enum reply
path_recipient_parameters(struct slice text, bool utf8, struct recipient_parameters *parameters_out)
{
	struct recipient_parameters parameters = {.has_notify = false};
	struct parameter parameter;
	enum next next;

	while ((next = take_parameter(&text, &parameter)) == NEXT_ONE) {
		bool good;

		if (slice_equal_nocase(parameter.keyword, SLICE("NOTIFY")))
			good = take_notify(&parameter, &parameters);
		else if (slice_equal_nocase(parameter.keyword, SLICE("ORCPT")))
			good = take_original(&parameter, utf8, &parameters);
		else
			return REPLY_UNKNOWN_PARAMETER;
		if (!good)
			return REPLY_BAD_PARAMETER;
	}
	if (next == NEXT_BROKEN)
		return REPLY_BAD_PARAMETER;
	*parameters_out = parameters;
	return REPLY_OK;
}
