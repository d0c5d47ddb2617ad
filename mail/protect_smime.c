#include "mail/protect_smime.h"

#include "mail/compose_part.h"
#include "mail/transfer.h"

#define SIGNATURE_MAX ((size_t)1048576)

/* `middle` with texts around it. */
static enum status
surround(struct slice before, const struct source *middle, struct slice behind, struct arena *arena,
	 struct source *source_out)
{
	struct edit *list = arena_alloc_many(arena, 2, sizeof(*list));
	struct edits edits = {list, 2};

	list[0] = (struct edit){.offset = 0, .replacement = before};
	list[1] = (struct edit){.offset = middle->size, .replacement = behind};
	return edit_source(middle, &edits, arena, source_out);
}

static enum status
append(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

static enum status
put_base64(struct text *out, struct slice bytes)
{
	struct sink sink = {out, append};
	struct transfer_base64 writer = {.sink = &sink};
	enum status status = transfer_base64_write(&writer, bytes);

	return status == STATUS_OK ? transfer_base64_end(&writer) : status;
}

enum status
protect_smime_sign(const struct source *inner, struct slice signature, struct arena *arena,
		   struct source *signed_out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct text *before = text_new_in(arena, 1024);
	struct text *behind = text_new_in(arena, 2 * SIGNATURE_MAX);
	enum status status;

	if (signature.size > SIGNATURE_MAX)
		return STATUS_TOO_LARGE;
	compose_boundary(boundary);
	text_printf(before,
		    "MIME-Version: 1.0\r\n"
		    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
		    "\tmicalg=sha-256; boundary=\"%s\"\r\n\r\n--%s\r\n",
		    boundary, boundary);
	compose_delimiter(boundary, false, behind);
	text_append_text(behind, "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
				 "Content-Transfer-Encoding: base64\r\n"
				 "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n");
	status = put_base64(behind, signature);
	if (status != STATUS_OK)
		return status;
	compose_delimiter(boundary, true, behind);
	return surround(text_slice(before), inner, text_slice(behind), arena, signed_out);
}

enum status
protect_smime(const struct protected_letter *letter, bool authenticated, const struct source *body,
	      struct arena *arena, struct source *source_out)
{
	struct text *header = text_new_in(arena, letter->outer.size + 1024);

	text_append(header, letter->outer);
	text_printf(header,
		    "MIME-Version: 1.0\r\n"
		    "Content-Type: application/pkcs7-mime; smime-type=%s;\r\n"
		    "\tname=\"smime.p7m\"\r\n"
		    "Content-Transfer-Encoding: base64\r\n"
		    "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n",
		    authenticated ? "authEnveloped-data" : "enveloped-data");
	return surround(text_slice(header), body, (struct slice){NULL, 0}, arena, source_out);
}
