#include "keys/belief.h"

#include <string.h>

#include "base/encode.h"
#include "mail/utf8.h"

/* Even what holds for years is looked at again: its issuer may take it back. */
#define UNTIL_MOST ((int64_t)86400)

static void
refuse(struct belief_answer *answer, const char *reason, const char *detail)
{
	answer->reason = reason;
	answer->detail = detail;
}

static bool
names_address(const struct belief *belief, const struct certificate *certificate,
	      struct slice address)
{
	for (size_t i = 0; i < certificate->address_count; i++)
		if (same_address(address, slice_from_text(certificate->addresses[i]),
				 belief->rules.local))
			return true;
	return false;
}

/* Domains that publish certificates, or digests of them, mean these and no others (RFC 8162 section
 * 2; usages 0 and 2 name an authority of the chain). */
static bool
is_pinned(const struct belief_question *question, const struct trust_answer *trust)
{
	if (question->pin_count == 0)
		return true;
	for (size_t i = 0; i < question->pin_count; i++) {
		const struct dane_record *pin = &question->pins[i];
		bool owner = pin->usage == DANE_EE || pin->usage == DANE_PKIX_EE;

		if (owner && dane_fits(pin, question->bytes))
			return true;
		for (size_t at = 1; !owner && at < trust->chain_count; at++)
			if (dane_fits(pin, trust->chain[at]))
				return true;
	}
	return false;
}

/* Ask for the chain, and once more with what is known of revocation for that chain. */
static enum status
ask_trust(const struct belief *belief, const struct belief_question *question,
	  const struct trust_store *roots, struct arena *arena, struct trust_answer *trust_out)
{
	size_t count = question->other_count + belief->step_count;
	struct slice *others = arena_alloc_many(arena, count + 1, sizeof(*others));
	struct trust_question asked = {
	    .certificate = question->bytes,
	    .others = others,
	    .other_count = count,
	    .at = question->at,
	    .use = TRUST_TO_ENCRYPT,
	    .revocation = TRUST_REVOCATION_IGNORED,
	};
	struct belief_revocation revocation = {.crls = NULL};
	enum status status;

	for (size_t i = 0; i < question->other_count; i++)
		others[i] = question->others[i];
	for (size_t i = 0; i < belief->step_count; i++)
		others[question->other_count + i] = belief->steps[i];
	status = trust_ask(roots, &asked, arena, trust_out);
	if (status != STATUS_OK || trust_out->reason != TRUST_BELIEVED || question->vouched ||
	    belief->rules.revocation == TRUST_REVOCATION_IGNORED)
		return status;
	if (belief->revocation != NULL)
		belief->revocation(belief->context, trust_out->chain, trust_out->chain_count, arena,
				   &revocation);
	asked.revocation = belief->rules.revocation;
	asked.crls = revocation.crls;
	asked.crl_count = revocation.crl_count;
	asked.ocsp = revocation.ocsp;
	asked.ocsp_count = revocation.ocsp_count;
	return trust_ask(roots, &asked, arena, trust_out);
}

static void
describe_certificate(const struct certificate *certificate, struct arena *arena,
		     struct belief_answer *answer)
{
	char *hex = arena_alloc(arena, HEX_LENGTH(CERTIFICATE_FINGERPRINT_SIZE) + 1);

	encode_hex(slice_of(certificate->fingerprint, CERTIFICATE_FINGERPRINT_SIZE), hex);
	answer->fingerprint = hex;
	answer->owner = certificate->subject;
	answer->issuer = certificate->issuer;
	answer->algorithm = certificate->key == CERTIFICATE_KEY_RSA
				? arena_printf(arena, "RSA %u", certificate->key_bits)
				: certificate->key_name;
	answer->expires_at = certificate->not_after;
	answer->capabilities = certificate->capabilities;
	answer->material = certificate->der;
}

static enum status
ask_certificate(const struct belief *belief, const struct belief_question *question,
		struct arena *arena, struct belief_answer *answer)
{
	const struct trust_store *roots = belief->roots;
	struct certificate certificate;
	struct trust_answer trust;
	size_t refused;
	enum status status = certificate_parse(question->bytes, arena, &certificate);

	if (status != STATUS_OK) {
		refuse(answer, status == STATUS_TOO_LARGE ? "too-large" : "unreadable", "");
		return STATUS_OK;
	}
	describe_certificate(&certificate, arena, answer);
	/* Who says that it is this one needs nobody else; all else about it still counts. */
	if (question->vouched)
		roots = trust_store_new(&question->bytes, 1, arena, &refused);
	status = ask_trust(belief, question, roots, arena, &trust);
	if (status != STATUS_OK) {
		refuse(answer, "unreadable", "");
		return status == STATUS_INVALID ? STATUS_OK : status;
	}
	answer->until = trust.until;
	answer->chain = trust.chain_count > 1 ? trust.chain + 1 : NULL;
	answer->chain_count = trust.chain_count > 1 ? trust.chain_count - 1 : 0;
	if (!names_address(belief, &certificate, question->address))
		refuse(answer, BELIEF_WRONG_ADDRESS, "");
	else if (trust.reason != TRUST_BELIEVED)
		refuse(answer, trust_reason_text(trust.reason), trust.detail);
	else if (!is_pinned(question, &trust))
		refuse(answer, BELIEF_NOT_PINNED, "");
	return STATUS_OK;
}

/* What the choice of an OpenPGP key needs to compare addresses. */
struct wanted {
	struct slice address;
	enum local_rule rule;
};

static bool
is_wanted(void *context, struct slice address)
{
	const struct wanted *wanted = context;

	return same_address(wanted->address, address, wanted->rule);
}

static enum status
ask_openpgp(const struct belief *belief, const struct belief_question *question,
	    struct arena *arena, struct belief_answer *answer)
{
	struct wanted wanted = {question->address, belief->rules.local};
	struct openpgp_choice choice;
	enum status status;

	if (belief->openpgp == NULL) {
		refuse(answer, "openpgp-off", "");
		return STATUS_OK;
	}
	status = openpgp_choose(belief->openpgp, question->bytes, is_wanted, &wanted, question->at,
				arena, &choice);
	if (status != STATUS_OK)
		return status;
	answer->fingerprint = choice.fingerprint;
	answer->owner = utf8_clean_line(choice.user_id, 256, arena);
	answer->algorithm = choice.algorithm;
	answer->expires_at = choice.valid_until;
	if (choice.reason != OPENPGP_USABLE) {
		refuse(answer, openpgp_reason_text(choice.reason), "");
		answer->material = question->bytes;
		return STATUS_OK;
	}
	answer->until = choice.valid_until;
	answer->material = choice.minimal;
	/* Nobody else signs for it here: without the domain or the administrator it is a claim. */
	if (!question->vouched)
		refuse(answer, BELIEF_NOT_VOUCHED, "");
	return STATUS_OK;
}

bool
belief_lacks_a_word(enum candidate_kind kind, const char *reason)
{
	const char *const words[] = {
	    trust_reason_text(TRUST_UNTRUSTED),
	    trust_reason_text(TRUST_REVOKED),
	    trust_reason_text(TRUST_REVOCATION_UNKNOWN),
	    BELIEF_WRONG_ADDRESS,
	    BELIEF_NOT_PINNED,
	};

	/* What an OpenPGP key says of itself nobody else can say. */
	if (kind == CANDIDATE_OPENPGP)
		return strcmp(reason, BELIEF_NOT_VOUCHED) == 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(reason, words[i]) == 0)
			return true;
	return false;
}

enum status
belief_ask(const struct belief *belief, const struct belief_question *question, struct arena *arena,
	   struct belief_answer *answer_out)
{
	struct belief_answer answer = {.reason = "",
				       .detail = "",
				       .fingerprint = "",
				       .owner = "",
				       .issuer = "",
				       .algorithm = ""};
	enum status status = question->kind == CANDIDATE_CERTIFICATE
				 ? ask_certificate(belief, question, arena, &answer)
				 : ask_openpgp(belief, question, arena, &answer);

	if (status != STATUS_OK)
		return status;
	if (answer.until == 0 || answer.until > question->at + UNTIL_MOST)
		answer.until = question->at + UNTIL_MOST;
	*answer_out = answer;
	return STATUS_OK;
}
