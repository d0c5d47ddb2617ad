/* The mails that are shipped: they compile, say what they must and keep what they must not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/template.h"

static const char *const mails[] = {"mails/finish",
				    "mails/notice",
				    "mails/receipt-opened",
				    "mails/suspended-recipient",
				    "mails/suspended-sender",
				    "mails/bounce",
				    "mails/expired-unread",
				    "mails/sent",
				    "mails/finish-reminder",
				    "mails/reminder",
				    "mails/asked",
				    "mails/new-clue",
				    "mails/receipt-taken",
				    "mails/receipt-replied",
				    "mails/notice-accepted",
				    "mails/delayed",
				    "mails/relayed",
				    "mails/sheet-used-up"};

/* The values that templates/README.md promises, with flag `on` true. */
static struct template_values *
some_values(struct arena *arena, const char *on)
{
	static const char *const texts[][2] = {
	    {"organisation", "Example Ltd"},
	    {"portal_host", "portal.example.com"},
	    {"portal_url", "https://portal.example.com"},
	    {"sender_name", "Ann Writer"},
	    {"sender_address", "ann@example.com"},
	    {"recipient_address", "fred@example.net"},
	    {"subject", "SECRET-SUBJECT"},
	    {"sent_at", "22 November 2026, 06:01 UTC"},
	    {"until", "6 December 2026, 06:01 UTC"},
	    {"opened_at", "23 November 2026, 06:01 UTC"},
	    {"link", "https://portal.example.com/r/0123456789abcdefghjkmnpqrstvwxyz"},
	    {"pickup_code", "0123-4567-89ab"},
	    {"answer", "550 5.1.1 No such user"},
	    {"reason", "no-road"},
	    {"replied_at", "24 November 2026, 06:01 UTC"},
	    {"link_mail_date", "22 November 2026, 06:02 UTC"},
	    {"code", "482 913"},
	    {"templates_url", "https://portal.example.com/desk/templates"},
	    {"address", "ann@example.com"},
	    {"tried_until", "27 November 2026, 06:01 UTC"},
	};
	static const char *const flags[] = {"near_miss", "by_address",	  "by_subject",
					    "by_header", "by_policy",	  "unfinished",
					    "refused",	 "undeliverable", "notice_undeliverable",
					    "in_thread", "can_clear",	  "last_call",
					    "secured",	 "unreadable"};
	struct template_values *values = template_values_new(arena);
	struct template_list *files = template_put_list(values, "files");

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		template_put_text(values, texts[i][0], texts[i][1]);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		template_put_flag(values, flags[i], strcmp(flags[i], on) == 0);
	for (size_t i = 0; i < 2; i++) {
		struct template_values *file = template_list_add(files);

		template_put_text(file, "name", i == 0 ? "Offer.pdf" : "");
		template_put_text(file, "taken_at", "23 November 2026, 06:02 UTC");
	}
	return values;
}

static const char *
body_of(const struct template_set *set, const char *name, const char *on, struct arena *arena,
	const char **subject)
{
	struct text *body = arena_alloc(arena, sizeof(*body));

	text_init_in(body, arena, 65536);
	assert_int_equal(
	    template_render_mail(set, name, some_values(arena, on), arena, subject, body),
	    STATUS_OK);
	return text_string(body);
}

static struct template_set *
shipped(void)
{
	struct template_set *set;

	assert_int_equal(template_set_load("templates", NULL, stderr, &set), STATUS_OK);
	return set;
}

static void
assert_well_formed(const char *body)
{
	assert_non_null(strstr(body, "fred@example.net"));
	assert_non_null(strstr(body, "Example Ltd"));
	assert_null(strstr(body, "\n\n\n"));
	for (const char *at = body; *at != '\0'; at += strcspn(at, "\n") + 1)
		assert_true(strcspn(at, "\n") <= 78);
}

static void
every_mail_renders(void **state)
{
	struct template_set *set = shipped();
	struct arena *arena = arena_new();
	const char *subject;

	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		bool bounce = strcmp(mails[i], "mails/bounce") == 0;

		assert_well_formed(
		    body_of(set, mails[i], bounce ? "refused" : "near_miss", arena, &subject));
		if (!bounce)
			assert_well_formed(body_of(set, mails[i], "last_call", arena, &subject));
	}
	assert_well_formed(body_of(set, "mails/finish", "in_thread", arena, &subject));
	assert_well_formed(body_of(set, "mails/finish", "can_clear", arena, &subject));
	arena_free(arena);
	template_set_free(set);
}

static void
links_stand_alone(void **state)
{
	static const char *const names[] = {"mails/finish",
					    "mails/finish-reminder",
					    "mails/sent",
					    "mails/notice",
					    "mails/reminder",
					    "mails/new-clue",
					    "mails/suspended-recipient"};
	struct template_set *set = shipped();
	struct arena *arena = arena_new();
	const char *subject;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(
		    body_of(set, names[i], "", arena, &subject),
		    "\n\nhttps://portal.example.com/r/0123456789abcdefghjkmnpqrstvwxyz\n\n"));
	arena_free(arena);
	template_set_free(set);
}

static void
recipients_do_not_see_the_subject(void **state)
{
	static const char *const names[] = {"mails/notice", "mails/reminder", "mails/new-clue",
					    "mails/suspended-recipient"};
	struct template_set *set = shipped();
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *subject;
		const char *body = body_of(set, names[i], "", arena, &subject);

		assert_null(strstr(body, "SECRET-SUBJECT"));
		assert_null(strstr(subject, "SECRET-SUBJECT"));
		assert_non_null(strstr(body, "\n    0123-4567-89ab\n"));
	}
	arena_free(arena);
	template_set_free(set);
}

static void
bounces_tell_why(void **state)
{
	static const char *const words[][2] = {
	    {"unfinished", "did not happen in time"},
	    {"refused", "did not leave in clear"},
	    {"undeliverable", "550 5.1.1 No such user"},
	};
	struct template_set *set = shipped();
	struct arena *arena = arena_new();
	const char *subject;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(body_of(set, "mails/bounce", words[i][0], arena, &subject),
				       words[i][1]));
	assert_string_equal(subject, "Not delivered: your message to fred@example.net");
	arena_free(arena);
	template_set_free(set);
}

static void
codes_stand_alone(void **state)
{
	struct template_set *set = shipped();
	struct arena *arena = arena_new();
	const char *subject;
	const char *body = body_of(set, "mails/sign-in", "", arena, &subject);

	(void)state;
	assert_non_null(strstr(body, "\n\n    482 913\n\n"));
	assert_null(strstr(subject, "482"));
	arena_free(arena);
	template_set_free(set);
}

static void
files_are_named_or_not(void **state)
{
	struct template_set *set = shipped();
	struct arena *arena = arena_new();
	const char *subject;
	const char *body = body_of(set, "mails/receipt-taken", "", arena, &subject);

	(void)state;
	assert_non_null(strstr(body, "\n    Offer.pdf, 23 November 2026, 06:02 UTC\n"
				     "    a file, 23 November 2026, 06:02 UTC\n\n"));
	arena_free(arena);
	template_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_mail_renders),
	    cmocka_unit_test(links_stand_alone),
	    cmocka_unit_test(recipients_do_not_see_the_subject),
	    cmocka_unit_test(bounces_tell_why),
	    cmocka_unit_test(codes_stand_alone),
	    cmocka_unit_test(files_are_named_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
