/* crypto/trust: which certificates are believed, and why the others are not. */
#include <openssl/param_build.h>

#include "crypto/trust.h"
#include "tests/unit/crypto/issue.h"

#define LEAF_USAGE "critical,digitalSignature,keyAgreement"
#define BOB "email:bob@example.net"

static struct arena *arena;
static struct issued *root, *other_root, *middle;
static EVP_PKEY *rsa_2048, *rsa_1024, *exponent_one;

static EVP_PKEY *
make_broken_rsa(void)
{
	/* The modulus of a good key with an exponent of 1. */
	BIGNUM *n = NULL, *one = BN_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;
	OSSL_PARAM *parameters;

	BN_one(one);
	EVP_PKEY_get_bn_param(rsa_2048, "n", &n);
	OSSL_PARAM_BLD_push_BN(builder, "n", n);
	OSSL_PARAM_BLD_push_BN(builder, "e", one);
	parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_fromdata_init(context);
	assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	BN_free(n);
	BN_free(one);
	return key;
}

static struct issued *
issue_middle(const char *name, const char *constraints, const char *purposes,
	     const char *const *more)
{
	struct order order = {.name = name,
			      .constraints = constraints,
			      .usage = "critical,keyCertSign,cRLSign",
			      .purposes = purposes,
			      .more = more};

	return issue(&order, root, arena);
}

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	root = issue_root("Root", arena);
	other_root = issue_root("Root", arena);
	middle = issue_middle("Middle", "critical,CA:TRUE,pathlen:0", "emailProtection", NULL);
	rsa_2048 = make_key("RSA", 2048);
	rsa_1024 = make_key("RSA", 1024);
	exponent_one = make_broken_rsa();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa_2048);
	EVP_PKEY_free(rsa_1024);
	EVP_PKEY_free(exponent_one);
	arena_free(arena);
	return 0;
}

static struct trust_question
question_of(const struct issued *leaf)
{
	return (struct trust_question){.certificate = leaf->der,
				       .others = &middle->der,
				       .other_count = 1,
				       .at = NOW,
				       .use = TRUST_TO_ENCRYPT,
				       .revocation = TRUST_REVOCATION_SOFT};
}

static struct trust_answer
ask(const struct trust_question *question)
{
	size_t refused;
	struct trust_store *store = trust_store_new(&root->der, 1, arena, &refused);
	struct trust_answer answer;

	assert_int_equal(refused, 0);
	assert_int_equal(trust_ask(store, question, arena, &answer), STATUS_OK);
	return answer;
}

static void
assert_reason(const char *claim, struct trust_answer answer, enum trust_reason wanted)
{
	if (answer.reason != wanted)
		fail_msg("%s: %s (%s)", claim, trust_reason_text(answer.reason), answer.detail);
	if ((wanted == TRUST_BELIEVED) != (answer.until >= NOW))
		fail_msg("%s: until %lld", claim, (long long)answer.until);
}

static struct issued *
issue_bob(const struct issued *issuer)
{
	struct order order = {.name = "Bob",
			      .mail = BOB,
			      .usage = LEAF_USAGE,
			      .purposes = "emailProtection",
			      .constraints = "CA:FALSE"};

	return issue(&order, issuer, arena);
}

static void
leaves_alone(void **state)
{
	static const char *const critical[] = {"1.2.3.4.5", "critical,DER:0500", NULL};
	static const char *const harmless[] = {"1.2.3.4.5", "DER:0500", NULL};
	const struct {
		const char *claim;
		enum trust_reason reason;
		struct order order;
	} rows[] = {
	    {"as it should be", TRUST_BELIEVED, {.mail = BOB, .usage = LEAF_USAGE}},
	    {"RSA", TRUST_BELIEVED, {.mail = BOB, .usage = "keyEncipherment", .key = rsa_2048}},
	    {"no usage said", TRUST_BELIEVED, {.mail = BOB}},
	    {"any purpose",
	     TRUST_BELIEVED,
	     {.mail = BOB, .usage = LEAF_USAGE, .purposes = "anyExtendedKeyUsage"}},
	    {"mail among purposes",
	     TRUST_BELIEVED,
	     {.mail = BOB, .usage = LEAF_USAGE, .purposes = "serverAuth,emailProtection"}},
	    {"a harmless extension", TRUST_BELIEVED, {.mail = BOB, .more = harmless}},
	    {"no address: not asked here", TRUST_BELIEVED, {.usage = LEAF_USAGE}},
	    {"servers only",
	     TRUST_NOT_FOR_MAIL,
	     {.mail = BOB, .usage = LEAF_USAGE, .purposes = "serverAuth,clientAuth"}},
	    {"signs only", TRUST_NOT_FOR_ENCRYPTION, {.mail = BOB, .usage = "digitalSignature"}},
	    {"RSA that agrees only",
	     TRUST_NOT_FOR_ENCRYPTION,
	     {.mail = BOB, .usage = "keyAgreement", .key = rsa_2048}},
	    {"a curve that enciphers only",
	     TRUST_NOT_FOR_ENCRYPTION,
	     {.mail = BOB, .usage = "keyEncipherment"}},
	    {"expired", TRUST_EXPIRED, {.mail = BOB, .to = NOW - 1}},
	    {"the end itself", TRUST_EXPIRED, {.mail = BOB, .to = NOW}},
	    {"the last second", TRUST_BELIEVED, {.mail = BOB, .to = NOW + 1}},
	    {"not yet", TRUST_NOT_YET_VALID, {.mail = BOB, .from = NOW + 1}},
	    {"the first second", TRUST_BELIEVED, {.mail = BOB, .from = NOW}},
	    {"RSA 1024", TRUST_WEAK_KEY, {.mail = BOB, .key = rsa_1024}},
	    {"an exponent of 1", TRUST_WEAK_KEY, {.mail = BOB, .key = exponent_one}},
	    {"signed by SHA-1", TRUST_WEAK_SIGNATURE, {.mail = BOB, .digest = EVP_sha1()}},
	    {"an authority",
	     TRUST_AUTHORITY,
	     {.mail = BOB, .constraints = "critical,CA:TRUE", .usage = "keyCertSign"}},
	    {"unknown and critical", TRUST_UNKNOWN_DUTY, {.mail = BOB, .more = critical}},
	    {"no identifiers", TRUST_MALFORMED, {.mail = BOB, .bare = true}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct order order = rows[i].order;
		struct trust_question question;

		order.name = "Bob";
		question = question_of(issue(&order, middle, arena));
		assert_reason(rows[i].claim, ask(&question), rows[i].reason);
	}
}

/* No curve signs by MD5, so the issuer has an RSA key. */
static void
signatures_by_md5(void **state)
{
	struct order issuer_order = {.name = "Rsa",
				     .constraints = "critical,CA:TRUE",
				     .usage = "critical,keyCertSign,cRLSign",
				     .key = rsa_2048};
	struct issued *issuer = issue(&issuer_order, root, arena);
	struct order order = {.name = "Bob", .mail = BOB, .digest = EVP_sha256()};
	struct trust_question question = question_of(issue(&order, issuer, arena));

	(void)state;
	question.others = &issuer->der;
	assert_reason("SHA-256", ask(&question), TRUST_BELIEVED);
	order.digest = EVP_md5();
	question.certificate = issue(&order, issuer, arena)->der;
	assert_reason("MD5", ask(&question), TRUST_WEAK_SIGNATURE);
}

static void
other_kinds_of_keys(void **state)
{
	static const struct {
		const char *kind;
		enum trust_reason to_encrypt, to_sign;
	} rows[] = {
	    {"ED25519", TRUST_NOT_FOR_ENCRYPTION, TRUST_BELIEVED},
	    {"X25519", TRUST_NOT_FOR_ENCRYPTION, TRUST_NOT_FOR_SIGNING},
	    {"P-384", TRUST_BELIEVED, TRUST_BELIEVED},
	    {"P-521", TRUST_BELIEVED, TRUST_BELIEVED},
	    {"brainpoolP256r1", TRUST_BELIEVED, TRUST_BELIEVED},
	    {"secp224r1", TRUST_WEAK_KEY, TRUST_WEAK_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		EVP_PKEY *key = make_key(rows[i].kind, 0);
		struct order order = {.name = "Bob", .mail = BOB, .key = key};
		struct trust_question question = question_of(issue(&order, middle, arena));

		assert_reason(rows[i].kind, ask(&question), rows[i].to_encrypt);
		question.use = TRUST_TO_SIGN;
		assert_reason(rows[i].kind, ask(&question), rows[i].to_sign);
		EVP_PKEY_free(key);
	}
}

static void
signing_needs_its_own_usage(void **state)
{
	struct order order = {.name = "Bob", .mail = BOB, .usage = "keyAgreement"};
	struct trust_question question = question_of(issue(&order, middle, arena));

	(void)state;
	assert_reason("agrees", ask(&question), TRUST_BELIEVED);
	question.use = TRUST_TO_SIGN;
	assert_reason("does not sign", ask(&question), TRUST_NOT_FOR_SIGNING);
	order.usage = "nonRepudiation";
	question = question_of(issue(&order, middle, arena));
	question.use = TRUST_TO_SIGN;
	assert_reason("signs", ask(&question), TRUST_BELIEVED);
}

static void
chains(void **state)
{
	static const char *const within[] = {"nameConstraints",
					     "critical,permitted;email:example.net", NULL};
	static const char *const beyond[] = {"nameConstraints",
					     "critical,permitted;email:example.org", NULL};
	static const char *const without[] = {"nameConstraints",
					      "critical,excluded;email:example.net", NULL};
	struct order leaf_as_issuer = {.name = "Bob the issuer", .usage = "keyCertSign"};
	struct order weak_order = {.name = "Weak",
				   .constraints = "critical,CA:TRUE",
				   .usage = "critical,keyCertSign,cRLSign",
				   .key = rsa_1024};
	struct order old_order = {.name = "Old",
				  .constraints = "critical,CA:TRUE",
				  .usage = "critical,keyCertSign,cRLSign",
				  .to = NOW - DAY};
	struct order sha1_order = {.name = "Sha",
				   .constraints = "critical,CA:TRUE",
				   .usage = "critical,keyCertSign,cRLSign",
				   .digest = EVP_sha1()};
	struct order deep_order = {.name = "Deep",
				   .constraints = "critical,CA:TRUE",
				   .usage = "critical,keyCertSign,cRLSign"};
	const struct {
		const char *claim;
		enum trust_reason reason;
		const struct issued *issuer;
	} rows[] = {
	    {"by the root itself", TRUST_BELIEVED, root},
	    {"by a root of the same name", TRUST_UNTRUSTED, other_root},
	    {"by itself", TRUST_UNTRUSTED, NULL},
	    {"within the constraints", TRUST_BELIEVED,
	     issue_middle("Within", "critical,CA:TRUE", NULL, within)},
	    {"beyond the constraints", TRUST_FORBIDDEN,
	     issue_middle("Beyond", "critical,CA:TRUE", NULL, beyond)},
	    {"excluded", TRUST_FORBIDDEN,
	     issue_middle("Without", "critical,CA:TRUE", NULL, without)},
	    {"by an issuer for servers", TRUST_NOT_FOR_MAIL,
	     issue_middle("Servers", "critical,CA:TRUE", "serverAuth", NULL)},
	    {"by one who is no authority", TRUST_FORBIDDEN, issue(&leaf_as_issuer, root, arena)},
	    {"by a weak issuer", TRUST_WEAK_KEY, issue(&weak_order, root, arena)},
	    {"by one that has expired", TRUST_EXPIRED, issue(&old_order, root, arena)},
	    {"by one that SHA-1 vouches for", TRUST_WEAK_SIGNATURE,
	     issue(&sha1_order, root, arena)},
	    {"below the last that may issue", TRUST_FORBIDDEN, issue(&deep_order, middle, arena)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_question question = question_of(issue_bob(rows[i].issuer));
		struct slice others[2] = {
		    middle->der, rows[i].issuer == NULL ? middle->der : rows[i].issuer->der};

		question.others = others;
		question.other_count = 2;
		assert_reason(rows[i].claim, ask(&question), rows[i].reason);
	}
}

static void
a_chain_is_told(void **state)
{
	struct issued *bob = issue_bob(middle);
	struct trust_question question = question_of(bob);
	struct trust_answer answer = ask(&question);

	(void)state;
	assert_int_equal(answer.chain_count, 3);
	assert_slice_equal(answer.chain[0], bob->der);
	assert_slice_equal(answer.chain[1], middle->der);
	assert_slice_equal(answer.chain[2], root->der);
	assert_int_equal(answer.until, NOW + 15 * DAY);
	/* Without the issuer in between there is none. */
	question.other_count = 0;
	assert_reason("no issuer", ask(&question), TRUST_UNTRUSTED);
	/* Whoever the operator puts into the store is believed. */
	{
		struct slice der = bob->der;
		size_t refused;
		struct trust_store *store = trust_store_new(&der, 1, arena, &refused);

		assert_int_equal(trust_ask(store, &question, arena, &answer), STATUS_OK);
		assert_reason("put there", answer, TRUST_BELIEVED);
	}
}

static void
what_is_no_certificate(void **state)
{
	struct slice given_roots[] = {SLICE("nonsense"), root->der, {NULL, 0}};
	struct trust_question question = {.certificate = SLICE("nonsense"), .at = NOW};
	struct trust_answer answer;
	size_t refused;
	struct trust_store *store = trust_store_new(given_roots, 3, arena, &refused);

	(void)state;
	assert_int_equal(refused, 2);
	assert_int_equal(trust_ask(store, &question, arena, &answer), STATUS_INVALID);
	question.certificate = issue_bob(middle)->der;
	question.others = given_roots;
	question.other_count = 3;
	assert_int_equal(trust_ask(store, &question, arena, &answer), STATUS_OK);
	assert_reason("others are nonsense", answer, TRUST_UNTRUSTED);
}

static void
revocation_by_lists(void **state)
{
	struct issued *bob = issue_bob(middle);
	struct issued *carol = issue_bob(middle);
	struct slice root_clear = issue_crl(root, NULL, NOW - DAY, NOW + DAY, NULL, arena);
	struct issued root_forger = {.x509 = root->x509, .key = other_root->key};
	struct slice root_other =
	    issue_crl(&root_forger, middle, NOW - DAY, NOW + DAY, NULL, arena);
	struct slice middle_revoked = issue_crl(root, middle, NOW - DAY, NOW + DAY, NULL, arena);
	struct slice clear = issue_crl(middle, carol, NOW - DAY, NOW + 2 * DAY, NULL, arena);
	struct slice revoked = issue_crl(middle, bob, NOW - DAY, NOW + DAY, NULL, arena);
	struct slice old_clear = issue_crl(middle, NULL, NOW - 3 * DAY, NOW - DAY, NULL, arena);
	struct slice old_revoked = issue_crl(middle, bob, NOW - 3 * DAY, NOW - DAY, NULL, arena);
	struct slice sha1_clear = issue_crl(middle, NULL, NOW - DAY, NOW + DAY, EVP_sha1(), arena);
	/* In the name of the issuer, with its key identifier, by another key. */
	struct issued forger = {.x509 = middle->x509, .key = other_root->key};
	struct slice forged = issue_crl(&forger, bob, NOW - DAY, NOW + DAY, NULL, arena);
	const struct {
		const char *claim;
		struct slice crls[2];
		enum trust_reason soft, hard;
	} rows[] = {
	    {"all clear", {root_clear, clear}, TRUST_BELIEVED, TRUST_BELIEVED},
	    {"revoked", {root_clear, revoked}, TRUST_REVOKED, TRUST_REVOKED},
	    {"its issuer is", {middle_revoked, clear}, TRUST_REVOKED, TRUST_REVOKED},
	    {"nothing of the leaf",
	     {root_clear, root_clear},
	     TRUST_BELIEVED,
	     TRUST_REVOCATION_UNKNOWN},
	    {"nothing of its issuer", {clear, clear}, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN},
	    {"too old", {root_clear, old_clear}, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN},
	    {"old, but revoked", {root_clear, old_revoked}, TRUST_REVOKED, TRUST_REVOKED},
	    {"forged", {root_clear, forged}, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN},
	    {"forged for its issuer",
	     {root_other, clear},
	     TRUST_BELIEVED,
	     TRUST_REVOCATION_UNKNOWN},
	    {"by SHA-1", {root_clear, sha1_clear}, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN},
	    {"nonsense", {root_clear, SLICE("nonsense")}, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_question question = question_of(bob);

		question.crls = rows[i].crls;
		question.crl_count = 2;
		assert_reason(rows[i].claim, ask(&question), rows[i].soft);
		question.revocation = TRUST_REVOCATION_HARD;
		assert_reason(rows[i].claim, ask(&question), rows[i].hard);
		question.revocation = TRUST_REVOCATION_IGNORED;
		assert_reason(rows[i].claim, ask(&question), TRUST_BELIEVED);
	}
	{
		struct trust_question question = question_of(bob);
		int64_t until;

		question.crls = rows[0].crls;
		question.crl_count = 2;
		assert_int_equal(ask(&question).until, NOW + DAY);
		assert_int_equal(trust_crl_check(clear, middle->der, NOW, &until), STATUS_OK);
		assert_int_equal(until, NOW + 2 * DAY);
		assert_int_equal(trust_crl_check(clear, root->der, NOW, &until), STATUS_NOT_FOUND);
		assert_int_equal(trust_crl_check(forged, middle->der, NOW, &until), STATUS_DAMAGED);
		assert_int_equal(trust_crl_check(old_clear, middle->der, NOW, &until), STATUS_GONE);
		assert_int_equal(trust_crl_check(sha1_clear, middle->der, NOW, &until),
				 STATUS_INVALID);
	}
}

static void
ocsp_answers(void **state)
{
	struct order responder_order = {
	    .name = "Responder", .usage = "digitalSignature", .purposes = "OCSPSigning"};
	struct order stranger_order = {.name = "Stranger", .usage = "digitalSignature"};
	struct issued *bob = issue_bob(middle), *carol = issue_bob(middle);
	struct issued *responder = issue(&responder_order, middle, arena);
	struct issued *of_root = issue(&responder_order, root, arena);
	struct issued *stranger = issue(&stranger_order, middle, arena);
	const struct {
		const char *claim;
		const struct issued *of, *signer;
		int state;
		int64_t from, to;
		const EVP_MD *digest;
		enum status status;
		enum trust_ocsp found;
	} rows[] = {
	    {"good", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW - DAY, NOW + DAY, NULL, STATUS_OK,
	     TRUST_OCSP_GOOD},
	    {"revoked", bob, middle, V_OCSP_CERTSTATUS_REVOKED, NOW - DAY, NOW + DAY, NULL,
	     STATUS_OK, TRUST_OCSP_REVOKED},
	    {"unknown", bob, middle, V_OCSP_CERTSTATUS_UNKNOWN, NOW - DAY, NOW + DAY, NULL,
	     STATUS_OK, TRUST_OCSP_UNKNOWN},
	    {"by whom the issuer trusts", bob, responder, V_OCSP_CERTSTATUS_GOOD, NOW - DAY,
	     NOW + DAY, NULL, STATUS_OK, TRUST_OCSP_GOOD},
	    {"by whom another trusts", bob, of_root, V_OCSP_CERTSTATUS_GOOD, NOW - DAY, NOW + DAY,
	     NULL, STATUS_DAMAGED, 0},
	    {"by another of the issuer's", bob, stranger, V_OCSP_CERTSTATUS_GOOD, NOW - DAY,
	     NOW + DAY, NULL, STATUS_DAMAGED, 0},
	    {"by itself", bob, bob, V_OCSP_CERTSTATUS_GOOD, NOW - DAY, NOW + DAY, NULL,
	     STATUS_DAMAGED, 0},
	    {"about another", carol, middle, V_OCSP_CERTSTATUS_GOOD, NOW - DAY, NOW + DAY, NULL,
	     STATUS_NOT_FOUND, 0},
	    {"too old", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW - 2 * DAY, NOW - DAY, NULL,
	     STATUS_GONE, 0},
	    {"from tomorrow", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW + DAY, NOW + 2 * DAY, NULL,
	     STATUS_GONE, 0},
	    {"without an end, new", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW - 3600, 0, NULL,
	     STATUS_OK, TRUST_OCSP_GOOD},
	    {"without an end, old", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW - 2 * DAY, 0, NULL,
	     STATUS_GONE, 0},
	    {"by SHA-1", bob, middle, V_OCSP_CERTSTATUS_GOOD, NOW - DAY, NOW + DAY, EVP_sha1(),
	     STATUS_DAMAGED, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice answer =
		    issue_ocsp(rows[i].of, middle, rows[i].signer, rows[i].state, rows[i].from,
			       rows[i].to, rows[i].digest, false, arena);
		enum trust_ocsp found;
		int64_t until;
		enum status status =
		    trust_ocsp_check(answer, bob->der, middle->der, NOW, &found, &until);

		if (status != rows[i].status || (status == STATUS_OK && found != rows[i].found))
			fail_msg("%s: %s", rows[i].claim, status_text(status));
	}
}

/* Lists and answers by RSASSA-PSS, whose digest stands in its parameters only. */
static void
revocation_by_pss(void **state)
{
	struct order middle_order = {.name = "Middle of RSA",
				     .constraints = "critical,CA:TRUE",
				     .usage = "critical,keyCertSign,cRLSign",
				     .key = rsa_2048};
	struct order responder_order = {.name = "Responder of RSA",
					.usage = "digitalSignature",
					.purposes = "OCSPSigning",
					.key = rsa_2048};
	struct issued *rsa = issue(&middle_order, root, arena);
	struct issued *responder = issue(&responder_order, middle, arena);
	struct issued *bob = issue_bob(middle), *dan = issue_bob(rsa);
	struct slice root_clear = issue_crl(root, NULL, NOW - DAY, NOW + DAY, NULL, arena);
	const struct {
		const char *claim;
		const EVP_MD *digest;
		bool revoked;
		enum trust_reason soft, hard;
		enum status status;
	} rows[] = {
	    {"good", EVP_sha256(), false, TRUST_BELIEVED, TRUST_BELIEVED, STATUS_OK},
	    {"revoked", EVP_sha256(), true, TRUST_REVOKED, TRUST_REVOKED, STATUS_OK},
	    {"longer", EVP_sha512(), false, TRUST_BELIEVED, TRUST_BELIEVED, STATUS_OK},
	    {"SHA-1, which goes without a name", EVP_sha1(), false, TRUST_BELIEVED,
	     TRUST_REVOCATION_UNKNOWN, STATUS_DAMAGED},
	    {"SHA-1, revoked", EVP_sha1(), true, TRUST_BELIEVED, TRUST_REVOCATION_UNKNOWN,
	     STATUS_DAMAGED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice crls[2] = {root_clear,
					issue_crl_by(rsa, rows[i].revoked ? dan : NULL, NOW - DAY,
						     NOW + DAY, rows[i].digest, true, arena)};
		struct slice answer =
		    issue_ocsp(bob, middle, responder,
			       rows[i].revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
			       NOW - DAY, NOW + DAY, rows[i].digest, true, arena);
		struct trust_question question = question_of(dan);
		enum trust_ocsp found;
		int64_t until;
		enum status status =
		    trust_ocsp_check(answer, bob->der, middle->der, NOW, &found, &until);

		question.others = &rsa->der;
		question.crls = crls;
		question.crl_count = 2;
		assert_reason(rows[i].claim, ask(&question), rows[i].soft);
		question.revocation = TRUST_REVOCATION_HARD;
		assert_reason(rows[i].claim, ask(&question), rows[i].hard);
		if (status != rows[i].status ||
		    (status == STATUS_OK && (found == TRUST_OCSP_REVOKED) != rows[i].revoked))
			fail_msg("%s: %s", rows[i].claim, status_text(status));
	}
}

static void
ocsp_counts_with_lists(void **state)
{
	struct issued *bob = issue_bob(middle);
	struct slice crl = issue_crl(root, NULL, NOW - DAY, NOW + 9 * DAY, NULL, arena);
	struct slice good = issue_ocsp(bob, middle, middle, V_OCSP_CERTSTATUS_GOOD, NOW - DAY,
				       NOW + DAY, NULL, false, arena);
	struct slice bad = issue_ocsp(bob, middle, middle, V_OCSP_CERTSTATUS_REVOKED, NOW - DAY,
				      NOW + DAY, NULL, false, arena);
	struct trust_question question = question_of(bob);

	(void)state;
	question.crls = &crl;
	question.crl_count = 1;
	question.ocsp = &good;
	question.ocsp_count = 1;
	question.revocation = TRUST_REVOCATION_HARD;
	assert_reason("good", ask(&question), TRUST_BELIEVED);
	assert_int_equal(ask(&question).until, NOW + DAY);
	question.ocsp = &bad;
	assert_reason("revoked", ask(&question), TRUST_REVOKED);
	question.revocation = TRUST_REVOCATION_SOFT;
	assert_reason("revoked", ask(&question), TRUST_REVOKED);
	question.ocsp_count = 0;
	question.revocation = TRUST_REVOCATION_HARD;
	assert_reason("nothing", ask(&question), TRUST_REVOCATION_UNKNOWN);
}

static void
what_is_asked_and_answered_is_bounded(void **state)
{
	struct issued *bob = issue_bob(middle);
	struct slice request;
	enum trust_ocsp found;
	int64_t until;

	(void)state;
	assert_int_equal(trust_ocsp_request(bob->der, middle->der, arena, &request), STATUS_OK);
	/* RFC 5019 section 2.1.1: one certificate, and nothing besides. */
	assert_int_equal(request.data[0], 0x30);
	assert_true(request.size < 100);
	assert_int_equal(trust_ocsp_request(bob->der, SLICE("x"), arena, &request), STATUS_INVALID);
	assert_int_equal(trust_ocsp_check(SLICE("x"), bob->der, middle->der, NOW, &found, &until),
			 STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_alone),
	    cmocka_unit_test(signatures_by_md5),
	    cmocka_unit_test(other_kinds_of_keys),
	    cmocka_unit_test(signing_needs_its_own_usage),
	    cmocka_unit_test(chains),
	    cmocka_unit_test(a_chain_is_told),
	    cmocka_unit_test(what_is_no_certificate),
	    cmocka_unit_test(revocation_by_lists),
	    cmocka_unit_test(ocsp_answers),
	    cmocka_unit_test(revocation_by_pss),
	    cmocka_unit_test(ocsp_counts_with_lists),
	    cmocka_unit_test(what_is_asked_and_answered_is_bounded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
