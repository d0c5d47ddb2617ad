#include "mail/protect_header.h"

#include <string.h>

#include "base/text.h"
#include "mail/edit.h"
#include "mail/field.h"
#include "mail/header.h"
#include "mail/structure.h"

/* Every field at most twice, and a line end more for each line that had none. */
#define OUTER_MAX (3 * HEADER_BLOCK_MAX)
#define INNER_MAX (6 * HEADER_BLOCK_MAX)

enum place {
	PLACE_INSIDE,  /* what is not listed below */
	PLACE_BOTH,    /* inside, and outside as it is */
	PLACE_OUTSIDE, /* traces: they tell of the way of what is outside */
	PLACE_SUBJECT, /* inside, and outside by policy */
	PLACE_TYPE,    /* Content-Type, of which there is one */
	PLACE_CONTENT, /* belongs to the body */
	PLACE_NOWHERE, /* a Bcc; signatures that are broken now; what would speak for us */
};

static const struct {
	const char *name; /* "-" at the end stands for all that begin so */
	enum place place;
} places[] = {
    {"From", PLACE_BOTH},
    {"Sender", PLACE_BOTH},
    {"Reply-To", PLACE_BOTH},
    {"To", PLACE_BOTH},
    {"Cc", PLACE_BOTH},
    {"Date", PLACE_BOTH},
    {"Message-ID", PLACE_BOTH},
    {"In-Reply-To", PLACE_BOTH},
    {"References", PLACE_BOTH},
    {"Auto-Submitted", PLACE_BOTH},
    {"X-Auto-Response-Suppress", PLACE_BOTH},
    {"Precedence", PLACE_BOTH},
    {"Disposition-Notification-To", PLACE_BOTH},
    {"Importance", PLACE_BOTH},
    {"Priority", PLACE_BOTH},
    {"X-Priority", PLACE_BOTH},
    {"Autocrypt", PLACE_BOTH},
    {"Resent-", PLACE_BOTH},
    {"List-", PLACE_BOTH},
    {"Subject", PLACE_SUBJECT},
    {"Return-Path", PLACE_OUTSIDE},
    {"Received", PLACE_OUTSIDE},
    {"Delivered-To", PLACE_OUTSIDE},
    {"X-Loop", PLACE_OUTSIDE},
    {"Content-Type", PLACE_TYPE},
    {"Content-", PLACE_CONTENT},
    {"MIME-Version", PLACE_NOWHERE},
    {"Bcc", PLACE_NOWHERE},
    {"Resent-Bcc", PLACE_NOWHERE},
    {"HP-Outer", PLACE_NOWHERE},
    {"DKIM-Signature", PLACE_NOWHERE},
    {"DomainKey-Signature", PLACE_NOWHERE},
    {"X-Google-DKIM-Signature", PLACE_NOWHERE},
    {"ARC-", PLACE_NOWHERE},
    {"Authentication-Results", PLACE_NOWHERE},
};

struct protecting {
	const struct protect_policy *policy;
	struct arena *arena;
	struct text *outer;
	struct text *content; /* inside: what the body is */
	struct text *fields;  /* inside: what was written to the reader */
	struct text *records; /* inside: what stands outside (HP-Outer) */
	bool typed;
	bool has_subject;
};

static enum place
place_of(struct slice name)
{
	enum place place = PLACE_INSIDE;

	/* A whole name says more than the beginning of one. */
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct slice row = slice_from_text(places[i].name);

		if (slice_equal_nocase(name, row))
			return places[i].place;
		if (row.data[row.size - 1] == '-' && slice_starts_nocase(name, row))
			place = places[i].place;
	}
	return place;
}

/* As it came, but for what may not be in a field: each line ends in CRLF, and there is no other CR
 * and no NUL. */
static void
put_words(struct text *out, struct slice value)
{
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (byte == '\n')
			text_append_text(out, "\r\n");
		else if (byte == '\r' && i + 1 < value.size && value.data[i + 1] == '\n')
			continue;
		else
			text_append_byte(out, byte == '\r' || byte == '\0' ? ' ' : byte);
	}
}

static void
put_value(struct text *out, struct slice value)
{
	put_words(out, value);
	text_append_text(out, "\r\n");
}

static void
put_field(struct text *out, struct slice name, struct slice value)
{
	text_append(out, name);
	text_append_byte(out, ':');
	put_value(out, value);
}

static void
put_outside(struct protecting *protecting, struct slice name, struct slice value)
{
	put_field(protecting->outer, name, value);
	text_append_text(protecting->records, "HP-Outer: ");
	put_field(protecting->records, name, value);
}

static void
put_subject(struct protecting *protecting, const struct header_field *field)
{
	put_field(protecting->fields, field->name, field->value);
	if (protecting->policy->subject == NULL) {
		put_outside(protecting, field->name, field->value);
	} else if (!protecting->has_subject) {
		struct text *value = text_new_in(protecting->arena, FIELD_LINE_MAX * 16);

		field_put_text(value, "", protecting->policy->subject);
		/* Without ":" in front and the line end behind. */
		put_outside(protecting, field->name,
			    slice_part(text_slice(value), 1, value->size - 2));
	}
	protecting->has_subject = true;
}

/* End of the parameter that begins at `at`: the next ";" that is neither quoted nor in a comment,
 * or the end of all. */
static size_t
parameter_end(struct slice value, size_t at)
{
	bool quoted = false;
	unsigned comments = 0;

	for (; at < value.size; at++) {
		unsigned char byte = value.data[at];

		if (byte == '\\' && (quoted || comments > 0))
			at++;
		else if (byte == '"' && comments == 0)
			quoted = !quoted;
		else if (byte == '(' && !quoted)
			comments++;
		else if (byte == ')' && !quoted && comments > 0)
			comments--;
		else if (byte == ';' && !quoted && comments == 0)
			return at;
	}
	return value.size;
}

/* What another program said of its own protection is not true of ours. */
static bool
is_claim(struct slice parameter)
{
	static const char *const names[] = {"hp", "hp-legacy-display", "protected-headers"};
	struct slice trimmed = slice_trim(parameter);
	size_t end = 0;

	while (end < trimmed.size && strchr("=* \t\r\n", trimmed.data[end]) == NULL)
		end++;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(slice_part(trimmed, 0, end), slice_from_text(names[i])))
			return true;
	return false;
}

/* Our parameters stand behind the type itself: a quote that somebody left open further behind
 * would take them in. */
static void
put_type(struct protecting *protecting, struct slice value)
{
	struct text *out = protecting->content;
	struct text *rest = text_new_in(protecting->arena, INNER_MAX);
	size_t end = parameter_end(value, 0);
	struct slice type = slice_trim(slice_part(value, 0, end));

	while (end < value.size) {
		size_t next = parameter_end(value, end + 1);
		struct slice parameter = slice_part(value, end + 1, next);

		if (!is_claim(parameter) && slice_trim(parameter).size > 0) {
			text_append_byte(rest, ';');
			text_append(rest, parameter);
		}
		end = next;
	}
	text_append_text(out, "Content-Type: ");
	put_words(out, type.size > 0 ? type : SLICE("text/plain"));
	/* The second says it to programs from before RFC 9788: Thunderbird, K-9, Mailpile. */
	text_append_text(out, "; hp=\"cipher\"; protected-headers=\"v1\"");
	put_value(out, text_slice(rest));
	if (!text_ok(rest))
		out->overflowed = true;
}

static void
put(struct protecting *protecting, const struct header_field *field)
{
	switch (place_of(field->name)) {
	case PLACE_BOTH:
		put_outside(protecting, field->name, field->value);
		put_field(protecting->fields, field->name, field->value);
		break;
	case PLACE_INSIDE:
		put_field(protecting->fields, field->name, field->value);
		break;
	case PLACE_OUTSIDE:
		put_field(protecting->outer, field->name, field->value);
		break;
	case PLACE_SUBJECT:
		put_subject(protecting, field);
		break;
	case PLACE_TYPE:
		if (!protecting->typed)
			put_type(protecting, field->value);
		protecting->typed = true;
		break;
	case PLACE_CONTENT:
		put_field(protecting->content, field->name, field->value);
		break;
	case PLACE_NOWHERE:
		break;
	}
}

/* What was built, in front of the body. */
static enum status
join(struct protecting *protecting, const struct source *message, uint64_t body,
     struct protected_letter *letter_out)
{
	struct arena *arena = protecting->arena;
	struct edit *edit = arena_alloc(arena, sizeof(*edit));
	struct edits edits = {edit, 1};
	struct text *inner = text_new_in(arena, INNER_MAX);

	if (!protecting->typed)
		put_type(protecting, (struct slice){NULL, 0});
	text_append_text(inner, "MIME-Version: 1.0\r\n");
	text_append(inner, text_slice(protecting->content));
	text_append(inner, text_slice(protecting->fields));
	text_append(inner, text_slice(protecting->records));
	text_append_text(inner, "\r\n");
	if (!text_ok(inner) || !text_ok(protecting->outer) || !text_ok(protecting->content) ||
	    !text_ok(protecting->fields) || !text_ok(protecting->records))
		return STATUS_TOO_LARGE;
	*edit = (struct edit){.offset = 0, .size = body, .replacement = text_slice(inner)};
	letter_out->outer = text_slice(protecting->outer);
	return edit_source(message, &edits, arena, &letter_out->inner);
}

enum status
protect_header(const struct source *message, const struct protect_policy *policy,
	       struct arena *arena, struct protected_letter *letter_out)
{
	struct protecting protecting = {.policy = policy, .arena = arena};
	struct protected_letter letter;
	struct header_block block;
	enum status status = header_read(message, arena, &block);

	if (status != STATUS_OK)
		return status;
	protecting.outer = text_new_in(arena, OUTER_MAX);
	protecting.content = text_new_in(arena, INNER_MAX);
	protecting.fields = text_new_in(arena, INNER_MAX);
	protecting.records = text_new_in(arena, INNER_MAX);
	for (size_t i = 0; i < block.count; i++)
		put(&protecting, &block.fields[i]);
	status = join(&protecting, message, structure_body(&block), &letter);
	if (status == STATUS_OK)
		*letter_out = letter;
	return status;
}
