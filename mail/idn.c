#include "mail/idn.h"

#include <pthread.h>
#include <stdint.h>
#include <unicode/uidna.h>

#define ASCII_MAX 1024

/* Made once; using it changes nothing in it, so threads share it. */
static UIDNA *rules;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_rules(void)
{
	UErrorCode error = U_ZERO_ERROR;

	rules =
	    uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
				UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
			    &error);
	if (U_FAILURE(error))
		rules = NULL;
}

bool
idn_is_valid(struct slice domain)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode error = U_ZERO_ERROR;
	char ascii[ASCII_MAX];

	pthread_once(&once, make_rules);
	if (rules == NULL || domain.size > INT32_MAX)
		return false;
	uidna_nameToASCII_UTF8(rules, (const char *)domain.data, (int32_t)domain.size, ascii,
			       sizeof(ascii), &info, &error);
	return U_SUCCESS(error) && info.errors == 0;
}
