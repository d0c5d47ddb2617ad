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

#define LOSING                                                                                     \
	"inside", "1", "losing", "1", "losing_keep", "/box/account/keep", "losing_by", SENDER,     \
	    "losing_begun_at", OPENED_AT, "losing_at", UNTIL
#define ALL_SHOWN "find", "", "older_url", "", "newest_url", "", "looked_at", ""

static const struct values ending = {{BOX, "keep_days", "180", "ending", "1", "ending_by", "",
				      "ending_begun_at", OPENED_AT, "ending_at", UNTIL, LOSING,
				      ALL_SHOWN}};
static const struct values lost = {{"address", RECIPIENT, "retry_at", "09:40 UTC", "action",
				    "/box/lost/0123456789abcdefghjkmnpqrstvwxyz", "would_be_at",
				    UNTIL, "ready_at", UNTIL, "begun_by", "Ann Other"}};
static const struct values agree = {{"sender_address", SENDER, "asked_at", OPENED_AT, "ready_at",
				     UNTIL, "action",
				     "/box/factor/0123456789abcdefghjkmnpqrstvwxyz"}};

const struct page mailbox_pages[] = {
    {"box-ending", "box", &ending, &rows, {{"show_all", "1", "losing_asked", "1"}}},
    {"box-ending-admin",
     "box",
     &ending,
     &rows,
     {{"show_all", "1", "ending_by_admin", "1", "ending_by", "Ann Other", "losing_begun", "1"}}},
    {"box-ending-agreed",
     "box",
     &ending,
     &rows,
     {{"show_all", "1", "ending_by", "Ann Other", "losing_agreed", "1"}}},
    {"box-lost", "box_lost", &lost, NULL, {{"address", ""}}},
    {"box-lost-incomplete", "box_lost", &lost, NULL, {{"incomplete", "1", "address", "fred"}}},
    {"box-lost-sent", "box_lost", &lost, NULL, {{"sent", "1"}}},
    {"box-lost-too-soon", "box_lost", &lost, NULL, {{"too_soon", "1"}}},
    {"box-lost-stale", "box_lost", &lost, NULL, {{"stale", "1"}}},
    {"give-up", "box_lost_link", &lost, NULL, {{"open", "1"}}},
    {"give-up-unsure", "box_lost_link", &lost, NULL, {{"open", "1", "sure_missing", "1"}}},
    {"give-up-begun", "box_lost_link", &lost, NULL, {{"begun", "1"}}},
    {"give-up-begun-admin", "box_lost_link", &lost, NULL, {{"begun", "1", "by_admin", "1"}}},
    {"give-up-stopped", "box_lost_link", &lost, NULL, {{"stopped", "1"}}},
    {"give-up-dead", "box_lost_link", &lost, NULL, {{"dead", "1"}}},
    {"factor-agree", "factor_lost_link", &agree, NULL, {{"open", "1"}}},
    {"factor-agree-unsure", "factor_lost_link", &agree, NULL, {{"open", "1", "sure_missing", "1"}}},
    {"factor-agree-agreed", "factor_lost_link", &agree, NULL, {{"agreed", "1"}}},
    {"factor-agree-done", "factor_lost_link", &agree, NULL, {{"done", "1"}}},
    {"factor-agree-stopped", "factor_lost_link", &agree, NULL, {{"stopped", "1"}}},
    {"factor-agree-dead", "factor_lost_link", &agree, NULL, {{"dead", "1", "stale", "1"}}},
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
