#include "messenger/templates.h"

#include "base/log.h"
#include "messenger/pdf_lock.h"

/* What the rows were when the form was looked at. */
struct saving {
	const struct messenger *messenger;
	const char *owner;
	const struct template_form *form;
	struct arena *arena;
	int64_t now;
	const char *recipient;
	struct template_row existing;
	bool exists;
	size_t others;	   /* templates of this owner */
	const char *phone; /* the number that was typed, clean; "" for none */
	enum mailbox_wish mailbox;
};

static enum status
look_up(struct saving *saving, struct store *store, const struct id *id, unsigned *faults)
{
	struct template_row *rows;
	struct slice owner_index =
	    messenger_address_index(saving->messenger, saving->owner, saving->arena);
	struct slice recipient_index;
	enum status status = STATUS_OK;

	if (id != NULL) {
		status = template_read(store, id, owner_index, saving->arena, &saving->existing);
		saving->exists = status == STATUS_OK;
		if (saving->exists)
			saving->recipient = messenger_display_open(
			    saving->messenger, "template.recipient", &saving->existing.id,
			    saving->existing.recipient, saving->arena);
		return status;
	}
	saving->recipient =
	    templates_recipient(saving->messenger, saving->form->recipient, saving->arena, faults);
	status =
	    template_list(store, owner_index, (size_t)saving->messenger->policy->most_templates,
			  saving->arena, &rows, &saving->others);
	if (status != STATUS_OK || saving->recipient == NULL)
		return status;
	recipient_index =
	    messenger_address_index(saving->messenger, saving->recipient, saving->arena);
	for (size_t i = 0; i < saving->others; i++)
		if (slice_equal(rows[i].recipient_index, recipient_index))
			*faults |= FAULT_EXISTS;
	if (saving->others >= (size_t)saving->messenger->policy->most_templates)
		*faults |= FAULT_TOO_MANY;
	return status;
}

/* What is kept of a passphrase is its lock; for a PDF it is wanted itself. */
static bool
can_keep(const struct saving *saving)
{
	return saving->exists && saving->existing.has_lock &&
	       (saving->form->factor.pdf != PDF_PASSPHRASE ||
		saving->existing.pdf_password.size > 0);
}

/* May the passphrase stay empty?  Then the clue must be the one that belongs to it. */
static enum status
check_secret(struct saving *saving, struct store *store, bool *keeps_out, unsigned *faults,
	     struct strength *strength)
{
	struct passphrase_form secret = saving->form->secret;
	struct lock_row lock;
	const char *clue;
	enum status status;

	secret.sender = saving->owner;
	secret.recipient = saving->recipient == NULL ? "" : saving->recipient;
	secret.for_pdf = saving->form->factor.pdf == PDF_PASSPHRASE;
	*keeps_out =
	    can_keep(saving) && secret.passphrase.size == 0 && secret.passphrase_again.size == 0;
	if (!*keeps_out) {
		*faults |= passphrase_check(saving->messenger, &secret, strength);
		return STATUS_OK;
	}
	status = lock_read(store, &saving->existing.lock_id, saving->arena, &lock);
	if (status != STATUS_OK)
		return status;
	clue = messenger_display_open(saving->messenger, "lock.clue", &lock.id, lock.clue,
				      saving->arena);
	/* Whether a clue gives the answer away can only be seen beside the answer. */
	if (!slice_equal(slice_trim(secret.clue), slice_from_text(clue)) ||
	    secret.forgiving != (lock.rule == LOCK_FORGIVING))
		*faults |= FAULT_PASSPHRASE_MISSING;
	return STATUS_OK;
}

/* One that asks for a sheet may be saved before there is one: until then messages are held. */
static unsigned
check_factor(struct saving *saving)
{
	struct factor_means means = {.domain =
					 saving->recipient != NULL && *saving->recipient == '@'};

	if (saving->exists) {
		means.factor = saving->existing.factor;
		means.pdf = saving->existing.pdf;
		means.phone = saving->existing.phone;
	}
	return factor_wish_check(saving->messenger->policy, &saving->form->factor, &means,
				 saving->arena, &saving->phone);
}

static unsigned
check_mailbox(struct saving *saving)
{
	unsigned faults = 0;

	if (saving->recipient != NULL)
		saving->mailbox = templates_choose_mailbox(
		    saving->messenger->policy, saving->recipient, &saving->form->mailbox,
		    saving->exists ? &saving->existing : NULL, &faults);
	return faults;
}

/* `lock` NULL: the one that there is, or none where each message gets its own. */
static enum status
write_rows(const struct saving *saving, const struct lock_row *lock, struct slice password)
{
	const struct template_form *form = saving->form;
	struct template_row row =
	    templates_row(saving->messenger, saving->owner, saving->recipient,
			  saving->exists ? &saving->existing : NULL, saving->now, saving->arena);
	struct store *store = store_pool_get(saving->messenger->stores);
	enum status status = store_begin(store);

	row.has_lock = !delivery_pdf_is_generated(form->factor.pdf);
	if (row.has_lock) {
		row.lock_id = lock != NULL ? lock->id : saving->existing.lock_id;
		templates_set_clue(saving->messenger, &row, form->secret.clue,
				   form->secret.forgiving, saving->arena);
	}
	templates_set_pdf(&row, form->factor.pdf, password,
			  saving->exists ? &saving->existing : NULL);
	row.lifetime_days = form->lifetime_days;
	row.wishes = form->wishes & WISHES_ALL;
	row.remind_days = form->remind_days;
	row.way = form->way;
	row.link_mail = form->link_mail;
	row.language = form->language;
	row.factor = form->factor.factor;
	row.mailbox = saving->mailbox;
	templates_set_phone(saving->messenger, &row, saving->phone,
			    saving->exists ? &saving->existing : NULL, saving->arena);
	if (status == STATUS_OK)
		status =
		    templates_store(store, &row, lock, saving->exists ? &saving->existing : NULL);
	status = store_end(store, status);
	store_pool_put(saving->messenger->stores, store);
	return status;
}

static enum status
write_with_lock(const struct saving *saving)
{
	struct passphrase_form secret = saving->form->secret;
	struct slice password = {NULL, 0};
	struct lock_row lock;
	enum status status;

	secret.sender = saving->owner;
	secret.recipient = saving->recipient;
	status =
	    passphrase_make_lock(saving->messenger, &secret, saving->now, saving->arena, &lock);
	if (status == STATUS_OK && saving->form->factor.pdf == PDF_PASSPHRASE)
		status = pdf_lock_seal(saving->messenger, secret.passphrase, &lock.id,
				       saving->arena, &password);
	return status == STATUS_OK ? write_rows(saving, &lock, password) : status;
}

static enum status
save(struct saving *saving, const struct id *id, unsigned *faults_out, struct strength *strength)
{
	const struct template_form *form = saving->form;
	struct store *store = store_pool_get(saving->messenger->stores);
	bool generated = delivery_pdf_is_generated(form->factor.pdf);
	struct slice nothing = {NULL, 0};
	bool keeps = false;
	unsigned faults = 0;
	enum status status = look_up(saving, store, id, &faults);

	if (status == STATUS_OK && !generated)
		status = check_secret(saving, store, &keeps, &faults, strength);
	/* The connection is not kept while Argon2id works. */
	store_pool_put(saving->messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	faults |= templates_check_wishes(saving->messenger->policy, form->lifetime_days,
					 form->remind_days);
	faults |= check_factor(saving);
	faults |= check_mailbox(saving);
	*faults_out = faults;
	if (faults != 0)
		return STATUS_INVALID;
	return keeps || generated ? write_rows(saving, NULL, nothing) : write_with_lock(saving);
}

enum status
messenger_template_save(const struct messenger *messenger, const char *owner, const struct id *id,
			const struct template_form *form, int64_t now, unsigned *faults_out,
			struct strength *strength_out)
{
	struct saving saving = {
	    .messenger = messenger, .owner = owner, .form = form, .arena = arena_new(), .now = now};
	enum status status;

	*faults_out = 0;
	*strength_out = (struct strength){0};
	status = save(&saving, id, faults_out, strength_out);
	log_info("template-saved", LOG_TEXT("status", status_text(status)));
	arena_free(saving.arena);
	return status;
}
