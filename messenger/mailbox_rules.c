#include "messenger/mailbox_rules.h"

#include <stdlib.h>
#include <string.h>

#include "mail/address.h"
#include "mail/transport.h"

struct mailbox_rule_row {
	const char *const *domains;
	size_t domain_count;
	struct mailbox_rule rule;
};

static const char *const words[] = {
    [MAILBOX_AS_POLICY] = "policy",
    [MAILBOX_WISH_NEVER] = "never",
    [MAILBOX_WISH_OFFERED] = "offered",
    [MAILBOX_WISH_ALWAYS] = "always",
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* What a wish asks for, which is not MAILBOX_AS_POLICY. */
static enum mailbox_policy
policy_of(enum mailbox_wish wish)
{
	return (enum mailbox_policy)((int)wish - (int)MAILBOX_WISH_NEVER);
}

const char *
mailbox_wish_word(enum mailbox_wish wish)
{
	return words[wish];
}

bool
mailbox_wish_read(struct slice word, enum mailbox_wish *wish_out)
{
	for (size_t i = 0; i < WORD_COUNT; i++) {
		if (!slice_equal_nocase(word, slice_from_text(words[i])))
			continue;
		*wish_out = (enum mailbox_wish)i;
		return true;
	}
	return false;
}

static bool
read_policy(const struct config *config, const char *name, FILE *faults,
	    enum mailbox_policy *policy_out)
{
	enum mailbox_wish wish = MAILBOX_AS_POLICY;

	for (size_t i = MAILBOX_WISH_NEVER; i < WORD_COUNT; i++)
		if (strcmp(config_text(config, name), words[i]) == 0)
			wish = (enum mailbox_wish)i;
	if (wish == MAILBOX_AS_POLICY) {
		config_fault(config, name, faults, "is none of never, offered, always");
		return false;
	}
	*policy_out = policy_of(wish);
	return true;
}

/* Nothing is kept for longer than a sender could ask for. */
static bool
read_days(const struct config *config, const char *name, int64_t longest, FILE *faults,
	  int *days_out)
{
	*days_out = (int)config_number(config, name);
	if (*days_out <= longest)
		return true;
	config_fault(config, name, faults, "is above policy.longest_lifetime_days");
	return false;
}

static bool
read_row(const struct config *config, int64_t longest, FILE *faults, struct mailbox_rule_row *row)
{
	bool good;

	row->domains = config_list(config, "policy.mailboxes[].domains", &row->domain_count);
	good = transport_are_patterns(row->domains, row->domain_count);
	if (!good)
		config_fault(config, "policy.mailboxes[].domains", faults,
			     "expects example.net, .example.net or *");
	good = read_policy(config, "policy.mailboxes[].mailbox", faults, &row->rule.policy) && good;
	return read_days(config, "policy.mailboxes[].lifetime_days", longest, faults,
			 &row->rule.lifetime_days) &&
	       good;
}

bool
mailbox_rules_read(const struct config *config, FILE *faults, struct mailbox_rules *rules_out)
{
	int64_t longest = config_number(config, "policy.longest_lifetime_days");
	struct mailbox_rules rules = {.row_count = config_row_count(config, "policy.mailboxes")};
	bool good = read_policy(config, "policy.mailbox", faults, &rules.common.policy);

	good = read_days(config, "policy.mailbox_lifetime_days", longest, faults,
			 &rules.common.lifetime_days) &&
	       good;
	rules.rows = calloc(rules.row_count + 1, sizeof(*rules.rows));
	if (rules.rows == NULL)
		rules.row_count = 0;
	for (size_t i = 0; i < rules.row_count; i++) {
		struct mailbox_rule_row *row = &rules.rows[i];

		good = read_row(config_row(config, "policy.mailboxes", i), longest, faults, row) &&
		       good;
		if (row->rule.lifetime_days == 0)
			row->rule.lifetime_days = rules.common.lifetime_days;
	}
	*rules_out = rules;
	return good && rules.rows != NULL;
}

void
mailbox_rules_clear(struct mailbox_rules *rules)
{
	free(rules->rows);
	*rules = (struct mailbox_rules){.rows = NULL};
}

struct mailbox_rule
mailbox_rule_for(const struct mailbox_rules *rules, struct slice address)
{
	struct slice domain = address_domain(address);

	for (size_t i = 0; i < rules->row_count; i++)
		if (transport_fits_any(rules->rows[i].domains, rules->rows[i].domain_count, domain))
			return rules->rows[i].rule;
	return rules->common;
}

bool
mailbox_wish_allowed(const struct mailbox_rules *rules, struct slice address,
		     enum mailbox_wish wish)
{
	return wish == MAILBOX_AS_POLICY ||
	       policy_of(wish) <= mailbox_rule_for(rules, address).policy;
}

/* The organisation may have come to allow less since the wish was noted. */
enum mailbox_policy
mailbox_in_force(const struct mailbox_rules *rules, struct slice address, enum mailbox_wish wish)
{
	return wish != MAILBOX_AS_POLICY && mailbox_wish_allowed(rules, address, wish)
		   ? policy_of(wish)
		   : mailbox_rule_for(rules, address).policy;
}

enum mailbox_policy
mailbox_most(const struct mailbox_rules *rules)
{
	enum mailbox_policy most = rules->common.policy;

	for (size_t i = 0; i < rules->row_count; i++)
		if (rules->rows[i].rule.policy > most)
			most = rules->rows[i].rule.policy;
	return most;
}
