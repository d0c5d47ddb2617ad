#include "messenger/policy.h"

#include <stdlib.h>
#include <string.h>

#include "mail/address.h"

const struct config_option policy_options[] = {
    {"organisation.name", CONFIG_TEXT, "Example Organisation", 0, 0, true,
     "name of the organisation in pages and mails"},
    {"organisation.language", CONFIG_TEXT, "en", 0, 0, true,
     "language of mails to its senders, of mails to recipients where the sender chose none, and of "
     "pages where a browser asks for none that there is: en, de, ..."},
    {"organisation.domains", CONFIG_LIST, NULL, 0, 0, true,
     "mail domains of the organisation; their subdomains count too"},
    {"organisation.system_address", CONFIG_TEXT, NULL, 0, 0, true,
     "address that Postern's own mails and replies come from"},
    {"organisation.host_name", CONFIG_TEXT, NULL, 0, 0, true,
     "name of this mail host, in Received, Message-ID and reports"},
    {"organisation.logo", CONFIG_PATH, "", 0, 0, true,
     "PNG or SVG of at most 256 kB, at the head of pages; empty: Postern's gate"},
    {"organisation.logo_pdf", CONFIG_PATH, "", 0, 0, true,
     "PNG of at most 256 kB, at the head of PDFs; empty: organisation.logo where that is a PNG"},
    {"organisation.logo_says_name", CONFIG_FLAG, "false", 0, 0, true,
     "the logo bears the name, which is not written beside it then"},
    {"organisation.colour", CONFIG_TEXT, "", 0, 0, true,
     "#rrggbb: of the head of pages, of buttons and links, made darker or lighter where text "
     "could not be read otherwise; empty: Postern's green"},
    {"organisation.address", CONFIG_LIST, "", 0, 0, true,
     "lines of the address at the foot of pages and mails, at most eight"},
    {"organisation.legal", CONFIG_TEXT, "", 0, 0, true,
     "line below it, such as what a register has of the organisation"},
    {"organisation.legal_url", CONFIG_TEXT, "", 0, 0, true,
     "page with the legal notice, https://, linked from the foot"},
    {"portal.url", CONFIG_TEXT, NULL, 0, 0, true,
     "address of the portal as recipients see it, https://, no slash at the end"},
    {"policy.mode", CONFIG_TEXT, "on-demand", 0, 0, true,
     "on-demand: marks decide; always: every outside recipient is secured"},
    {"policy.mark_scope", CONFIG_TEXT, "recipient", 0, 0, true,
     "recipient: an address mark secures that recipient; message: all outside recipients"},
    {"policy.address_prefix", CONFIG_TEXT, "secure-", 0, 0, true, "mark in front of an address"},
    {"policy.address_exceptions", CONFIG_LIST, "", 0, 0, true,
     "real mailboxes that begin with the mark"},
    {"policy.subject_marks", CONFIG_LIST, "[secure]", 0, 0, true, "marks in a subject"},
    {"policy.header_marks", CONFIG_LIST, "X-Secure: yes, Sensitivity: company-confidential", 0, 0,
     true, "header fields that mark a message"},
    {"policy.ladder", CONFIG_LIST, "smime, openpgp, portal", 0, 0, true,
     "how a message is secured: the first way that a recipient has a key for; tls (off) is a "
     "verified connection to the recipient's mail server; portal needs nothing, nor does pdf "
     "(off), "
     "right before it: an encrypted PDF whose password is mailed to the sender; without portal a "
     "message that cannot be secured is refused"},
    {"policy.ladders", CONFIG_ROWS, "", 0, 0, true,
     "other ways for certain domains; the first row that fits counts"},
    {"policy.ladders[].domains", CONFIG_LIST, NULL, 0, 0, true,
     "example.net: that domain; .example.net: those below it; *: every one"},
    {"policy.ladders[].ladder", CONFIG_LIST, NULL, 0, 0, true, "as policy.ladder"},
    {"policy.tls_pins", CONFIG_ROWS, "", 0, 0, true,
     "partners whose mail servers are known, for the way tls; the first row that fits counts, and "
     "nothing is looked up for its domains"},
    {"policy.tls_pins[].domains", CONFIG_LIST, NULL, 0, 0, true,
     "example.net: that domain; .example.net: those below it; *: every one"},
    {"policy.tls_pins[].via", CONFIG_TEXT, NULL, 0, 0, true,
     "their mail server: host, host:port, [address]:port"},
    {"policy.tls_pins[].fingerprints", CONFIG_LIST, "", 0, 0, true,
     "SHA-256 of its certificate or of its public key, in hexadecimal"},
    {"policy.tls_pins[].ca_file", CONFIG_PATH, "", 0, 0, true,
     "instead: certificates that its own is trusted by"},
    {"policy.tls_pins[].name", CONFIG_TEXT, "", 0, 0, true,
     "with ca_file: name that its certificate must bear; empty for the host's"},
    {"policy.hide_subject", CONFIG_FLAG, "true", 0, 0, true,
     "the subject of an encrypted message is told inside only"},
    {"keys.replies", CONFIG_TEXT, "known", 0, 0, true,
     "known: a reply from the portal is encrypted to a key of its reader, in your own domains, "
     "that "
     "was imported or found before; off: it never is"},
    {"keys.sign", CONFIG_TEXT, "off", 0, 0, true,
     "whose own key signs what is encrypted by S/MIME or OpenPGP: gateway, that of "
     "organisation.system_address; sender, the sender's; either, the sender's where there is one; "
     "off"},
    {"policy.allow_rescue", CONFIG_FLAG, "true", 0, 0, true,
     "the sender's link can set a new clue and passphrase later"},
    {"policy.hold", CONFIG_DURATION, "14 d", 60, 31536000, true,
     "how long a message waits for its sender to finish"},
    {"policy.lifetime_days", CONFIG_NUMBER, "30", 1, 3650, true,
     "lifetime offered to the sender, in days"},
    {"policy.longest_lifetime_days", CONFIG_NUMBER, "365", 1, 3650, true,
     "longest lifetime a sender may choose, in days"},
    {"policy.argon2_passes", CONFIG_NUMBER, "3", 1, 10, true, "Argon2id passes of new locks"},
    {"policy.argon2_memory", CONFIG_SIZE, "64 MB", 8192, 1073741824, true,
     "Argon2id memory of new locks"},
    {"policy.tries_before_wait", CONFIG_NUMBER, "10", 1, 100, true,
     "wrong passphrases before each next one has to wait"},
    {"policy.tries_before_suspend", CONFIG_NUMBER, "20", 1, 100, true,
     "wrong passphrases before the link is suspended and a new one mailed"},
    {"policy.network_tries", CONFIG_NUMBER, "60", 1, 100000, true,
     "wrong tries of one network within an hour before it has to wait"},
    {"policy.session_idle", CONFIG_DURATION, "15 min", 60, 86400, true,
     "a portal session ends after this time without a request"},
    {"policy.session", CONFIG_DURATION, "8 h", 60, 604800, true,
     "a portal session ends after this time in any case"},
    {"policy.retry", CONFIG_DURATION, "5 min", 1, 86400, true,
     "first delay before a relay is tried again; doubles up to four hours, and up to a quarter is "
     "added so that not all come at once"},
    {"policy.give_up", CONFIG_DURATION, "5 d", 1, 2592000, true,
     "age at which an undelivered mail bounces"},
    {"policy.delay_warning", CONFIG_DURATION, "4 h", 0, 2592000, true,
     "age at which the sender of an undelivered mail is told that it waits; 0: never"},
    {"policy.finish_reminder", CONFIG_DURATION, "1 d", 0, 31536000, true,
     "the sender of a held message is reminded after this time; 0: never"},
    {"policy.last_call", CONFIG_DURATION, "1 d", 0, 31536000, true,
     "a last reminder this long before a held or unread message is destroyed; 0: never"},
    {"policy.remind_days", CONFIG_NUMBER, "3", 0, 365, true,
     "days offered to the sender until the recipient of an unread message is reminded; 0: never"},
    {"policy.pair_mails", CONFIG_NUMBER, "20", 1, 10000, true,
     "last reminders, questions, and requests about automatic messages a day, for sender and "
     "recipient"},
    {"policy.receipt_delay", CONFIG_DURATION, "2 min", 0, 86400, true,
     "files taken within this time share one receipt"},
    {"policy.follow_threads", CONFIG_FLAG, "true", 0, 0, true,
     "hold an unmarked answer in a secured conversation and ask its sender"},
    {"policy.thread_memory", CONFIG_DURATION, "365 d", 86400, 315360000, true,
     "how long a secured conversation is remembered for that"},
    {"policy.least_guesses", CONFIG_NUMBER, "100", 0, 1000000000, true,
     "a passphrase that is guessed in fewer tries than this is refused"},
    {"policy.least_pdf_guesses", CONFIG_NUMBER, "1000000000", 0, 1000000000000000, true,
     "the same for a passphrase that opens a PDF, which whoever has it can try without end"},
    {"policy.second_factor", CONFIG_TEXT, "choice", 0, 0, true,
     "besides the passphrase a recipient types a code that is mailed to them: choice, where the "
     "sender wants that; always"},
    {"policy.mailbox", CONFIG_TEXT, "offered", 0, 0, true,
     "recipients keep a mailbox here: never; offered, to who has opened a message; always, who "
     "opens "
     "the first one is led to it"},
    {"policy.mailboxes", CONFIG_ROWS, "", 0, 0, true,
     "the same for certain domains; the first row that fits counts"},
    {"policy.mailboxes[].domains", CONFIG_LIST, NULL, 0, 0, true,
     "example.net: that domain; .example.net: those below it; *: every one"},
    {"policy.mailboxes[].mailbox", CONFIG_TEXT, NULL, 0, 0, true, "as policy.mailbox"},
    {"policy.mailboxes[].lifetime_days", CONFIG_NUMBER, "0", 0, 3650, true,
     "as policy.mailbox_lifetime_days; 0: as there"},
    {"policy.mailbox_lifetime_days", CONFIG_NUMBER, "0", 0, 3650, true,
     "days for which a message stays in the mailbox it comes into, where its sender chose none; 0: "
     "policy.lifetime_days"},
    {"policy.mailbox_messages", CONFIG_NUMBER, "10000", 1, 10000000, true,
     "messages in one mailbox; what comes above that waits for its sender to set a passphrase"},
    {"policy.mailbox_size", CONFIG_SIZE, "2 GB", 1048576, 1099511627776, true,
     "the same for the bytes of one mailbox"},
    {"policy.mailbox_give_up_wait", CONFIG_DURATION, "3 d", 3600, 2592000, true,
     "between the beginning of a mailbox's end whose passphrase is forgotten and that end; whoever "
     "knows the passphrase can stop it"},
    {"policy.desk_factor", CONFIG_TEXT, "choice", 0, 0, true,
     "besides the mailed code, whoever signs in at the desk shows a second factor: choice, where "
     "they have set one up; always: who has none sees nothing before they have"},
    {"policy.mailbox_factor", CONFIG_TEXT, "choice", 0, 0, true,
     "the same besides the passphrase of a mailbox: choice, where its owner has set one up; "
     "always: who has none sees nothing of it before they have"},
    {"policy.reset_wait", CONFIG_DURATION, "24 h", 0, 2592000, true,
     "between the two steps by which administrators take lost second factors away"},
    {"policy.sign_in_codes", CONFIG_NUMBER, "10", 1, 1000, true,
     "codes to sign in at the desk that are mailed to one address within an hour"},
    {"policy.sign_in_network", CONFIG_NUMBER, "300", 1, 100000, true,
     "codes to sign in that one network may ask for within an hour"},
    {"policy.most_templates", CONFIG_NUMBER, "2000", 1, 10000, true, "templates of one sender"},
    {"policy.most_locks", CONFIG_NUMBER, "200", 1, 1000, true,
     "passphrases in one file of templates; each costs an Argon2id"},
    {"phone.command", CONFIG_LIST, "", 0, 0, true,
     "program that sends a code to a phone, by its path, and its arguments; it is given the number "
     "and the text as two lines, and ends with 0 when it took them; empty: none"},
    {"phone.url", CONFIG_TEXT, "", 0, 0, true,
     "web service that does it instead, by https: it is given {\"to\", \"text\"} as JSON, and "
     "answers with 2xx when it took them; empty: none"},
    {"phone.token_file", CONFIG_PATH, "", 0, 0, true,
     "file whose first line is the bearer token for phone.url; empty: none is sent"},
    {"phone.ca_file", CONFIG_PATH, "", 0, 0, true,
     "certificates that phone.url is trusted by; empty for the system's"},
    {"phone.timeout", CONFIG_DURATION, "10 s", 1, 60, true,
     "longest wait for the program or the service; it is tried again while the code is good"},
    {.name = NULL},
};

/* Where to complain. */
struct checking {
	const struct config *config;
	FILE *faults;
	bool good;
};

static void
check(struct checking *checking, bool fine, const char *name, const char *complaint)
{
	if (!fine)
		config_fault(checking->config, name, checking->faults, "%s", complaint);
	checking->good = checking->good && fine;
}

static bool
is_domain(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 255 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
			    "QRSTUVWXYZ0123456789-.") == length;
}

static void
take_marks(struct policy *policy, const struct config *config)
{
	struct mark_rules *marks = &policy->marks;

	marks->address_prefix = config_text(config, "policy.address_prefix");
	marks->address_exceptions =
	    config_list(config, "policy.address_exceptions", &marks->address_exception_count);
	marks->subject_marks =
	    config_list(config, "policy.subject_marks", &marks->subject_mark_count);
	marks->header_marks = config_list(config, "policy.header_marks", &marks->header_mark_count);
}

static void
take_limits(struct policy *policy, const struct config *config)
{
	policy->hide_subject = config_flag(config, "policy.hide_subject");
	policy->allow_rescue = config_flag(config, "policy.allow_rescue");
	policy->hold_seconds = config_number(config, "policy.hold");
	policy->default_lifetime_days = (int)config_number(config, "policy.lifetime_days");
	policy->longest_lifetime_days = (int)config_number(config, "policy.longest_lifetime_days");
	policy->lock_ops = (uint32_t)config_number(config, "policy.argon2_passes");
	policy->lock_memory_kib = (uint32_t)(config_number(config, "policy.argon2_memory") / 1024);
	policy->tries_before_wait = (int)config_number(config, "policy.tries_before_wait");
	policy->tries_before_suspend = (int)config_number(config, "policy.tries_before_suspend");
	policy->network_tries = (int)config_number(config, "policy.network_tries");
	policy->session_idle_seconds = config_number(config, "policy.session_idle");
	policy->session_seconds = config_number(config, "policy.session");
	policy->retry_seconds = config_number(config, "policy.retry");
	policy->give_up_seconds = config_number(config, "policy.give_up");
	policy->delay_warning_seconds = config_number(config, "policy.delay_warning");
}

static void
take_desk(struct policy *policy, const struct config *config)
{
	policy->finish_reminder_seconds = config_number(config, "policy.finish_reminder");
	policy->last_call_seconds = config_number(config, "policy.last_call");
	policy->remind_days = (int)config_number(config, "policy.remind_days");
	policy->pair_mails = (int)config_number(config, "policy.pair_mails");
	policy->receipt_seconds = config_number(config, "policy.receipt_delay");
	policy->follow_threads = config_flag(config, "policy.follow_threads");
	policy->thread_seconds = config_number(config, "policy.thread_memory");
	policy->least_guesses = config_number(config, "policy.least_guesses");
	policy->least_pdf_guesses = config_number(config, "policy.least_pdf_guesses");
	policy->mailbox_messages = config_number(config, "policy.mailbox_messages");
	policy->mailbox_bytes = config_number(config, "policy.mailbox_size");
	policy->reset_seconds = config_number(config, "policy.reset_wait");
	policy->mailbox_wait_seconds = config_number(config, "policy.mailbox_give_up_wait");
	policy->sign_in_codes = (int)config_number(config, "policy.sign_in_codes");
	policy->sign_in_network = (int)config_number(config, "policy.sign_in_network");
	policy->most_templates = (int)config_number(config, "policy.most_templates");
	policy->most_locks = (int)config_number(config, "policy.most_locks");
}

static void
verify_organisation(const struct policy *policy, struct checking *checking)
{
	check(checking,
	      strncmp(policy->portal_url, "https://", 8) == 0 && policy->portal_url[8] != '\0' &&
		  policy->portal_url[strlen(policy->portal_url) - 1] != '/',
	      "portal.url", "expects https://host without a slash at the end");
	check(checking, policy->own_domain_count > 0, "organisation.domains", "is empty");
	for (size_t i = 0; i < policy->own_domain_count; i++)
		check(checking, is_domain(policy->own_domains[i]), "organisation.domains",
		      "holds something that is no domain");
	check(checking, is_domain(policy->host_name), "organisation.host_name", "is no host name");
	check(checking, address_check(slice_from_text(policy->system_address), NULL) == STATUS_OK,
	      "organisation.system_address", "is no mail address");
}

static bool
take_sign(const char *word, struct policy *policy)
{
	static const char *const words[] = {"off", "gateway", "sender", "either"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		policy->sign = (enum sign_policy)i;
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* Who has to show something besides what they type first: who chose to, or everybody. */
static void
verify_factors(struct policy *policy, struct checking *checking)
{
	const struct {
		const char *option;
		bool *always;
	} factors[] = {
	    {"policy.second_factor", &policy->always_factor},
	    {"policy.desk_factor", &policy->always_desk_factor},
	    {"policy.mailbox_factor", &policy->always_mailbox_factor},
	};

	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		const char *word = config_text(checking->config, factors[i].option);

		*factors[i].always = strcmp(word, "always") == 0;
		check(checking, *factors[i].always || strcmp(word, "choice") == 0,
		      factors[i].option, "expects choice or always");
	}
}

static bool
verify(struct policy *policy, const struct config *config, FILE *faults)
{
	struct checking checking = {config, faults, true};
	const char *mode = config_text(config, "policy.mode");
	const char *scope = config_text(config, "policy.mark_scope");
	const char *replies = config_text(config, "keys.replies");

	check(&checking, strcmp(mode, "on-demand") == 0 || strcmp(mode, "always") == 0,
	      "policy.mode", "expects on-demand or always");
	check(&checking, strcmp(scope, "recipient") == 0 || strcmp(scope, "message") == 0,
	      "policy.mark_scope", "expects recipient or message");
	verify_organisation(policy, &checking);
	check(&checking, strcmp(replies, "known") == 0 || strcmp(replies, "off") == 0,
	      "keys.replies", "is neither known nor off");
	check(&checking, take_sign(config_text(config, "keys.sign"), policy), "keys.sign",
	      "is none of off, gateway, sender, either");
	check(&checking, *policy->marks.address_prefix != '\0', "policy.address_prefix",
	      "is empty");
	check(&checking, policy->default_lifetime_days <= policy->longest_lifetime_days,
	      "policy.lifetime_days", "is above policy.longest_lifetime_days");
	check(&checking, policy->tries_before_wait <= policy->tries_before_suspend,
	      "policy.tries_before_wait", "is above policy.tries_before_suspend");
	verify_factors(policy, &checking);
	policy->protect_replies = strcmp(replies, "known") == 0;
	policy->always = strcmp(mode, "always") == 0;
	policy->mark_whole_message = strcmp(scope, "message") == 0;
	if (!tls_pins_read(config, faults, &policy->tls_pins))
		checking.good = false;
	if (!phone_way_read(config, faults, &policy->phone))
		checking.good = false;
	if (!appearance_read(config, faults, &policy->appearance))
		checking.good = false;
	if (!mailbox_rules_read(config, faults, &policy->mailboxes))
		checking.good = false;
	if (!ladders_read(config, faults, &policy->ladders))
		return false;
	check(&checking, !policy->always_factor || !ladders_have(&policy->ladders, ROUTE_PDF),
	      "policy.second_factor",
	      "is always, and a ladder has pdf, which cannot ask for a second factor");
	return checking.good;
}

enum status
policy_from_config(const struct config *config, FILE *faults, struct policy **policy_out)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		return STATUS_UNAVAILABLE;
	policy->organisation = config_text(config, "organisation.name");
	policy->language = config_text(config, "organisation.language");
	policy->portal_url = config_text(config, "portal.url");
	policy->portal_host = policy->portal_url + (strlen(policy->portal_url) > 8 ? 8 : 0);
	policy->system_address = config_text(config, "organisation.system_address");
	policy->host_name = config_text(config, "organisation.host_name");
	policy->own_domains =
	    config_list(config, "organisation.domains", &policy->own_domain_count);
	take_marks(policy, config);
	take_limits(policy, config);
	take_desk(policy, config);
	if (!verify(policy, config, faults)) {
		policy_free(policy);
		return STATUS_INVALID;
	}
	*policy_out = policy;
	return STATUS_OK;
}

enum status
policy_check(const struct config *config, FILE *faults)
{
	struct policy *policy;
	enum status status = policy_from_config(config, faults, &policy);

	if (status == STATUS_OK)
		policy_free(policy);
	return status;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	ladders_clear(&policy->ladders);
	tls_pins_clear(&policy->tls_pins);
	mailbox_rules_clear(&policy->mailboxes);
	free(policy);
}

int
policy_mailbox_days(const struct policy *policy, struct slice address)
{
	int days = mailbox_rule_for(&policy->mailboxes, address).lifetime_days;

	return days > 0 ? days : policy->default_lifetime_days;
}

bool
policy_is_own(const struct policy *policy, struct slice address)
{
	struct slice domain = address_domain(address);

	for (size_t i = 0; i < policy->own_domain_count; i++) {
		struct slice own = slice_from_text(policy->own_domains[i]);

		if (slice_equal_nocase(domain, own))
			return true;
		if (domain.size > own.size + 1 && domain.data[domain.size - own.size - 1] == '.' &&
		    slice_equal_nocase(slice_part(domain, domain.size - own.size, domain.size),
				       own))
			return true;
	}
	return false;
}
