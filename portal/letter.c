#include "portal/letter.h"

#include <string.h>

#include "mail/body.h"
#include "mail/disguise.h"
#include "mail/parse.h"
#include "mail/sent_date.h"
#include "portal/filename.h"
#include "portal/letter_part.h"

#define MAILBOXES_SHOWN_MAX ((size_t)100)
#define LETTERS_SHOWN_MAX ((size_t)50)
/* Bytes decoded on the way to the headers of attached letters; those beyond are listed without. */
#define HEADERS_WORK_MAX ((uint64_t)134217728)
#define DATE_MAX ((size_t)1000)

bool
letter_has(const struct manifest *manifest, const struct part *letter, const struct part *part)
{
	return manifest_letter(manifest, part) == letter;
}

const struct part *
letter_html(const struct manifest *manifest, const struct part *letter)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == PART_HTML &&
		    letter_has(manifest, letter, &manifest->parts[i]))
			return &manifest->parts[i];
	return NULL;
}

const char *
letter_date(const struct request *request, const char *written)
{
	int64_t time = sent_date(written);
	struct text *text;

	if (time == 0 || strcmp(language_code(request->language), "en") == 0)
		return written;
	text = arena_alloc(request->arena, sizeof(*text));
	text_init_in(text, request->arena, DATE_MAX);
	language_put_time(request->language, time, text);
	return text_string(text);
}

static void
put_mailboxes(struct template_values *values, const char *name, const struct mailbox *mailboxes,
	      size_t count)
{
	struct template_list *list = template_put_list(values, name);

	for (size_t i = 0; i < count && i < MAILBOXES_SHOWN_MAX; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "name", mailboxes[i].name);
		template_put_text(item, "address", mailboxes[i].address);
		template_put_flag(item, "more", i + 1 < count);
		template_put_flag(item, "cut", i + 1 == MAILBOXES_SHOWN_MAX && i + 1 < count);
	}
}

static void
put_envelope(const struct request *request, struct template_values *values,
	     const struct manifest *headers)
{
	bool disguised = disguise_in_domain(headers->from.address);

	template_put_text(values, "subject", headers->subject);
	template_put_text(values, "from_name", headers->from.name);
	template_put_text(values, "from_address", headers->from.address);
	template_put_flag(values, "name_is_address", disguise_in_name(&headers->from));
	template_put_text(values, "true_domain",
			  disguised ? disguise_true_domain(headers->from.address, request->arena)
				    : "");
	put_mailboxes(values, "to", headers->to, headers->to_count);
	put_mailboxes(values, "cc", headers->cc, headers->cc_count);
	template_put_flag(values, "has_cc", headers->cc_count > 0);
	template_put_text(values, "date", letter_date(request, headers->date));
}

static const struct manifest no_headers = {.subject = "", .date = "", .from = {"", ""}};

/* The shown headers of an attached letter; without them where they cannot be read. */
static struct manifest
headers_of(const struct request *request, const struct part *letter)
{
	struct manifest headers = no_headers;
	struct source source;

	if (body_open(&request->opened->message_source, letter, request->arena, &source) ==
	    STATUS_OK) {
		struct manifest read;

		if (mail_parse_header(&source, request->arena, &read) == STATUS_OK)
			headers = read;
	}
	return headers;
}

const char *
letter_subject(const struct request *request, const struct part *letter)
{
	return letter == NULL ? request->opened->manifest.subject
			      : headers_of(request, letter).subject;
}

static bool
put_letters(const struct request *request, const struct part *letter,
	    struct template_values *values)
{
	const struct manifest *manifest = &request->opened->manifest;
	struct template_list *list = template_put_list(values, "letters");
	struct manifest headers;
	uint64_t work = 0;
	size_t count = 0;

	for (size_t i = 0; i < manifest->part_count && count < LETTERS_SHOWN_MAX; i++) {
		const struct part *part = &manifest->parts[i];
		struct template_values *item;

		if (!part->letter || !letter_has(manifest, letter, part))
			continue;
		count++;
		work += part->inside == NULL ? part->size : part->inside->decoded_size;
		headers = no_headers;
		if (work <= HEADERS_WORK_MAX)
			headers = headers_of(request, part);
		item = template_list_add(list);
		template_put_text(item, "url",
				  arena_printf(request->arena, "%s/%u",
					       request_path(request, "/message"), part->number));
		template_put_text(item, "letter_subject", headers.subject);
		template_put_text(item, "letter_from",
				  *headers.from.name != '\0' ? headers.from.name
							     : headers.from.address);
		template_put_text(item, "letter_date", letter_date(request, headers.date));
	}
	return count > 0;
}

/* What a part of some type means for its reader. */
static const struct {
	const char *type;
	const char *flag;
} notes[] = {
    {"multipart/encrypted", "note_encrypted"},	 {"application/pgp-encrypted", "note_encrypted"},
    {"application/pkcs7-mime", "note_smime"},	 {"application/x-pkcs7-mime", "note_smime"},
    {"multipart/signed", "note_signed"},	 {"message/partial", "note_partial"},
    {"message/external-body", "note_elsewhere"}, {"application/ms-tnef", "note_winmail"},
    {"application/vnd.ms-tnef", "note_winmail"},
};

static bool
put_notes(const struct manifest *manifest, const struct part *letter,
	  struct template_values *values)
{
	bool any = false;

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		for (size_t j = 0; j < sizeof(notes) / sizeof(notes[0]); j++)
			if (strcmp(part->type, notes[j].type) == 0 &&
			    letter_has(manifest, letter, part)) {
				template_put_flag(values, notes[j].flag, true);
				any = true;
			}
	}
	template_put_flag(values, "note_too_much", manifest->truncated);
	return any;
}

enum status
letter_put(const struct request *request, const struct part *letter, struct template_values *values)
{
	const struct manifest *manifest = &request->opened->manifest;
	const struct part *html = letter_html(manifest, letter);
	struct manifest headers = letter == NULL ? *manifest : headers_of(request, letter);
	bool something;

	put_envelope(request, values, &headers);
	something = put_letters(request, letter, values);
	template_put_flag(values, "has_letters", something);
	something = put_notes(manifest, letter, values) || something;
	something = letter_put_invitations(request, letter, values) || something;
	if (letter_put_report(request, letter, values)) {
		template_put_flag(values, "has_report", true);
		something = true;
	}
	template_put_flag(values, "something", something);
	template_put_text(values, "original_url",
			  html == NULL
			      ? ""
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/original"), html->number));
	return letter_put_body(request, letter, values);
}
