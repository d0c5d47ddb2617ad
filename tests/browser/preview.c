/*
 * Renders every page of the portal with made-up values, in each of its states,
 * to a folder: for looking at them and for checking them without a portal.
 *
 *	preview TEMPLATES FOLDER	writes FOLDER/STATE.html
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/template.h"

#define PAGE_MAX ((size_t)262144)
#define BASE "/r/0123456789abcdefghjkmnpqrstvwxyz"
#define ACTION "/s/0123456789abcdefghjkmnpqrstvwxyz"
#define SENDER_NAME "Marta Keller"
#define SENDER "marta.keller@example.org"
#define RECIPIENT "fred@example.net"
#define UNTIL "20 December 2026, 09:14 UTC"

/* Name and value by turns; a flag that is up has the value "1". */
struct values {
	const char *pairs[48];
};

/* One item of a list. */
struct item {
	const char *pairs[12];
};

struct list {
	const char *name;
	struct item items[8];
};

struct page {
	const char *state;
	const char *template;
	const struct values *values;
	const struct list *list;
	struct values more; /* stand above `values` */
};

static const struct values common = {{"organisation", "Example Savings Bank", "portal_host",
				      "portal.example.org", "page_title", "Example", "csrf",
				      "example", "once", "example", "demo", "1"}};

static const struct values home = {{"retry_at", ""}};

static const struct values held = {
    {"action", ACTION, "recipient", RECIPIENT, "subject", "Your mortgage offer", "sent_at",
     "20 November 2026, 09:14 UTC", "until", "27 November 2026, 09:14 UTC", "clue", "",
     "lifetime_days", "30", "longest_lifetime_days", "365", "notify", "1"}};

static const struct values state = {
    {"action",	      ACTION,
     "recipient",     RECIPIENT,
     "subject",	      "Your mortgage offer",
     "sent_at",	      "20 November 2026, 09:14 UTC",
     "clue",	      "What did we eat after the June meeting, and where?",
     "secured_at",    "20 November 2026, 09:21 UTC",
     "opened_at",     "",
     "replied_at",    "",
     "expires_at",    UNTIL,
     "closed_at",     "",
     "receipt_asked", "1"}};

static const struct values clue = {{"action", BASE, "sender_name", SENDER_NAME, "sender_address",
				    SENDER, "recipient", RECIPIENT, "clue",
				    "What did we eat after the June meeting, and in which town?",
				    "until", UNTIL, "retry_at", "", "receipt_asked", "1"}};

static const struct values message = {{"base",
				       BASE,
				       "subject",
				       "Your mortgage offer",
				       "from_name",
				       SENDER_NAME,
				       "from_address",
				       SENDER,
				       "to",
				       RECIPIENT ", Ines Fontaine <ines@example.net>",
				       "cc",
				       "",
				       "date",
				       "Fri, 20 Nov 2026 10:14:07 +0100",
				       "until",
				       UNTIL,
				       "session_until",
				       "22 November 2026, 18:40 UTC",
				       "can_reply",
				       "1"}};

static const struct list files = {
    "files",
    {{{"number", "3", "name", "Mortgage offer Fontaine.pdf", "size_text", "412 KB", "url",
       BASE "/file/3/Mortgage%20offer%20Fontaine.pdf"}},
     {{"number", "4", "name", "Repayment plan.xlsx", "size_text", "38 KB", "url",
       BASE "/file/4/Repayment%20plan.xlsx"}}}};

/* The text of the message, on every page that shows one. */
static const struct list blocks = {
    "blocks",
    {{{"long", "", "text", "Dear Fred,\n\n"}},
     {{"long", "1", "text",
       "it was good to see you and Ines on Tuesday. Here is the offer we spoke of, with the "
       "figures as "
       "they are today:"}},
     {{"long", "", "text",
       "\n  rate       2.95 %\n  term       10 years\n  per month  1,287.40\n\n"}},
     {{"long", "1", "text",
       "The rate holds until Friday next week. Please have a look at page 4 of the offer, where "
       "the "
       "early repayments stand, and tell me whether you would like them as we discussed."}},
     {{"long", "", "text", "\nWith kind regards\nMarta Keller\n"}}}};

static const struct values reply = {{"action", BASE "/reply", "base", BASE, "subject",
				     "Re: Your mortgage offer", "to_name", SENDER_NAME,
				     "to_address", SENDER, "body", "", "limit_text", "100 MB"}};

static const struct values sent = {
    {"base", BASE, "to_address", SENDER, "file_count", "3", "size_text", "5.1 MB"}};

static const struct values standing = {{"closed_at", "20 December 2026, 09:14 UTC", "sender_name",
					SENDER_NAME, "sender_address", SENDER}};

static const struct values error = {{"retry_after", ""}};

static const struct list mails = {
    "mails",
    {{{"from", SENDER_NAME " <secure@example.org>", "to", RECIPIENT, "subject",
       "A confidential message for you", "date", "20 November 2026, 09:21 UTC", "url", "/demo/3"}},
     {{"from", "Example Savings Bank <secure@example.org>", "to", SENDER, "subject",
       "Please finish sending your message", "date", "20 November 2026, 09:14 UTC", "url",
       "/demo/2"}},
     {{"from", SENDER_NAME " <" SENDER ">", "to", "ines@example.net", "subject",
       "Your mortgage offer", "date", "20 November 2026, 09:14 UTC", "url", "/demo/1"}}}};

static const struct values demo_mail = {
    {"from", SENDER_NAME " <secure@example.org>", "to", RECIPIENT, "subject",
     "A confidential message for you", "date", "20 November 2026, 09:21 UTC", "body",
     "Marta Keller (marta.keller@example.org) has sent you a confidential message.\n\n"
     "Read it here until 20 December 2026, 09:14 UTC:\n\n"
     "https://portal.example.org/r/0123456789abcdefghjkmnpqrstvwxyz\n\n"
     "Or type this code at https://portal.example.org: 7k3m 9q2x w4tc\n"}};

static const struct list demo_links = {"links", {{{"url", BASE}}}};

static const struct page pages[] = {
    {"home", "home", &home, NULL, {{NULL}}},
    {"home-wrong", "home", &home, NULL, {{"code_wrong", "1"}}},
    {"home-crowded", "home", &home, NULL, {{"crowded", "1"}}},
    {"home-stale", "home", &home, NULL, {{"stale", "1"}}},
    {"home-busy", "home", &home, NULL, {{"busy", "1", "retry_at", "09:40 UTC"}}},
    {"held", "held", &held, NULL, {{"by_address", "1"}}},
    {"held-near", "held", &held, NULL, {{"near_miss", "1"}}},
    {"held-errors",
     "held",
     &held,
     NULL,
     {{"any_error", "1", "clue_tells", "1", "passphrase_weak", "1", "passphrases_differ", "1",
       "lifetime_wrong", "1", "lifetime_days", "soon", "clue", "It is trout", "by_subject", "1"}}},
    {"held-missing",
     "held",
     &held,
     NULL,
     {{"any_error", "1", "stale", "1", "crowded", "1", "clue_missing", "1", "passphrase_missing",
       "1", "by_header", "1"}}},
    {"held-long",
     "held",
     &held,
     NULL,
     {{"any_error", "1", "clue_too_long", "1", "passphrase_too_long", "1", "not_text", "1",
       "by_policy", "1", "subject", ""}}},
    {"held-unsure", "held", &held, NULL, {{"sure_missing", "1", "forgiving", "1"}}},
    {"state-securing",
     "state",
     &state,
     NULL,
     {{"securing", "1", "just_secured", "1", "can_recall", "1", "secured_at", ""}}},
    {"state-stale", "state", &state, NULL, {{"ready", "1", "stale", "1", "can_recall", "1"}}},
    {"state-ready", "state", &state, NULL, {{"ready", "1", "can_recall", "1"}}},
    {"state-opened",
     "state",
     &state,
     NULL,
     {{"opened", "1", "can_recall", "1", "opened_at", "21 November 2026, 17:02 UTC", "replied_at",
       "21 November 2026, 17:30 UTC"}}},
    {"state-suspended",
     "state",
     &state,
     NULL,
     {{"ready", "1", "suspended", "1", "can_recall", "1", "sure_missing", "1"}}},
    {"state-expired", "state", &state, NULL, {{"expired", "1", "closed_at", UNTIL}}},
    {"state-recalled",
     "state",
     &state,
     NULL,
     {{"recalled", "1", "closed_at", "22 November 2026, 08:00 UTC", "receipt_asked", ""}}},
    {"state-destroyed",
     "state",
     &state,
     NULL,
     {{"destroyed", "1", "opened_at", "21 November 2026, 17:02 UTC", "closed_at",
       "22 November 2026, 08:00 UTC"}}},
    {"state-failed",
     "state",
     &state,
     NULL,
     {{"failed", "1", "closed_at", "20 November 2026, 09:30 UTC"}}},
    {"clue", "clue", &clue, NULL, {{NULL}}},
    {"clue-wrong", "clue", &clue, NULL, {{"wrong", "1", "receipt_asked", ""}}},
    {"clue-empty", "clue", &clue, NULL, {{"empty", "1", "sender_name", ""}}},
    {"clue-busy", "clue", &clue, NULL, {{"busy", "1", "retry_at", "09:40 UTC"}}},
    {"clue-crowded", "clue", &clue, NULL, {{"crowded", "1"}}},
    {"clue-timed-out", "clue", &clue, NULL, {{"timed_out", "1"}}},
    {"clue-stale", "clue", &clue, NULL, {{"stale", "1"}}},
    {"message", "message", &message, NULL, {{NULL}}},
    {"message-files", "message", &message, &files, {{"has_original", "1"}}},
    {"message-replied",
     "message",
     &message,
     &files,
     {{"replied", "1", "body_cut", "1", "cc", "office@example.org", "sure_missing", "1"}}},
    {"message-bare",
     "message",
     &message,
     NULL,
     {{"subject", "", "from_name", "", "no_body", "1", "can_reply", ""}}},
    {"message-failed", "message", &message, NULL, {{"html_failed", "1", "no_body", "1"}}},
    {"original", "original", &message, NULL, {{NULL}}},
    {"reply", "reply", &reply, NULL, {{NULL}}},
    {"reply-too-large",
     "reply",
     &reply,
     NULL,
     {{"too_large", "1", "body", "Dear Marta,\n\nhere they are.\n"}}},
    {"reply-empty", "reply", &reply, NULL, {{"empty", "1"}}},
    {"reply-stale", "reply", &reply, NULL, {{"stale", "1", "body", "Dear Marta,"}}},
    {"reply-crowded", "reply", &reply, NULL, {{"crowded", "1", "body", "Dear Marta,"}}},
    {"reply-failed", "reply", &reply, NULL, {{"failed", "1", "body", "Dear Marta,"}}},
    {"reply-timed-out", "reply", &reply, NULL, {{"timed_out", "1", "body", "Dear Marta,"}}},
    {"sent", "sent", &sent, NULL, {{NULL}}},
    {"sent-bare", "sent", &sent, NULL, {{"file_count", "0"}}},
    {"standing-not-ready",
     "standing",
     &standing,
     NULL,
     {{"not_ready", "1", "sender_name", "", "sender_address", ""}}},
    {"standing-expired", "standing", &standing, NULL, {{"expired", "1"}}},
    {"standing-recalled", "standing", &standing, NULL, {{"recalled", "1"}}},
    {"standing-destroyed", "standing", &standing, NULL, {{"destroyed", "1"}}},
    {"standing-suspended", "standing", &standing, NULL, {{"suspended", "1"}}},
    {"standing-replaced", "standing", &standing, NULL, {{"replaced", "1"}}},
    {"error-not-found", "error", &error, NULL, {{"not_found", "1"}}},
    {"error-bad-request", "error", &error, NULL, {{"bad_request", "1"}}},
    {"error-too-large", "error", &error, NULL, {{"too_large", "1"}}},
    {"error-method", "error", &error, NULL, {{"method", "1"}}},
    {"error-busy", "error", &error, NULL, {{"busy", "1", "retry_after", "5"}}},
    {"error-unavailable", "error", &error, NULL, {{"unavailable", "1", "retry_after", "30"}}},
    {"error-forbidden", "error", &error, NULL, {{"forbidden", "1"}}},
    {"error-internal", "error", &error, NULL, {{"internal", "1"}}},
    {"demo", "demo", &common, &mails, {{NULL}}},
    {"demo-empty", "demo", &common, NULL, {{"empty", "1"}}},
    {"demo-mail", "demo_mail", &demo_mail, &demo_links, {{NULL}}},
};

static void
put_pairs(struct template_values *values, const char *const *pairs)
{
	for (; pairs[0] != NULL; pairs += 2)
		template_put_text(values, pairs[0], pairs[1]);
}

static void
put_list(struct template_values *values, const struct list *list)
{
	struct template_list *made = template_put_list(values, list->name);

	for (const struct item *item = list->items; item->pairs[0] != NULL; item++)
		put_pairs(template_list_add(made), item->pairs);
}

/* Lists that a page may have and this state has not. */
static void
put_empty_lists(struct template_values *values)
{
	static const char *const names[] = {"files", "mails", "links", "attachments"};

	for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++)
		template_put_list(values, names[index]);
}

static bool
write_page(const struct template_set *set, const struct page *page, const char *folder)
{
	struct arena *arena = arena_new();
	struct template_values *values = template_values_new(arena);
	const char *name = arena_printf(arena, "pages/%s", page->template);
	const char *path = arena_printf(arena, "%s/%s.html", folder, page->state);
	struct text out;
	bool done = false;
	FILE *file = NULL;

	put_pairs(values, common.pairs);
	put_empty_lists(values);
	put_list(values, &blocks);
	put_pairs(values, page->values->pairs);
	put_pairs(values, page->more.pairs);
	if (page->list != NULL)
		put_list(values, page->list);
	text_init_in(&out, arena, PAGE_MAX);
	if (template_render(set, name, values, &out) != STATUS_OK) {
		fprintf(stderr, "preview: %s does not render\n", page->state);
	} else if ((file = fopen(path, "w")) == NULL) {
		fprintf(stderr, "preview: %s: %s\n", path, strerror(errno));
	} else {
		done = fwrite(out.data, 1, out.size, file) == out.size;
		done = fclose(file) == 0 && done;
	}
	arena_free(arena);
	return done;
}

int
main(int argc, char **argv)
{
	struct template_set *set = NULL;
	int exit_code = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: preview TEMPLATES FOLDER\n");
		return 2;
	}
	if (mkdir(argv[2], 0755) != 0 && errno != EEXIST) {
		fprintf(stderr, "preview: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	if (template_set_load(argv[1], stderr, &set) != STATUS_OK)
		return 1;
	for (size_t index = 0; index < sizeof(pages) / sizeof(pages[0]); index++)
		if (!write_page(set, &pages[index], argv[2]))
			exit_code = 1;
	template_set_free(set);
	return exit_code;
}
