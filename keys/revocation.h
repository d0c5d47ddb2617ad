/*
 * Revocation lists and OCSP answers, fetched as bytes.  They are signed themselves, so http: will
 * do; whether they are signed rightly, for which certificate and until when is judged elsewhere.
 * Their URLs stand in certificates of strangers.
 */
#ifndef KEYS_REVOCATION_H
#define KEYS_REVOCATION_H

#include "keys/fetch.h"

#define REVOCATION_LIST_MAX ((size_t)8 * 1024 * 1024)
#define REVOCATION_OCSP_MAX ((size_t)64 * 1024)

/* A list, DER as a rule.  Results are those of fetch; STATUS_NOT_FOUND: any code of HTTP but 200.
 */
enum status revocation_fetch_list(const struct fetch_settings *settings, const char *url,
				  int64_t deadline, struct arena *arena, struct slice *list_out,
				  struct look_failure *failure_out) MUST_CHECK;

/* The answer to a DER OCSP request, by POST (RFC 6960 appendix A). */
enum status revocation_ask(const struct fetch_settings *settings, const char *url,
			   struct slice question, int64_t deadline, struct arena *arena,
			   struct slice *reply_out, struct look_failure *failure_out) MUST_CHECK;

#endif
