#include "courier/settings.h"

#include <string.h>

#include "base/monitor.h"
#include "courier/courier.h"

const struct config_option courier_options[] = {
    {"courier.database", CONFIG_TEXT, "dbname=postern user=postern_courier", 0, 0, false,
     "libpq connection string of the courier's role"},
    {"courier.keys", CONFIG_PATH, "keys/courier.keys", 0, 0, false, "key file of the courier"},
    {"courier.templates", CONFIG_PATH, "templates", 0, 0, false, "folder of the texts of mails"},
    {"courier.workers", CONFIG_NUMBER, "4", 1, 64, false,
     "threads that route and send, each with a connection to the relay"},
    {"courier.clock_patience", CONFIG_DURATION, "1 h", 0, 604800, false,
     "a clock that jumps ahead by more than 26 h must hold for so long before messages expire by "
     "it"},
    {"courier.metrics", CONFIG_TEXT, "", 0, 0, false,
     "where figures are served: loopback address:port or unix:/path; empty: nowhere"},
    {"relay.maildir", CONFIG_PATH, "", 0, 0, false,
     "write mail into Maildirs below this folder instead of sending it (demonstration)"},
    {"relay.host", CONFIG_TEXT, "localhost", 0, 0, false, "smarthost that takes outgoing mail"},
    {"relay.port", CONFIG_NUMBER, "25", 1, 65535, false, "its port"},
    {"relay.tls", CONFIG_TEXT, "may", 0, 0, false,
     "never, may (STARTTLS when offered), encrypt (required), verify (certificate checked)"},
    {"relay.implicit_tls", CONFIG_FLAG, "false", 0, 0, false,
     "TLS from the first byte instead of STARTTLS"},
    {"relay.ca_file", CONFIG_PATH, "", 0, 0, false,
     "certificates that verify trusts; empty for the system's"},
    {"relay.user", CONFIG_TEXT, "", 0, 0, false, "user for AUTH; empty for none"},
    {"relay.password_file", CONFIG_PATH, "", 0, 0, false,
     "file whose first line is the password for AUTH"},
    {"relay.timeout", CONFIG_DURATION, "5 min", 1, 3600, false,
     "longest wait for a connection or a reply"},
    {.name = NULL},
};

static bool
parse_tls(const char *word, enum relay_tls *tls_out)
{
	static const char *const words[] = {"never", "may", "encrypt", "verify"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0) {
			*tls_out = (enum relay_tls)i;
			return true;
		}
	}
	return false;
}

enum status
settings_relay(const struct config *config, FILE *faults, struct relay_settings *settings_out)
{
	struct relay_settings settings = {
	    .maildir = config_text(config, "relay.maildir"),
	    .host = config_text(config, "relay.host"),
	    .port = (unsigned)config_number(config, "relay.port"),
	    .implicit_tls = config_flag(config, "relay.implicit_tls"),
	    .ca_file = config_text(config, "relay.ca_file"),
	    .user = config_text(config, "relay.user"),
	    .password_file = config_text(config, "relay.password_file"),
	    .helo_name = config_text(config, "organisation.host_name"),
	    .timeout_seconds = (unsigned)config_number(config, "relay.timeout"),
	};

	if (!parse_tls(config_text(config, "relay.tls"), &settings.tls)) {
		config_fault(config, "relay.tls", faults, "expects never, may, encrypt or verify");
		return STATUS_INVALID;
	}
	if (*settings.user != '\0' && *settings.password_file == '\0') {
		config_fault(config, "relay.password_file", faults, "is not set but relay.user is");
		return STATUS_INVALID;
	}
	*settings_out = settings;
	return STATUS_OK;
}

enum status
courier_check(const struct config *config, FILE *faults)
{
	struct relay_settings settings;
	enum status metrics = monitor_check(config, "courier.metrics", faults);
	enum status relay = settings_relay(config, faults, &settings);

	return relay == STATUS_OK ? metrics : relay;
}
