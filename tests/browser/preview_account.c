/* Signing in at the desk, and what it takes. */
#include "tests/browser/preview.h"

static const struct values sign_in = {{"address", "", "retry_at", "09:40 UTC"}};

/* What the script asks the browser with; these pages ask nobody. */
#define PASSKEY                                                                                    \
	"portal_host", "portal.example.org", "passkey_host", "portal.example.org",                 \
	    "passkey_challenge", "", "passkey_all", ""

/* Where its forms lead. */
#define ACCOUNT "account", "/desk/account", "account_address", SENDER

static const struct values code = {
    {PASSKEY, "action", "/desk/factor", "address", SENDER, "tries_left", "4"}};

static const struct values account = {
    {DESK, PASSKEY, ACCOUNT, "since", SENT_AT, "used_at", OPENED_AT, "recovery_left", "9"}};

static const struct values account_passkey = {
    {DESK, PASSKEY, ACCOUNT, "name", "", "make_challenge", "", "passkey_user", ""}};

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

/* The same of a mailbox's owner. */
#define BOX_ACCOUNT                                                                                \
	BOX, PASSKEY, "in_box", "1", "account", "/box/account", "account_address", RECIPIENT

static const struct values box_code = {
    {PASSKEY, "in_box", "1", "action", "/box/factor", "address", RECIPIENT, "tries_left", "4"}};

static const struct values box_account = {
    {BOX_ACCOUNT, "since", SENT_AT, "used_at", OPENED_AT, "recovery_left", "9"}};

static const struct values box_account_passkey = {
    {BOX_ACCOUNT, "name", "", "make_challenge", "", "passkey_user", ""}};

static const struct list box_sessions = {
    .name = "sessions",
    .items = {{{"program", "Firefox", "system", "Android", "network", "192.0.2.0/24",
		"signed_in_at", SENT_AT, "seen_at", OPENED_AT, "session", "17", "is_this", "1",
		"in_mailbox", "1"}},
	      {{"program", "Chrome", "system", "", "network", "198.51.100.0/24", "signed_in_at",
		SENT_AT, "seen_at", OPENED_AT, "session", "18", "elsewhere", "1"}}},
};

#define QR_PATH                                                                                    \
	"M4 4h7v1h-7zM4 5h1v1h-1zM10 5h1v1h-1zM4 6h1v1h-1zM6 6h3v1h-3zM10 6h1v1h-1zM4 7h7v1h-7z"

static const struct values account_new = {{DESK, ACCOUNT, "qr_size", "29", "qr_path", QR_PATH,
					   "qr_blocks", "", "secret",
					   "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", "uri", ""}};

const struct page account_pages[] = {
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
    {"desk-factor", "factor", &code, NULL, {{"has_totp", "1"}}},
    {"desk-factor-wrong", "factor", &code, NULL, {{"has_totp", "1", "wrong", "1"}}},
    {"desk-factor-dead", "factor", &code, NULL, {{"has_totp", "1", "dead", "1"}}},
    {"desk-factor-busy", "factor", &code, NULL, {{"has_totp", "1", "busy", "1"}}},
    {"desk-factor-passkey", "factor", &code, NULL, {{"has_passkeys", "1"}}},
    {"desk-factor-either",
     "factor",
     &code,
     NULL,
     {{"has_totp", "1", "has_passkeys", "1", "passkey_wrong", "1"}}},
    {"desk-factor-copied", "factor", &code, NULL, {{"has_passkeys", "1", "copied", "1"}}},
    {"desk-factor-late", "factor", &code, NULL, {{"has_passkeys", "1", "too_late", "1"}}},
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
     {{"has_factor", "1", "has_totp", "1", "inside", "1", "losing", "1", "losing_begun", "1",
       "losing_keep", "/desk/account/keep", "losing_by", "Ann Other", "losing_begun_at", SENT_AT,
       "losing_at", UNTIL}}},
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
    {"box-factor", "factor", &box_code, NULL, {{"has_totp", "1"}}},
    {"box-factor-wrong", "factor", &box_code, NULL, {{"has_totp", "1", "wrong", "1"}}},
    {"box-factor-dead", "factor", &box_code, NULL, {{"has_totp", "1", "dead", "1"}}},
    {"box-factor-busy", "factor", &box_code, NULL, {{"has_totp", "1", "busy", "1"}}},
    {"box-factor-passkey", "factor", &box_code, NULL, {{"has_passkeys", "1", "copied", "1"}}},
    {"box-factor-either", "factor", &box_code, NULL, {{"has_totp", "1", "has_passkeys", "1"}}},
    {"box-account", "account", &box_account, &box_sessions, {{"has_others", "1"}}},
    {"box-account-limited", "account", &box_account, &box_sessions, {{"limited", "1"}}},
    {"box-account-set-up",
     "account",
     &box_account,
     &box_sessions,
     {{"has_factor",	  "1",
       "has_totp",	  "1",
       "has_others",	  "1",
       "inside",	  "1",
       "losing",	  "1",
       "losing_begun",	  "1",
       "losing_keep",	  "/box/account/keep",
       "losing_by",	  "Ann Other",
       "losing_begun_at", SENT_AT,
       "losing_at",	  UNTIL}}},
    {"box-account-added",
     "account",
     &box_account,
     &recovery_codes,
     {{"has_factor", "1", "has_totp", "1", "has_codes", "1", "added", "1"}}},
    {"box-account-both",
     "account",
     &box_account,
     &passkeys,
     {{"has_factor", "1", "has_totp", "1", "has_passkeys", "1", "copied", "1"}}},
    {"box-account-removed", "account", &box_account, NULL, {{"removed", "1"}}},
    {"box-account-passkey",
     "account_passkey",
     &box_account_passkey,
     NULL,
     {{"has_factor", "1", "has_passkeys", "1", "wrong", "1"}}},
    {"box-account-new", "account_new", &account_new, NULL, {{BOX_ACCOUNT}}},
    {.state = NULL},
};
