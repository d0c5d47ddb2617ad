/* Pages of a recipient's mailbox. */
#include "tests/browser/preview.h"

static const struct values box = {{BOX, "find", "", "older_url", "/box?show=all&behind=5",
				   "newest_url", "", "looked_at", "20000", "keep_days", "180"}};
static const struct values row = {{"url", BASE "/message", "sender_name", SENDER_NAME,
				   "sender_address", SENDER, "came_at", SENT_AT, "until", UNTIL,
				   "size_text", "451 KB", "opened_at", ""}};
static const struct list rows = {
    .name = "rows",
    .values = &row,
    .items = {{{"subject", OFFER, "unread", "1"}},
	      {{"subject", "", "sender_name", "", "replied", "1"}},
	      {{"subject", "A subject that somebody wrote while their cat walked over the keyboard "
			   "and back again, twice"}}}};
static const struct values sign_in = {{"address", RECIPIENT, "retry_at", "09:40 UTC"}};
static const struct values own = {{BOX, "base", BASE, "address", RECIPIENT, SUGGESTED, "retry_at",
				   "09:40 UTC", "keep_days", "180"}};
static const struct list people = {
    .name = "people",
    .items = {{{"name", SENDER_NAME, "address", SENDER, "wrote_at", SENT_AT, "url", BASE "/write"}},
	      {{"name", "", "address", "accounts-receivable@a-rather-long-name.example.org",
		"wrote_at", OPENED_AT, "url", BASE "/write"}}}};
static const struct list sent = {
    .name = "sent",
    .items = {
	{{"url", BASE "/message", "when", OPENED_AT, "to", SENDER_NAME " <" SENDER ">", "until",
	  UNTIL, "subject", "", "text", "Thank you.\n\nThat is what we hoped for.\n"}},
	{{"url", BASE "/message", "when", SENT_AT, "to", SENDER, "until", UNTIL, "subject",
	  "Something else", "text", "A question.\n", "text_cut", "1"}},
	{{"url", BASE "/message", "when", SENT_AT, "to", SENDER, "until", UNTIL, "subject", "",
	  "text", "Please look at this.\n", "forwarded", "1"}}}};
static const struct values export = {{BOX, "messages", "1203", "size_text", "1.1 GB"}};
static const struct list pieces = {
    .name = "pieces",
    .items = {{{"url", "/box/export/1/messages-1.zip", "from", "1", "to", "1000"}},
	      {{"url", "/box/export/2/messages-2.zip", "from", "1001", "to", "1203"}}}};

const struct page mailbox_pages[] = {
    {"box", "box", &box, &rows, {{"show_all", "1"}}},
    {"box-made", "box", &box, &rows, {{"show_all", "1", "made", "1"}}},
    {"box-changed", "box", &box, &rows, {{"show_all", "1", "changed", "1"}}},
    {"box-empty", "box", &box, NULL, {{"show_unread", "1", "empty", "1"}}},
    {"box-not-found",
     "box",
     &box,
     NULL,
     {{"show_all", "1", "empty", "1", "searched", "1", "cut", "1"}}},
    {"box-sign-in", "box_sign_in", &sign_in, NULL, {{"address", ""}}},
    {"box-sign-in-wrong", "box_sign_in", &sign_in, NULL, {{"wrong", "1"}}},
    {"box-sign-in-incomplete", "box_sign_in", &sign_in, NULL, {{"incomplete", "1"}}},
    {"box-sign-in-busy", "box_sign_in", &sign_in, NULL, {{"busy", "1"}}},
    {"box-sign-in-over", "box_sign_in", &sign_in, NULL, {{"timed_out", "1"}}},
    {"box-lies-here", "box_sign_in", &sign_in, NULL, {{"lies_here", "1"}}},
    {"box-signed-out", "box_sign_in", &sign_in, NULL, {{"signed_out", "1"}}},
    {"box-closed", "box_sign_in", &sign_in, NULL, {{"closed", "1"}}},
    {"box-passphrase", "box_passphrase", &own, NULL, {{NULL}}},
    {"box-passphrase-wrong", "box_passphrase", &own, NULL, {{"wrong", "1"}}},
    {"box-passphrase-faults",
     "box_passphrase",
     &own,
     NULL,
     {{"any_error", "1", "passphrase_guessable", "1", "passphrases_differ", "1", "tries_number",
       "40"}}},
    {"box-close", "box_close", &own, NULL, {{NULL}}},
    {"box-close-own", "box_close", &own, NULL, {{"of_organisation", "1"}}},
    {"box-close-unsure", "box_close", &own, NULL, {{"sure_missing", "1"}}},
    {"box-close-wrong", "box_close", &own, NULL, {{"wrong", "1"}}},
    {"box-write", "box_write", &box, &people, {{NULL}}},
    {"box-write-nobody", "box_write", &box, NULL, {{"empty", "1"}}},
    {"box-sent", "box_sent", &box, &sent, {{NULL}}},
    {"box-export", "box_export", &export, &pieces, {{NULL}}},
    {"mailbox", "mailbox", &own, NULL, {{NULL}}},
    {"mailbox-expected", "mailbox", &own, NULL, {{"expected", "1"}}},
    {"mailbox-faults", "mailbox", &own, NULL, {{"any_error", "1", "passphrase_weak", "1"}}},
    {"mailbox-there", "mailbox", &own, NULL, {{"there", "1"}}},
    {"mailbox-keep", "mailbox", &own, NULL, {{"there", "1", "inside", "1"}}},
    {.state = NULL},
};
