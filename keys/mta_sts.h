/*
 * What a domain says of TLS to its mail servers (RFC 8461), as text: the record in DNS that names a
 * policy, the policy itself, and which hosts its patterns fit.  Nothing is looked up here.
 */
#ifndef KEYS_MTA_STS_H
#define KEYS_MTA_STS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define MTA_STS_SIZE_MAX ((size_t)64 * 1024)
#define MTA_STS_ID_MAX ((size_t)32)
#define MTA_STS_HOSTS_MAX ((size_t)64)
#define MTA_STS_AGE_MAX INT64_C(31557600)

enum mta_sts_mode { MTA_STS_NONE, MTA_STS_TESTING, MTA_STS_ENFORCE };

struct mta_sts_policy {
	enum mta_sts_mode mode;
	int64_t seconds;	     /* max_age */
	const char *const *patterns; /* lower case: "mx.example.net", "*.example.net" */
	size_t pattern_count;
};

/* The id in the strings of a domain's TXT records (section 3.1), in the arena.  STATUS_NOT_FOUND:
 * none of them is such a record, or several are; STATUS_INVALID: the one that is has no id. */
enum status mta_sts_read_record(const struct slice *texts, size_t count, struct arena *arena,
				const char **id_out) MUST_CHECK;

/* A policy (section 3.2), at most MTA_STS_SIZE_MAX.  STATUS_INVALID: it lacks something. */
enum status mta_sts_read_policy(struct slice text, struct arena *arena,
				struct mta_sts_policy *policy_out) MUST_CHECK;

/* Whether a pattern fits a host; "*" stands for one whole label, the first (section 4.1). */
bool mta_sts_fits(const char *pattern, const char *host);

#endif
