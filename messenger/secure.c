#include "messenger/secure.h"

#include "base/log.h"
#include "messenger/author.h"
#include "messenger/factor.h"
#include "messenger/pdf_lock.h"
#include "messenger/phone.h"
#include "messenger/post.h"
#include "messenger/sheet.h"
#include "messenger/templates.h"

/* A decision in the making. */
struct securing {
	const struct messenger *messenger;
	struct arena *arena;
	int64_t now;
	struct door door;
	bool has_template; /* of the recipient alone */
	struct template_row template;
	struct sheet_view numbers;
	struct sheet_view passwords; /* for PDF */
	const char *owner;	     /* who sent it */
	const char *recipient;
};

/* What the sender has for this recipient. */
static enum status
find_means(struct store *store, struct securing *securing)
{
	const struct delivery_row *delivery = &securing->door.delivery;
	enum status status =
	    template_find(store, delivery->sender_index, delivery->recipient_index,
			  delivery->recipient_index, securing->arena, &securing->template);

	securing->has_template = status == STATUS_OK;
	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	status = sheet_look(store, delivery->sender_index, delivery->recipient_index, false,
			    securing->arena, &securing->numbers);
	return status == STATUS_OK
		   ? sheet_look(store, delivery->sender_index, delivery->recipient_index, true,
				securing->arena, &securing->passwords)
		   : status;
}

static enum status
open_securing(const struct messenger *messenger, const struct claimant *claimant, int64_t now,
	      struct securing *securing)
{
	struct store *store = store_pool_get(messenger->stores);
	struct message_row message;
	enum status status;

	*securing = (struct securing){.messenger = messenger, .arena = arena_new(), .now = now};
	status = claimant_open(store, claimant, securing->arena, &securing->door);
	if (status == STATUS_OK && (securing->door.delivery.state != DELIVERY_HELD ||
				    securing->door.delivery.expires_at <= now))
		status = STATUS_CONFLICT;
	if (status == STATUS_OK)
		status = message_read(store, &securing->door.delivery.message_id, false,
				      securing->arena, &message);
	if (status == STATUS_OK)
		status = find_means(store, securing);
	if (status == STATUS_OK) {
		const struct delivery_row *delivery = &securing->door.delivery;

		securing->owner = author_open(messenger, &message, securing->arena).address;
		securing->recipient =
		    messenger_display_open(messenger, "delivery.recipient", &delivery->id,
					   delivery->recipient, securing->arena);
	}
	store_pool_put(messenger->stores, store);
	return status;
}

static void
close_securing(struct securing *securing, const char *event, enum status status)
{
	char id[ID_TEXT_SIZE];

	log_info(event, LOG_TEXT("delivery", id_text(securing->door.delivery.id, id)),
		 LOG_TEXT("status", status_text(status)));
	door_clear(&securing->door);
	arena_free(securing->arena);
}

/* What the form became, besides what is known already. */
struct secured {
	const struct lock_row *lock; /* NULL: the courier makes it */
	struct slice pdf_password;
	const char *phone; /* the number that a code or password goes to; "" where none does */
	enum mailbox_wish mailbox;
};

static enum status
save_template(const struct securing *securing, struct store *store, const struct secured *secured,
	      const struct secure_form *form)
{
	const struct delivery_row *delivery = &securing->door.delivery;
	struct template_row row, existing;
	enum status found = template_find(store, delivery->sender_index, delivery->recipient_index,
					  delivery->recipient_index, securing->arena, &existing);

	if (found != STATUS_OK && found != STATUS_NOT_FOUND)
		return found;
	row = templates_row(securing->messenger, securing->owner, securing->recipient,
			    found == STATUS_OK ? &existing : NULL, securing->now, securing->arena);
	row.has_lock = secured->lock != NULL;
	if (row.has_lock) {
		row.lock_id = secured->lock->id;
		templates_set_clue(securing->messenger, &row, form->secret.clue,
				   form->secret.forgiving, securing->arena);
	}
	templates_set_pdf(&row, form->factor.pdf, secured->pdf_password, NULL);
	row.lifetime_days = form->lifetime_days;
	row.wishes = form->wishes & WISHES_ALL;
	row.remind_days = form->remind_days;
	row.language = form->language;
	row.factor = form->factor.factor;
	row.mailbox = secured->mailbox;
	templates_set_phone(securing->messenger, &row, secured->phone, NULL, securing->arena);
	if (found == STATUS_OK)
		row.link_mail = existing.link_mail;
	/* The lock is written already. */
	return templates_store(store, &row, NULL, found == STATUS_OK ? &existing : NULL);
}

static enum status
secure_in_transaction(const struct securing *securing, struct store *store,
		      const struct secured *secured, const struct secure_form *form)
{
	const struct id *delivery = &securing->door.delivery.id;
	struct delivery_wishes wishes = {
	    .lifetime_days = form->lifetime_days,
	    .wishes = form->wishes & WISHES_ALL,
	    .remind_days = form->remind_days,
	    .language = form->language,
	    .factor = factor_in_force(securing->messenger->policy, form->factor.factor),
	    .mailbox = secured->mailbox,
	    .pdf = form->factor.pdf,
	    .pdf_password = secured->pdf_password,
	};
	const struct lock_row *lock = secured->lock;
	enum status status = lock == NULL ? STATUS_OK : lock_insert(store, lock);

	if (*secured->phone != '\0')
		wishes.phone = messenger_display_seal(securing->messenger, "delivery.phone",
						      delivery, secured->phone, securing->arena);
	if (status == STATUS_OK)
		status = delivery_set_securing(store, delivery, lock == NULL ? NULL : &lock->id,
					       &wishes);
	if (status == STATUS_OK && form->save_template)
		status = save_template(securing, store, secured, form);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	return status;
}

/* The number that a code goes to, typed or known; "" where none does.  Bits of form_fault. */
static unsigned
check_factor(const struct securing *securing, const struct secure_form *form,
	     const char **phone_out)
{
	const struct template_row *template = &securing->template;
	struct factor_means means = {.needs_sheet = true,
				     .sheet_left = securing->numbers.left,
				     .passwords_left = securing->passwords.left};
	const char *known = "";
	unsigned faults;

	if (securing->has_template && factor_wish_asks_phone(template->factor, template->pdf))
		known = messenger_display_open(securing->messenger, "template.phone", &template->id,
					       template->phone, securing->arena);
	if (*known != '\0')
		means.phone = template->phone;
	faults = factor_wish_check(securing->messenger->policy, &form->factor, &means,
				   securing->arena, phone_out);
	if (factor_wish_asks_phone(form->factor.factor, form->factor.pdf) && **phone_out == '\0')
		*phone_out = known;
	return faults;
}

/* Likewise of the mailbox: a form that says nothing goes by the template. */
static unsigned
check_mailbox(const struct securing *securing, const struct secure_form *form,
	      enum mailbox_wish *wish_out)
{
	unsigned faults;

	*wish_out = templates_choose_mailbox(
	    securing->messenger->policy, securing->recipient, &form->mailbox,
	    securing->has_template ? &securing->template : NULL, &faults);
	return faults;
}

static enum status
write_secured(const struct securing *securing, const struct secured *secured,
	      const struct secure_form *form)
{
	struct store *store = store_pool_get(securing->messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = secure_in_transaction(securing, store, secured, form);
	status = store_end(store, status);
	store_pool_put(securing->messenger->stores, store);
	return status;
}

static enum status
secure(const struct securing *securing, const struct secure_form *form, unsigned *faults_out,
       struct strength *strength_out)
{
	const struct messenger *messenger = securing->messenger;
	bool generated = delivery_pdf_is_generated(form->factor.pdf);
	struct passphrase_form secret = form->secret;
	struct secured secured = {.lock = NULL};
	struct lock_row lock;
	enum status status = STATUS_OK;

	secret.sender = securing->owner;
	secret.recipient = securing->recipient;
	secret.for_pdf = form->factor.pdf == PDF_PASSPHRASE;
	*faults_out =
	    (generated ? 0 : passphrase_check(messenger, &secret, strength_out)) |
	    templates_check_wishes(messenger->policy, form->lifetime_days, form->remind_days) |
	    check_factor(securing, form, &secured.phone) |
	    check_mailbox(securing, form, &secured.mailbox);
	if (*faults_out != 0)
		return STATUS_INVALID;
	if (!generated) {
		status =
		    passphrase_make_lock(messenger, &secret, securing->now, securing->arena, &lock);
		secured.lock = &lock;
	}
	if (status == STATUS_OK && secret.for_pdf)
		status = pdf_lock_seal(messenger, secret.passphrase, &lock.id, securing->arena,
				       &secured.pdf_password);
	return status == STATUS_OK ? write_secured(securing, &secured, form) : status;
}

enum status
messenger_secure(const struct messenger *messenger, const struct claimant *claimant,
		 const struct secure_form *form, int64_t now, unsigned *faults_out,
		 struct strength *strength_out)
{
	struct securing securing;
	enum status status = open_securing(messenger, claimant, now, &securing);

	*faults_out = 0;
	*strength_out = (struct strength){0};
	/* No connection is kept while Argon2id works. */
	if (status == STATUS_OK)
		status = secure(&securing, form, faults_out, strength_out);
	close_securing(&securing, "finished-by-sender", status);
	return status;
}

static enum status
use_template(const struct securing *securing, struct store *store)
{
	const struct delivery_row *delivery = &securing->door.delivery;
	struct delivery_wishes wishes;
	struct template_row row;
	enum status status = templates_find(securing->messenger, store, delivery->sender_index,
					    securing->recipient, securing->arena, &row);

	if (status == STATUS_NOT_FOUND ||
	    (status == STATUS_OK &&
	     (!template_is_settled(&row) || !templates_is_ready(securing->messenger, &row))))
		return STATUS_CONFLICT;
	if (status != STATUS_OK)
		return status;
	wishes = (struct delivery_wishes){
	    row.lifetime_days,
	    row.wishes | delivery->wishes,
	    row.remind_days,
	    true,
	    row.language,
	    factor_in_force(securing->messenger->policy, row.factor),
	    templates_phone_for(securing->messenger, &row, &delivery->id, securing->arena),
	    row.mailbox,
	    row.pdf,
	    row.pdf_password};
	status = delivery_set_securing(store, &delivery->id, row.has_lock ? &row.lock_id : NULL,
				       &wishes);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}

static enum status
release(const struct securing *securing, struct store *store)
{
	const struct delivery_row *delivery = &securing->door.delivery;
	enum status status = delivery_set_released(store, &delivery->id);

	if (status == STATUS_OK)
		status = post_message(store, OUTBOX_PLAIN, &delivery->message_id, &delivery->id,
				      securing->now);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}

typedef enum status decision_job(const struct securing *securing, struct store *store);

static enum status
decide_in_transaction(const struct messenger *messenger, const struct claimant *claimant,
		      decision_job *job, const char *event, int64_t now)
{
	struct securing securing;
	enum status status = open_securing(messenger, claimant, now, &securing);

	if (status == STATUS_OK) {
		struct store *store = store_pool_get(messenger->stores);

		status = store_begin(store);
		if (status == STATUS_OK)
			status = job(&securing, store);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	close_securing(&securing, event, status);
	return status;
}

enum status
messenger_secure_by_template(const struct messenger *messenger, const struct claimant *claimant,
			     int64_t now)
{
	return decide_in_transaction(messenger, claimant, use_template, "finished-by-template",
				     now);
}

enum status
messenger_release(const struct messenger *messenger, const struct claimant *claimant, int64_t now)
{
	return decide_in_transaction(messenger, claimant, release, "released-by-sender", now);
}
