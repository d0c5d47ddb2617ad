#include "messenger/evidence.h"

#include <string.h>

#include "base/text.h"

static const struct {
	enum origin origin;
	const char *word;
} words[] = {
    {ORIGIN_SMIMEA, "smimea"},
    {ORIGIN_OPENPGPKEY, "openpgpkey"},
    {ORIGIN_LDAP, "ldap"},
    {ORIGIN_WKD, "wkd"},
    {ORIGIN_VKS, "vks"},
    {ORIGIN_HKPS, "hkps"},
    {ORIGIN_IMPORTED, "imported"},
    {ORIGIN_SIGNED, "signed-mail"},
    {ORIGIN_AUTOCRYPT, "autocrypt"},
    {ORIGIN_ATTACHED, "attached"},
};

const char *
origin_text(int origin)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((int)words[i].origin == origin)
			return words[i].word;
	return "unknown";
}

struct evidence
evidence_none(void)
{
	return (struct evidence){.source = "",
				 .place = "",
				 .fingerprint = "",
				 .owner = "",
				 .issuer = "",
				 .algorithm = "",
				 .method = "",
				 .signer = ""};
}

struct slice
evidence_seal(const struct messenger *messenger, const char *column, const struct id *row,
	      const struct evidence *evidence, struct arena *arena)
{
	const char *text = arena_printf(
	    arena, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld\n%s", evidence->source, evidence->place,
	    evidence->fingerprint, evidence->owner, evidence->issuer, evidence->algorithm,
	    evidence->method, (long long)evidence->expires_at, evidence->signer);

	return messenger_display_seal(messenger, column, row, text, arena);
}

struct evidence
evidence_open(const struct messenger *messenger, const char *column, const struct id *row,
	      struct slice sealed, struct arena *arena)
{
	struct slice rest =
	    slice_from_text(messenger_display_open(messenger, column, row, sealed, arena));
	struct evidence evidence;
	unsigned long long number;

	evidence.source = arena_text_from(arena, slice_take_line(&rest));
	evidence.place = arena_text_from(arena, slice_take_line(&rest));
	evidence.fingerprint = arena_text_from(arena, slice_take_line(&rest));
	evidence.owner = arena_text_from(arena, slice_take_line(&rest));
	evidence.issuer = arena_text_from(arena, slice_take_line(&rest));
	evidence.algorithm = arena_text_from(arena, slice_take_line(&rest));
	evidence.method = arena_text_from(arena, slice_take_line(&rest));
	evidence.expires_at =
	    slice_to_number(slice_take_line(&rest), &number) ? (int64_t)number : 0;
	evidence.signer = arena_text_from(arena, slice_take_line(&rest));
	return evidence;
}

/* As people compare them. */
static const char *
in_groups(const char *fingerprint, struct arena *arena)
{
	struct text *out = text_new_in(arena, 256);

	for (size_t i = 0; fingerprint[i] != '\0'; i++) {
		if (i > 0 && i % 4 == 0)
			text_append_byte(out, ' ');
		text_append_byte(out, (unsigned char)fingerprint[i]);
	}
	return text_ok(out) ? text_string(out) : fingerprint;
}

void
evidence_put(struct template_values *values, const struct evidence *evidence, struct arena *arena)
{
	static const struct {
		const char *source;
		const char *flag;
	} flags[] = {
	    {"smimea", "key_smimea"},	  {"openpgpkey", "key_openpgpkey"},
	    {"ldap", "key_ldap"},	  {"wkd", "key_wkd"},
	    {"vks", "key_server"},	  {"hkps", "key_server"},
	    {"imported", "key_imported"}, {"signed-mail", "key_seen"},
	    {"autocrypt", "key_seen"},	  {"attached", "key_seen"},
	    {"dane", "tls_dane"},	  {"dane-ee", "tls_dane"},
	    {"dane-ta", "tls_dane"},	  {"mta-sts", "tls_mta_sts"},
	    {"pinned", "tls_pinned"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flags[i].source, evidence->source) == 0)
			template_put_flag(values, flags[i].flag, true);
	template_put_text(values, "key_fingerprint", in_groups(evidence->fingerprint, arena));
	template_put_text(values, "key_owner", evidence->owner);
	template_put_text(values, "key_place", evidence->place);
	template_put_text(values, "key_method", evidence->method);
	template_put_text(values, "key_signer", evidence->signer);
	template_put_time(values, "key_expires_at", evidence->expires_at);
}
