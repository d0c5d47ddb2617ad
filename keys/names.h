/*
 * Where DNS keeps what belongs to an address or a server: owner names of SMIMEA (RFC 8162
 * section 3), OPENPGPKEY (RFC 7929 section 3) and TLSA (RFC 6698 section 3).  Names only.
 */
#ifndef KEYS_NAMES_H
#define KEYS_NAMES_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

/* Octets of the hash of a local part. */
#define NAMES_HASH_SIZE ((size_t)28)

/* Owner name for an address, without a dot at the end, in the arena.  The local part counts without
 * its quotes, in Unicode's form C, in the case in which it is written; a domain may hold UTF-8.
 * STATUS_INVALID: no address, or one whose domain DNS cannot hold. */
enum status
names_smimea(struct slice address, struct arena *arena, const char **name_out) MUST_CHECK;
enum status
names_openpgpkey(struct slice address, struct arena *arena, const char **name_out) MUST_CHECK;

/* The same address with its local part in lower case, in the arena; STATUS_NOT_FOUND where that
 * changes nothing.  Domains publish the lower case (RFC 7929 section 4), people write any. */
enum status
names_lower(struct slice address, struct arena *arena, struct slice *lower_out) MUST_CHECK;

/* "_25._tcp.mx.example.net" for a host as DNS has it; STATUS_INVALID where that does not fit. */
enum status
names_tlsa(const char *host, unsigned port, struct arena *arena, const char **name_out) MUST_CHECK;

#endif
