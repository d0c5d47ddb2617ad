/*
 * Where a Web Key Directory keeps the key of an address (draft-koch-openpgp-webkey-service): the
 * local part, its ASCII letters lowered, hashed by SHA-1 and written in z-base-32.  Names only;
 * nothing is fetched here.
 */
#ifndef KEYS_WKD_NAME_H
#define KEYS_WKD_NAME_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define WKD_HASH_LENGTH ((size_t)32)

struct wkd_name {
	const char *hash;   /* 32 characters of z-base-32 */
	const char *domain; /* of the address, as DNS has it: A-labels, lower case */
	/* To be asked first: a host of its own below the domain. */
	const char *advanced_host;
	const char *advanced_url;
	/* Only where the advanced host does not exist in DNS (section 3.1): a server there that
	 * fails or knows no such key has answered. */
	const char *direct_url;
};

/* The names for an address that passes address_check, in the arena.  The local part is taken as
 * it is written, and stands percent-encoded in the URLs.  STATUS_INVALID: no address, or one whose
 * domain is no name of a host on the Internet. */
enum status
wkd_name(struct slice address, struct arena *arena, struct wkd_name *name_out) MUST_CHECK;

#endif
