#include "portal/letter.h"

#include <string.h>

#include "mail/disguise.h"
#include "portal/ask.h"
#include "portal/file_values.h"
#include "portal/letter_part.h"

#define MAILBOXES_SHOWN_MAX ((size_t)100)
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
letter_date(const struct request *request, const char *written, int64_t time)
{
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
	template_put_text(values, "date", letter_date(request, headers->date, headers->sent_at));
}

enum status
letter_subject(const struct request *request, const struct part *letter, const char **subject_out)
{
	struct page_wish wish = ask_wish(request, letter);
	struct page_reading page;
	enum status status;
	bool failed;

	if (letter == NULL) {
		*subject_out = request->opened->manifest.subject;
		return STATUS_OK;
	}
	wish.wants = PAGE_HEAD;
	status = ask_page(request, &wish, &page, &failed);
	if (status == STATUS_OK)
		*subject_out = page.headers.subject;
	return status;
}

enum status
letter_read(const struct request *request, const struct part *letter, size_t text_max,
	    struct letter_view *view_out)
{
	struct letter_view view = {.letter = letter, .wish = ask_wish(request, letter)};
	enum status status;

	view.wish.wants = PAGE_HEAD | PAGE_LETTERS | PAGE_TEXT | PAGE_PIECES | PAGE_EXTRAS;
	view.wish.text_max = text_max;
	file_values_wish(request, letter, &view.wish);
	status = ask_page(request, &view.wish, &view.page, &view.failed);
	view.failed = view.failed || view.page.html_refused ||
		      reading_is_makeshift(&request->opened->manifest);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}

static void
put_letters(const struct request *request, const struct page_reading *page,
	    struct template_values *values)
{
	struct template_list *list = template_put_list(values, "letters");

	for (size_t i = 0; i < page->letter_count; i++) {
		const struct page_letter *letter = &page->letters[i];
		struct template_values *item = template_list_add(list);

		template_put_text(item, "url",
				  arena_printf(request->arena, "%s/%u",
					       request_path(request, "/message"),
					       letter->part->number));
		template_put_text(item, "letter_subject", letter->subject);
		template_put_text(item, "letter_from",
				  *letter->from.name != '\0' ? letter->from.name
							     : letter->from.address);
		template_put_text(item, "letter_date",
				  letter_date(request, letter->date, letter->sent_at));
	}
	template_put_flag(values, "has_letters", page->letter_count > 0);
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

void
letter_put_around(const struct request *request, const struct letter_view *view,
		  struct template_values *values)
{
	const struct manifest *manifest = &request->opened->manifest;
	const struct page_reading *page = &view->page;
	bool something = page->letter_count > 0;

	put_envelope(request, values, view->letter == NULL ? manifest : &page->headers);
	put_letters(request, page, values);
	something = put_notes(manifest, view->letter, values) || something;
	something = letter_put_invitations(request, page, values) || something;
	if (letter_put_report(request, page, values)) {
		template_put_flag(values, "has_report", true);
		something = true;
	}
	template_put_flag(values, "something", something);
	template_put_flag(values, "body_cut", page->text_cut);
	template_put_flag(values, "html_failed", view->failed);
}

void
letter_put(const struct request *request, const struct letter_view *view,
	   struct template_values *values)
{
	const struct part *html = letter_html(&request->opened->manifest, view->letter);

	letter_put_around(request, view, values);
	template_put_text(values, "original_url",
			  html == NULL
			      ? ""
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/original"), html->number));
	letter_put_body(request, view, values);
}
