/* What is seen in files: the size of a picture, the list of an archive, the text of a text. */
#include <string.h>

#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_page_part.h"
#include "mail/utf8.h"

#define HEAD_SIZE ((size_t)4096)

static void
put_picture(const struct source *source, struct text *out)
{
	struct picture picture;

	if (picture_read(source, &picture) != STATUS_OK) {
		pack_number(out, 0, 1);
		return;
	}
	pack_number(out, 1, 1);
	pack_number(out, picture.form, 1);
	pack_number(out, picture.width, 4);
	pack_number(out, picture.height, 4);
}

static void
put_archive(const struct source *source, size_t names_max, struct arena *arena, struct text *out)
{
	struct archive_listing listing;
	size_t count;

	if (archive_list(source, arena, &listing) != STATUS_OK) {
		pack_number(out, 0, 1);
		return;
	}
	count = listing.item_count < names_max ? listing.item_count : names_max;
	pack_number(out, 1, 1);
	pack_number(out, count, 4);
	for (size_t i = 0; i < count; i++) {
		pack_bytes(out, slice_from_text(listing.items[i].name));
		pack_number(out, listing.items[i].size, 8);
		pack_number(out, listing.items[i].is_risky, 1);
	}
	pack_number(out, listing.files, 8);
	pack_number(out, listing.size, 8);
	pack_number(out, listing.has_more, 1);
	pack_number(out, listing.is_encrypted, 1);
	pack_number(out, listing.holds_risky, 1);
	pack_number(out, listing.holds_archives, 1);
}

/* The charset of a text by its first bytes, as it is rarely labelled, and often wrongly; NULL for
 * what is no text. */
static const char *
guess_charset(struct slice head, const char *label)
{
	if (head.size >= 2 &&
	    (memcmp(head.data, "\xff\xfe", 2) == 0 || memcmp(head.data, "\xfe\xff", 2) == 0))
		return "utf-16";
	if (slice_starts_nocase(slice_from_text(label), SLICE("utf-16")) ||
	    slice_starts_nocase(slice_from_text(label), SLICE("utf-32")))
		return label;
	if (memchr(head.data, '\0', head.size) != NULL)
		return NULL;
	if (utf8_is_valid(slice_part(head, 0, utf8_cut(head, HEAD_SIZE - 4))))
		return "utf-8";
	return *label == '\0' || slice_equal_nocase(slice_from_text(label), SLICE("us-ascii"))
		   ? "windows-1252"
		   : label;
}

static enum status
put_text(const struct reading_job *job, const struct part *part, const struct source *source,
	 size_t most, struct text *out)
{
	unsigned char head[HEAD_SIZE];
	size_t size = part->decoded_size < sizeof(head) ? (size_t)part->decoded_size : sizeof(head);
	struct part plain = *part;
	struct text text;
	enum status status = source_read_exactly(source, 0, head, size);

	if (status != STATUS_OK)
		return status;
	plain.flowed = false;
	plain.charset = guess_charset(slice_of(head, size), part->charset);
	pack_number(out, plain.charset != NULL, 1);
	if (plain.charset == NULL)
		return STATUS_OK;
	text_init(&text, most);
	status = body_text(job->message, &plain, &text);
	pack_bytes(out, text_slice(&text));
	pack_number(out, !text_ok(&text), 1);
	text_clear(&text);
	return status;
}

/* It is a courtesy only: what cannot be read is told when it is wanted. */
enum status
page_write_sights(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < wish->look_count && status == STATUS_OK; i++) {
		const struct part *part = &wish->manifest->parts[wish->looks[i].part];
		struct arena *arena = arena_new();
		struct source source;

		if (body_open(job->message, part, arena, &source) != STATUS_OK)
			pack_number(out, 0, 1);
		else if (wish->looks[i].kind == LOOK_PICTURE)
			put_picture(&source, out);
		else if (wish->looks[i].kind == LOOK_ARCHIVE)
			put_archive(&source, wish->names_max, arena, out);
		else
			status = put_text(job, part, &source, wish->text_max, out);
		arena_free(arena);
	}
	return status;
}
