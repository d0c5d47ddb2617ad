#include "mail/protect_openpgp.h"

#include "mail/compose_part.h"

#define FRAME_MAX ((size_t)2048)

enum status
protect_openpgp(const struct protected_letter *letter, struct arena *arena,
		struct protect_frame *frame_out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct text *before = text_new_in(arena, letter->outer.size + FRAME_MAX);
	struct text *behind = text_new_in(arena, FRAME_MAX);

	compose_boundary(boundary);
	text_append(before, letter->outer);
	text_printf(before,
		    "MIME-Version: 1.0\r\n"
		    "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
		    "\tboundary=\"%s\"\r\n\r\n"
		    "This is an OpenPGP/MIME encrypted message (RFC 3156).\r\n",
		    boundary);
	compose_delimiter(boundary, false, before);
	text_append_text(before, "Content-Type: application/pgp-encrypted\r\n"
				 "Content-Description: PGP/MIME version identification\r\n\r\n"
				 "Version: 1\r\n");
	compose_delimiter(boundary, false, before);
	text_append_text(before,
			 "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
			 "Content-Description: OpenPGP encrypted message\r\n"
			 "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n");
	compose_delimiter(boundary, true, behind);
	if (!text_ok(before) || !text_ok(behind))
		return STATUS_INTERNAL;
	*frame_out = (struct protect_frame){text_slice(before), text_slice(behind)};
	return STATUS_OK;
}
