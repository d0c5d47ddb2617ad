#include "mail/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "mail/idn.h"
#include "mail/mailbox_scan.h"
#include "mail/utf8.h"
#include "mail/words.h"

#define LOCAL_MAX ((size_t)64)
#define DOMAIN_MAX ((size_t)255)
#define FOLD_MAX ((size_t)4096)
#define LABEL_MAX ((size_t)63)
#define NAME_MAX_BYTES ((size_t)255)
#define WRITTEN_MAX ((size_t)998)

static bool
is_alnum(unsigned char byte)
{
	byte = slice_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool
is_atext(unsigned char byte)
{
	return is_alnum(byte) || byte >= 0x80 ||
	       (byte != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", byte) != NULL);
}

/* Non-ASCII must be letters that can be seen: no spaces, controls, formats or unassigned ones. */
static bool
check_unicode(struct slice bytes, bool *utf8)
{
	if (!utf8_is_valid(bytes))
		return false;
	for (size_t position = 0; position < bytes.size;) {
		uint32_t code = utf8_next(bytes, &position);
		int8_t type;

		if (code < 0x80)
			continue;
		*utf8 = true;
		type = u_charType((UChar32)code);
		if (utf8_is_unwanted(code) || u_isUWhiteSpace((UChar32)code) ||
		    type == U_FORMAT_CHAR || type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED)
			return false;
	}
	return true;
}

/* Dot-string of RFC 5321 section 4.1.2. */
static bool
is_dot_string(struct slice local)
{
	bool dot = true;

	for (size_t i = 0; i < local.size; i++) {
		if (local.data[i] == '.') {
			if (dot)
				return false;
			dot = true;
			continue;
		}
		if (!is_atext(local.data[i]))
			return false;
		dot = false;
	}
	return !dot;
}

/* Quoted-string of RFC 5321 section 4.1.2, less what may not stand in a command or list. */
static bool
is_quoted_string(struct slice local)
{
	if (local.size < 3 || local.data[0] != '"' || local.data[local.size - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < local.size; i++) {
		unsigned char byte = local.data[i];

		if (byte == '\\' && ++i + 1 >= local.size)
			return false;
		if (byte == '"' || local.data[i] < 0x20 || local.data[i] == 0x7f ||
		    local.data[i] == '<' || local.data[i] == '>' || local.data[i] == ',')
			return false;
	}
	return true;
}

static bool
is_literal(struct slice domain)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];
	struct slice inner = slice_part(domain, 1, domain.size - 1);
	int family = AF_INET;

	if (domain.data[domain.size - 1] != ']')
		return false;
	if (slice_starts_nocase(inner, SLICE("IPv6:"))) {
		inner = slice_part(inner, 5, inner.size);
		family = AF_INET6;
	}
	if (inner.size == 0 || inner.size >= sizeof(text))
		return false;
	memcpy(text, inner.data, inner.size);
	text[inner.size] = '\0';
	return strlen(text) == inner.size && inet_pton(family, text, address) == 1;
}

/* Labels of letters, digits, hyphens (never at an end), underscores as some hosts have, U-labels.
 */
static bool
is_domain(struct slice domain)
{
	size_t label = 0;
	bool ascii = true;

	if (domain.size == 0 || domain.size > DOMAIN_MAX)
		return false;
	if (domain.data[0] == '[')
		return is_literal(domain);
	for (size_t i = 0; i < domain.size; i++) {
		unsigned char byte = domain.data[i];

		if (byte == '.' || byte == '-') {
			if (label == 0 || (byte == '.' && domain.data[i - 1] == '-'))
				return false;
		} else if (!is_alnum(byte) && byte != '_' && byte < 0x80) {
			return false;
		}
		ascii = ascii && byte < 0x80;
		label = byte == '.' ? 0 : label + 1;
		/* What counts of others is their length in DNS. */
		if (ascii && label > LABEL_MAX)
			return false;
	}
	return label > 0 && domain.data[domain.size - 1] != '-' && (ascii || idn_is_valid(domain));
}

static size_t
last_at(struct slice address)
{
	for (size_t i = address.size; i > 0; i--)
		if (address.data[i - 1] == '@')
			return i - 1;
	return SLICE_NONE;
}

enum status
address_check(struct slice address, bool *utf8_out)
{
	size_t at = address.size > ADDRESS_MAX ? SLICE_NONE : last_at(address);
	bool utf8 = false;
	struct slice local;

	if (at == SLICE_NONE || at == 0 || at > LOCAL_MAX)
		return STATUS_INVALID;
	local = slice_part(address, 0, at);
	if (!is_dot_string(local) && !is_quoted_string(local))
		return STATUS_INVALID;
	if (!is_domain(slice_part(address, at + 1, address.size)) || !check_unicode(address, &utf8))
		return STATUS_INVALID;
	if (utf8_out != NULL)
		*utf8_out = utf8;
	return STATUS_OK;
}

struct slice
address_local(struct slice address)
{
	size_t at = last_at(address);

	return slice_part(address, 0, at == SLICE_NONE ? address.size : at);
}

struct slice
address_domain(struct slice address)
{
	size_t at = last_at(address);

	return at == SLICE_NONE ? slice_of(NULL, 0) : slice_part(address, at + 1, address.size);
}

struct slice
address_unquote(struct slice local, struct arena *arena)
{
	unsigned char *plain;
	size_t size = 0;

	if (local.size < 2 || local.data[0] != '"' || local.data[local.size - 1] != '"')
		return local;
	plain = arena_alloc(arena, local.size);
	for (size_t i = 1; i + 1 < local.size; i++) {
		if (local.data[i] == '\\' && i + 2 < local.size)
			i++;
		plain[size++] = local.data[i];
	}
	return slice_of(plain, size);
}

struct slice
address_quote(struct slice plain, struct arena *arena)
{
	unsigned char *quoted;
	size_t size = 0;

	if (is_dot_string(plain))
		return plain;
	quoted = arena_alloc(arena, plain.size * 2 + 2);
	quoted[size++] = '"';
	for (size_t i = 0; i < plain.size; i++) {
		if (plain.data[i] == '"' || plain.data[i] == '\\')
			quoted[size++] = '\\';
		quoted[size++] = plain.data[i];
	}
	quoted[size++] = '"';
	return slice_of(quoted, size);
}

static void
append_folded(struct text *out, struct slice part)
{
	for (size_t position = 0; position < part.size;)
		utf8_append(out, (uint32_t)u_foldCase((UChar32)utf8_next(part, &position),
						      U_FOLD_CASE_DEFAULT));
}

const char *
address_fold(struct slice text, struct arena *arena)
{
	int32_t room = (int32_t)(text.size < FOLD_MAX ? text.size : FOLD_MAX), wide_size, size;
	UChar *wide = arena_alloc_many(arena, (size_t)room + 1, sizeof(*wide));
	UChar *folded = arena_alloc_many(arena, (size_t)room * 3 + 1, sizeof(*folded));
	char *narrow = arena_alloc(arena, (size_t)room * 9 + 1);
	UErrorCode error = U_ZERO_ERROR;

	u_strFromUTF8WithSub(wide, room + 1, &wide_size, (const char *)text.data, room, 0xfffd,
			     NULL, &error);
	size = u_strFoldCase(folded, room * 3 + 1, wide, wide_size, U_FOLD_CASE_DEFAULT, &error);
	u_strToUTF8(narrow, room * 9 + 1, NULL, folded, size, &error);
	return U_FAILURE(error) ? "" : narrow;
}

const char *
address_normalise(struct slice address, struct arena *arena)
{
	struct slice local = address_quote(address_unquote(address_local(address), arena), arena);
	struct text text;
	const char *normal;

	text_init(&text, address.size * 4 + 16);
	append_folded(&text, local);
	text_append(&text, SLICE("@"));
	append_folded(&text, address_domain(address));
	normal = arena_text_from(arena, text_slice(&text));
	text_clear(&text);
	return normal;
}

/* "Name" or (comment) beside an address as text: quotes and backslashes off, then decoded. */
static const char *
display_name(const struct mailbox_span *span, struct arena *arena)
{
	struct slice raw = span->name.size > 0 ? span->name : span->comment;
	bool phrase = span->name.size > 0;
	struct text text;
	const char *name;

	text_init(&text, raw.size + 1);
	for (size_t i = 0; i < raw.size; i++) {
		if (raw.data[i] == '\\' && i + 1 < raw.size)
			i++;
		else if (raw.data[i] == '"' && phrase)
			continue;
		text_append_byte(&text, raw.data[i]);
	}
	name = words_text(text_slice(&text), NAME_MAX_BYTES, arena);
	text_clear(&text);
	return name;
}

struct mailbox *
address_list_parse(struct slice value, size_t limit, struct arena *arena, size_t *count_out)
{
	struct mailbox_scan scan;
	struct mailbox_span span;
	struct mailbox *list;
	size_t count = 0, most = 0;

	for (mailbox_scan_begin(&scan, value); most < limit && mailbox_scan_next(&scan, &span);)
		most++;
	list = arena_alloc_many(arena, most, sizeof(*list));
	mailbox_scan_begin(&scan, value);
	while (count < most && mailbox_scan_next(&scan, &span)) {
		const char *address;

		if (span.end - span.local_from > WRITTEN_MAX) {
			most--;
			continue;
		}
		address = mailbox_address(&span, arena);
		if (address == NULL) {
			most--;
			continue;
		}
		list[count++] = (struct mailbox){display_name(&span, arena), address};
	}
	*count_out = count;
	return list;
}
