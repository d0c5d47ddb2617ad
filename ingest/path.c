#include "ingest/path.h"

#include "base/status.h"

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
	return parameters->eight_bit || slice_equal_nocase(parameter->value, SLICE("7BIT"));
}

enum reply
path_mail_parameters(struct slice text, struct mail_parameters *parameters_out)
{
	struct mail_parameters parameters = {.has_size = false};
	struct parameter parameter;
	enum next next;

	while ((next = take_parameter(&text, &parameter)) == NEXT_ONE) {
		bool good;

		if (slice_equal_nocase(parameter.keyword, SLICE("SIZE"))) {
			good = take_size(&parameter, &parameters);
		} else if (slice_equal_nocase(parameter.keyword, SLICE("BODY"))) {
			good = take_body(&parameter, &parameters);
		} else if (slice_equal_nocase(parameter.keyword, SLICE("SMTPUTF8"))) {
			good = !parameters.utf8 && !parameter.has_value;
			parameters.utf8 = true;
		} else {
			return REPLY_UNKNOWN_PARAMETER;
		}
		if (!good)
			return REPLY_BAD_PARAMETER;
	}
	if (next == NEXT_BROKEN)
		return REPLY_BAD_PARAMETER;
	*parameters_out = parameters;
	return REPLY_OK;
}

enum reply
path_recipient_parameters(struct slice text)
{
	struct parameter parameter;

	switch (take_parameter(&text, &parameter)) {
	case NEXT_NONE:
		return REPLY_OK;
	case NEXT_ONE:
		return REPLY_UNKNOWN_PARAMETER;
	case NEXT_BROKEN:
		break;
	}
	return REPLY_BAD_PARAMETER;
}
