#include "messenger/templates_csv.h"

#include <string.h>

#include "base/csv.h"
#include "base/log.h"
#include "messenger/factor.h"
#include "messenger/pdf_lock.h"
#include "messenger/pdf_way.h"

#define IMPORT_ROWS_MAX ((size_t)10000)

/* The columns, in the order in which they are written. */
enum column {
	COLUMN_RECIPIENT,
	COLUMN_CLUE,
	COLUMN_PASSPHRASE,
	COLUMN_FORGIVING,
	COLUMN_LIFETIME,
	COLUMN_REMIND,
	COLUMN_NOTIFY,
	COLUMN_NOTIFY_FILES,
	COLUMN_NOTIFY_NAMES,
	COLUMN_NOTIFY_REPLIED,
	COLUMN_NOTIFY_ACCEPTED,
	COLUMN_DELIVERY,
	COLUMN_LINK_MAIL,
	COLUMN_LANGUAGE,
	COLUMN_FACTOR,
	COLUMN_PHONE,
	COLUMN_MAILBOX,
	COLUMN_PDF,
	COLUMN_COUNT,
};

static const char *const names[COLUMN_COUNT] = {
    [COLUMN_RECIPIENT] = "recipient",
    [COLUMN_CLUE] = "clue",
    [COLUMN_PASSPHRASE] = "passphrase",
    [COLUMN_FORGIVING] = "forgiving",
    [COLUMN_LIFETIME] = "lifetime_days",
    [COLUMN_REMIND] = "remind_days",
    [COLUMN_NOTIFY] = "notify",
    [COLUMN_NOTIFY_FILES] = "notify_files",
    [COLUMN_NOTIFY_NAMES] = "notify_names",
    [COLUMN_NOTIFY_REPLIED] = "notify_replied",
    [COLUMN_NOTIFY_ACCEPTED] = "notify_accepted",
    [COLUMN_DELIVERY] = "delivery",
    [COLUMN_LINK_MAIL] = "link_mail",
    [COLUMN_LANGUAGE] = "language",
    [COLUMN_FACTOR] = "second_factor",
    [COLUMN_PHONE] = "phone",
    [COLUMN_MAILBOX] = "mailbox",
    [COLUMN_PDF] = "pdf",
};

static const struct {
	enum column column;
	enum wish wish;
} wishes[] = {
    {COLUMN_NOTIFY, WISH_OPENED},
    {COLUMN_NOTIFY_FILES, WISH_FILES},
    {COLUMN_NOTIFY_NAMES, WISH_FILE_NAMES},
    {COLUMN_NOTIFY_REPLIED, WISH_REPLIED},
    {COLUMN_NOTIFY_ACCEPTED, WISH_ACCEPTED},
};

#define WISH_COUNT (sizeof(wishes) / sizeof(wishes[0]))

/* One row that is fit to be stored. */
struct import_row {
	const char *recipient;
	struct passphrase_form secret;
	enum pdf_way pdf;
	bool has_lock; /* of its own: a passphrase is given */
	bool exists;
	struct template_row existing;
	const struct template_view *view; /* of this; NULL without one */
	struct template_row row;
	struct lock_row lock;
};

struct import {
	const struct messenger *messenger;
	const char *owner;
	int64_t now;
	struct arena *arena;
	struct import_report *report;
	struct template_row *present; /* templates that are there */
	size_t present_count;
	struct template_view *views; /* of these */
	size_t at[COLUMN_COUNT];     /* place of each column in a record; SLICE_NONE: it has none */
	size_t width;
	struct import_row *rows;
	size_t count;
	size_t locks;
};

static void
complain(struct import *import, size_t line, const char *recipient, enum import_problem problem,
	 unsigned faults)
{
	struct import_report *report = import->report;

	if (report->fault_count < IMPORT_FAULTS_MAX)
		report->faults[report->fault_count++] =
		    (struct import_fault){line, recipient, problem, faults};
}

static bool
read_names(struct import *import, const struct csv_record *record)
{
	/* A name that is not known may stand over passphrases. */
	import->report->has_passphrases = true;
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		import->at[i] = SLICE_NONE;
	import->width = record->count;
	for (size_t i = 0; i < record->count; i++) {
		size_t column = 0;

		while (column < COLUMN_COUNT && !slice_equal_nocase(slice_trim(record->fields[i]),
								    slice_from_text(names[column])))
			column++;
		if (column == COLUMN_COUNT || import->at[column] != SLICE_NONE)
			return false;
		import->at[column] = i;
	}
	import->report->has_passphrases = import->at[COLUMN_PASSPHRASE] != SLICE_NONE;
	return import->at[COLUMN_RECIPIENT] != SLICE_NONE && import->at[COLUMN_CLUE] != SLICE_NONE;
}

/* Empty for a column that is not there. */
static struct slice
field(const struct import *import, const struct csv_record *record, enum column column)
{
	return import->at[column] == SLICE_NONE ? slice_of(NULL, 0)
						: csv_plain(record->fields[import->at[column]]);
}

/* yes, no, and what spreadsheets and the export of others write; empty: `otherwise`. */
static bool
read_flag(struct slice value, bool otherwise, bool *good)
{
	static const char *const yes[] = {"yes", "y", "1", "true", "x"};
	static const char *const no[] = {"no", "n", "0", "false"};

	value = slice_trim(value);
	if (value.size == 0)
		return otherwise;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (slice_equal_nocase(value, slice_from_text(yes[i])))
			return true;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (slice_equal_nocase(value, slice_from_text(no[i])))
			return false;
	*good = false;
	return otherwise;
}

/* Empty: `otherwise`; -1, which no rule allows, for what is no number. */
static int
read_number(struct slice value, int otherwise)
{
	unsigned long long number;

	value = slice_trim(value);
	if (value.size == 0)
		return otherwise;
	return slice_to_number(value, &number) && number <= 100000 ? (int)number : -1;
}

/* What a row says beyond recipient and secret; false: something is neither yes nor no. */
static bool
read_settings(const struct import *import, const struct csv_record *record, bool *forgiving_out,
	      struct template_row *row)
{
	const struct policy *policy = import->messenger->policy;
	struct slice way = slice_trim(field(import, record, COLUMN_DELIVERY));
	bool good = true;

	*forgiving_out = read_flag(field(import, record, COLUMN_FORGIVING), false, &good);
	row->lifetime_days =
	    read_number(field(import, record, COLUMN_LIFETIME), policy->default_lifetime_days);
	row->remind_days = read_number(field(import, record, COLUMN_REMIND), policy->remind_days);
	row->wishes = 0;
	for (size_t i = 0; i < WISH_COUNT; i++)
		if (read_flag(field(import, record, wishes[i].column), false, &good))
			row->wishes |= (unsigned)wishes[i].wish;
	row->link_mail = read_flag(field(import, record, COLUMN_LINK_MAIL), true, &good);
	row->way = slice_equal_nocase(way, SLICE("ask")) ? TEMPLATE_ASK : TEMPLATE_AT_ONCE;
	if (way.size > 0 && row->way == TEMPLATE_AT_ONCE &&
	    !slice_equal_nocase(way, SLICE("portal")))
		good = false;
	return good;
}

/* Lists that were written before this column say nothing about it, and change nothing. */
static bool
read_language(const struct import *import, const struct csv_record *record,
	      struct template_row *row)
{
	struct slice code = slice_trim(field(import, record, COLUMN_LANGUAGE));
	const struct language *language = languages_find(import->messenger->languages, code);

	if (import->at[COLUMN_LANGUAGE] == SLICE_NONE)
		return true;
	row->language = language == NULL ? "" : language_code(language);
	return language != NULL || code.size == 0;
}

/* Likewise. */
static bool
read_factor(const struct import *import, const struct csv_record *record, struct template_row *row)
{
	return import->at[COLUMN_FACTOR] == SLICE_NONE ||
	       factor_read_word(slice_trim(field(import, record, COLUMN_FACTOR)), &row->factor);
}

/* Likewise. */
static bool
read_pdf(const struct import *import, const struct csv_record *record,
	 const struct template_row *existing, enum pdf_way *way_out)
{
	*way_out = existing == NULL ? PDF_NONE : existing->pdf;
	return import->at[COLUMN_PDF] == SLICE_NONE ||
	       pdf_way_read(slice_trim(field(import, record, COLUMN_PDF)), way_out);
}

/* Of FACTOR_PHONE and PDF_PHONE alone; an empty one keeps the number that there is.  Bits of
 * form_fault. */
static unsigned
read_phone(const struct import *import, const struct csv_record *record,
	   const struct template_row *existing, struct import_row *row)
{
	struct factor_wish wish = {row->row.factor, field(import, record, COLUMN_PHONE),
				   row->row.pdf};
	struct factor_means means = {.domain = *row->recipient == '@'};
	const char *number;
	unsigned faults;

	if (existing != NULL) {
		means.factor = existing->factor;
		means.pdf = existing->pdf;
		means.phone = existing->phone;
	}
	faults =
	    factor_wish_check(import->messenger->policy, &wish, &means, import->arena, &number);
	templates_set_phone(import->messenger, &row->row, number, existing, import->arena);
	return faults;
}

/* Without the column, or a word in it, what there is stays.  False: none of the words. */
static bool
read_mailbox(const struct import *import, const struct csv_record *record,
	     const struct template_row *existing, struct import_row *row, unsigned *faults_out)
{
	struct slice word = slice_trim(field(import, record, COLUMN_MAILBOX));
	struct mailbox_choice choice = {.said = word.size > 0};

	*faults_out = 0;
	if (choice.said && !mailbox_wish_read(word, &choice.wish))
		return false;
	row->row.mailbox = templates_choose_mailbox(import->messenger->policy, row->recipient,
						    &choice, existing, faults_out);
	return true;
}

static const struct template_row *
find_present(const struct import *import, struct slice recipient_index)
{
	for (size_t i = 0; i < import->present_count; i++)
		if (slice_equal(import->present[i].recipient_index, recipient_index))
			return &import->present[i];
	return NULL;
}

static bool
stands_before(const struct import *import, struct slice recipient_index)
{
	for (size_t i = 0; i < import->count; i++)
		if (slice_equal(import->rows[i].row.recipient_index, recipient_index))
			return true;
	return false;
}

/* Whether it stays with the lock that there is. */
static bool
keeps_lock(const struct import_row *row)
{
	return !row->has_lock && row->exists && row->existing.has_lock &&
	       !delivery_pdf_is_generated(row->pdf);
}

/* A lock stays only with what it was made for: whether another clue gives the answer away can only
 * be seen beside the answer.  A list that says nothing about `forgiving` does not change it. */
static unsigned
check_kept(const struct import *import, const struct import_row *row)
{
	const struct template_view *kept = row->view;

	if (row->pdf == PDF_PASSPHRASE && row->existing.pdf_password.size == 0)
		return FAULT_PASSPHRASE_MISSING;
	if (!slice_equal(row->secret.clue, slice_from_text(kept->clue)) ||
	    (import->at[COLUMN_FORGIVING] != SLICE_NONE &&
	     row->secret.forgiving != kept->forgiving))
		return FAULT_PASSPHRASE_MISSING;
	return 0;
}

/* What each message gets anew has neither clue nor passphrase. */
static unsigned
check_generated(const struct import_row *row)
{
	return row->secret.passphrase.size > 0 ? FAULT_PDF_PASSPHRASE : 0;
}

/* Without a passphrase a template that has a lock keeps it, clue and all; another is prepared.  For
 * a PDF the passphrase itself has to be there. */
static unsigned
check_secret(const struct import *import, struct import_row *row)
{
	struct strength strength;
	unsigned faults;

	if (delivery_pdf_is_generated(row->pdf))
		return check_generated(row);
	row->has_lock = row->secret.passphrase.size > 0;
	/* Judging takes its time, and a list with too many is refused whatever they are. */
	if (row->has_lock && import->locks < (size_t)import->messenger->policy->most_locks)
		return passphrase_check(import->messenger, &row->secret, &strength);
	faults = passphrase_check_clue(row->secret.clue);
	if (faults == 0 && keeps_lock(row))
		faults = check_kept(import, row);
	return faults;
}

static void
take_record(struct import *import, const struct csv_record *record)
{
	struct import_row *row = &import->rows[import->count];
	const char *shown =
	    arena_text_from(import->arena, slice_trim(field(import, record, COLUMN_RECIPIENT)));
	const struct template_row *existing;
	struct template_row settings;
	unsigned faults;
	bool forgiving;

	*row = (struct import_row){.recipient = templates_recipient(
				       import->messenger, field(import, record, COLUMN_RECIPIENT),
				       import->arena, &faults)};
	if (!read_settings(import, record, &forgiving, &settings))
		complain(import, record->line, shown, IMPORT_FLAG, 0);
	if (row->recipient == NULL) {
		complain(import, record->line, shown, IMPORT_FORM, faults);
		return;
	}
	row->secret = (struct passphrase_form){
	    .clue = slice_trim(field(import, record, COLUMN_CLUE)),
	    .passphrase = field(import, record, COLUMN_PASSPHRASE),
	    .passphrase_again = field(import, record, COLUMN_PASSPHRASE),
	    .forgiving = forgiving,
	    .sender = import->owner,
	    .recipient = row->recipient,
	};
	existing = find_present(
	    import, messenger_address_index(import->messenger, row->recipient, import->arena));
	row->exists = existing != NULL;
	if (row->exists) {
		row->existing = *existing;
		row->view = &import->views[existing - import->present];
	}
	if (!read_pdf(import, record, existing, &row->pdf))
		complain(import, record->line, shown, IMPORT_PDF, 0);
	row->secret.for_pdf = row->pdf == PDF_PASSPHRASE;
	faults = check_secret(import, row) |
		 templates_check_wishes(import->messenger->policy, settings.lifetime_days,
					settings.remind_days);
	if (faults != 0)
		complain(import, record->line, shown, IMPORT_FORM, faults);
	row->row = templates_row(import->messenger, import->owner, row->recipient, existing,
				 import->now, import->arena);
	row->row.lifetime_days = settings.lifetime_days;
	row->row.remind_days = settings.remind_days;
	row->row.wishes = settings.wishes;
	row->row.way = settings.way;
	row->row.link_mail = settings.link_mail;
	row->row.pdf = row->pdf;
	if (!read_language(import, record, &row->row))
		complain(import, record->line, shown, IMPORT_LANGUAGE, 0);
	if (!read_factor(import, record, &row->row))
		complain(import, record->line, shown, IMPORT_FACTOR, 0);
	faults = read_phone(import, record, existing, row);
	if (faults != 0)
		complain(import, record->line, shown, IMPORT_FORM, faults);
	if (!read_mailbox(import, record, existing, row, &faults))
		complain(import, record->line, shown, IMPORT_MAILBOX, 0);
	if (faults != 0)
		complain(import, record->line, shown, IMPORT_FORM, faults);
	if (stands_before(import, row->row.recipient_index))
		complain(import, record->line, shown, IMPORT_TWICE, 0);
	import->locks += row->has_lock;
	import->report->added += !row->exists;
	import->report->changed += row->exists;
	import->count++;
}

static void
read_rows(struct import *import, struct slice csv)
{
	struct csv_record *record = arena_alloc(import->arena, sizeof(*record));
	struct csv_reader reader;
	size_t left_out = 0;
	enum status status;

	csv_begin(&reader, csv, import->arena);
	status = csv_next(&reader, record);
	import->report->has_passphrases = status == STATUS_INVALID;
	if (status == STATUS_OK && !read_names(import, record)) {
		complain(import, record->line, "", IMPORT_COLUMNS, 0);
		return;
	}
	while (status == STATUS_OK && (status = csv_next(&reader, record)) == STATUS_OK) {
		if (record->count != import->width)
			complain(import, record->line, "", IMPORT_COLUMNS, 0);
		else if (import->count < IMPORT_ROWS_MAX)
			take_record(import, record);
		else
			left_out++;
	}
	if (status == STATUS_INVALID)
		complain(import, reader.line, "", IMPORT_NOT_CSV, 0);
	if (import->count == 0 && import->report->fault_count == 0)
		complain(import, 0, "", IMPORT_EMPTY, 0);
	if (import->locks > (size_t)import->messenger->policy->most_locks)
		complain(import, 0, "", IMPORT_TOO_MANY, 0);
	if (import->present_count + import->report->added >
		(size_t)import->messenger->policy->most_templates ||
	    left_out > 0)
		complain(import, 0, "", IMPORT_FULL, 0);
}

/* What a row becomes: a lock of its own, the lock that is there, or a clue that waits for one. */
static enum status
settle(const struct import *import, struct import_row *row)
{
	struct slice password = {NULL, 0};
	enum status status;

	if (delivery_pdf_is_generated(row->pdf))
		return STATUS_OK;
	if (keeps_lock(row)) {
		row->row.has_lock = true;
		row->row.lock_id = row->existing.lock_id;
		row->row.clue = row->existing.clue;
		row->row.forgiving = row->existing.forgiving;
		templates_set_pdf(&row->row, row->pdf, password, &row->existing);
		return STATUS_OK;
	}
	templates_set_clue(import->messenger, &row->row, row->secret.clue, row->secret.forgiving,
			   import->arena);
	if (!row->has_lock)
		return STATUS_OK;
	status = passphrase_make_lock(import->messenger, &row->secret, import->now, import->arena,
				      &row->lock);
	row->row.has_lock = status == STATUS_OK;
	row->row.lock_id = row->lock.id;
	if (status == STATUS_OK && row->pdf == PDF_PASSPHRASE)
		status = pdf_lock_seal(import->messenger, row->secret.passphrase, &row->lock.id,
				       import->arena, &password);
	templates_set_pdf(&row->row, row->pdf, password, NULL);
	return status;
}

static enum status
store_rows(const struct import *import)
{
	struct store *store = store_pool_get(import->messenger->stores);
	enum status status = store_begin(store);

	for (size_t i = 0; i < import->count && status == STATUS_OK; i++) {
		const struct import_row *row = &import->rows[i];

		status = templates_store(store, &row->row, row->has_lock ? &row->lock : NULL,
					 row->exists ? &row->existing : NULL);
	}
	status = store_end(store, status);
	store_pool_put(import->messenger->stores, store);
	return status;
}

static enum status
find_all_present(struct import *import)
{
	size_t most = (size_t)import->messenger->policy->most_templates;
	struct slice owner_index =
	    messenger_address_index(import->messenger, import->owner, import->arena);
	struct store *store = store_pool_get(import->messenger->stores);
	enum status status = template_list(store, owner_index, most, import->arena,
					   &import->present, &import->present_count);

	if (status == STATUS_OK)
		import->views = arena_alloc_many(import->arena, import->present_count + 1,
						 sizeof(*import->views));
	for (size_t i = 0; status == STATUS_OK && i < import->present_count; i++)
		status = templates_view_with_clue(import->messenger, store, &import->present[i],
						  import->arena, &import->views[i]);
	store_pool_put(import->messenger->stores, store);
	return status;
}

enum status
messenger_templates_import(const struct messenger *messenger, const char *owner, struct slice csv,
			   int64_t now, struct arena *arena, struct import_report *report_out)
{
	struct import import = {
	    .messenger = messenger,
	    .owner = owner,
	    .now = now,
	    .arena = arena,
	    .report = report_out,
	    .rows = arena_alloc_many(arena, IMPORT_ROWS_MAX, sizeof(*import.rows)),
	};
	enum status status = find_all_present(&import);

	*report_out = (struct import_report){.fault_count = 0};
	if (status != STATUS_OK)
		return status;
	read_rows(&import, csv);
	if (report_out->fault_count > 0)
		return STATUS_INVALID;
	for (size_t i = 0; i < import.count && status == STATUS_OK; i++)
		status = settle(&import, &import.rows[i]);
	if (status == STATUS_OK)
		status = store_rows(&import);
	log_info("templates-imported", LOG_NUMBER("rows", (long long)import.count),
		 LOG_NUMBER("locks", (long long)import.locks),
		 LOG_TEXT("status", status_text(status)));
	return status;
}

static void
write_field(struct text *out, enum column column, const char *value)
{
	csv_write_field(out, slice_from_text(value), column == COLUMN_RECIPIENT);
}

static void
write_number(struct text *out, enum column column, int number, struct arena *arena)
{
	write_field(out, column, arena_printf(arena, "%d", number));
}

static void
write_flag(struct text *out, enum column column, bool flag)
{
	write_field(out, column, flag ? "yes" : "no");
}

static void
write_row(struct text *out, const struct template_view *view, struct arena *arena)
{
	write_field(out, COLUMN_RECIPIENT, view->recipient);
	write_field(out, COLUMN_CLUE, view->clue);
	write_flag(out, COLUMN_FORGIVING, view->forgiving);
	write_number(out, COLUMN_LIFETIME, view->lifetime_days, arena);
	write_number(out, COLUMN_REMIND, view->remind_days, arena);
	for (size_t i = 0; i < WISH_COUNT; i++)
		write_flag(out, wishes[i].column, (view->wishes & (unsigned)wishes[i].wish) != 0);
	write_field(out, COLUMN_DELIVERY, view->way == TEMPLATE_ASK ? "ask" : "portal");
	write_flag(out, COLUMN_LINK_MAIL, view->link_mail);
	write_field(out, COLUMN_LANGUAGE, view->language);
	write_field(out, COLUMN_FACTOR, factor_word(view->factor));
	/* What is shown of a number could not be imported. */
	write_field(out, COLUMN_PHONE, "");
	write_field(out, COLUMN_MAILBOX, mailbox_wish_word(view->mailbox));
	write_field(out, COLUMN_PDF, pdf_way_word(view->pdf));
	csv_end_record(out);
}

enum status
messenger_templates_export(const struct messenger *messenger, struct slice owner_index,
			   struct text *out)
{
	struct arena *arena = arena_new();
	struct template_view *views;
	size_t count;
	enum status status = messenger_templates(messenger, owner_index, arena, &views, &count);

	if (status == STATUS_OK) {
		for (enum column column = 0; column < COLUMN_COUNT; column++)
			if (column != COLUMN_PASSPHRASE)
				write_field(out, column, names[column]);
		csv_end_record(out);
		for (size_t i = 0; i < count; i++)
			write_row(out, &views[i], arena);
	}
	arena_free(arena);
	return status == STATUS_OK && !text_ok(out) ? STATUS_TOO_LARGE : status;
}
