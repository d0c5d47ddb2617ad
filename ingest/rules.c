#include "ingest/rules.h"

#include <string.h>

#include "base/slice.h"

#define COLUMN(name) "smtp.clients[]." name

/* FNV-1a (64 bits): rules are few and written by the operator. */
static uint64_t
key_of(const char *name)
{
	uint64_t key = UINT64_C(14695981039346656037);

	for (; *name != '\0'; name++)
		key = (key ^ (unsigned char)*name) * UINT64_C(1099511628211);
	return key;
}

static void
read_networks(struct reading *reading, const char *option, struct rule *rule)
{
	size_t count;
	const char *const *texts = config_list(reading->config, option, &count);
	struct network *networks = arena_alloc_many(reading->arena, count + 1, sizeof(*networks));

	for (size_t i = 0; i < count; i++) {
		const char *complaint = network_from_text(texts[i], &networks[i]);

		if (complaint == NULL)
			continue;
		reading_fault(reading, option, "\"%s\" %s", texts[i], complaint);
		networks[i].bits = NETWORK_BITS_MOST;
	}
	rule->networks = networks;
	rule->network_count = count;
}

/* "AB:CD:..." or "abcd..." as 64 lower-case digits; NULL when it is no such thing. */
static const char *
read_fingerprint(const char *text, struct arena *arena)
{
	char *digits = arena_alloc(arena, RULES_FINGERPRINT_LENGTH + 1);
	size_t count = 0;

	for (; *text != '\0'; text++) {
		unsigned char digit = slice_lower((unsigned char)*text);

		if (digit == ':' && count % 2 == 0)
			continue;
		if (count == RULES_FINGERPRINT_LENGTH ||
		    !((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')))
			return NULL;
		digits[count++] = (char)digit;
	}
	return count == RULES_FINGERPRINT_LENGTH ? digits : NULL;
}

/* Fingerprints take one form; names stay as they are. */
static void
read_certificates(struct reading *reading, struct rule *rule)
{
	size_t count;
	const char *const *texts = config_list(reading->config, COLUMN("certificates"), &count);
	const char **certificates =
	    arena_alloc_many(reading->arena, count + 1, sizeof(*certificates));

	for (size_t i = 0; i < count; i++) {
		const char *fingerprint = read_fingerprint(texts[i], reading->arena);

		certificates[i] = fingerprint == NULL ? texts[i] : fingerprint;
		if (*texts[i] != '\0' && strchr(texts[i], '*') == NULL)
			continue;
		reading_fault(reading, COLUMN("certificates"),
			      "\"%s\" is neither a name nor a SHA-256 fingerprint", texts[i]);
	}
	rule->certificates = certificates;
	rule->certificate_count = count;
}

/* A column, or what holds for all rows. */
static uint64_t
number_or(const struct config *row, const char *column, const struct config *config,
	  const char *option)
{
	int64_t number = config_number(row, column);

	return (uint64_t)(number > 0 ? number : config_number(config, option));
}

/* What holds where no row says otherwise. */
static struct rule
common_rule(const struct config *config, const char *name)
{
	return (struct rule){
	    .name = name,
	    .key = key_of(name),
	    .session =
		{
		    .message_size = (uint64_t)config_number(config, "smtp.message_size"),
		    .recipients = (size_t)config_number(config, "smtp.recipients"),
		},
	    .connections_per_client = (size_t)config_number(config, "smtp.connections_per_client"),
	    .connections_per_minute =
		(uint64_t)config_number(config, "smtp.connections_per_minute"),
	    .messages_per_minute = (uint64_t)config_number(config, "smtp.messages_per_minute"),
	};
}

static void
read_bounds(const struct config *config, const struct config *row, struct rule *rule)
{
	rule->session.message_size =
	    number_or(row, COLUMN("message_size"), config, "smtp.message_size");
	rule->session.recipients =
	    (size_t)number_or(row, COLUMN("recipients"), config, "smtp.recipients");
	rule->connections = (size_t)config_number(row, COLUMN("connections"));
	rule->connections_per_client = (size_t)number_or(row, COLUMN("connections_per_client"),
							 config, "smtp.connections_per_client");
	rule->connections_per_minute =
	    number_or(row, COLUMN("connections_per_minute"), config, "smtp.connections_per_minute");
	rule->messages_per_minute =
	    number_or(row, COLUMN("messages_per_minute"), config, "smtp.messages_per_minute");
}

static void
refuse_open_relay(struct reading *reading, const char *option, const struct rule *rule)
{
	const char *complaint = NULL;

	if (!rule->session.may_send || rule->session.needs_auth || rule->certificate_count > 0 ||
	    rule->user_count > 0)
		return;
	if (rule->network_count == 0 && strcmp(option, "smtp.networks") != 0)
		complaint = "is missing, which would let everybody relay";
	for (size_t i = 0; i < rule->network_count; i++)
		if (network_is_everybody(&rule->networks[i]))
			complaint = "would let everybody relay";
	if (complaint == NULL)
		return;
	reading_fault(reading, option,
		      "%s; set needs_auth, certificates or users of a row in smtp.clients, or "
		      "may_send = false",
		      complaint);
}

static void
read_row(struct reading *reading, const struct config *row, size_t number, struct rule *rule)
{
	const struct config *config = reading->config;
	struct session_rules *session = &rule->session;

	*rule = common_rule(config, arena_printf(reading->arena, "clients %zu", number));
	reading->config = row;
	if (*config_text(row, COLUMN("name")) != '\0') {
		rule->name = config_text(row, COLUMN("name"));
		rule->key = key_of(rule->name);
	}
	read_networks(reading, COLUMN("networks"), rule);
	read_certificates(reading, rule);
	rule->users = config_list(row, COLUMN("users"), &rule->user_count);
	session->sender_domains =
	    config_list(row, COLUMN("sender_domains"), &session->sender_domain_count);
	session->may_send = config_flag(row, COLUMN("may_send"));
	session->needs_tls = config_flag(row, COLUMN("needs_tls"));
	session->needs_auth = config_flag(row, COLUMN("needs_auth"));
	session->may_forward = config_flag(row, COLUMN("xforward"));
	read_bounds(config, row, rule);
	refuse_open_relay(reading, COLUMN("networks"), rule);
	reading->config = config;
}

void
rules_read(struct reading *reading, struct rules *rules_out)
{
	const struct config *config = reading->config;
	size_t rows = config_row_count(config, "smtp.clients");
	struct rule *rules = arena_alloc_many(reading->arena, rows + 1, sizeof(*rules));
	struct rule *last = &rules[rows];

	for (size_t i = 0; i < rows; i++)
		read_row(reading, config_row(config, "smtp.clients", i), i + 1, &rules[i]);
	*last = common_rule(config, "networks");
	last->session.may_send = true;
	read_networks(reading, "smtp.networks", last);
	refuse_open_relay(reading, "smtp.networks", last);
	*rules_out = (struct rules){
	    .rules = rules,
	    /* A rule without any network would hold for all. */
	    .count = rows + (last->network_count > 0 ? 1 : 0),
	    .stranger = common_rule(config, "stranger"),
	};
}

static bool
fits_address(const struct rule *rule, const struct network_address *address)
{
	for (size_t i = 0; i < rule->network_count; i++)
		if (network_holds(&rule->networks[i], address))
			return true;
	return rule->network_count == 0;
}

/* A name counts only if an authority vouches for it; a fingerprint vouches for itself. */
static bool
is_certificate(const char *wanted, const struct client_certificate *certificate)
{
	if (strcmp(wanted, certificate->fingerprint) == 0)
		return true;
	for (size_t i = 0; certificate->verified && i < certificate->name_count; i++)
		if (slice_equal_nocase(slice_from_text(wanted),
				       slice_from_text(certificate->names[i])))
			return true;
	return false;
}

static bool
fits_certificate(const struct rule *rule, const struct client_certificate *certificate)
{
	for (size_t i = 0; certificate != NULL && i < rule->certificate_count; i++)
		if (is_certificate(rule->certificates[i], certificate))
			return true;
	return rule->certificate_count == 0;
}

static bool
fits_user(const struct rule *rule, const char *user)
{
	for (size_t i = 0; *user != '\0' && i < rule->user_count; i++)
		if (strcmp(rule->users[i], user) == 0)
			return true;
	return rule->user_count == 0;
}

const struct rule *
rules_match(const struct rules *rules, const struct network_address *address,
	    const struct client_certificate *certificate, const char *user)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (fits_address(rule, address) && fits_certificate(rule, certificate) &&
		    fits_user(rule, user))
			return rule;
	}
	return &rules->stranger;
}

bool
rules_want_certificates(const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rules[i].certificate_count > 0)
			return true;
	return false;
}

bool
rules_want_users(const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rules[i].user_count > 0)
			return true;
	return false;
}
