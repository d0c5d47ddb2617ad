#include "crypto/trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/trust_part.h"

#define SECURITY_LEVEL 2 /* 112 bits: RSA of 2048, no SHA-1 */
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384 /* OpenSSL goes no further */
#define EC_BITS_MIN 256
#define OTHERS_MAX ((size_t)256)
#define CRLS_MAX ((size_t)32)
#define OCSP_MAX ((size_t)32)

struct trust_store {
	X509_STORE *roots;
};

static const char *const reason_texts[] = {
    [TRUST_BELIEVED] = "believed",
    [TRUST_UNTRUSTED] = "untrusted",
    [TRUST_EXPIRED] = "expired",
    [TRUST_NOT_YET_VALID] = "not-yet-valid",
    [TRUST_REVOKED] = "revoked",
    [TRUST_REVOCATION_UNKNOWN] = "revocation-unknown",
    [TRUST_WEAK_KEY] = "weak-key",
    [TRUST_WEAK_SIGNATURE] = "weak-signature",
    [TRUST_NOT_FOR_MAIL] = "not-for-mail",
    [TRUST_NOT_FOR_ENCRYPTION] = "not-for-encryption",
    [TRUST_NOT_FOR_SIGNING] = "not-for-signing",
    [TRUST_AUTHORITY] = "certificate-authority",
    [TRUST_FORBIDDEN] = "not-allowed-to-its-issuer",
    [TRUST_UNKNOWN_DUTY] = "unknown-extension",
    [TRUST_MALFORMED] = "malformed",
    [TRUST_ODD_NAMES] = "odd-names",
};

const char *
trust_reason_text(enum trust_reason reason)
{
	size_t number = (size_t)reason;

	return number < sizeof(reason_texts) / sizeof(reason_texts[0]) ? reason_texts[number]
								       : "unknown";
}

static void
free_store(void *argument)
{
	X509_STORE_free(argument);
}

struct trust_store *
trust_store_new(const struct slice *roots, size_t count, struct arena *arena, size_t *refused_out)
{
	struct trust_store *store = arena_alloc(arena, sizeof(*store));
	size_t refused = 0;

	store->roots = X509_STORE_new();
	arena_defer(arena, free_store, store->roots);
	for (size_t i = 0; i < count; i++) {
		X509 *root = trust_parse(roots[i]);

		if (root == NULL || X509_STORE_add_cert(store->roots, root) != 1)
			refused++;
		X509_free(root);
	}
	ERR_clear_error();
	*refused_out = refused;
	return store;
}

/* --- what the certificate says of itself --- */

static enum trust_reason
judge_key(const struct certificate *certificate, enum trust_use use)
{
	bool encrypt = use == TRUST_TO_ENCRYPT;

	switch (certificate->key) {
	case CERTIFICATE_KEY_RSA:
	case CERTIFICATE_KEY_RSA_PSS:
		if (certificate->key_broken || certificate->key_bits < RSA_BITS_MIN)
			return TRUST_WEAK_KEY;
		if (certificate->key_bits > RSA_BITS_MAX)
			break;
		if (encrypt && (certificate->key == CERTIFICATE_KEY_RSA_PSS ||
				!certificate->usage.key_encipherment))
			break;
		return TRUST_BELIEVED;
	case CERTIFICATE_KEY_EC:
		if (certificate->key_broken || certificate->key_bits < EC_BITS_MIN)
			return TRUST_WEAK_KEY;
		if (encrypt && !certificate->usage.key_agreement)
			break;
		return TRUST_BELIEVED;
	case CERTIFICATE_KEY_EDWARDS:
		if (!encrypt)
			return TRUST_BELIEVED;
		break;
	case CERTIFICATE_KEY_EXCHANGE: /* OpenSSL 3.0 makes no CMS for these */
	case CERTIFICATE_KEY_OTHER:
		break;
	}
	return encrypt ? TRUST_NOT_FOR_ENCRYPTION : TRUST_NOT_FOR_SIGNING;
}

/* Without looking at who issued it: of several reasons the one that tells most. */
static enum trust_reason
judge_alone(const struct certificate *certificate, const struct trust_question *question)
{
	enum trust_reason reason;

	if (certificate->broken)
		return TRUST_MALFORMED;
	if (certificate->odd_names)
		return TRUST_ODD_NAMES;
	if (certificate->is_authority)
		return TRUST_AUTHORITY;
	if (question->at >= certificate->not_after)
		return TRUST_EXPIRED;
	if (question->at < certificate->not_before)
		return TRUST_NOT_YET_VALID;
	if (!certificate->for_mail)
		return TRUST_NOT_FOR_MAIL;
	reason = judge_key(certificate, question->use);
	if (reason == TRUST_BELIEVED && question->use == TRUST_TO_SIGN && !certificate->usage.sign)
		return TRUST_NOT_FOR_SIGNING;
	return reason;
}

/* --- the chain --- */

struct asking {
	const struct trust_question *question;
	X509_STORE_CTX *context;
	STACK_OF(X509) * others;
	STACK_OF(X509_CRL) * crls;
	/* By depth: of which certificate no CRL says anything, and where one was forged. */
	unsigned uncovered;
	unsigned forged;
};

static enum trust_reason
reason_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TRUST_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TRUST_NOT_YET_VALID;
	case X509_V_ERR_CERT_REVOKED:
		return TRUST_REVOKED;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
		return TRUST_WEAK_KEY;
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return TRUST_WEAK_SIGNATURE;
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_CERT_CHAIN_TOO_LONG:
		return TRUST_FORBIDDEN;
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		return TRUST_UNKNOWN_DUTY;
	case X509_V_ERR_INVALID_EXTENSION:
	case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
	case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
		return TRUST_MALFORMED;
	default:
		break;
	}
	/* What X509_V_FLAG_X509_STRICT adds. */
	if (error >= X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA &&
	    error <= X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3)
		return TRUST_MALFORMED;
	return TRUST_UNTRUSTED;
}

/* Faults of a CRL say nothing of the certificate: they are remembered as "not covered".  One that
 * is too old counts as far as it tells of a revocation. */
static int
on_fault(int ok, X509_STORE_CTX *context)
{
	struct asking *asking = X509_STORE_CTX_get_app_data(context);
	unsigned bit = 1U << (unsigned)(X509_STORE_CTX_get_error_depth(context) & 31);

	if (ok == 1)
		return 1;
	switch (X509_STORE_CTX_get_error(context)) {
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
	case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
		asking->forged |= bit;
		asking->uncovered |= bit;
		return 1;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
	case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
	case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
		asking->uncovered |= bit;
		return 1;
	case X509_V_ERR_CERT_REVOKED:
		return (asking->forged & bit) != 0;
	default:
		return 0;
	}
}

static bool
prepare(struct asking *asking, const struct trust_store *store, X509 *x509)
{
	const struct trust_question *question = asking->question;
	unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
	X509_VERIFY_PARAM *rules;

	asking->context = X509_STORE_CTX_new();
	asking->others = sk_X509_new_null();
	asking->crls = sk_X509_CRL_new_null();
	for (size_t i = 0; i < question->other_count && i < OTHERS_MAX; i++) {
		X509 *other = trust_parse(question->others[i]);

		if (other != NULL && sk_X509_push(asking->others, other) <= 0)
			X509_free(other);
	}
	if (asking->context == NULL ||
	    X509_STORE_CTX_init(asking->context, store->roots, x509, asking->others) != 1)
		return false;
	if (question->revocation != TRUST_REVOCATION_IGNORED) {
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
		for (size_t i = 0; i < question->crl_count && i < CRLS_MAX; i++) {
			X509_CRL *crl = trust_parse_crl(question->crls[i]);

			if (crl != NULL && sk_X509_CRL_push(asking->crls, crl) <= 0)
				X509_CRL_free(crl);
		}
		X509_STORE_CTX_set0_crls(asking->context, asking->crls);
	}
	rules = X509_STORE_CTX_get0_param(asking->context);
	X509_VERIFY_PARAM_set_flags(rules, flags);
	X509_VERIFY_PARAM_set_time(rules, (time_t)question->at);
	X509_VERIFY_PARAM_set_depth(rules, TRUST_CHAIN_MAX - 2);
	X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
	X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_ANY);
	X509_STORE_CTX_set_verify_cb(asking->context, on_fault);
	X509_STORE_CTX_set_app_data(asking->context, asking);
	return true;
}

static void
clear(struct asking *asking)
{
	X509_STORE_CTX_free(asking->context);
	sk_X509_pop_free(asking->others, X509_free);
	sk_X509_CRL_pop_free(asking->crls, X509_CRL_free);
}

static void
keep_chain(const STACK_OF(X509) * chain, struct arena *arena, struct trust_answer *answer)
{
	answer->chain = arena_alloc_many(arena, TRUST_CHAIN_MAX, sizeof(*answer->chain));
	for (int i = 0; i < sk_X509_num(chain) && answer->chain_count < TRUST_CHAIN_MAX; i++) {
		unsigned char *der = NULL;
		int size = i2d_X509(sk_X509_value(chain, i), &der);

		if (size > 0)
			answer->chain[answer->chain_count++] =
			    arena_copy(arena, slice_of(der, (size_t)size));
		OPENSSL_free(der);
	}
}

static void
sooner(int64_t *until, int64_t moment)
{
	if (moment < *until)
		*until = moment;
}

/* An issuer that may certify web servers only may not give anybody a certificate for mail. */
static bool
issuers_are_for_mail(const STACK_OF(X509) * chain)
{
	for (int i = 1; i < sk_X509_num(chain) - 1; i++) {
		uint32_t purposes = X509_get_extended_key_usage(sk_X509_value(chain, i));

		if ((purposes & (XKU_SMIME | XKU_ANYEKU)) == 0)
			return false;
	}
	return true;
}

/* What OCSP says of the certificate at that depth. */
static enum trust_reason
ask_ocsp(struct asking *asking, STACK_OF(X509) * chain, int depth, int64_t *until)
{
	const struct trust_question *question = asking->question;

	for (size_t i = 0; i < question->ocsp_count && i < OCSP_MAX; i++) {
		enum trust_ocsp state;
		int64_t end;

		if (trust_check_ocsp(question->ocsp[i], sk_X509_value(chain, depth),
				     sk_X509_value(chain, depth + 1), question->at, &state,
				     &end) != STATUS_OK ||
		    state == TRUST_OCSP_UNKNOWN)
			continue;
		if (state == TRUST_OCSP_REVOKED)
			return TRUST_REVOKED;
		asking->uncovered &= ~(1U << (unsigned)depth);
		sooner(until, end);
	}
	return TRUST_BELIEVED;
}

/* How long the CRLs of this chain's issuers count. */
static void
bound_by_crls(const struct asking *asking, const STACK_OF(X509) * chain, int64_t *until)
{
	for (int i = 0; i < sk_X509_CRL_num(asking->crls); i++) {
		const X509_CRL *crl = sk_X509_CRL_value(asking->crls, i);
		int64_t end = X509_CRL_get0_nextUpdate(crl) == NULL
				  ? 0
				  : trust_seconds(X509_CRL_get0_nextUpdate(crl));

		for (int depth = 0; depth < sk_X509_num(chain) - 1; depth++)
			if (X509_NAME_cmp(X509_CRL_get_issuer(crl),
					  X509_get_issuer_name(sk_X509_value(chain, depth))) == 0 &&
			    end >= asking->question->at)
				sooner(until, end);
	}
}

static enum trust_reason
judge_chain(struct asking *asking, STACK_OF(X509) * chain, int64_t *until)
{
	if (!issuers_are_for_mail(chain))
		return TRUST_NOT_FOR_MAIL;
	for (int i = 0; i < sk_X509_num(chain); i++)
		sooner(until, trust_seconds(X509_get0_notAfter(sk_X509_value(chain, i))));
	if (asking->question->revocation == TRUST_REVOCATION_IGNORED)
		return TRUST_BELIEVED;
	bound_by_crls(asking, chain, until);
	for (int depth = 0; depth < sk_X509_num(chain) - 1; depth++) {
		enum trust_reason reason = ask_ocsp(asking, chain, depth, until);

		if (reason != TRUST_BELIEVED)
			return reason;
		if (asking->question->revocation == TRUST_REVOCATION_HARD &&
		    (asking->uncovered & 1U << (unsigned)depth) != 0)
			return TRUST_REVOCATION_UNKNOWN;
	}
	return TRUST_BELIEVED;
}

static enum status
ask(const struct trust_store *store, X509 *x509, const struct trust_question *question,
    struct arena *arena, struct trust_answer *answer)
{
	struct asking asking = {.question = question};
	STACK_OF(X509) * chain;

	if (!prepare(&asking, store, x509)) {
		clear(&asking);
		return STATUS_INTERNAL;
	}
	if (X509_verify_cert(asking.context) == 1) {
		chain = X509_STORE_CTX_get0_chain(asking.context);
		answer->until = INT64_MAX;
		answer->reason = judge_chain(&asking, chain, &answer->until);
	} else {
		int error = X509_STORE_CTX_get_error(asking.context);

		chain = X509_STORE_CTX_get0_chain(asking.context);
		answer->reason = reason_of(error);
		answer->detail = X509_verify_cert_error_string(error);
	}
	keep_chain(chain, arena, answer);
	clear(&asking);
	return STATUS_OK;
}

enum status
trust_ask(const struct trust_store *store, const struct trust_question *question,
	  struct arena *arena, struct trust_answer *answer_out)
{
	struct trust_answer answer = {.detail = ""};
	struct certificate certificate;
	enum status status = certificate_parse(question->certificate, arena, &certificate);
	X509 *x509;

	if (status != STATUS_OK)
		return STATUS_INVALID;
	answer.reason = judge_alone(&certificate, question);
	if (answer.reason == TRUST_BELIEVED) {
		x509 = trust_parse(question->certificate);
		status = x509 == NULL ? STATUS_INVALID : ask(store, x509, question, arena, &answer);
		X509_free(x509);
		ERR_clear_error();
	}
	if (answer.reason != TRUST_BELIEVED)
		answer.until = 0;
	if (status == STATUS_OK)
		*answer_out = answer;
	return status;
}
