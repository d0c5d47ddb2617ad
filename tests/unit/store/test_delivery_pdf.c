/*
 * store/delivery: what is kept for a PDF, and that it goes when nothing needs it any more.
 */
#include "store/outbox.h"
#include "store/template.h"
#include "tests/unit/store/given.h"

/* Ready, with a PDF that waits. */
static struct id
given_pdf(enum pdf_way way)
{
	struct id id = given_delivery(DELIVERY_HELD);
	struct delivery_wishes wishes = {
	    .lifetime_days = 14, .language = "", .pdf = way, .pdf_password = SLICE("password")};
	struct delivery_row row;

	assert_ok(delivery_set_securing(given.portal, &id, NULL, &wishes));
	row = delivery_now(&id);
	assert_int_equal(row.pdf, way);
	assert_slice(row.pdf_password, SLICE("password"));
	assert_false(row.has_lock);
	assert_ok(delivery_set_ready(given.courier, &id, SLICE("outer"), SLICE("rescue"), NOW,
				     NOW + 9, 0));
	row.lock_id = given_lock();
	row.gateway_wrap = SLICE("T");
	row.pdf_number = 7;
	row.pdf_sheet_at = NOW - 5;
	assert_ok(delivery_set_pdf_ready(given.courier, &row));
	return id;
}

static void
given_mail(const struct id *delivery, enum outbox_kind kind, struct id *id_out)
{
	struct delivery_row row = delivery_now(delivery);

	*id_out = id_new();
	assert_ok(outbox_insert(given.courier, &(struct outbox_row){.id = *id_out,
								    .kind = kind,
								    .message_id = row.message_id,
								    .has_delivery = true,
								    .delivery_id = *delivery,
								    .created_at = NOW,
								    .next_at = NOW}));
}

static void
what_a_pdf_needs_is_kept_until_it_has_left(void **state)
{
	struct id id = given_pdf(PDF_SHEET);
	struct delivery_row row = delivery_now(&id);

	(void)state;
	assert_true(delivery_pdf_waits(&row) && row.has_lock);
	assert_slice(row.gateway_wrap, SLICE("T"));
	assert_slice(row.pdf_password, SLICE("password"));
	assert_int_equal(row.pdf_number, 7);
	assert_int_equal(row.pdf_sheet_at, NOW - 5);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW + 1, NOW + 2));
	row = delivery_now(&id);
	assert_false(delivery_pdf_waits(&row));
	assert_int_equal(row.pdf_outcome, PDF_LEFT);
	assert_int_equal(row.pdf_at, NOW + 1);
	assert_int_equal(row.remind_at, NOW + 2);
	assert_int_equal(row.gateway_wrap.size, 0);
	assert_int_equal(row.pdf_password.size, 0);
	/* There is one outcome, and nothing is kept again. */
	assert_int_equal(delivery_set_pdf_over(given.courier, &id, PDF_REFUSED, NOW, 0),
			 STATUS_CONFLICT);
	row.gateway_wrap = row.pdf_password = SLICE("again");
	assert_int_equal(delivery_set_pdf_ready(given.courier, &row), STATUS_CONFLICT);
}

static void
a_password_stays_while_somebody_is_to_be_told_it(void **state)
{
	struct id id = given_pdf(PDF_PHONE), call, mail;

	(void)state;
	given_mail(&id, OUTBOX_PDF_PHONE, &call);
	given_mail(&id, OUTBOX_PDF_PASSWORD, &mail);
	/* Told before the PDF has left: that needs it, too. */
	assert_ok(delivery_set_pdf_told(given.courier, &id, &call, true));
	assert_slice(delivery_now(&id).pdf_password, SLICE("password"));
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_slice(delivery_now(&id).pdf_password, SLICE("password"));
	assert_int_equal(delivery_now(&id).gateway_wrap.size, 0);
	assert_ok(delivery_set_pdf_told(given.courier, &id, &call, false));
	assert_slice(delivery_now(&id).pdf_password, SLICE("password"));
	assert_ok(outbox_set_sent(given.courier, &call));
	assert_ok(delivery_set_pdf_told(given.courier, &id, &mail, true));
	assert_int_equal(delivery_now(&id).pdf_password.size, 0);
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_LEFT);
}

static void
closing_takes_the_password(void **state)
{
	struct id id = given_pdf(PDF_GENERATED), mail;

	(void)state;
	given_mail(&id, OUTBOX_PDF_PASSWORD, &mail);
	assert_ok(delivery_close(given.portal, &id, DELIVERY_RECALLED, CLOSED_BY_SENDER, NOW));
	assert_int_equal(delivery_now(&id).pdf_password.size, 0);
	assert_int_equal(delivery_now(&id).gateway_wrap.size, 0);
	/* It was on its way in that very moment: that it is out is told. */
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_LEFT);
	assert_int_equal(delivery_now(&id).state, DELIVERY_RECALLED);
}

static void
no_new_passphrase_while_it_waits(void **state)
{
	struct id id = given_pdf(PDF_PASSPHRASE), lock = given_lock();

	(void)state;
	assert_int_equal(delivery_set_rescued(given.portal, &id, &lock, SLICE("T")),
			 STATUS_CONFLICT);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_NOT_MADE, NOW, 0));
	assert_ok(delivery_set_rescued(given.portal, &id, &lock, SLICE("T")));
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_NOT_MADE);
}

static void
a_new_passphrase_ends_the_telling_of_the_old_one(void **state)
{
	struct id id = given_pdf(PDF_GENERATED), lock = given_lock(), mail;

	(void)state;
	given_mail(&id, OUTBOX_PDF_PASSWORD, &mail);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_slice(delivery_now(&id).pdf_password, SLICE("password"));
	assert_ok(delivery_set_rescued(given.portal, &id, &lock, SLICE("T")));
	assert_int_equal(delivery_now(&id).pdf_password.size, 0);
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_UNTOLD);
	/* Told in good time it was told. */
	id = given_pdf(PDF_GENERATED);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_ok(delivery_set_rescued(given.portal, &id, &lock, SLICE("T")));
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_LEFT);
}

static void
a_password_that_no_server_takes_is_told_to_nobody(void **state)
{
	struct id id = given_pdf(PDF_GENERATED), mail;

	(void)state;
	given_mail(&id, OUTBOX_PDF_PASSWORD, &mail);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_ok(delivery_set_pdf_told(given.courier, &id, &mail, false));
	assert_int_equal(delivery_now(&id).pdf_password.size, 0);
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_UNTOLD);
	/* The same, the other way around. */
	id = given_pdf(PDF_GENERATED);
	given_mail(&id, OUTBOX_PDF_PASSWORD, &mail);
	assert_ok(delivery_set_pdf_told(given.courier, &id, &mail, false));
	assert_ok(outbox_set_failed(given.courier, &mail));
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_WAITS);
	assert_ok(delivery_set_pdf_over(given.courier, &id, PDF_LEFT, NOW, 0));
	assert_int_equal(delivery_now(&id).pdf_password.size, 0);
	assert_int_equal(delivery_now(&id).pdf_outcome, PDF_UNTOLD);
}

static void
held_again_forgets_what_was_chosen(void **state)
{
	struct id id = given_delivery(DELIVERY_HELD);
	struct delivery_wishes wishes = {.lifetime_days = 14, .language = "", .pdf = PDF_SHEET};
	struct delivery_row row;

	(void)state;
	assert_int_equal(delivery_set_held_again(given.courier, &id, 0), STATUS_CONFLICT);
	assert_ok(delivery_set_securing(given.portal, &id, NULL, &wishes));
	assert_ok(delivery_set_held_again(given.courier, &id, NOW + 3));
	row = delivery_now(&id);
	assert_int_equal(row.state, DELIVERY_HELD);
	assert_int_equal(row.pdf, PDF_NONE);
	assert_int_equal(row.remind_at, NOW + 3);
	assert_slice(row.sender_wrap, SLICE("sender's link"));
}

/* One for the portal keeps none; one for PDF with a lock keeps it. */
static void
templates_keep_passwords_for_pdf_alone(void **state)
{
	static const struct {
		const char *claim;
		enum pdf_way way;
		bool lock, password, good;
	} rows[] = {
	    {"portal, without", PDF_NONE, true, false, true},
	    {"portal, with", PDF_NONE, true, true, false},
	    {"the sender's own, with", PDF_PASSPHRASE, true, true, true},
	    {"the sender's own, without", PDF_PASSPHRASE, true, false, false},
	    {"prepared, without", PDF_PASSPHRASE, false, false, true},
	    {"prepared, with", PDF_PASSPHRASE, false, true, false},
	    {"generated, without", PDF_GENERATED, false, false, true},
	    {"generated, with", PDF_GENERATED, false, true, false},
	    {"of a sheet, with", PDF_SHEET, false, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct template_row row = {
		    .id = id_new(),
		    .owner = SLICE("owner"),
		    .owner_index = SLICE("owner index"),
		    .recipient = SLICE("recipient"),
		    .recipient_index = slice_from_text(rows[i].claim),
		    .has_lock = rows[i].lock,
		    .lifetime_days = 7,
		    .way = TEMPLATE_AT_ONCE,
		    .language = "",
		    .created_at = NOW,
		    .pdf = rows[i].way,
		};
		struct template_row found;

		print_message("  %s\n", rows[i].claim);
		if (rows[i].lock)
			row.lock_id = given_lock();
		if (rows[i].password)
			row.pdf_password = SLICE("password");
		if (!rows[i].good) {
			assert_int_not_equal(template_save(given.portal, &row), STATUS_OK);
			continue;
		}
		assert_ok(template_save(given.portal, &row));
		assert_ok(
		    template_read(given.courier, &row.id, row.owner_index, given.arena, &found));
		assert_int_equal(found.pdf, rows[i].way);
		assert_slice(found.pdf_password, row.pdf_password);
		assert_int_equal(template_is_settled(&found),
				 rows[i].lock || rows[i].way == PDF_GENERATED);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, given_nothing)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_a_pdf_needs_is_kept_until_it_has_left),
	    TEST(a_password_stays_while_somebody_is_to_be_told_it),
	    TEST(closing_takes_the_password),
	    TEST(no_new_passphrase_while_it_waits),
	    TEST(a_new_passphrase_ends_the_telling_of_the_old_one),
	    TEST(a_password_that_no_server_takes_is_told_to_nobody),
	    TEST(held_again_forgets_what_was_chosen),
	    TEST(templates_keep_passwords_for_pdf_alone),
	};

	return cmocka_run_group_tests(tests, given_start, given_end);
}
