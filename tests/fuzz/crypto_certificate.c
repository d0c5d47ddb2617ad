/*
 * Certificates of strangers.  The first byte chooses: facts of one in DER and whether it is
 * believed, a file of several, SMIMECapabilities, a signature with its content inside, one with the
 * content behind it, a CRL, an OCSP answer, PKCS#12.  What is found stays within its bounds, and
 * names hold nothing that another reader would take for their end.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cms.h"
#include "crypto/trust.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	if (sodium_init() < 0)
		abort();
	return 0;
}

static void
require(bool kept)
{
	if (!kept)
		abort();
}

static void
check_text(const char *text, size_t limit)
{
	require(strlen(text) <= limit);
	for (size_t i = 0; text[i] != '\0'; i++)
		require((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

static void
check_urls(const char *const *urls, size_t count)
{
	require(count <= CERTIFICATE_URLS_MAX);
	for (size_t i = 0; i < count; i++)
		check_text(urls[i], CERTIFICATE_URL_SIZE_MAX);
}

static void
check_certificate(struct slice der, struct arena *arena)
{
	struct trust_question question = {
	    .certificate = der, .others = &der, .other_count = 1, .at = 1795000000};
	struct certificate certificate;
	struct trust_answer answer;
	struct trust_store *store;
	size_t refused;

	if (certificate_parse(der, arena, &certificate) != STATUS_OK)
		return;
	require(slice_equal(certificate.der, der));
	require(certificate.address_count <= CERTIFICATE_ADDRESSES_MAX);
	for (size_t i = 0; i < certificate.address_count; i++) {
		check_text(certificate.addresses[i], CERTIFICATE_ADDRESS_SIZE_MAX);
		require(strpbrk(certificate.addresses[i], " <>") == NULL);
		require(strchr(certificate.addresses[i], '@') != NULL);
	}
	check_text(certificate.subject, 500);
	check_text(certificate.issuer, 500);
	check_urls(certificate.crls, certificate.crl_count);
	check_urls(certificate.ocsp, certificate.ocsp_count);
	check_urls(certificate.issuers, certificate.issuer_count);
	store = trust_store_new(&der, 1, arena, &refused);
	require(trust_ask(store, &question, arena, &answer) == STATUS_OK);
	/* It was put there: nothing but itself can speak against it. */
	require(answer.reason != TRUST_BELIEVED || !certificate.odd_names);
	require((answer.reason == TRUST_BELIEVED) == (answer.until != 0));
	store = trust_store_new(NULL, 0, arena, &refused);
	require(trust_ask(store, &question, arena, &answer) == STATUS_OK);
	require(answer.reason != TRUST_BELIEVED);
	if (certificate.key == CERTIFICATE_KEY_RSA || certificate.key == CERTIFICATE_KEY_EC) {
		static const struct cms_choices choices = {CMS_AES_CBC, CMS_PKCS1};
		struct slice text = SLICE("text");
		struct source plain = source_from_slice(&text);
		unsigned char byte;
		struct source sealed;

		if (cms_encrypt(&plain, der, &choices, arena, &sealed) == STATUS_OK)
			require(source_read_exactly(&sealed, sealed.size - 1, &byte, 1) ==
				STATUS_OK);
	}
}

static void
check_file(struct slice file, struct arena *arena)
{
	struct slice *ders;
	size_t count;

	if (certificate_find_all(file, arena, &ders, &count) != STATUS_OK)
		return;
	require(count > 0 && count <= CERTIFICATE_COUNT_MAX);
	for (size_t i = 0; i < count; i++)
		require(ders[i].size > 0 && ders[i].size <= CERTIFICATE_SIZE_MAX);
}

/* The size of the signature stands in front of it. */
static void
check_signature(struct slice bytes, bool detached, struct arena *arena)
{
	size_t size = bytes.size < 2 ? 0 : (size_t)bytes.data[0] << 8 | bytes.data[1];
	struct slice content = slice_part(bytes, 2 + size, bytes.size);
	struct source source = source_from_slice(&content);
	struct cms_signatures found;

	if (!detached)
		size = bytes.size;
	if (cms_verify(slice_part(bytes, 2, 2 + size), detached ? &source : NULL, arena, &found) !=
	    STATUS_OK)
		return;
	require(found.signer_count > 0 && found.signer_count <= CMS_SIGNERS_MAX);
	require(found.certificate_count <= CERTIFICATE_COUNT_MAX);
	for (size_t i = 0; i < found.signer_count; i++)
		require(found.signers[i].certificate.size > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data + 1, size == 0 ? 0 : size - 1);
	struct secret passphrase = {NULL, 0};
	struct capabilities capabilities;
	struct certificate_pair pair;
	enum trust_ocsp state;
	int64_t until;

	switch (size == 0 ? 8 : data[0] % 8) {
	case 0:
		check_certificate(bytes, arena);
		break;
	case 1:
		check_file(bytes, arena);
		break;
	case 2:
		if (capabilities_read(bytes, &capabilities) == STATUS_OK)
			require(capabilities.told && bytes.size <= CAPABILITIES_SIZE_MAX);
		break;
	case 3:
	case 4:
		check_signature(bytes, data[0] % 8 == 4, arena);
		break;
	case 5:
	case 6: {
		/* The issuer's certificate, its size in front, then what it may have signed. */
		size_t first = bytes.size < 2 ? 0 : (size_t)bytes.data[0] << 8 | bytes.data[1];
		struct slice issuer = slice_part(bytes, 2, 2 + first);
		struct slice rest = slice_part(bytes, 2 + first, bytes.size);

		if (data[0] % 8 == 5 &&
		    trust_crl_check(rest, issuer, 1795000000, &until) == STATUS_OK)
			require(until >= 1795000000);
		if (data[0] % 8 == 6 &&
		    trust_ocsp_check(rest, issuer, issuer, 1795000000, &state, &until) == STATUS_OK)
			require(until >= 1795000000);
		break;
	}
	case 7:
		if (certificate_open_pkcs12(bytes, &passphrase, arena, &pair) == STATUS_OK)
			certificate_pair_clear(&pair);
		break;
	default:
		break;
	}
	arena_free(arena);
	return 0;
}
