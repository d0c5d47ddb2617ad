/*
 * The text of a message as it comes in chunks (BDAT, RFC 3030 section 2): so many bytes as
 * were announced, whatever they are; no dot is taken off, nothing ends a chunk before its count.
 *
 * Text that is not BINARYMIME must be able to leave through DATA one day, so it may hold CR and LF
 * only as CRLF, and no line that is too long, as behind DATA.  Lines do not care
 * where chunks end.  A fault spoils the message: the chunk is taken to its
 * end, content is not.
 */
#ifndef INGEST_BDAT_H
#define INGEST_BDAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "ingest/dot.h"

struct bdat {
	bool binary;	      /* BODY=BINARYMIME: any byte goes */
	uint64_t left;	      /* bytes of the current chunk still to come */
	bool last;	      /* nothing comes behind this chunk */
	enum dot_fault fault; /* the first one; from then on there is no content */
	bool behind_cr;
	size_t line_size; /* bytes seen of the current line */
	size_t line_most; /* as in struct dot */
};

void bdat_init(struct bdat *bdat, bool binary);

/* What stands behind the verb: "N" or "N LAST".  False when it is neither; then nobody knows
 * where the chunk ends. */
bool bdat_read(struct slice argument, uint64_t *size_out, bool *last_out);

/* The next chunk begins; the one before has been taken whole. */
void bdat_begin(struct bdat *bdat, uint64_t size, bool last);

/* Take the bytes of the chunk off the front of *input and give the content in them, which may be
 * none.  What is left behind the chunk is not touched. */
struct slice bdat_next(struct bdat *bdat, struct slice *input);

bool bdat_chunk_ended(const struct bdat *bdat);

/* The last chunk has been taken.  A CR at the very end is found out here. */
bool bdat_ended(struct bdat *bdat);

/* The text has ended without a CRLF: RFC 5321 section 4.1.1.4 lets us refuse it or put one there.
 */
bool bdat_lacks_line_end(const struct bdat *bdat);

#endif
