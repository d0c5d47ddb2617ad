#include "messenger/shown_part.h"

#include <string.h>

#include "mail/disguise.h"
#include "mail/file_name.h"
#include "mail/reading.h"

#define MAILBOXES_SHOWN_MAX ((size_t)100)
#define DATE_MAX ((size_t)1000)
#define LOOKS_MAX ((size_t)20)
/* All that are drawn between texts (pdf/layout.c), and those beside them (shown_pdf.c). */
#define PAPER_LOOKS_MAX ((size_t)140)
/* Names of one archive. */
#define NAMES_MAX ((size_t)10)

const char *
shown_date(const struct language *language, const char *written, int64_t time, struct arena *arena)
{
	struct text *text;

	if (time == 0 || strcmp(language_code(language), "en") == 0)
		return written;
	text = text_new_in(arena, DATE_MAX);
	language_put_time(language, time, text);
	return text_string(text);
}

bool
shown_is_file(const struct part *part)
{
	return part->role == PART_FILE || part->role == PART_INLINE;
}

size_t
shown_list_files(const struct manifest *manifest, const struct part *letter, struct arena *arena,
		 const struct part ***parts_out)
{
	const struct part **parts =
	    arena_alloc_many(arena, SHOWN_FILES_MAX, sizeof(const struct part *));
	size_t count = 0;

	for (size_t i = 0; i < manifest->part_count && count < SHOWN_FILES_MAX; i++)
		if (shown_is_file(&manifest->parts[i]) &&
		    manifest_letter(manifest, &manifest->parts[i]) == letter)
			parts[count++] = &manifest->parts[i];
	*parts_out = parts;
	return count;
}

const struct part *
shown_html(const struct manifest *manifest, const struct part *letter)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == PART_HTML &&
		    manifest_letter(manifest, &manifest->parts[i]) == letter)
			return &manifest->parts[i];
	return NULL;
}

enum file_kind
shown_file_kind(const struct part *part)
{
	return file_kind_of(slice_from_text(file_name_or_default(part->name, part->type)),
			    slice_from_text(part->type));
}

bool
shown_look(const struct part *part, struct page_look *look_out)
{
	enum file_kind kind = shown_file_kind(part);

	*look_out = (struct page_look){part->number, LOOK_TEXT};
	if (kind == FILE_KIND_PICTURE)
		look_out->kind = LOOK_PICTURE;
	else if (kind == FILE_KIND_ZIP)
		look_out->kind = LOOK_ARCHIVE;
	return kind == FILE_KIND_PICTURE || kind == FILE_KIND_ZIP || kind == FILE_KIND_TEXT;
}

static bool
looks_into(enum shown_form form, enum page_look_kind kind)
{
	return kind == LOOK_PICTURE || (kind == LOOK_ARCHIVE && form == SHOWN_ON_PAGE);
}

static void
choose_looks(struct shown *shown)
{
	size_t most = shown->form == SHOWN_ON_PAPER ? PAPER_LOOKS_MAX : LOOKS_MAX;
	struct page_look *looks = arena_alloc_many(shown->arena, most, sizeof(*looks));
	const struct part **parts;
	size_t count = shown_list_files(shown->manifest, shown->letter, shown->arena, &parts);
	size_t found = 0;

	for (size_t i = 0; i < count && found < most; i++)
		if (shown_look(parts[i], &looks[found]) &&
		    looks_into(shown->form, looks[found].kind))
			found++;
	shown->wish.looks = looks;
	shown->wish.look_count = found;
	shown->wish.names_max = NAMES_MAX;
}

enum status
shown_ask(struct reader *reader, const struct page_wish *wish, struct arena *arena,
	  struct page_reading *page_out, bool *failed_out)
{
	enum status status = reading_page(reader, wish, arena, page_out);

	*failed_out = status == STATUS_INVALID || status == STATUS_TOO_LARGE;
	if (!*failed_out)
		return status;
	*page_out = reading_page_empty(wish, arena);
	return STATUS_OK;
}

enum status
shown_read(struct reader *reader, size_t text_max, struct shown *shown)
{
	enum status status;

	shown->wish = (struct page_wish){.label = shown->label,
					 .message = shown->message,
					 .manifest = shown->manifest,
					 .letter = shown->letter,
					 .wants = PAGE_HEAD | PAGE_LETTERS | PAGE_TEXT |
						  PAGE_PIECES | PAGE_EXTRAS,
					 .text_max = text_max};
	choose_looks(shown);
	status = shown_ask(reader, &shown->wish, shown->arena, &shown->page, &shown->failed);
	shown->failed =
	    shown->failed || shown->page.html_refused || reading_is_makeshift(shown->manifest);
	return status;
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
put_envelope(const struct shown *shown, struct template_values *values,
	     const struct manifest *headers)
{
	bool disguised = disguise_in_domain(headers->from.address);

	template_put_text(values, "subject", headers->subject);
	template_put_text(values, "from_name", headers->from.name);
	template_put_text(values, "from_address", headers->from.address);
	template_put_flag(values, "name_is_address", disguise_in_name(&headers->from));
	template_put_text(values, "true_domain",
			  disguised ? disguise_true_domain(headers->from.address, shown->arena)
				    : "");
	put_mailboxes(values, "to", headers->to, headers->to_count);
	put_mailboxes(values, "cc", headers->cc, headers->cc_count);
	template_put_flag(values, "has_cc", headers->cc_count > 0);
	template_put_text(
	    values, "date",
	    shown_date(shown->language, headers->date, headers->sent_at, shown->arena));
}

static void
put_letters(const struct shown *shown, struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	struct template_list *list = template_put_list(values, "letters");

	for (size_t i = 0; i < page->letter_count; i++) {
		const struct page_letter *letter = &page->letters[i];
		struct template_values *item = template_list_add(list);

		template_put_text(
		    item, "url",
		    arena_printf(shown->arena, "%s/%u", shown->letters_url, letter->part->number));
		template_put_text(item, "letter_subject", letter->subject);
		template_put_text(item, "letter_from",
				  *letter->from.name != '\0' ? letter->from.name
							     : letter->from.address);
		template_put_text(
		    item, "letter_date",
		    shown_date(shown->language, letter->date, letter->sent_at, shown->arena));
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
			    manifest_letter(manifest, part) == letter) {
				template_put_flag(values, notes[j].flag, true);
				any = true;
			}
	}
	template_put_flag(values, "note_too_much", manifest->truncated);
	return any;
}

void
shown_put(const struct shown *shown, struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	bool something = page->letter_count > 0;

	put_envelope(shown, values, shown->letter == NULL ? shown->manifest : &page->headers);
	put_letters(shown, values);
	something = put_notes(shown->manifest, shown->letter, values) || something;
	something = shown_put_invitations(shown, values) || something;
	if (shown_put_report(shown, values)) {
		template_put_flag(values, "has_report", true);
		something = true;
	}
	template_put_flag(values, "something", something);
	template_put_flag(values, "body_cut", page->text_cut);
	template_put_flag(values, "html_failed", shown->failed);
}
