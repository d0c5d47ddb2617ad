#include "portal/choices.h"

#include <string.h>

#include "messenger/factor.h"
#include "messenger/pdf_way.h"
#include "portal/page.h"

#define WORDS_SUGGESTED ((size_t)4)

static const struct {
	enum form_fault fault;
	const char *flag;
} faults_shown[] = {
    {FAULT_CLUE_MISSING, "clue_missing"},
    {FAULT_CLUE_TOO_LONG, "clue_too_long"},
    {FAULT_CLUE_TELLS, "clue_tells"},
    {FAULT_PASSPHRASE_MISSING, "passphrase_missing"},
    {FAULT_PASSPHRASE_TOO_LONG, "passphrase_too_long"},
    {FAULT_PASSPHRASE_WEAK, "passphrase_weak"},
    {FAULT_PASSPHRASE_GUESSABLE, "passphrase_guessable"},
    {FAULT_PASSPHRASES_DIFFER, "passphrases_differ"},
    {FAULT_NOT_TEXT, "not_text"},
    {FAULT_LIFETIME, "lifetime_wrong"},
    {FAULT_REMIND, "remind_wrong"},
    {FAULT_RECIPIENT_MISSING, "recipient_missing"},
    {FAULT_RECIPIENT_WRONG, "recipient_wrong"},
    {FAULT_RECIPIENT_OWN, "recipient_own"},
    {FAULT_EXISTS, "exists"},
    {FAULT_TOO_MANY, "too_many"},
    {FAULT_PHONE_MISSING, "phone_missing"},
    {FAULT_PHONE_WRONG, "phone_wrong"},
    {FAULT_PHONE_OFF, "phone_not_offered"},
    {FAULT_SHEET_MISSING, "sheet_missing"},
    {FAULT_FACTOR_DOMAIN, "factor_domain"},
    {FAULT_MAILBOX, "mailbox_wrong"},
    {FAULT_PDF_TOO_LONG, "pdf_too_long"},
    {FAULT_PDF_TEXT, "pdf_text"},
    {FAULT_PDF_FACTOR, "pdf_factor"},
    {FAULT_PDF_SHEETS, "pdf_sheets"},
};

static const struct {
	enum wish wish;
	const char *field;
} wishes_shown[] = {
    {WISH_OPENED, "notify"},
    {WISH_FILES, "notify_files"},
    {WISH_FILE_NAMES, "notify_names"},
    {WISH_REPLIED, "notify_replied"},
    {WISH_ACCEPTED, "notify_accepted"},
};

#define WISH_COUNT (sizeof(wishes_shown) / sizeof(wishes_shown[0]))

struct passphrase_form
choices_secret(const struct request *request)
{
	return (struct passphrase_form){
	    .clue = form_value(&request->form, "clue"),
	    .passphrase = form_value(&request->form, "passphrase"),
	    .passphrase_again = form_value(&request->form, "passphrase_again"),
	    .forgiving = request_field_flag(request, "forgiving"),
	    .sender = "",
	    .recipient = "",
	};
}

unsigned
choices_wishes(const struct request *request)
{
	unsigned wishes = 0;

	for (size_t i = 0; i < WISH_COUNT; i++)
		if (request_field_flag(request, wishes_shown[i].field))
			wishes |= (unsigned)wishes_shown[i].wish;
	return wishes;
}

const char *
choices_language(const struct request *request)
{
	const struct language *language = languages_find(request->site->messenger.languages,
							 form_value(&request->form, "language"));

	return language == NULL ? "" : language_code(language);
}

bool
choices_only_asked(const struct request *request)
{
	return form_has(&request->form, "check");
}

unsigned
choices_judge(const struct request *request, const char *sender, const char *recipient,
	      struct strength *strength_out)
{
	struct passphrase_form secret = choices_secret(request);

	secret.for_pdf = choices_factor(request).pdf == PDF_PASSPHRASE;
	secret.sender = sender;
	secret.recipient = recipient;
	return passphrase_check(&request->site->messenger, &secret, strength_out) &
	       ~(unsigned)FAULT_PASSPHRASES_DIFFER;
}

static void
put_strength(struct template_values *values, const struct strength *strength)
{
	static const char *const units[] = {
	    [STRENGTH_ONES] = "tries_ones",	    [STRENGTH_THOUSANDS] = "tries_thousands",
	    [STRENGTH_MILLIONS] = "tries_millions", [STRENGTH_BILLIONS] = "tries_billions",
	    [STRENGTH_BEYOND] = "tries_beyond",
	};
	enum strength_unit unit;
	unsigned number;

	strength_round(strength, &number, &unit);
	template_put_number(values, "tries_number", number);
	template_put_flag(values, units[unit], true);
}

void
choices_put_faults(const struct request *request, struct template_values *values, unsigned faults,
		   const struct strength *strength)
{
	for (size_t i = 0; i < sizeof(faults_shown) / sizeof(faults_shown[0]); i++)
		template_put_flag(values, faults_shown[i].flag,
				  (faults & (unsigned)faults_shown[i].fault) != 0);
	template_put_number(values, "tries_number", 0);
	/* What is found with the first try has no bits. */
	if (strength != NULL && (strength->bits > 0 || (faults & FAULT_PASSPHRASE_GUESSABLE) != 0))
		put_strength(values, strength);
	template_put_flag(values, "strength_shown",
			  choices_only_asked(request) && strength != NULL && strength->bits > 0 &&
			      (faults & FAULT_PASSPHRASE_GUESSABLE) == 0);
}

void
choices_put_secret(const struct request *request, struct template_values *values, const char *clue,
		   bool forgiving)
{
	const struct words *words = request->site->words;
	bool typed = request->method == METHOD_POST && form_has(&request->form, "clue");

	if (typed)
		template_put_slice(values, "clue", form_value(&request->form, "clue"));
	else
		template_put_text(values, "clue", clue);
	template_put_flag(values, "forgiving",
			  typed ? request_field_flag(request, "forgiving") : forgiving);
	template_put_text(values, "suggested",
			  words_suggest(words, "en", WORDS_SUGGESTED, request->arena));
	template_put_text(values, "suggested_german",
			  words_suggest(words, "de", WORDS_SUGGESTED, request->arena));
}

static void
put_days(const struct request *request, struct template_values *values, const char *field,
	 int settled)
{
	if (request->method == METHOD_POST && form_has(&request->form, field))
		template_put_slice(values, field, form_value(&request->form, field));
	else
		template_put_number(values, field, settled);
}

void
choices_put_wishes(const struct request *request, struct template_values *values, int lifetime_days,
		   int remind_days, unsigned wishes)
{
	bool typed = request->method == METHOD_POST && form_has(&request->form, "lifetime_days");

	put_days(request, values, "lifetime_days", lifetime_days);
	put_days(request, values, "remind_days", remind_days);
	template_put_number(values, "longest_lifetime_days",
			    request->site->messenger.policy->longest_lifetime_days);
	if (typed)
		wishes = choices_wishes(request);
	for (size_t i = 0; i < WISH_COUNT; i++)
		template_put_flag(values, wishes_shown[i].field,
				  (wishes & (unsigned)wishes_shown[i].wish) != 0);
}

struct factor_wish
choices_factor(const struct request *request)
{
	struct factor_wish wish = {.phone = form_value(&request->form, "phone")};

	(void)factor_read_word(form_value(&request->form, "second_factor"), &wish.factor);
	(void)pdf_way_read(form_value(&request->form, "pdf"), &wish.pdf);
	return wish;
}

/* What cannot be chosen any more is shown where it was chosen. */
static void
put_pdf(const struct request *request, struct template_values *values,
	const struct factor_shown *shown, enum pdf_way chosen)
{
	const struct messenger *messenger = &request->site->messenger;
	bool possible = !messenger->policy->always_factor && reader_has_fonts(messenger->reader);

	template_put_flag(values, "pdf_choice", possible || shown->pdf != PDF_NONE);
	template_put_flag(values, "pdf_by_policy", messenger->policy->always_factor);
	template_put_flag(values, "pdf_chosen", chosen != PDF_NONE);
	template_put_flag(values, "pdf_passphrase", chosen == PDF_PASSPHRASE);
	template_put_flag(values, "pdf_generated", chosen == PDF_GENERATED);
	template_put_flag(values, "pdf_phone", chosen == PDF_PHONE);
	template_put_flag(values, "pdf_sheet", chosen == PDF_SHEET);
	template_put_flag(values, "pdf_phone_shown",
			  messenger->policy->phone.is_set || shown->pdf == PDF_PHONE);
	template_put_flag(values, "pdf_sheet_shown",
			  shown->passwords_offered || shown->pdf == PDF_SHEET);
}

void
choices_put_factor(const struct request *request, struct template_values *values,
		   const struct factor_shown *shown)
{
	const struct policy *policy = request->site->messenger.policy;
	bool typed = request->method == METHOD_POST && form_has(&request->form, "lifetime_days");
	struct factor_wish wish = {.factor = shown->factor, .pdf = shown->pdf};
	bool phone = policy->phone.is_set || factor_wish_asks_phone(shown->factor, shown->pdf);
	bool sheet = shown->sheet_offered || shown->factor == FACTOR_SHEET;

	if (typed)
		wish = choices_factor(request);
	template_put_flag(values, "factor_always", policy->always_factor);
	template_put_flag(values, "factor_choice", !policy->always_factor || phone || sheet);
	page_put_factor(values, wish.factor);
	template_put_flag(values, "phone_shown", phone);
	template_put_flag(values, "phone_off", phone && !policy->phone.is_set);
	template_put_flag(values, "sheet_shown", sheet);
	template_put_flag(values, "sheet_is_later", shown->sheet_is_later);
	template_put_slice(values, "phone", wish.phone);
	template_put_text(values, "phone_kept", shown->phone);
	put_pdf(request, values, shown, wish.pdf);
}

struct mailbox_choice
choices_mailbox(const struct request *request)
{
	struct mailbox_choice choice = {.said = false};

	choice.said = mailbox_wish_read(form_value(&request->form, "mailbox"), &choice.wish);
	return choice;
}

void
choices_put_mailbox(const struct request *request, struct template_values *values,
		    const char *recipient, enum mailbox_wish wish)
{
	const struct mailbox_rules *rules = &request->site->messenger.policy->mailboxes;
	struct slice address = slice_from_text(recipient);
	struct mailbox_choice choice = {.said = false};
	enum mailbox_policy policy =
	    *recipient == '\0' ? mailbox_most(rules) : mailbox_rule_for(rules, address).policy;

	if (request->method == METHOD_POST)
		choice = choices_mailbox(request);
	if (choice.said)
		wish = choice.wish;
	template_put_flag(values, "mailbox_choice", policy != MAILBOXES_NEVER);
	template_put_flag(values, "policy_always", policy == MAILBOXES_ALWAYS);
	template_put_flag(values, "wish_never", wish == MAILBOX_WISH_NEVER);
	template_put_flag(values, "wish_offered", wish == MAILBOX_WISH_OFFERED);
	template_put_flag(values, "wish_always", wish == MAILBOX_WISH_ALWAYS);
}

void
choices_put_language(const struct request *request, struct template_values *values,
		     const char *code)
{
	const struct messenger *messenger = &request->site->messenger;
	struct template_list *list = template_put_list(values, "mail_languages");

	if (request->method == METHOD_POST && form_has(&request->form, "language"))
		code = choices_language(request);
	template_put_text(values, "own_language", language_name(messenger_own_language(messenger)));
	for (size_t i = 0; i < languages_count(messenger->languages); i++) {
		const struct language *language = languages_at(messenger->languages, i);
		struct template_values *row = template_list_add(list);

		template_put_text(row, "code", language_code(language));
		template_put_text(row, "name", language_name(language));
		template_put_flag(row, "chosen", strcmp(code, language_code(language)) == 0);
	}
}
