/*
 * What look-ups bring: bytes that may be somebody's certificate or key, with the place where they
 * were found and what that place vouches for.  Nothing here is believed yet; who believes looks at
 * the bytes.
 */
#ifndef KEYS_CANDIDATE_H
#define KEYS_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "keys/dane.h"

#define CANDIDATE_COUNT_MAX ((size_t)16)
#define CANDIDATE_SIZE_MAX ((size_t)256 * 1024)

enum candidate_source {
	CANDIDATE_SMIMEA,
	CANDIDATE_OPENPGPKEY,
	CANDIDATE_LDAP,
	CANDIDATE_WKD,
	CANDIDATE_VKS,
	CANDIDATE_HKPS,
	CANDIDATE_SOURCES, /* how many there are */
};

/* One DER certificate; or OpenPGP keys, binary or in ASCII armour. */
enum candidate_kind { CANDIDATE_CERTIFICATE, CANDIDATE_OPENPGP };

/* Who says that this belongs to the address. */
enum candidate_trust {
	CANDIDATE_DNSSEC,    /* the domain, signed down from the root */
	CANDIDATE_DOMAIN,    /* the domain's own server by HTTPS */
	CANDIDATE_DIRECTORY, /* a directory that the operator named */
	CANDIDATE_CHECKED,   /* a key server that has mailed the address */
	CANDIDATE_ANYBODY,   /* a key server that takes what comes */
};

struct candidate {
	enum candidate_source source;
	enum candidate_kind kind;
	enum candidate_trust trust;
	/* Of SMIMEA: DANE_EE, or DANE_PKIX_EE where a trusted chain is demanded as well. */
	enum dane_usage usage;
	struct slice bytes;
	const char *evidence; /* the name in DNS, the URL, the entry: one clean line */
};

enum finding_outcome {
	FINDING_FOUND,
	FINDING_NONE,	/* the source answered: there is nothing */
	FINDING_FAILED, /* it could not be asked, or what it said counts for nothing */
	FINDING_LATE,	/* it had not answered when the time was up */
};

/* What one source says of one address. */
struct finding {
	enum candidate_source source;
	enum finding_outcome outcome;
	const char *reason; /* why nothing was found, a word-with-dashes; "" when something was */
	const char *detail; /* the same for people who look into it; "" for nothing more */
	struct candidate *candidates;
	size_t candidate_count;
	/* What the domain demands of certificates, wherever they come from: all its SMIMEA records,
	 * whole certificates too.  Where there are some, none of them fitting speaks against a
	 * certificate. */
	struct dane_record *pins;
	size_t pin_count;
	int64_t seconds;      /* how long it holds */
	bool for_all;	      /* it holds for every address of the same domain or server */
	int64_t milliseconds; /* that the look-up took */
	bool remembered;      /* nobody was asked just now */
};

/* Why a look-up came to nothing. */
struct look_failure {
	const char *reason; /* a word-with-dashes, static */
	const char *detail; /* one clean line, "" for none; static or in the caller's arena */
};

/* "smimea", "ldap", ...; CANDIDATE_SOURCES for a word that is none. */
const char *candidate_source_text(enum candidate_source source);
enum candidate_source candidate_source_from_text(const char *word);

const char *candidate_trust_text(enum candidate_trust trust);
const char *finding_outcome_text(enum finding_outcome outcome);

/* Copy with everything it points to but reasons, which are static. */
struct finding finding_copy(const struct finding *finding, struct arena *arena);

/* A failed answer; `failure` is copied into the arena. */
struct finding finding_failed(enum candidate_source source, const struct look_failure *failure,
			      bool for_all, struct arena *arena);

/* Append a candidate to an answer, which becomes one that found something; beyond
 * CANDIDATE_COUNT_MAX, and bytes that are none or over CANDIDATE_SIZE_MAX, are left out.  Borrows
 * the bytes. */
void finding_add(struct finding *finding, const struct candidate *candidate, struct arena *arena);

#endif
