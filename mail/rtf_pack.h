/*
 * Compressed RTF ([MS-OXRTFCP]), the form in which Outlook packs a letter's text
 * into winmail.dat: a dictionary of 4096 bytes, in constant memory.
 */
#ifndef MAIL_RTF_PACK_H
#define MAIL_RTF_PACK_H

#include "base/stream.h"

/* More than that is no letter's text; the packed bytes are given then. */
#define RTF_SIZE_MAX ((uint64_t)16777216)

/* Unpack all of `packed` into the sink.  STATUS_INVALID when it is no such thing, STATUS_TOO_LARGE
 * when it gives more than RTF_SIZE_MAX; the sink has taken what came before.  Packed bytes that end
 * early just end. */
enum status rtf_unpack(const struct source *packed, const struct sink *sink) MUST_CHECK;

#endif
