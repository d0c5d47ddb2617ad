/*
 * How much work a file with a private key may ask for, before it says anything.
 */
#include <openssl/pkcs12.h>

#include "crypto/certificate_part.h"

/* How often a passphrase is hashed: files of today have 2048 to 600000 rounds, three times. */
#define ROUNDS_MAX ((uint64_t)2000000)
/* Of scrypt, in bytes. */
#define MEMORY_MAX ((uint64_t)134217728)

/* Take from what is left. */
static bool
spend(uint64_t *spent, uint64_t amount, uint64_t most)
{
	if (amount > most - *spent)
		return false;
	*spent += amount;
	return true;
}

bool
certificate_afford_rounds(struct certificate_work *work, const ASN1_INTEGER *rounds)
{
	uint64_t number;

	return rounds != NULL && ASN1_INTEGER_get_uint64(&number, rounds) == 1 && number > 0 &&
	       spend(&work->rounds, number, ROUNDS_MAX);
}

static bool
afford_scrypt(struct certificate_work *work, const ASN1_TYPE *parameters)
{
	SCRYPT_PARAMS *scrypt =
	    parameters == NULL
		? NULL
		: ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameters);
	uint64_t cost, block, parallel;
	bool fits = scrypt != NULL && ASN1_INTEGER_get_uint64(&cost, scrypt->costParameter) == 1 &&
		    ASN1_INTEGER_get_uint64(&block, scrypt->blockSize) == 1 &&
		    ASN1_INTEGER_get_uint64(&parallel, scrypt->parallelizationParameter) == 1 &&
		    cost > 0 && block > 0 && parallel > 0 && block <= 1024 && parallel <= 16 &&
		    cost <= MEMORY_MAX / 128 / block / parallel &&
		    spend(&work->memory, cost * block * parallel * 128, MEMORY_MAX);

	SCRYPT_PARAMS_free(scrypt);
	return fits;
}

/* The second scheme of PKCS#5: a way to make the key of a passphrase is named beside the cipher. */
static bool
afford_scheme(struct certificate_work *work, const ASN1_TYPE *parameters)
{
	PBE2PARAM *scheme = parameters == NULL
				? NULL
				: ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameters);
	PBKDF2PARAM *inner = NULL;
	const ASN1_OBJECT *way = NULL;
	const void *value = NULL;
	bool fits = false;
	int type = V_ASN1_UNDEF;

	if (scheme != NULL)
		X509_ALGOR_get0(&way, &type, &value, scheme->keyfunc);
	if (way != NULL && OBJ_obj2nid(way) == NID_id_scrypt) {
		fits = afford_scrypt(work, scheme->keyfunc->parameter);
	} else if (way != NULL && OBJ_obj2nid(way) == NID_id_pbkdf2 &&
		   scheme->keyfunc->parameter != NULL) {
		inner = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM),
						  scheme->keyfunc->parameter);
		fits = inner != NULL && certificate_afford_rounds(work, inner->iter);
	}
	PBKDF2PARAM_free(inner);
	PBE2PARAM_free(scheme);
	return fits;
}

bool
certificate_afford(struct certificate_work *work, const X509_ALGOR *algorithm)
{
	PBEPARAM *first;
	bool fits;

	if (algorithm == NULL)
		return false;
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
		return afford_scheme(work, algorithm->parameter);
	first = algorithm->parameter == NULL
		    ? NULL
		    : ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	fits = first != NULL && certificate_afford_rounds(work, first->iter);
	PBEPARAM_free(first);
	return fits;
}

bool
certificate_afford_sealed(struct certificate_work *work, const X509_SIG *sealed)
{
	const X509_ALGOR *algorithm = NULL;

	X509_SIG_get0(sealed, &algorithm, NULL);
	return certificate_afford(work, algorithm);
}
