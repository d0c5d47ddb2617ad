#include "messenger/sheet.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "messenger/pdf_lock.h"
#include "messenger/post.h"
#include "messenger/throttle.h"
#include "store/sheet.h"
#include "store/template.h"

#define TOLD_A_DAY 1

enum status
sheet_look(struct store *store, struct slice owner_index, struct slice recipient_index,
	   bool for_pdf, struct arena *arena, struct sheet_view *view_out)
{
	struct sheet_row row;
	enum status status = sheet_find(store, owner_index, recipient_index, for_pdf, arena, &row);

	*view_out = (struct sheet_view){.exists = status == STATUS_OK};
	if (status == STATUS_OK) {
		view_out->id = row.id;
		view_out->made_at = row.created_at;
		view_out->left = row.left;
	}
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
sheet_derive(const struct secret *pepper, const struct id *sheet, int number, struct slice code,
	     struct pair *pair_out)
{
	struct secret place, seed;
	enum status status;

	/* Without its pepper a sheet would be worth no more than 40 bits. */
	if (pepper->size == 0 || code.size != SHEET_CODE_BYTES)
		return STATUS_INTERNAL;
	secret_init(&place, ID_SIZE + 1 + SHEET_CODE_BYTES);
	memcpy(place.data, sheet->bytes, ID_SIZE);
	place.data[ID_SIZE] = (unsigned char)number;
	memcpy(place.data + ID_SIZE + 1, code.data, SHEET_CODE_BYTES);
	hash_derive_key(secret_slice(pepper), "sheet number", secret_slice(&place), &seed);
	status = pair_from_private(secret_slice(&seed), pair_out);
	secret_clear(&place);
	secret_clear(&seed);
	return status;
}

static enum status
find_template(const struct messenger *messenger, struct store *store, struct slice owner_index,
	      const struct id *id, struct arena *arena, struct template_row *row_out,
	      const char **recipient_out)
{
	enum status status = template_read(store, id, owner_index, arena, row_out);

	if (status != STATUS_OK)
		return status;
	*recipient_out = messenger_display_open(messenger, "template.recipient", &row_out->id,
						row_out->recipient, arena);
	/* Numbers that many hold would be asked for twice. */
	return **recipient_out == '@' ? STATUS_INVALID : STATUS_OK;
}

enum status
messenger_sheet(const struct messenger *messenger, struct slice owner_index,
		const struct id *template, struct arena *arena, const char **recipient_out,
		bool *for_pdf_out, struct sheet_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct template_row row;
	enum status status =
	    find_template(messenger, store, owner_index, template, arena, &row, recipient_out);

	if (status == STATUS_OK) {
		*for_pdf_out = row.pdf == PDF_SHEET;
		status = sheet_look(store, owner_index, row.recipient_index, *for_pdf_out, arena,
				    view_out);
	}
	store_pool_put(messenger->stores, store);
	return status;
}

/* One line of the sheet: drawn, its public half stored, its code for the page. */
static enum status
make_number(const struct messenger *messenger, struct store *store, const struct id *sheet,
	    int number, struct arena *arena, const char **code_out)
{
	char *text = arena_alloc(arena, SHEET_CODE_LENGTH + 1);
	struct secret code;
	struct pair pair;
	enum status status;

	secret_random(&code, SHEET_CODE_BYTES);
	encode_base32(secret_slice(&code), text);
	status = sheet_derive(&messenger->keys->pepper, sheet, number, secret_slice(&code), &pair);
	secret_clear(&code);
	if (status != STATUS_OK)
		return status;
	status = sheet_number_insert(store, &(struct sheet_number_row){
						.sheet_id = *sheet,
						.number = number,
						.public = slice_of(pair.public, PAIR_PUBLIC_SIZE),
					    });
	pair_clear(&pair);
	*code_out = text;
	return status;
}

/* The same of a sheet for PDF: the password itself is kept, sealed. */
static enum status
make_password(const struct messenger *messenger, struct store *store, const struct id *sheet,
	      int number, struct arena *arena, const char **code_out)
{
	struct sheet_number_row row = {.sheet_id = *sheet, .number = number};
	enum status status =
	    pdf_lock_for_sheet(messenger, sheet, number, arena, code_out, &row.password_wrap);

	return status == STATUS_OK ? sheet_number_insert(store, &row) : status;
}

static enum status
make(const struct messenger *messenger, struct store *store, struct slice owner_index,
     const struct template_row *template, const struct id *present, struct arena *arena,
     struct sheet_print *print)
{
	struct id id = id_new();
	enum status status =
	    present == NULL ? STATUS_OK : sheet_delete(store, present, owner_index);

	if (status == STATUS_OK)
		status = sheet_insert(store, &id, owner_index, template->recipient_index,
				      print->for_pdf, print->made_at);
	for (int i = 0; i < SHEET_NUMBERS && status == STATUS_OK; i++)
		status = (print->for_pdf ? make_password : make_number)(
		    messenger, store, &id, i + 1, arena, &print->codes[i]);
	return status;
}

enum status
messenger_sheet_make(const struct messenger *messenger, struct slice owner_index,
		     const struct id *template, const struct id *present, int64_t now,
		     struct arena *arena, struct sheet_print *print_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct sheet_print print = {.made_at = now};
	struct template_row row;
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = find_template(messenger, store, owner_index, template, arena, &row,
				       &print.recipient);
	if (status == STATUS_OK) {
		print.for_pdf = row.pdf == PDF_SHEET;
		status = make(messenger, store, owner_index, &row, present, arena, &print);
	}
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("sheet-made", LOG_TEXT("status", status_text(status)));
	if (status == STATUS_OK)
		*print_out = print;
	return status;
}

enum status
sheet_tell_used_up(const struct messenger *messenger, struct store *store,
		   const struct delivery_row *delivery, int64_t now, struct arena *arena)
{
	bool for_pdf = delivery->pdf == PDF_SHEET;
	struct throttle limit =
	    throttle_pair(for_pdf ? "throttle sheet of passwords" : "throttle sheet",
			  delivery->sender_index, delivery->recipient_index, TOLD_A_DAY, arena);
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status == STATUS_BUSY)
		return STATUS_OK;
	if (status == STATUS_OK)
		status = post(store, OUTBOX_SHEET, delivery, now);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}
