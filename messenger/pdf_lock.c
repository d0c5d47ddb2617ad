#include "messenger/pdf_lock.h"

#include <string.h>

#include "messenger/post.h"
#include "messenger/seal.h"
#include "messenger/sheet.h"
#include "store/sheet.h"

static enum status
seal(const struct messenger *messenger, const struct secret *password, const struct id *lock,
     struct arena *arena, struct slice *wrap_out)
{
	return pair_seal(messenger->keys->gateway_public, PAIR_PDF_PASSWORD, lock,
			 secret_slice(password), arena, wrap_out);
}

enum status
pdf_lock_seal(const struct messenger *messenger, struct slice passphrase, const struct id *lock,
	      struct arena *arena, struct slice *wrap_out)
{
	struct secret password;
	enum status status = passphrase_for_pdf(passphrase, &password);

	if (status != STATUS_OK)
		return status;
	status = seal(messenger, &password, lock, arena, wrap_out);
	secret_clear(&password);
	return status;
}

enum status
pdf_lock_for_sheet(const struct messenger *messenger, const struct id *sheet, int number,
		   struct arena *arena, const char **text_out, struct slice *wrap_out)
{
	struct secret password, numbered;
	enum status status;

	lock_generate(&password);
	secret_init(&numbered, password.size + 1);
	numbered.data[0] = (unsigned char)number;
	memcpy(numbered.data + 1, password.data, password.size);
	status = pair_seal(messenger->keys->gateway_public, PAIR_SHEET_PASSWORD, sheet,
			   secret_slice(&numbered), arena, wrap_out);
	*text_out = arena_text_from(arena, secret_slice(&password));
	secret_clear(&password);
	secret_clear(&numbered);
	return status;
}

/* The next one of the sheet. */
static enum status
take_from_sheet(const struct messenger *messenger, struct store *store, struct delivery_row *row,
		int64_t now, struct arena *arena, struct secret *password_out)
{
	struct pair gateway = seal_gateway_pair(messenger);
	struct sheet_taken taken;
	struct secret numbered;
	enum status status =
	    sheet_take(store, row->sender_index, row->recipient_index, now, arena, &taken);

	if (status != STATUS_OK)
		return status;
	status = pair_open(&gateway, PAIR_SHEET_PASSWORD, &taken.number.sheet_id,
			   taken.number.password_wrap, &numbered);
	if (status != STATUS_OK)
		return status;
	if (numbered.size != LOCK_GENERATED_LENGTH + 1 ||
	    numbered.data[0] != (unsigned char)taken.number.number)
		status = STATUS_DAMAGED;
	else
		secret_copy(password_out, slice_part(secret_slice(&numbered), 1, numbered.size));
	secret_clear(&numbered);
	row->pdf_number = taken.number.number;
	row->pdf_sheet_at = taken.made_at;
	return status;
}

static enum status
make_lock(const struct messenger *messenger, struct store *store, const struct secret *password,
	  int64_t now, struct arena *arena, struct id *id_out)
{
	struct secret no_pepper = {NULL, 0};
	struct lock_terms terms;
	struct lock_row lock;
	struct pair pair;
	enum status status;

	lock_terms_new(LOCK_GENERATED, LOCK_GENERATED_OPS, LOCK_GENERATED_MEMORY_KIB, &terms);
	status = lock_pair(&terms, secret_slice(password), &no_pepper, &pair);
	if (status != STATUS_OK)
		return status;
	status = passphrase_lock_row(messenger, &terms, &pair, "", now, arena, &lock);
	pair_clear(&pair);
	if (status == STATUS_OK)
		status = lock_insert(store, &lock);
	*id_out = terms.id;
	return status;
}

enum status
pdf_lock_make(const struct messenger *messenger, struct store *store, struct delivery_row *row,
	      enum pdf_way way, int64_t now, struct arena *arena)
{
	struct secret password;
	enum status status = STATUS_OK;

	if (way == PDF_SHEET)
		status = take_from_sheet(messenger, store, row, now, arena, &password);
	else
		lock_generate(&password);
	if (status != STATUS_OK)
		return status;
	status = make_lock(messenger, store, &password, now, arena, &row->lock_id);
	if (status == STATUS_OK)
		status = seal(messenger, &password, &row->lock_id, arena, &row->pdf_password);
	secret_clear(&password);
	row->has_lock = status == STATUS_OK;
	row->pdf = way;
	return status;
}

enum status
pdf_lock_open(const struct messenger *messenger, const struct delivery_row *row,
	      struct secret *password_out)
{
	struct pair gateway = seal_gateway_pair(messenger);

	if (row->pdf_password.size == 0)
		return STATUS_GONE;
	return pair_open(&gateway, PAIR_PDF_PASSWORD, &row->lock_id, row->pdf_password,
			 password_out);
}

/* Whose last password was taken is told while there is time. */
static enum status
tell_of_sheet(const struct messenger *messenger, struct store *store,
	      const struct delivery_row *row, int64_t now, struct arena *arena)
{
	struct sheet_view sheet;
	enum status status =
	    sheet_look(store, row->sender_index, row->recipient_index, true, arena, &sheet);

	return status == STATUS_OK && sheet.exists && sheet.left == 0
		   ? sheet_tell_used_up(messenger, store, row, now, arena)
		   : status;
}

enum status
pdf_lock_post(const struct messenger *messenger, struct store *store,
	      const struct delivery_row *row, int64_t now, struct arena *arena)
{
	enum status status = post(store, OUTBOX_PDF, row, now);

	if (status == STATUS_OK && row->pdf == PDF_GENERATED)
		status = post(store, OUTBOX_PDF_PASSWORD, row, now);
	if (status == STATUS_OK && row->pdf == PDF_PHONE)
		status = post(store, OUTBOX_PDF_PHONE, row, now);
	if (status == STATUS_OK && row->pdf == PDF_SHEET)
		status = tell_of_sheet(messenger, store, row, now, arena);
	return status;
}
