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
/* Until when a visit lasts. */
#define STAY                                                                                       \
	"stay_until", "22 November 2026, 10:55 UTC", "stay_seconds", "900", "stay_possible", "1",  \
	    "session_until", "22 November 2026, 18:40 UTC"

/* What is the same of all deliveries here. */
#define DELIVERY                                                                                   \
	"base", ACTION, "recipient", RECIPIENT, "portal", "1", "clue", CLUE, "secured_at",         \
	    "20 November 2026, 09:21 UTC", "opened_at", "", "replied_at", "", "expires_at", UNTIL, \
	    "closed_at", "", "asked_at", "", "resent_at", "", "relay_status", "", "relay_answer",  \
	    "", "finish_url", "", "receipt_asked", "1", "factor_at", ""

/* What one leaves under. */
#define KEY_CERTIFICATE                                                                            \
	"key_smimea", "1", "key_owner", "Frederike Fontaine", "key_fingerprint",                   \
	    "4F1A 09C3 77DE 8B20 5E6C A1F9 03BD 42E8 9A75 C0D1 FF36 1274 88EB 5A0C 6D93 B41E",     \
	    "key_place",                                                                           \
	    "7a1f08c2b5d94e6073ab5c1d2e4f60718293a4b5c6d7e8f90a1b2c3d._smimecert."                 \
	    "example.com",                                                                         \
	    "key_expires_at", "30 June 2028, 12:00 UTC"
#define KEY_OPENPGP                                                                                \
	"key_wkd", "1", "key_owner", "Fred Fontaine <" RECIPIENT ">", "key_fingerprint",           \
	    "A0B4 62C9 11D7 3F58 E2C4 9D06 7B8A F135 20EE 4C91", "key_place",                      \
	    "https://openpgpkey.example.com/.well-known/openpgpkey/example.com/hu/"                \
	    "iy9q119eutrkn8s1mk4r39qejnbu3n5q",                                                    \
	    "key_expires_at", ""
#define SENT_ENCRYPTED                                                                             \
	"sent", "1", "encrypted", "1", "portal", "", "by_address", "1", "clue", "", "secured_at",  \
	    "", "expires_at", "", "closed_at", "20 November 2026, 09:30 UTC"

/* What can be done with an open one. */
#define DOINGS "can_recall", "1", "can_extend", "1", "can_resend", "1", "can_relink", "1"

/* What every page of the desk has. */
#define DESK "desk_address", SENDER, "desk_until", "09:29 UTC"

static const struct values common = {{"organisation", "Example Savings Bank", "portal_host",
				      "portal.example.org", "page_title", "Example", "csrf",
				      "example", "once", "example", "demo", "1"}};

static const struct values home = {{"retry_at", ""}};

static const struct values held = {{"action",
				    ACTION,
				    "recipient",
				    RECIPIENT,
				    "subject",
				    "Your mortgage offer",
				    "sent_at",
				    "20 November 2026, 09:14 UTC",
				    "until",
				    "27 November 2026, 09:14 UTC",
				    "clue",
				    "",
				    "factor_choice",
				    "1",
				    "lifetime_days",
				    "30",
				    "longest_lifetime_days",
				    "365",
				    "remind_days",
				    "3",
				    "notify",
				    "1",
				    SUGGESTED,
				    "template_recipient",
				    "",
				    "template_clue",
				    ""}};

static const struct values state = {{DELIVERY, "subject", OFFER, "sent_at", SENT_AT}};

static const struct values delivery = {{DELIVERY}};

static const struct list taken = {
    .name = "taken",
    .items = {{{"name", "Mortgage offer Fontaine.pdf", "taken_at", "21 November 2026, 17:05 UTC"}},
	      {{"name", "", "taken_at", "21 November 2026, 17:06 UTC"}}}};

static const struct list answers = {
    .name = "answers",
    .items = {
	{{"answered_at", "21 November 2026, 17:30 UTC", "answer_smime", "1", "key_fingerprint",
	  "1DA4 0D15 9B21 44B8 5D5F 6C5F 0A2E 1F57 6C8D 9E3A 4F60 71B2 C3D4 E5F6 0718 293A"}},
	{{"answered_at", "21 November 2026, 18:02 UTC", "answer_openpgp", "1", "key_fingerprint",
	  "8D1A 0C5B 6E7F 2031 4253 6475 8697 A8B9 CADB ECFD"}},
	{{"answered_at", "22 November 2026, 08:11 UTC", "answer_plain", "1", "answer_key_over", "1",
	  "key_fingerprint", ""}},
	{{"answered_at", "22 November 2026, 09:40 UTC", "answer_plain", "1", "key_fingerprint",
	  ""}}}};

static const struct values act = {{"action",
				   ACTION "/act",
				   "back",
				   ACTION,
				   "recipient",
				   RECIPIENT,
				   "subject",
				   OFFER,
				   "expires_at",
				   UNTIL,
				   "longest_lifetime_days",
				   "365",
				   "lifetime_days",
				   "30",
				   "clue",
				   "",
				   "template_clue",
				   CLUE,
				   "retry_at",
				   "09:40 UTC",
				   SUGGESTED}};

static const struct values forgotten = {{"action", BASE "/forgotten", "back", BASE, "sender_name",
					 SENDER_NAME, "sender_address", SENDER, "retry_at",
					 "21 November 2026, 09:40 UTC"}};

static const struct values sign_in = {{"address", "", "retry_at", "09:40 UTC"}};

/* What the script asks the browser with; these pages ask nobody. */
#define PASSKEY                                                                                    \
	"portal_host", "portal.example.org", "passkey_host", "portal.example.org",                 \
	    "passkey_challenge", "", "passkey_all", ""

static const struct values code = {{PASSKEY, "address", SENDER, "tries_left", "4"}};

static const struct values factor = {{"action", ACTION, "again", "/r/4fz0", "recipient", RECIPIENT,
				      "until", "09:40 UTC", "retry_at", "", "tries_left", "4",
				      "phone", PHONE, "number", "7", "sheet_at", SENT_AT}};

static const struct values sheet = {{DESK, "action", ACTION, "back", "/desk/template/5",
				     "recipient", RECIPIENT, "numbers", "20", "present", "",
				     "sheet_at", SENT_AT, "sheet_left", "13"}};

static const struct list sheet_rows = {
    .name = "rows",
    .items = {{{"number", "1", "code", "7k2m-9xqd"}},
	      {{"number", "2", "code", "h4tz-00wv"}},
	      {{"number", "3", "code", "pm3c-x8na"}}},
};

static const struct values account = {
    {DESK, PASSKEY, "since", SENT_AT, "used_at", OPENED_AT, "recovery_left", "9"}};

static const struct values account_passkey = {
    {DESK, PASSKEY, "name", "", "make_challenge", "", "passkey_user", ""}};

static const struct list passkeys = {
    .name = "passkeys",
    .items = {{{"passkey_id", "4fz0", "passkey_name", "Telephone", "passkey_since", SENT_AT,
		"passkey_used_at", OPENED_AT}},
	      {{"passkey_id", "4fz1", "passkey_name",
		"The key on the ring with those of the office, and of the cellar", "passkey_since",
		SENT_AT, "passkey_used_at", ""}}},
};

static const struct list sessions = {
    .name = "sessions",
    .items = {{{"program", "Firefox", "system", "Linux", "network", "192.0.2.0/24", "signed_in_at",
		SENT_AT, "seen_at", OPENED_AT, "session", "17", "is_this", "1"}},
	      {{"program", "", "system", "", "network", "2001:db8:4711::/48", "signed_in_at",
		SENT_AT, "seen_at", OPENED_AT, "session", "18"}}},
};

static const struct list recovery_codes = {
    .name = "codes",
    .items = {{{"recovery_code", "7k2m-9xqd"}},
	      {{"recovery_code", "h4tz-00wv"}},
	      {{"recovery_code", "pm3c-x8na"}}},
};

#define QR_PATH                                                                                    \
	"M4 4h7v1h-7zM4 5h1v1h-1zM10 5h1v1h-1zM4 6h1v1h-1zM6 6h3v1h-3zM10 6h1v1h-1zM4 7h7v1h-7z"

static const struct values account_new = {{DESK, "qr_size", "29", "qr_path", QR_PATH, "qr_blocks",
					   "", "secret", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
					   "uri", ""}};

static const struct values desk = {
    {DESK, "find", "", "older_url", "/desk?before=4711", "newest_url", "", "looked_at", "2000"}};

static const struct values desk_row = {{"url", "/desk/message/17", "recipient", RECIPIENT,
					"subject", OFFER, "sent_at", SENT_AT, "opened_at", "",
					"expires_at", UNTIL, "closed_at", ""}};

static const struct list rows = {
    .name = "rows",
    .values = &desk_row,
    .items = {
	{{"held", "1", "expires_at", "4 December 2026, 09:14 UTC"}},
	{{"ready", "1", "recipient", "ines.fontaine@example.net"}},
	{{"ready", "1", "suspended", "1", "asked", "1", "subject",
	  "Minutes of the meeting on the second floor, with the figures that we spoke about"}},
	{{"opened", "1", "opened_at", OPENED_AT, "replied", "1", "subject", ""}},
	{{"sent", "1", "recipient", "accounts-receivable@a-rather-long-name.example.net",
	  "closed_at", SENT_AT}},
	{{"expired", "1", "closed_at", UNTIL}},
	{{"recalled", "1", "opened_at", OPENED_AT, "closed_at", CLOSED_AT}},
	{{"failed", "1", "closed_at", SENT_AT}}}};

static const struct list rows_full = {
    .name = "rows",
    .values = &desk_row,
    .count = 25,
    .items = {{{"ready", "1", "suspended", "1", "asked", "1", "subject",
		"Minutes of the meeting on the second floor, with the figures that we spoke about, "
		"and what was decided then",
		"recipient", "accounts-receivable@a-rather-long-name.example.net"}}}};

static const struct values desk_message = {
    {DESK, "subject", OFFER, "sent_at", SENT_AT, "size_text", "451 KB"}};

static const struct list deliveries = {
    .name = "deliveries",
    .values = &delivery,
    .nested = &taken,
    .items = {
	{{"opened", "1", "by_address", "1", "by_template", "1", "opened_at", OPENED_AT,
	  "replied_at", "21 November 2026, 17:30 UTC", "notice_accepted", "1", "relay_status",
	  "250", "relay_answer", "2.0.0 Ok: queued as 4F1A22", "rescue_by_mail", "1", DOINGS}}}};

static const struct list deliveries_many = {
    .name = "deliveries",
    .values = &delivery,
    .items = {{{"ready", "1", "by_subject", "1", "asked_at", "21 November 2026, 09:30 UTC",
		"rescue_by_mail", "1", DOINGS}},
	      {{"ready", "1", "by_subject", "1", "recipient", "ines@example.net", "asked_at",
		"21 November 2026, 09:30 UTC", "rescue_impossible", "1", DOINGS}},
	      {{"held", "1", "by_subject", "1", "recipient", "joan@example.net", "clue", "",
		"secured_at", "", "can_finish", "1", "finish_url", ACTION, "can_recall", "1"}},
	      {{"sent",		"1",
		"portal",	"",
		"plain",	"1",
		"own_domain",	"1",
		"recipient",	"office@example.org",
		"clue",		"",
		"secured_at",	"",
		"closed_at",	SENT_AT,
		"expires_at",	"",
		"relay_status", "250",
		"relay_answer", "2.0.0 Ok: queued as 4F1A23"}},
	      {{"failed", "1", "portal", "", "refused", "1", "by_outsider", "1", "recipient",
		"kim@example.net", "clue", "", "secured_at", "", "closed_at", SENT_AT, "expires_at",
		""}}}};

static const struct list deliveries_full = {.name = "deliveries",
					    .values = &delivery,
					    .nested = &taken,
					    .count = 8,
					    .items = {{{"opened",
							"1",
							"by_address",
							"1",
							"opened_at",
							OPENED_AT,
							"asked_at",
							CLOSED_AT,
							"replied_at",
							CLOSED_AT,
							"suspended",
							"1",
							"notice_accepted",
							"1",
							"relay_status",
							"250",
							"relay_answer",
							"2.0.0 Ok: queued as 4F1A22",
							"rescue_by_mail",
							"1",
							DOINGS}}}};

static const struct values desk_templates = {
    {DESK, "find", "", "older_url", "", "newest_url", "", "count", "4"}};

static const struct values template_row = {{"url", "/desk/template/5", "recipient", RECIPIENT,
					    "clue", CLUE, "lifetime_days", "30", "used_at", ""}};

static const struct list template_rows = {
    .name = "rows",
    .values = &template_row,
    .items = {{{"used_at", SENT_AT}},
	      {{"recipient", "@example.com", "domain", "1", "clue", "The word from our contract",
		"asks", "1"}},
	      {{"recipient", "ines.fontaine@example.net", "clue", "", "no_passphrase", "1"}},
	      {{"recipient", "accounts-receivable@a-rather-long-name.example.net", "used_at",
		"2 November 2026, 10:00 UTC"}}}};

static const struct list template_rows_full = {
    .name = "rows",
    .values = &template_row,
    .count = 25,
    .items = {{{"recipient", "accounts-receivable@a-rather-long-name.example.net", "no_passphrase",
		"1", "used_at", SENT_AT}}}};

static const struct values template = {{DESK,
					"action",
					"/desk/template/5",
					"delete_url",
					"/desk/template/5/delete",
					"recipient",
					RECIPIENT,
					"clue",
					CLUE,
					"factor_choice",
					"1",
					"lifetime_days",
					"30",
					"longest_lifetime_days",
					"365",
					"remind_days",
					"3",
					"used_at",
					SENT_AT,
					"exists_url",
					"/desk/template/5",
					"notify",
					"1",
					SUGGESTED}};

static const struct values template_delete = {{DESK, "action", "/desk/template/5/delete", "back",
					       "/desk/template/5", "recipient", RECIPIENT}};

static const struct values import = {
    {DESK, "rows", "", "most", "100", "most_templates", "2000", "added", "0", "changed", "0"}};

static const struct values fault = {{"line", "", "recipient", ""}};

static const struct list import_faults = {
    .name = "faults",
    .values = &fault,
    .items = {{{"line", "1", "columns", "1"}},
	      {{"line", "2", "recipient", "fred", "recipient_wrong", "1"}},
	      {{"line", "4", "recipient", RECIPIENT, "passphrase_guessable", "1"}},
	      {{"line", "5", "recipient", RECIPIENT, "twice", "1"}},
	      {{"line", "7", "recipient", RECIPIENT, "passphrase_missing", "1"}},
	      {{"line", "9", "recipient", "@example.com", "days_wrong", "1"}},
	      {{"full", "1"}},
	      {{"empty", "1"}}}};

static const struct values would = {{DESK, "address", "secure-" RECIPIENT, "subject", "",
				     "recipient", RECIPIENT, "clue", "", "until_days", ""}};

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
				       "date",
				       "Fri, 20 Nov 2026 10:14:07 +0100",
				       "until",
				       UNTIL,
				       STAY,
				       "draft_files",
				       "2",
				       "original_url",
				       "",
				       "true_domain",
				       "",
				       "back",
				       BASE "/message",
				       "save_url",
				       BASE "/file/3/message.eml",
				       "content_url",
				       BASE "/original/2/content",
				       "can_reply",
				       "1",
				       "all_url",
				       ""}};

/* What is in an archive. */
static const struct list inside = {
    .name = "inside",
    .items = {{{"inside_name", "2026/Statement October.pdf", "inside_size", "96 KB"}},
	      {{"inside_name", "2026/Statement November.pdf", "inside_size", "101 KB"}},
	      {{"inside_name", "viewer/setup.exe", "inside_size", "4.2 MB", "inside_item_risky",
		"1"}}},
};

/* What most files have not. */
static const struct values any_file = {
    {"width", "", "height", "", "view_url", "", "inside_count", "", "inside_left", ""}};

static const struct list files = {
    .name = "files",
    .values = &any_file,
    .nested = &inside,
    .items = {{{"number", "3", "name", "Mortgage offer Fontaine.pdf", "size_text", "412 KB", "url",
		BASE "/file/3/Mortgage%20offer%20Fontaine.pdf", "kind", "pdf", "kind_pdf", "1"}},
	      {{"number", "4", "name", "Repayment plan.xlsx", "size_text", "38 KB", "url",
		BASE "/file/4/Repayment%20plan.xlsx", "kind", "sheet", "kind_sheet", "1"}},
	      {{"number", "5", "name", "The house.jpeg", "size_text", "3.1 MB", "url",
		BASE "/file/5/The%20house.jpeg", "kind", "picture", "kind_picture", "1", "width",
		"4032", "height", "3024", "view_url", BASE "/view/5/The%20house.jpeg"}},
	      {{"number",	"6",	  "name",	 "Statements.zip",
		"size_text",	"4.4 MB", "url",	 BASE "/file/6/Statements.zip",
		"kind",		"zip",	  "kind_zip",	 "1",
		"inside_count", "15",	  "inside_left", "12",
		"inside_risky", "1",	  "view_url",	 BASE "/view/6/Statements.zip"}}},
};

/* Those that want to be thought about. */
static const struct list risky_files = {
    .name = "files",
    .values = &any_file,
    .items = {{{"number", "3", "name", "offer.pdf.exe", "size_text", "212 KB", "url",
		BASE "/file/3/offer.pdf.exe", "kind", "risky", "kind_program", "1"}},
	      {{"number", "4", "name", "Plan.xlsm", "size_text", "38 KB", "url",
		BASE "/file/4/Plan.xlsm", "kind", "risky", "kind_macro", "1"}},
	      {{"number", "5", "name", "form.html", "size_text", "12 KB", "url",
		BASE "/file/5/form.html", "kind", "risky", "kind_web", "1"}},
	      {{"number", "6", "name", "drive.iso", "size_text", "1.2 GB", "url",
		BASE "/file/6/drive.iso", "kind", "risky", "kind_image", "1"}},
	      {{"number", "7", "name", "closed.zip", "size_text", "88 KB", "url",
		BASE "/file/7/closed.zip", "kind", "zip", "kind_zip", "1", "inside_count", "1",
		"inside_encrypted", "1", "inside_archives", "1"}},
	      {{"number", "8", "name", "broken.zip", "size_text", "9 B", "url",
		BASE "/file/8/broken.zip", "kind", "zip", "kind_zip", "1", "inside_unknown", "1"}},
	      {{"number", "9", "name", "Call with Marta.m4a", "size_text", "2 MB", "url",
		BASE "/file/9/Call.m4a", "kind", "sound", "kind_sound", "1"}},
	      {{"number", "10", "name", "notes.txt", "size_text", "1 KB", "url",
		BASE "/file/10/notes.txt", "kind", "text", "kind_text", "1", "view_url",
		BASE "/view/10/notes.txt"}}},
};

static const struct values view = {{"base", BASE, "name", "The house.jpeg", "size_text", "3.1 MB",
				    "url", BASE "/file/5/The%20house.jpeg", "picture_url",
				    "/static/logo.svg", "width", "", "height", "", "inside_count",
				    "", "inside_left", ""}};

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

static const struct list letters = {
    .name = "letters",
    .items = {
	{{"url", BASE "/message/3", "letter_subject", "Minutes of Tuesday", "letter_from",
	  "Ines Fontaine", "letter_date", "Tue, 17 Nov 2026 18:02:11 +0100"}},
	{{"url", BASE "/message/9", "letter_subject", "", "letter_from", "", "letter_date", ""}}}};

static const struct list people = {
    .name = "people",
    .items = {{{"name", "Fred Fontaine", "address", RECIPIENT, "accepted", "1"}},
	      {{"name", "", "address", "ines@example.net", "tentative", "1"}}}};

#define EVENT                                                                                      \
	"summary", "Signing of the mortgage", "location", "Bahnhofstrasse 1, Example", "begin",    \
	    "Monday, 30 November 2026, 10:00", "end", "11:30", "zone", "Europe/Berlin, UTC+01:00", \
	    "end_zone", "", "weekdays", "", "repeat_until", "", "interval", "", "times", "",       \
	    "organizer_name", SENDER_NAME, "organizer_address", SENDER, "has_people", "1"

static const struct list invitations = {
    .name = "invitations",
    .nested = &people,
    .items = {{{EVENT, "request", "1", "description", "Please bring your passports."}}}};

static const struct list invitations_odd = {
    .name = "invitations",
    .nested = &people,
    .items = {{{EVENT, "cancelled", "1", "description", "", "zone", "", "utc", "1", "repeats", "1",
		"weekly", "1", "weekdays", "Monday and Wednesday", "interval", "2", "times", "8"}},
	      {{EVENT,
		"publish",
		"1",
		"description",
		"",
		"zone",
		"",
		"floating",
		"1",
		"end",
		"Tuesday, 1 December 2026, 11:30",
		"repeats",
		"1",
		"somehow",
		"1",
		"repeat_until",
		"Monday, 6 December 2027",
		"summary",
		"",
		"more_people",
		"1"}}}};

static const struct list reported = {
    .name = "reported",
    .items = {{{"address", "nobody@example.net", "failed", "1", "status", "5.1.1", "answer",
		"550 5.1.1 No such user here", "host", "mx.example.net", "tried_until", ""}},
	      {{"address", "late@example.net", "delayed", "1", "status", "4.4.1", "answer", "",
		"host", "", "tried_until", "Fri, 27 Nov 2026 10:14:07 +0100"}}}};

static const struct values reply = {
    {"action",
     BASE "/reply",
     "base",
     BASE,
     "subject",
     "Re: Your mortgage offer",
     "to",
     SENDER,
     "body",
     "",
     "quote",
     "On Fri, 20 Nov 2026 10:14:07 +0100, Marta Keller wrote:\n> Dear Fred,\n",
     "keep",
     "example",
     "limit_text",
     "100 MB",
     "limit_files",
     "100",
     "left_text",
     "94.9 MB",
     "left_files",
     "98",
     "draft_size_text",
     "5.1 MB",
     STAY}};

static const struct list draft_list = {
    .name = "draft_list",
    .items = {{{"field", "drop_1", "name", "Payslip October.pdf", "size_text", "4.7 MB"}},
	      {{"field", "drop_2", "name", "Questions.txt", "size_text", "412 KB"}}}};

static const struct list holders = {
    .name = "holders",
    .items = {{{"name", "Ines Fontaine", "address", "ines@example.net"}},
	      {{"name", "", "address", "office@example.org"}}}};

/* What was sent, and its files. */
static const struct list sent_files = {
    .name = "files",
    .items = {{{"name", "Payslip October.pdf", "size_text", "4.7 MB"}},
	      {{"name", "Questions.txt", "size_text", "412 KB"}}}};

static const struct list replies = {
    .name = "replies",
    .nested = &sent_files,
    .items = {{{"when", OPENED_AT, "to", SENDER_NAME " <" SENDER ">", "text",
		"Thank you, we shall have a look.\n\n  Fred\n"}},
	      {{"when", CLOSED_AT, "to", SENDER_NAME " <" SENDER ">, ines@example.net", "text",
		"Page 4 is as we discussed it.\n", "text_cut", "1"}}}};

static const struct values sent = {
    {"base", BASE, "to", SENDER_NAME " <" SENDER ">", "file_count", "3", "size_text", "5.1 MB"}};

static const struct values standing = {{"closed_at", "20 December 2026, 09:14 UTC", "sender_name",
					SENDER_NAME, "sender_address", SENDER}};

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

static const struct page pages[] = {
    {"home", "home", &home, NULL, {{NULL}}},
    {"home-wrong", "home", &home, NULL, {{"code_wrong", "1"}}},
    {"home-crowded", "home", &home, NULL, {{"crowded", "1"}}},
    {"home-stale", "home", &home, NULL, {{"stale", "1"}}},
    {"home-busy", "home", &home, NULL, {{"busy", "1", "retry_at", "09:40 UTC"}}},
    {"held", "held", &held, NULL, {{"by_address", "1"}}},
    {"held-near", "held", &held, NULL, {{"near_miss", "1"}}},
    {"held-unreadable", "held", &held, NULL, {{"unreadable", "1"}}},
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
    {"held-forgiving", "held", &held, NULL, {{"by_address", "1", "forgiving", "1"}}},
    {"held-guessable",
     "held",
     &held,
     NULL,
     {{"any_error", "1", "passphrase_guessable", "1", "tries_number", "20", "tries_millions", "1",
       "remind_wrong", "1", "remind_days", "often", "clue", CLUE, "notify_files", "1", "by_address",
       "1"}}},
    {"held-thread",
     "held",
     &held,
     NULL,
     {{"in_thread", "1", "can_clear", "1", "has_template", "1", "template_recipient", RECIPIENT,
       "template_clue", CLUE}}},
    {"held-prepared",
     "held",
     &held,
     NULL,
     {{"by_address", "1", "prepared", "1", "template_recipient", "@example.net", "clue", CLUE}}},
    {"held-desk", "held", &held, NULL, {{DESK, "by_address", "1"}}},
    {"state-securing",
     "state",
     &state,
     NULL,
     {{"securing", "1", "just_secured", "1", "by_address", "1", "can_recall", "1", "secured_at",
       ""}}},
    {"state-stale",
     "state",
     &state,
     NULL,
     {{"ready", "1", "stale", "1", "by_policy", "1", "can_rescue", "1", DOINGS}}},
    {"state-ready",
     "state",
     &state,
     NULL,
     {{"ready", "1", "just_secured", "1", "by_address", "1", "notice_accepted", "1", "relay_status",
       "250", "relay_answer", "2.0.0 Ok: queued as 4F1A22", "can_rescue", "1", DOINGS}}},
    {"state-asked",
     "state",
     &state,
     NULL,
     {{"ready", "1", "near_miss", "1", "asked_at", "21 November 2026, 09:30 UTC", "resent_at",
       "21 November 2026, 08:00 UTC", "can_rescue", "1", DOINGS}}},
    {"state-notice-failed",
     "state",
     &state,
     NULL,
     {{"ready", "1", "by_header", "1", "notice_failed", "1", "relay_status", "550", "relay_answer",
       "5.1.1 <fred@example.net>: no such user here", "rescue_impossible", "1", DOINGS}}},
    {"state-opened",
     "state",
     &state,
     &taken,
     {{"opened", "1", "by_address", "1", "factor_mail", "1", "factor_at", OPENED_AT, "opened_at",
       OPENED_AT, "replied_at", "21 November 2026, 17:30 UTC", "can_rescue", "1", DOINGS}}},
    {"state-answered",
     "state",
     &state,
     &answers,
     {{"opened", "1", "by_address", "1", "portal", "1", "opened_at", OPENED_AT, "replied_at",
       "21 November 2026, 17:30 UTC", "can_rescue", "1", DOINGS}}},
    {"state-suspended",
     "state",
     &state,
     NULL,
     {{"ready", "1", "suspended", "1", "in_thread", "1", "can_rescue", "1", DOINGS}}},
    {"state-expired",
     "state",
     &state,
     NULL,
     {{"expired", "1", "by_address", "1", "closed_at", UNTIL}}},
    {"state-recalled",
     "state",
     &state,
     NULL,
     {{"recalled", "1", "closed_by_sender", "1", "by_address", "1", "closed_at", CLOSED_AT,
       "receipt_asked", ""}}},
    {"state-recalled-admin",
     "state",
     &state,
     NULL,
     {{"recalled", "1", "closed_by_admin", "1", "by_address", "1", "closed_at", CLOSED_AT}}},
    {"state-destroyed",
     "state",
     &state,
     NULL,
     {{"destroyed", "1", "closed_by_recipient", "1", "by_address", "1", "opened_at", OPENED_AT,
       "closed_at", CLOSED_AT}}},
    {"state-destroyed-sender",
     "state",
     &state,
     NULL,
     {{"destroyed", "1", "closed_by_sender", "1", "by_address", "1", "closed_at", CLOSED_AT}}},
    {"state-failed",
     "state",
     &state,
     NULL,
     {{"failed", "1", "by_address", "1", "closed_at", "20 November 2026, 09:30 UTC"}}},
    {"state-desk",
     "state",
     &state,
     NULL,
     {{DESK, "recalled", "1", "closed_by_sender", "1", "by_address", "1", "closed_at", CLOSED_AT,
       "subject", ""}}},
    {"state-released",
     "state",
     &state,
     NULL,
     {{"sent", "1", "portal", "", "plain", "1", "released", "1", "clue", "", "secured_at", "",
       "expires_at", "", "closed_at", "20 November 2026, 09:30 UTC"}}},
    {"state-smime", "state", &state, NULL, {{SENT_ENCRYPTED, "smime", "1", KEY_CERTIFICATE}}},
    {"state-openpgp", "state", &state, NULL, {{SENT_ENCRYPTED, "openpgp", "1", KEY_OPENPGP}}},
    {"state-tls",
     "state",
     &state,
     NULL,
     {{SENT_ENCRYPTED, "tls", "1", "tls_dane", "1", "key_place", "mx1.example.net", "key_method",
       "TLSv1.3, TLS_AES_256_GCM_SHA384", "key_fingerprint",
       "4F1A 09C3 77DE 8B20 5E6C A1F9 03BD 42E8 9A75 C0D1 FF36 1274 88EB 5A0C 6D93 B41E"}}},
    {"state-no-key",
     "state",
     &state,
     NULL,
     {{"portal", "", "failed", "1", "refused", "1", "no_key", "1", "clue", "", "secured_at", "",
       "expires_at", "", "closed_at", "20 November 2026, 09:30 UTC"}}},
    {"act-recall", "act", &act, NULL, {{"recall", "1"}}},
    {"act-recall-over", "act", &act, NULL, {{"recall", "1", "over", "1"}}},
    {"act-destroy", "act", &act, NULL, {{"destroy", "1", "sure_missing", "1"}}},
    {"act-extend", "act", &act, NULL, {{"extend", "1"}}},
    {"act-extend-errors",
     "act",
     &act,
     NULL,
     {{"extend", "1", "any_error", "1", "lifetime_wrong", "1", "lifetime_days", "long"}}},
    {"act-resend", "act", &act, NULL, {{"resend", "1"}}},
    {"act-resend-too-soon", "act", &act, NULL, {{"resend", "1", "too_soon", "1"}}},
    {"act-relink", "act", &act, NULL, {{"relink", "1", "stale", "1", "any_error", "1"}}},
    {"act-passphrase", "act", &act, NULL, {{"passphrase", "1"}}},
    {"act-passphrase-errors",
     "act",
     &act,
     NULL,
     {{"passphrase", "1", "any_error", "1", "clue", "The name of your dog", "passphrase_guessable",
       "1", "tries_number", "400", "tries_ones", "1", "passphrases_differ", "1"}}},
    {"act-passphrase-impossible",
     "act",
     &act,
     NULL,
     {{"passphrase", "1", "impossible", "1", "subject", ""}}},
    {"act-clear", "act", &act, NULL, {{"clear", "1", "crowded", "1"}}},
    {"act-template", "act", &act, NULL, {{"template", "1"}}},
    {"forgotten", "forgotten", &forgotten, NULL, {{NULL}}},
    {"forgotten-unsure", "forgotten", &forgotten, NULL, {{"sure_missing", "1"}}},
    {"forgotten-stale", "forgotten", &forgotten, NULL, {{"stale", "1", "sender_name", ""}}},
    {"forgotten-sent", "forgotten", &forgotten, NULL, {{"sent", "1"}}},
    {"forgotten-too-soon", "forgotten", &forgotten, NULL, {{"too_soon", "1"}}},
    {"code", "code", &factor, NULL, {{NULL}}},
    {"code-wrong", "code", &factor, NULL, {{"wrong", "1"}}},
    {"code-phone", "code", &factor, NULL, {{"by_phone", "1"}}},
    {"code-phone-wrong", "code", &factor, NULL, {{"by_phone", "1", "wrong", "1"}}},
    {"code-phone-none", "code", &factor, NULL, {{"by_phone", "1", "none", "1"}}},
    {"code-sheet", "code", &factor, NULL, {{"by_sheet", "1"}}},
    {"code-sheet-wrong", "code", &factor, NULL, {{"by_sheet", "1", "wrong", "1"}}},
    {"code-sheet-none", "code", &factor, NULL, {{"by_sheet", "1", "none", "1"}}},
    {"code-dead", "code", &factor, NULL, {{"dead", "1"}}},
    {"code-busy", "code", &factor, NULL, {{"retry_at", "09:40 UTC"}}},
    {"code-stale", "code", &factor, NULL, {{"stale", "1"}}},
    {"desk-sign-in", "desk_sign_in", &sign_in, NULL, {{NULL}}},
    {"desk-sign-in-wrong",
     "desk_sign_in",
     &sign_in,
     NULL,
     {{"address_wrong", "1", "address", "marta"}}},
    {"desk-sign-in-busy", "desk_sign_in", &sign_in, NULL, {{"busy", "1", "address", SENDER}}},
    {"desk-sign-in-stale", "desk_sign_in", &sign_in, NULL, {{"stale", "1", "address", SENDER}}},
    {"desk-sign-in-timed-out", "desk_sign_in", &sign_in, NULL, {{"timed_out", "1"}}},
    {"desk-sign-in-signed-out", "desk_sign_in", &sign_in, NULL, {{"signed_out", "1"}}},
    {"desk-code", "desk_code", &code, NULL, {{NULL}}},
    {"desk-code-wrong", "desk_code", &code, NULL, {{"wrong", "1"}}},
    {"desk-code-dead", "desk_code", &code, NULL, {{"dead", "1"}}},
    {"desk-code-stale", "desk_code", &code, NULL, {{"stale", "1"}}},
    {"desk-factor", "desk_factor", &code, NULL, {{"has_totp", "1"}}},
    {"desk-factor-wrong", "desk_factor", &code, NULL, {{"has_totp", "1", "wrong", "1"}}},
    {"desk-factor-dead", "desk_factor", &code, NULL, {{"has_totp", "1", "dead", "1"}}},
    {"desk-factor-busy", "desk_factor", &code, NULL, {{"has_totp", "1", "busy", "1"}}},
    {"desk-factor-passkey", "desk_factor", &code, NULL, {{"has_passkeys", "1"}}},
    {"desk-factor-either",
     "desk_factor",
     &code,
     NULL,
     {{"has_totp", "1", "has_passkeys", "1", "passkey_wrong", "1"}}},
    {"desk-factor-copied", "desk_factor", &code, NULL, {{"has_passkeys", "1", "copied", "1"}}},
    {"desk-factor-late", "desk_factor", &code, NULL, {{"has_passkeys", "1", "too_late", "1"}}},
    {"account", "account", &account, &sessions, {{"has_others", "1"}}},
    {"account-limited", "account", &account, &sessions, {{"limited", "1"}}},
    {"account-set-up",
     "account",
     &account,
     &sessions,
     {{"has_factor", "1", "has_totp", "1", "has_others", "1"}}},
    {"account-needed",
     "account",
     &account,
     NULL,
     {{"has_factor", "1", "has_totp", "1", "needed", "1"}}},
    {"account-reset",
     "account",
     &account,
     &sessions,
     {{"has_factor", "1", "has_totp", "1", "has_reset", "1", "reset_by", "Ann Other",
       "reset_begun_at", SENT_AT, "reset_ready_at", UNTIL}}},
    {"account-added",
     "account",
     &account,
     &recovery_codes,
     {{"has_factor", "1", "has_totp", "1", "has_codes", "1", "added", "1"}}},
    {"account-wrong",
     "account",
     &account,
     NULL,
     {{"has_factor", "1", "has_totp", "1", "wrong", "1"}}},
    {"account-passkeys",
     "account",
     &account,
     &passkeys,
     {{"has_factor", "1", "has_passkeys", "1", "passkey_added", "1"}}},
    {"account-both",
     "account",
     &account,
     &passkeys,
     {{"has_factor", "1", "has_totp", "1", "has_passkeys", "1", "copied", "1", "passkeys_full",
       "1"}}},
    {"account-no-host", "account", &account, NULL, {{"no_host", "1"}}},
    {"account-passkey", "account_passkey", &account_passkey, NULL, {{NULL}}},
    {"account-passkey-again",
     "account_passkey",
     &account_passkey,
     NULL,
     {{"has_factor", "1", "has_totp", "1", "has_passkeys", "1", "refused", "1"}}},
    {"account-passkey-no-host", "account_passkey", &account_passkey, NULL, {{"no_host", "1"}}},
    {"account-new", "account_new", &account_new, NULL, {{NULL}}},
    {"account-new-wrong", "account_new", &account_new, NULL, {{"wrong", "1"}}},
    {"desk", "desk", &desk, &rows, {{"show_all", "1"}}},
    {"desk-full", "desk", &desk, &rows_full, {{"show_unread", "1", "newest_url", "/desk"}}},
    {"desk-found",
     "desk",
     &desk,
     &rows,
     {{"show_all", "1", "searched", "1", "cut", "1", "find", "offer"}}},
    {"desk-empty", "desk", &desk, NULL, {{"show_all", "1", "empty", "1"}}},
    {"desk-empty-searched",
     "desk",
     &desk,
     NULL,
     {{"show_waiting", "1", "empty", "1", "searched", "1", "find", "holiday"}}},
    {"desk-message", "desk_message", &desk_message, &deliveries, {{NULL}}},
    {"desk-message-many", "desk_message", &desk_message, &deliveries_many, {{"subject", ""}}},
    {"desk-message-gone",
     "desk_message",
     &desk_message,
     &deliveries,
     {{"subject", "", "gone", "1"}}},
    {"desk-message-full", "desk_message", &desk_message, &deliveries_full, {{NULL}}},
    {"desk-templates", "desk_templates", &desk_templates, &template_rows, {{"done_saved", "1"}}},
    {"desk-templates-full",
     "desk_templates",
     &desk_templates,
     &template_rows_full,
     {{"done_imported", "1", "count", "240", "older_url", "/desk/templates?after=25"}}},
    {"desk-templates-empty",
     "desk_templates",
     &desk_templates,
     NULL,
     {{"done_deleted", "1", "empty", "1", "count", "0"}}},
    {"desk-templates-searched",
     "desk_templates",
     &desk_templates,
     NULL,
     {{"empty", "1", "searched", "1", "find", "holiday", "count", "0"}}},
    {"template-new",
     "template",
     &template,
     NULL,
     {{"is_new", "1", "action", "/desk/templates/new", "recipient", "", "clue", "", "used_at",
       ""}}},
    {"template-new-errors",
     "template",
     &template,
     NULL,
     {{"is_new",
       "1",
       "any_error",
       "1",
       "exists",
       "1",
       "clue_tells",
       "1",
       "passphrase_guessable",
       "1",
       "tries_number",
       "3",
       "tries_thousands",
       "1",
       "lifetime_wrong",
       "1",
       "remind_wrong",
       "1",
       "way_ask",
       "1",
       "link_mail",
       "1"}}},
    {"template-new-own",
     "template",
     &template,
     NULL,
     {{"is_new", "1", "any_error", "1", "recipient_own", "1", "recipient", "office@example.org",
       "passphrase_weak", "1"}}},
    {"template", "template", &template, NULL, {{"keep_possible", "1", "link_mail", "1"}}},
    {"template-domain",
     "template",
     &template,
     NULL,
     {{"keep_possible", "1", "domain", "1", "recipient", "@example.net", "used_at", "", "any_error",
       "1", "passphrase_missing", "1"}}},
    {"template-full",
     "template",
     &template,
     NULL,
     {{"is_new", "1", "any_error", "1", "too_many", "1", "most_templates", "2000"}}},
    {"template-stale", "template", &template, NULL, {{"any_error", "1", "stale", "1"}}},
    {"template-phone",
     "template",
     &template,
     NULL,
     {{"keep_possible", "1", "any_error", "1", "phone_shown", "1", "factor_phone", "1", "phone",
       "0151 70005123", "phone_kept", PHONE, "phone_wrong", "1"}}},
    {"template-phone-off",
     "template",
     &template,
     NULL,
     {{"keep_possible", "1", "phone_shown", "1", "factor_phone", "1", "phone_off", "1", "phone", "",
       "phone_kept", PHONE, "waits_for_phone", "1"}}},
    {"template-sheet",
     "template",
     &template,
     NULL,
     {{"keep_possible", "1", "sheet_shown", "1", "factor_sheet", "1", "sheet_low", "1",
       "sheet_left", "4", "sheet_url", "/desk/template/5/sheet"}}},
    {"sheet", "sheet", &sheet, NULL, {{NULL}}},
    {"sheet-low", "sheet", &sheet, NULL, {{"has_sheet", "1", "sheet_left", "4", "sheet_low", "1"}}},
    {"sheet-meanwhile", "sheet", &sheet, NULL, {{"has_sheet", "1", "made_meanwhile", "1"}}},
    {"sheet-print", "sheet_print", &sheet, &sheet_rows, {{NULL}}},
    {"template-delete", "template_delete", &template_delete, NULL, {{NULL}}},
    {"template-delete-unsure", "template_delete", &template_delete, NULL, {{"sure_missing", "1"}}},
    {"desk-import", "desk_import", &import, NULL, {{NULL}}},
    {"desk-import-errors",
     "desk_import",
     &import,
     &import_faults,
     {{"any_error", "1", "rows", "recipient,clue\nfred,Where did we have lunch in June?\n"}}},
    {"desk-import-done",
     "desk_import",
     &import,
     NULL,
     {{"done", "1", "added", "12", "changed", "3"}}},
    {"desk-would", "desk_would", &would, NULL, {{"address", ""}}},
    {"desk-would-wrong",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "address_wrong", "1", "address", "fred"}}},
    {"desk-would-plain",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "plain", "1", "not_marked", "1", "address", RECIPIENT}}},
    {"desk-would-portal",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "portal", "1", "by_address", "1", "by_template", "1", "template_domain", "1",
       "clue", CLUE, "until_days", "30"}}},
    {"desk-would-held",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "held", "1", "by_subject", "1", "prepared", "1", "clue", CLUE, "subject",
       "[secure] Your offer"}}},
    {"desk-would-refused",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "refused", "1", "without_sender", "1"}}},
    {"desk-would-smime",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "smime", "1", "by_address", "1", KEY_CERTIFICATE}}},
    {"desk-would-openpgp",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "openpgp", "1", "by_policy", "1", KEY_OPENPGP}}},
    {"desk-would-tls",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "tls", "1", "by_address", "1", "tls_mta_sts", "1", "key_place", ""}}},
    {"desk-would-looking",
     "desk_would",
     &would,
     NULL,
     {{"asked", "1", "held", "1", "by_address", "1", "looking", "1", "look_again_url",
       "/desk/would?address=fred%40example.com"}}},
    {"clue", "clue", &clue, NULL, {{NULL}}},
    {"clue-wrong", "clue", &clue, NULL, {{"wrong", "1", "receipt_asked", ""}}},
    {"clue-empty", "clue", &clue, NULL, {{"empty", "1", "sender_name", ""}}},
    {"clue-code", "clue", &clue, NULL, {{"factor_mail", "1"}}},
    {"clue-mailbox", "clue", &clue, NULL, {{"in_mailbox", "1"}}},
    {"clue-phone", "clue", &clue, NULL, {{"factor_phone", "1", "phone", PHONE}}},
    {"clue-sheet", "clue", &clue, NULL, {{"factor_sheet", "1"}}},
    {"clue-busy", "clue", &clue, NULL, {{"busy", "1", "retry_at", "09:40 UTC"}}},
    {"clue-crowded", "clue", &clue, NULL, {{"crowded", "1"}}},
    {"clue-timed-out", "clue", &clue, NULL, {{"timed_out", "1"}}},
    {"clue-stale", "clue", &clue, NULL, {{"stale", "1", "files_receipt_asked", "1"}}},
    {"message", "message", &message, NULL, {{NULL}}},
    {"message-files",
     "message",
     &message,
     &files,
     {{"original_url", BASE "/original/2", "has_files", "1", "all_url", BASE "/files.zip",
       "all_size", "8 MB"}}},
    {"message-risky",
     "message",
     &message,
     &risky_files,
     {{"has_files", "1", "all_url", BASE "/files.zip", "all_size", "1.2 GB"}}},
    {"message-replied",
     "message",
     &message,
     &files,
     {{"replied", "1", "body_cut", "1", "note_signed", "1", "has_files", "1"}}},
    {"message-thread", "message", &message, &replies, {{"has_replies", "1"}}},
    {"message-draft",
     "message",
     &message,
     NULL,
     {{"has_draft", "1", "draft_at", "22 November 2026, 10:12 UTC"}}},
    {"message-unsure", "message", &message, &files, {{"sure_missing", "1", "has_files", "1"}}},
    {"message-bare",
     "message",
     &message,
     NULL,
     {{"subject", "", "from_name", "", "no_text", "1", "can_reply", ""}}},
    {"view-picture",
     "view",
     &view,
     NULL,
     {{"is_picture", "1", "kind_picture", "1", "width", "4032", "height", "3024"}}},
    {"view-text",
     "view",
     &view,
     NULL,
     {{"is_text", "1", "kind_text", "1", "name", "notes.txt", "text_cut", "1"}}},
    {"view-archive",
     "view",
     &view,
     &inside,
     {{"is_archive", "1", "kind_zip", "1", "name", "Statements.zip", "inside_count", "15",
       "inside_left", "12", "inside_more", "1", "inside_risky", "1"}}},
    {"view-not-shown",
     "view",
     &view,
     NULL,
     {{"not_shown", "1", "kind_pdf", "1", "name", "Mortgage offer Fontaine.pdf"}}},
    {"message-failed", "message", &message, NULL, {{"html_failed", "1", "no_text", "1"}}},
    {"message-letters", "message", &message, &letters, {{"has_letters", "1"}}},
    {"message-invitation", "message", &message, &invitations, {{"something", "1"}}},
    {"message-invitations-odd", "message", &message, &invitations_odd, {{"something", "1"}}},
    {"message-report", "message", &message, &reported, {{"has_report", "1"}}},
    {"message-false-name",
     "message",
     &message,
     NULL,
     {{"name_is_address", "1", "from_name", "director@example.net", "true_domain",
       "xn--pple-43d.example"}}},
    {"message-notes",
     "message",
     &message,
     &files,
     {{"note_encrypted", "1", "note_smime", "1", "note_partial", "1", "note_elsewhere", "1",
       "note_winmail", "1", "note_too_much", "1"}}},
    {"attached", "attached", &message, &files, {{"original_url", BASE "/original/2"}}},
    {"attached-nested", "attached", &message, NULL, {{"nested", "1", "subject", ""}}},
    {"original", "original", &message, NULL, {{NULL}}},
    {"unshown", "unshown", &message, NULL, {{NULL}}},
    {"reply", "reply", &reply, NULL, {{NULL}}},
    {"write", "reply", &reply, NULL, {{"fresh", "1", "own_subject", "A question"}}},
    {"reply-too-large",
     "reply",
     &reply,
     NULL,
     {{"too_large", "1", "body", "Dear Marta,\n\nhere they are.\n"}}},
    {"reply-too-many",
     "reply",
     &reply,
     &draft_list,
     {{"too_many", "1", "saved", "1", "kept_files", "2", "files_lost", "1", "has_draft_files",
       "1"}}},
    {"reply-draft",
     "reply",
     &reply,
     &draft_list,
     {{"has_draft_files", "1", "body", "Dear Marta,", "draft_at", "22 November 2026, 10:12 UTC"}}},
    {"reply-all", "reply", &reply, &holders, {{"can_reply_all", "1", "to_all", "1"}}},
    {"reply-too-often", "reply", &reply, NULL, {{"too_often", "1", "saved", "1"}}},
    {"reply-timed-out-kept",
     "reply",
     &reply,
     NULL,
     {{"timed_out", "1", "saved", "1", "kept_files", "2", "body", "Dear Marta,", "stay_until",
       ""}}},
    {"reply-empty", "reply", &reply, NULL, {{"empty", "1"}}},
    {"reply-stale", "reply", &reply, NULL, {{"stale", "1", "body", "Dear Marta,"}}},
    {"reply-crowded", "reply", &reply, NULL, {{"crowded", "1", "body", "Dear Marta,"}}},
    {"reply-failed", "reply", &reply, NULL, {{"failed", "1", "body", "Dear Marta,"}}},
    {"reply-timed-out",
     "reply",
     &reply,
     NULL,
     {{"timed_out", "1", "body", "Dear Marta,", "stay_until", ""}}},
    {"sent-files", "sent", &sent, &sent_files, {{NULL}}},
    {"sent", "sent", &sent, NULL, {{NULL}}},
    {"sent-bare", "sent", &sent, NULL, {{"file_count", "0"}}},
    {"standing-not-ready",
     "standing",
     &standing,
     NULL,
     {{"not_ready", "1", "sender_name", "", "sender_address", ""}}},
    {"standing-expired", "standing", &standing, NULL, {{"expired", "1"}}},
    {"standing-recalled", "standing", &standing, NULL, {{"recalled", "1"}}},
    {"standing-recalled-admin",
     "standing",
     &standing,
     NULL,
     {{"recalled", "1", "closed_by_admin", "1"}}},
    {"standing-destroyed", "standing", &standing, NULL, {{"destroyed", "1"}}},
    {"standing-destroyed-sender",
     "standing",
     &standing,
     NULL,
     {{"destroyed", "1", "closed_by_sender", "1"}}},
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
	for (size_t index = 0; index < sizeof(pages) / sizeof(pages[0]); index++)
		if (!write_page(languages, language, &pages[index], argv[2]))
			exit_code = 1;
	for (const struct page *page = mailbox_pages; page->state != NULL; page++)
		if (!write_page(languages, language, page, argv[2]))
			exit_code = 1;
	languages_free(languages);
	return exit_code;
}
