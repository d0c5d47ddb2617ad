/*
 * What spoke for the way a delivery goes, or for a key: for the sender's page, for the
 * administrator.  Kept sealed as lines of text.
 */
#ifndef MESSENGER_EVIDENCE_H
#define MESSENGER_EVIDENCE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/template.h"
#include "messenger/messenger.h"

/* All are clean lines, "" when there is nothing to say. */
struct evidence {
	const char *source;	 /* a word of origin_text */
	const char *place;	 /* a name in DNS, a URL, a file */
	const char *fingerprint; /* hexadecimal */
	const char *owner;
	const char *issuer;
	const char *algorithm; /* of the key */
	const char *method;    /* how a message was protected: "AES-256-GCM" */
	const char *signer;    /* whose own key signed it: an address */
	int64_t expires_at;    /* of the key; 0: never */
};

/* Where a key came from; stored, so numbers stay. */
enum origin {
	ORIGIN_SMIMEA = 1,
	ORIGIN_OPENPGPKEY,
	ORIGIN_LDAP,
	ORIGIN_WKD,
	ORIGIN_VKS,
	ORIGIN_HKPS,
	ORIGIN_IMPORTED = 10, /* by the administrator */
	ORIGIN_SIGNED,	      /* signed a message that passed */
	ORIGIN_AUTOCRYPT,     /* came along in a header */
	ORIGIN_ATTACHED,      /* came along as a file */
};

/* "smimea", "imported", ...; "unknown" for another number. */
const char *origin_text(int origin);

/* How the servers of ROUTE_TLS are verified stands in `source` as well: "dane", "dane-ee",
 * "dane-ta", "mta-sts", "pinned"; `place` is the server, `fingerprint` its certificate's and
 * `method` "TLSv1.3, TLS_AES_256_GCM_SHA384" once it has left. */

/* For templates: `key_fingerprint` in groups of four, `key_owner`, `key_place`, `key_method`,
 * `key_signer`, `key_expires_at`, and a flag for where the key came from: `key_smimea`,
 * `key_openpgpkey`, `key_ldap`, `key_wkd`, `key_server`, `key_imported`, `key_seen`; or how a
 * server is verified: `tls_dane`, `tls_mta_sts`, `tls_pinned`. */
void
evidence_put(struct template_values *values, const struct evidence *evidence, struct arena *arena);

/* The column of deliveries: empty where they use neither key nor verified server. */
#define DELIVERY_EVIDENCE "delivery.evidence"

/* Nothing speaks for anything. */
struct evidence evidence_none(void);

/* As a shown value of a row (messenger_display_seal), and the reverse; what is missing, or does not
 * open, is "". */
struct slice
evidence_seal(const struct messenger *messenger, const char *column, const struct id *row,
	      const struct evidence *evidence, struct arena *arena);
struct evidence evidence_open(const struct messenger *messenger, const char *column,
			      const struct id *row, struct slice sealed, struct arena *arena);

#endif
