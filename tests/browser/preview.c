/*
 * Renders every page of the portal with made-up values, in each of its states,
 * to a folder: for looking at them and for checking them without a portal.
 *
 *	preview TEMPLATES FOLDER [LANGUAGES CODE]	writes FOLDER/STATE.html, in the language
 *							CODE of the folder of catalogues
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/languages.h"
#include "tests/browser/preview.h"

#define PAGE_MAX ((size_t)262144)
static const struct values common = {{"organisation", "Example Savings Bank", "portal_host",
				      "portal.example.org", "page_title", "Example", "csrf",
				      "example", "once", "example", "demo", "1"}};

static const struct values home = {{"retry_at", ""}};

/* The text of the message, on every page that shows one. */
static const struct list runs = {
    .name = "runs",
    .items = {
	{{"lines_begin", "1"}},
	{{"url", "", "run", "Dear Fred,\n\n"}},
	{{"lines_end", "1"}},
	{{"line_begin", "1"}},
	{{"url", "", "run",
	  "it was good to see you and Ines on Tuesday. Here is the offer we spoke of, with the "
	  "figures as they are today:"}},
	{{"line_end", "1"}},
	{{"lines_begin", "1"}},
	{{"url", "", "run",
	  "\n  rate       2.95 %\n  term       10 years\n  per month  1,287.40\n\n"
	  "All about it: "}},
	{{"url", "https://www.example.org/offers/fontaine", "run",
	  "https://www.example.org/offers/fontaine"}},
	{{"url", "", "run", "\n\n"}},
	{{"lines_end", "1"}},
	{{"picture", "House.jpg", "url", BASE "/file/7/House.jpg"}},
	{{"quote_begin", "1"}},
	{{"lines_begin", "1"}},
	{{"mark", ">"}},
	{{"url", "", "run", "Could you tell us what it is per month?\n"}},
	{{"lines_end", "1"}},
	{{"quote_begin", "1"}},
	{{"lines_begin", "1"}},
	{{"mark", ">>"}},
	{{"url", "", "run", "You said that you would like to know.\n"}},
	{{"lines_end", "1"}},
	{{"quote_end", "1"}},
	{{"quote_end", "1"}},
	{{"signature_begin", "1"}},
	{{"lines_begin", "1"}},
	{{"url", "", "run", "-- \nMarta Keller\nExample Savings Bank\n"}},
	{{"lines_end", "1"}},
	{{"signature_end", "1"}}}};

/* Who a message is to, likewise. */
static const struct list to = {
    .name = "to",
    .items = {{{"name", "", "address", RECIPIENT, "more", "1", "cut", ""}},
	      {{"name", "Ines Fontaine", "address", "ines@example.net", "more", "", "cut", ""}}}};

static const struct values error = {{"retry_after", ""}};

static const struct list mails = {
    .name = "mails",
    .items = {{{"from", SENDER_NAME " <secure@example.org>", "to", RECIPIENT, "subject",
		"A confidential message for you", "date", "20 November 2026, 09:21 UTC", "url",
		"/demo/3"}},
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

static const struct list demo_links = {.name = "links", .items = {{{"url", BASE}}}};

static const struct page common_pages[] = {
    {"home", "home", &home, NULL, {{NULL}}},
    {"home-wrong", "home", &home, NULL, {{"code_wrong", "1"}}},
    {"home-crowded", "home", &home, NULL, {{"crowded", "1"}}},
    {"home-stale", "home", &home, NULL, {{"stale", "1"}}},
    {"home-busy", "home", &home, NULL, {{"busy", "1", "retry_at", "09:40 UTC"}}},
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
    {.state = NULL},
};

static const struct page *const areas[] = {common_pages, recipient_pages, sender_pages,
					   desk_pages,	 account_pages,	  mailbox_pages};

static void
put_pairs(struct template_values *values, const char *const *pairs)
{
	/* What the portal shows as text that was written, in elements with dir="auto". */
	static const char *const runs_of_text[] = {"run", "text", "description"};

	for (; pairs[0] != NULL; pairs += 2) {
		template_put_text(values, pairs[0], pairs[1]);
		for (size_t index = 0; index < 3; index++)
			if (strcmp(pairs[0], runs_of_text[index]) == 0)
				template_put_run(values, pairs[0], slice_from_text(pairs[1]));
	}
}

static void
put_list(struct template_values *values, const struct list *list)
{
	struct template_list *made = template_put_list(values, list->name);
	size_t own = 0;

	while (own < sizeof(list->items) / sizeof(list->items[0]) &&
	       list->items[own].pairs[0] != NULL)
		own++;
	for (size_t index = 0; index < (list->count > 0 ? list->count : own); index++) {
		struct template_values *item = template_list_add(made);

		if (list->values != NULL)
			put_pairs(item, list->values->pairs);
		put_pairs(item, list->items[index % own].pairs);
		template_put_list(item, "taken");
		template_put_list(item, "inside");
		if (list->nested != NULL)
			put_list(item, list->nested);
	}
}

/* Lists that a page may have and this state has not. */
static void
put_empty_lists(struct template_values *values)
{
	static const char *const names[] = {"files",	      "mails",	  "links",  "attachments",
					    "taken",	      "faults",	  "inside", "blocks",
					    "invitations",    "reported", "cc",	    "letters",
					    "mail_languages", "replies",  "codes",  "sessions"};

	for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++)
		template_put_list(values, names[index]);
}

/* The language of the page, and the two that it could be in. */
static void
put_languages(struct template_values *values, const struct language *language)
{
	static const char *const others[][2] = {{"en", "English"}, {"de", "Deutsch"}};
	struct template_list *list = template_put_list(values, "languages");

	template_put_text(values, "language", language_code(language));
	template_put_text(values, "direction", language_is_rtl(language) ? "rtl" : "ltr");
	template_put_flag(values, "several_languages", true);
	template_put_text(values, "own_language", "English");
	for (size_t index = 0; index < 2; index++) {
		struct template_values *row = template_list_add(list);

		template_put_text(row, "code", others[index][0]);
		template_put_text(row, "name", others[index][1]);
		template_put_text(row, "url", index == 0 ? "?language=en" : "?language=de");
		template_put_flag(row, "chosen",
				  strcmp(others[index][0], language_code(language)) == 0);
	}
}

static bool
write_page(const struct languages *languages, const struct language *language,
	   const struct page *page, const char *folder)
{
	struct arena *arena = arena_new();
	struct template_values *values = template_values_new(arena);
	const char *name = arena_printf(arena, "pages/%s", page->template);
	const char *path = arena_printf(arena, "%s/%s.html", folder, page->state);
	struct text out;
	bool done = false;
	FILE *file = NULL;

	put_pairs(values, common.pairs);
	put_languages(values, language);
	put_empty_lists(values);
	put_list(values, &runs);
	put_list(values, &to);
	put_pairs(values, page->values->pairs);
	put_pairs(values, page->more.pairs);
	if (page->list != NULL)
		put_list(values, page->list);
	text_init_in(&out, arena, PAGE_MAX);
	if (template_render(languages_templates(languages, language), name, values, &out) !=
	    STATUS_OK) {
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
	struct languages *languages = NULL;
	const struct language *language;
	int exit_code = 0;

	if (argc != 3 && argc != 5) {
		fprintf(stderr, "usage: preview TEMPLATES FOLDER [LANGUAGES CODE]\n");
		return 2;
	}
	if (mkdir(argv[2], 0755) != 0 && errno != EEXIST) {
		fprintf(stderr, "preview: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	if (languages_load(argv[1], argc == 5 ? argv[3] : "", stderr, &languages) != STATUS_OK)
		return 1;
	language = languages_find_or_english(languages, argc == 5 ? argv[4] : "en");
	for (size_t area = 0; area < sizeof(areas) / sizeof(areas[0]); area++)
		for (const struct page *page = areas[area]; page->state != NULL; page++)
			if (!write_page(languages, language, page, argv[2]))
				exit_code = 1;
	languages_free(languages);
	return exit_code;
}
