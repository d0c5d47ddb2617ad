#include "messenger/passphrase.h"

#include <math.h>

#include "pdf/password.h"

#define PASSPHRASE_LEAST ((size_t)6)
#define TELLING_LEAST ((size_t)3) /* shorter answers occur in any sentence */

static enum lock_rule
rule_of(const struct passphrase_form *form)
{
	return form->forgiving ? LOCK_FORGIVING : LOCK_EXACT;
}

/* Does the clue give the answer away?  Compared as forgiving as can be. */
static bool
clue_tells(struct slice clue, struct slice passphrase)
{
	struct secret plain_clue, answer;
	bool tells = false;

	if (clue.size > LOCK_PASSPHRASE_MAX ||
	    lock_normalise(LOCK_FORGIVING, clue, &plain_clue) != STATUS_OK)
		return false;
	if (lock_normalise(LOCK_FORGIVING, passphrase, &answer) == STATUS_OK) {
		tells =
		    answer.size >= TELLING_LEAST &&
		    slice_find(secret_slice(&plain_clue), secret_slice(&answer), 0) != SLICE_NONE;
		secret_clear(&answer);
	}
	secret_clear(&plain_clue);
	return tells;
}

unsigned
passphrase_check_clue(struct slice clue)
{
	struct secret ignored;

	clue = slice_trim(clue);
	if (clue.size == 0)
		return FAULT_CLUE_MISSING;
	if (clue.size > CLUE_MAX)
		return FAULT_CLUE_TOO_LONG;
	if (lock_normalise(LOCK_EXACT, clue, &ignored) != STATUS_OK)
		return FAULT_NOT_TEXT;
	secret_clear(&ignored);
	return 0;
}

/* In how many tries would somebody who knows clue and people find it? */
static unsigned
judge(const struct messenger *messenger, const struct passphrase_form *form,
      struct strength *strength_out)
{
	const struct policy *policy = messenger->policy;
	int64_t least = form->for_pdf && policy->least_pdf_guesses > policy->least_guesses
			    ? policy->least_pdf_guesses
			    : policy->least_guesses;
	struct arena *arena = arena_new();
	const char *words[STRENGTH_WORDS_MAX];
	size_t count = 0;
	unsigned faults = 0;

	strength_add_words(form->clue, arena, words, &count);
	strength_add_words(slice_from_text(form->recipient), arena, words, &count);
	strength_add_words(slice_from_text(form->sender), arena, words, &count);
	if (strength_estimate(rule_of(form), form->passphrase, words, count, arena, strength_out) ==
		STATUS_OK &&
	    exp2(strength_out->bits) < (double)least)
		faults = FAULT_PASSPHRASE_GUESSABLE;
	arena_free(arena);
	return faults;
}

/* The exact form, as a reader of PDF makes it. */
static unsigned
prepare_for_pdf(struct slice passphrase, struct secret *password_out)
{
	struct secret exact;
	unsigned faults;

	if (lock_normalise(LOCK_EXACT, passphrase, &exact) != STATUS_OK)
		return PDF_PASSWORD_NOT_TEXT;
	faults = pdf_password_prepare(secret_slice(&exact), secret_slice(&exact), password_out);
	secret_clear(&exact);
	return faults;
}

enum status
passphrase_for_pdf(struct slice passphrase, struct secret *password_out)
{
	return prepare_for_pdf(passphrase, password_out) == 0 ? STATUS_OK : STATUS_INVALID;
}

static unsigned
check_for_pdf(struct slice passphrase)
{
	struct secret password;
	unsigned faults = prepare_for_pdf(passphrase, &password);

	if (faults == 0)
		secret_clear(&password);
	else
		return (faults & PDF_PASSWORD_TOO_LONG) != 0 ? FAULT_PDF_TOO_LONG : FAULT_PDF_TEXT;
	return 0;
}

static unsigned
check_passphrase(const struct messenger *messenger, const struct passphrase_form *form,
		 struct strength *strength_out)
{
	struct secret answer;
	unsigned faults = 0;
	enum status status;

	if (form->passphrase.size == 0)
		return FAULT_PASSPHRASE_MISSING;
	if (form->passphrase.size > LOCK_PASSPHRASE_MAX)
		return FAULT_PASSPHRASE_TOO_LONG;
	status = lock_normalise(rule_of(form), form->passphrase, &answer);
	if (status != STATUS_OK)
		return slice_trim(form->passphrase).size == 0 ? FAULT_PASSPHRASE_MISSING
							      : FAULT_NOT_TEXT;
	if (slice_count_characters(secret_slice(&answer)) < PASSPHRASE_LEAST)
		faults |= FAULT_PASSPHRASE_WEAK;
	secret_clear(&answer);
	if (form->for_pdf)
		faults |= check_for_pdf(form->passphrase);
	if (!slice_equal(form->passphrase, form->passphrase_again))
		faults |= FAULT_PASSPHRASES_DIFFER;
	return faults | judge(messenger, form, strength_out);
}

unsigned
passphrase_check_alone(const struct messenger *messenger, const struct passphrase_form *form,
		       struct strength *strength_out)
{
	*strength_out = (struct strength){0};
	return check_passphrase(messenger, form, strength_out);
}

unsigned
passphrase_check(const struct messenger *messenger, const struct passphrase_form *form,
		 struct strength *strength_out)
{
	struct slice clue = slice_trim(form->clue);
	unsigned faults;

	*strength_out = (struct strength){0};
	faults = check_passphrase(messenger, form, strength_out) | passphrase_check_clue(clue);
	if (clue.size > 0 && form->passphrase.size > 0 && clue_tells(clue, form->passphrase))
		faults |= FAULT_CLUE_TELLS;
	return faults;
}

enum status
passphrase_lock_row(const struct messenger *messenger, const struct lock_terms *terms,
		    const struct pair *pair, const char *clue, int64_t now, struct arena *arena,
		    struct lock_row *row_out)
{
	struct lock_row row = {
	    .id = terms->id,
	    .salt = arena_copy(arena, slice_of(terms->salt, LOCK_SALT_SIZE)),
	    .ops = terms->ops,
	    .memory_kib = terms->memory_kib,
	    .rule = (int)terms->rule,
	    .created_at = now,
	};
	enum status status;

	row.clue = messenger_display_seal(messenger, "lock.clue", &row.id, clue, arena);
	/* In clear it would let whoever has the database and the pepper test guesses. */
	status = pair_seal(messenger->keys->gateway_public, PAIR_LOCK_PUBLIC, &row.id,
			   slice_of(pair->public, PAIR_PUBLIC_SIZE), arena, &row.public_wrap);
	if (status == STATUS_OK)
		*row_out = row;
	return status;
}

enum status
passphrase_make_lock(const struct messenger *messenger, const struct passphrase_form *form,
		     int64_t now, struct arena *arena, struct lock_row *row_out)
{
	struct lock_terms terms;
	struct pair pair;
	enum status status;

	lock_terms_new(rule_of(form), messenger->policy->lock_ops,
		       messenger->policy->lock_memory_kib, &terms);
	status = lock_pair(&terms, form->passphrase, &messenger->keys->pepper, &pair);
	if (status != STATUS_OK)
		return status;
	status = passphrase_lock_row(messenger, &terms, &pair,
				     arena_text_from(arena, slice_trim(form->clue)), now, arena,
				     row_out);
	pair_clear(&pair);
	return status;
}

void
passphrase_spend_time(const struct messenger *messenger)
{
	struct lock_terms terms;
	struct pair pair;

	lock_terms_new(LOCK_EXACT, messenger->policy->lock_ops, messenger->policy->lock_memory_kib,
		       &terms);
	if (lock_pair(&terms, SLICE("nobody"), &messenger->keys->pepper, &pair) == STATUS_OK)
		pair_clear(&pair);
}
