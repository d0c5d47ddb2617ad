/* Pages of a recipient who has a link: the clue, the message, the reply. */
#include "tests/browser/preview.h"

/* Until when a visit lasts. */
#define STAY                                                                                       \
	"stay_until", "22 November 2026, 10:55 UTC", "stay_seconds", "900", "stay_possible", "1",  \
	    "session_until", "22 November 2026, 18:40 UTC"

static const struct values forgotten = {{"action", BASE "/forgotten", "back", BASE, "sender_name",
					 SENDER_NAME, "sender_address", SENDER, "retry_at",
					 "21 November 2026, 09:40 UTC"}};

static const struct values factor = {{"action", ACTION, "again", "/r/4fz0", "recipient", RECIPIENT,
				      "until", "09:40 UTC", "retry_at", "", "tries_left", "4",
				      "phone", PHONE, "number", "7", "sheet_at", SENT_AT}};

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

const struct page recipient_pages[] = {
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
    {"standing-destroyed-given-up",
     "standing",
     &standing,
     NULL,
     {{"destroyed", "1", "closed_by_giving_up", "1"}}},
    {"standing-lost",
     "standing",
     &standing,
     NULL,
     {{"lost_at", CLOSED_AT, "forgotten_url", BASE "/forgotten"}}},
    {"standing-suspended", "standing", &standing, NULL, {{"suspended", "1"}}},
    {"standing-replaced", "standing", &standing, NULL, {{"replaced", "1"}}},
    {.state = NULL},
};
