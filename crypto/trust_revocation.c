#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "crypto/trust_part.h"

/* How long an answer counts that does not say it. */
#define OCSP_LIFE 86400

X509 *
trust_parse(struct slice der)
{
	const unsigned char *at = der.data;
	X509 *x509 = der.size > CERTIFICATE_SIZE_MAX ? NULL : d2i_X509(NULL, &at, (long)der.size);

	if (x509 != NULL && at != der.data + der.size) {
		X509_free(x509);
		x509 = NULL;
	}
	return x509;
}

int64_t
trust_seconds(const ASN1_TIME *moment)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	return ASN1_TIME_to_tm(moment, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

bool
trust_is_weak_digest(int digest_nid)
{
	return digest_nid == NID_sha1 || digest_nid == NID_md5 || digest_nid == NID_md4 ||
	       digest_nid == NID_md2 || digest_nid == NID_md5_sha1 || digest_nid == NID_ripemd160;
}

/* RSASSA-PSS names its digest in its parameters; where it does not it is SHA-1 (RFC 4055 section
 * 3.1). */
static bool
is_weak_pss(const ASN1_TYPE *parameters)
{
	RSA_PSS_PARAMS *pss =
	    parameters == NULL
		? NULL
		: ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), parameters);
	bool weak = pss == NULL || pss->hashAlgorithm == NULL ||
		    trust_is_weak_digest(OBJ_obj2nid(pss->hashAlgorithm->algorithm));

	RSA_PSS_PARAMS_free(pss);
	return weak;
}

bool
trust_is_weak(const X509_ALGOR *signature)
{
	int name = OBJ_obj2nid(signature->algorithm);
	int digest = NID_undef;

	if (name == NID_rsassaPss)
		return is_weak_pss(signature->parameter);
	/* Ed25519 names none here. */
	return OBJ_find_sigid_algs(name, &digest, NULL) != 1 || trust_is_weak_digest(digest);
}

X509_CRL *
trust_parse_crl(struct slice der)
{
	const unsigned char *at = der.data;
	const X509_ALGOR *signature = NULL;
	X509_CRL *crl =
	    der.size > TRUST_CRL_SIZE_MAX ? NULL : d2i_X509_CRL(NULL, &at, (long)der.size);

	if (crl != NULL)
		X509_CRL_get0_signature(crl, NULL, &signature);
	if (crl != NULL && (at != der.data + der.size || trust_is_weak(signature))) {
		X509_CRL_free(crl);
		crl = NULL;
	}
	return crl;
}

static enum status
check_crl(X509_CRL *crl, X509 *issuer, int64_t at, int64_t *until_out)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	int64_t until = next == NULL ? 0 : trust_seconds(next);

	if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) != 0)
		return STATUS_NOT_FOUND;
	if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1)
		return STATUS_DAMAGED;
	if (until < at || trust_seconds(X509_CRL_get0_lastUpdate(crl)) > at + TRUST_CLOCK_SLACK)
		return STATUS_GONE;
	*until_out = until;
	return STATUS_OK;
}

enum status
trust_crl_check(struct slice crl, struct slice issuer, int64_t at, int64_t *until_out)
{
	X509_CRL *parsed = trust_parse_crl(crl);
	X509 *parent = trust_parse(issuer);
	enum status status = STATUS_INVALID;

	if (parsed != NULL && parent != NULL)
		status = check_crl(parsed, parent, at, until_out);
	X509_CRL_free(parsed);
	X509_free(parent);
	ERR_clear_error();
	return status;
}

/* --- OCSP --- */

static OCSP_REQUEST *
new_request(X509 *certificate, X509 *issuer)
{
	/* SHA-1 only names the issuer here; RFC 5019 section 2.1.1 knows no other. */
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), certificate, issuer);
	OCSP_REQUEST *request = OCSP_REQUEST_new();

	if (id == NULL || request == NULL || OCSP_request_add0_id(request, id) == NULL) {
		OCSP_CERTID_free(id);
		OCSP_REQUEST_free(request);
		return NULL;
	}
	return request;
}

enum status
trust_ocsp_request(struct slice certificate, struct slice issuer, struct arena *arena,
		   struct slice *request_out)
{
	X509 *x509 = trust_parse(certificate);
	X509 *parent = trust_parse(issuer);
	OCSP_REQUEST *request = x509 == NULL || parent == NULL ? NULL : new_request(x509, parent);
	unsigned char *der = NULL;
	int size = request == NULL ? 0 : i2d_OCSP_REQUEST(request, &der);

	if (size > 0)
		*request_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	OCSP_REQUEST_free(request);
	X509_free(x509);
	X509_free(parent);
	ERR_clear_error();
	return size > 0 ? STATUS_OK : STATUS_INVALID;
}

/* Signed by the issuer, or by a certificate that the issuer made for that: nobody else is in the
 * store, and OCSP_basic_verify looks at the purpose of the second kind. */
static bool
is_signed(OCSP_BASICRESP *basic, X509 *issuer, int64_t at)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *rules = X509_VERIFY_PARAM_new();
	STACK_OF(X509) *issuers = sk_X509_new_null();
	bool right = false;

	if (store != NULL && rules != NULL && issuers != NULL &&
	    sk_X509_push(issuers, issuer) > 0 && X509_STORE_add_cert(store, issuer) == 1) {
		X509_VERIFY_PARAM_set_time(rules, (time_t)at);
		X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
		X509_VERIFY_PARAM_set_auth_level(rules, 2);
		right = X509_STORE_set1_param(store, rules) == 1 &&
			OCSP_basic_verify(basic, issuers, store, OCSP_PARTIAL_CHAIN) == 1;
	}
	sk_X509_free(issuers);
	X509_VERIFY_PARAM_free(rules);
	X509_STORE_free(store);
	return right;
}

/* The answer's word on the certificate, whichever digest it names the issuer by. */
static bool
find_state(OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, int *state,
	   ASN1_GENERALIZEDTIME **from, ASN1_GENERALIZEDTIME **next)
{
	const EVP_MD *const digests[] = {EVP_sha1(), EVP_sha256()};
	bool found = false;

	for (size_t i = 0; i < 2 && !found; i++) {
		OCSP_CERTID *id = OCSP_cert_to_id(digests[i], certificate, issuer);

		found = id != NULL &&
			OCSP_resp_find_status(basic, id, state, NULL, NULL, from, next) == 1;
		OCSP_CERTID_free(id);
	}
	return found;
}

static enum status
read_state(OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, int64_t at,
	   enum trust_ocsp *state_out, int64_t *until_out)
{
	ASN1_GENERALIZEDTIME *from = NULL, *next = NULL;
	int state = V_OCSP_CERTSTATUS_UNKNOWN;
	int64_t until;

	if (!find_state(basic, certificate, issuer, &state, &from, &next))
		return STATUS_NOT_FOUND;
	until = next != NULL ? trust_seconds(next) : trust_seconds(from) + OCSP_LIFE;
	if (from == NULL || trust_seconds(from) > at + TRUST_CLOCK_SLACK || until < at)
		return STATUS_GONE;
	*state_out = state == V_OCSP_CERTSTATUS_GOOD	  ? TRUST_OCSP_GOOD
		     : state == V_OCSP_CERTSTATUS_REVOKED ? TRUST_OCSP_REVOKED
							  : TRUST_OCSP_UNKNOWN;
	*until_out = until;
	return STATUS_OK;
}

static enum status
check_basic(OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, int64_t at,
	    enum trust_ocsp *state_out, int64_t *until_out)
{
	if (trust_is_weak(OCSP_resp_get0_tbs_sigalg(basic)) || !is_signed(basic, issuer, at))
		return STATUS_DAMAGED;
	return read_state(basic, certificate, issuer, at, state_out, until_out);
}

enum status
trust_check_ocsp(struct slice answer, X509 *certificate, X509 *issuer, int64_t at,
		 enum trust_ocsp *state_out, int64_t *until_out)
{
	const unsigned char *place = answer.data;
	OCSP_BASICRESP *basic = NULL;
	enum status status = STATUS_INVALID;
	OCSP_RESPONSE *response;

	if (answer.size > TRUST_OCSP_SIZE_MAX)
		return STATUS_INVALID;
	response = d2i_OCSP_RESPONSE(NULL, &place, (long)answer.size);
	if (response != NULL && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	if (basic != NULL)
		status = check_basic(basic, certificate, issuer, at, state_out, until_out);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	return status;
}

enum status
trust_ocsp_check(struct slice answer, struct slice certificate, struct slice issuer, int64_t at,
		 enum trust_ocsp *state_out, int64_t *until_out)
{
	X509 *x509 = trust_parse(certificate);
	X509 *parent = trust_parse(issuer);
	enum status status = STATUS_INVALID;

	if (x509 != NULL && parent != NULL)
		status = trust_check_ocsp(answer, x509, parent, at, state_out, until_out);
	X509_free(x509);
	X509_free(parent);
	ERR_clear_error();
	return status;
}
