/*
 * What a message consists of, found once by the courier and kept sealed beside
 * it: shown headers, the tree of MIME parts with the byte range of each, and
 * the edits.  It makes a page cheap to show: a part is read by its range
 * without parsing the message again.
 *
 * What lies inside of a part (an attached letter, winmail.dat, uuencode in a
 * text) stands behind it in the list, by ranges of that part's decoded bytes.
 */
#ifndef MAIL_MANIFEST_H
#define MAIL_MANIFEST_H

#include "mail/address.h"
#include "mail/edit.h"

#define MANIFEST_PARTS_MAX ((size_t)10000)
#define MANIFEST_DEPTH_MAX 50
#define MANIFEST_SIZE_MAX ((size_t)8388608)
#define MANIFEST_LAYERS_MAX 6 /* parts inside of parts inside of parts */

enum part_role {
	PART_CONTAINER = 1, /* multipart, or a message at the root */
	PART_TEXT,	    /* the plain body, or a piece of it */
	PART_HTML,	    /* the HTML body */
	PART_FILE,	    /* to be listed and taken */
	PART_INLINE,	    /* related to the HTML body by Content-ID; also listed as a file */
};

enum part_encoding {
	PART_IDENTITY = 1,
	PART_BASE64,
	PART_QUOTED_PRINTABLE,
	PART_UUENCODE,
	PART_RTF, /* packed by Outlook (mail/rtf_pack.h) */
};

struct part {
	uint32_t number; /* position in the list, the N of /file/N/NAME */
	uint32_t parent; /* number of what it stands in; the root names itself */
	/* Whose decoded bytes `offset` counts in; NULL: the edited message's.  It is the nearest
	 * part above that is no container. */
	const struct part *inside;
	bool letter; /* a whole letter, whose own parts stand below it */
	enum part_role role;
	enum part_encoding encoding;
	const char *type;	/* "text/plain", lower case */
	const char *charset;	/* as labelled, "" when not */
	const char *name;	/* clean file name, never a path; "" when none */
	const char *content_id; /* without angle brackets; "" when none */
	uint64_t offset;	/* of the encoded content */
	uint64_t size;		/* encoded bytes */
	uint64_t decoded_size;
	unsigned char sha256[32]; /* of the decoded bytes; of files only */
	bool flowed;		  /* text/plain; format=flowed (RFC 3676) */
	bool delete_space;	  /* delsp=yes */
};

struct manifest {
	const char *subject; /* decoded, clean, without the mark */
	struct mailbox from;
	struct mailbox *to;
	size_t to_count;
	struct mailbox *cc;
	size_t cc_count;
	struct mailbox *reply_to;
	size_t reply_to_count;
	const char *date;	/* as written, clean */
	int64_t sent_at;	/* that date; 0: not to be read, or not looked at */
	const char *message_id; /* with angle brackets, clean; "" when none */
	const char *in_reply_to;
	const char *references;
	const char *receipt_to;	    /* address of Disposition-Notification-To, "" when none */
	const char *auto_submitted; /* "" when none; so loops are seen */
	bool truncated;		    /* parts beyond the limits were left as they are */
	struct part *parts;
	size_t part_count;
	struct edits edits;
};

/* The attached letter to which a part belongs; NULL: to the message itself. */
const struct part *manifest_letter(const struct manifest *manifest, const struct part *part);

/* Byte form, versioned, and back.  The reader believes nothing: STATUS_DAMAGED for
 * whatever manifest_write would not write, or would not have in its first version. */
enum status manifest_write(const struct manifest *manifest, struct arena *arena,
			   struct slice *bytes_out) MUST_CHECK;
enum status
manifest_read(struct slice bytes, struct arena *arena, struct manifest *manifest_out) MUST_CHECK;

#endif
