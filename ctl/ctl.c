#include "ctl/ctl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct config_option ctl_options[] = {
    {"ctl.database", CONFIG_TEXT, "dbname=postern", 0, 0, false,
     "libpq connection string of the schema's owner, for postern ctl"},
    {.name = NULL},
};

struct verb {
	const char *subject;
	const char *verb; /* "" for a subject that stands alone */
	bool needs_config;
	int (*run)(const struct ctl_call *call);
	const char *usage; /* what goes behind the verb */
	const char *help;  /* NULL: not for operators, and not told of */
};

static int manual_verbs(const struct ctl_call *call);

static const struct verb verbs[] = {
    {"config", "check", false, ctl_config_check, "", "say what is wrong with the configuration"},
    {"config", "show", true, ctl_config_show, "", "every option with the value in force"},
    {"manual", "options", false, ctl_manual_options, "", NULL},
    {"manual", "verbs", false, manual_verbs, "", NULL},
    {"schema", "migrate", true, ctl_schema_migrate, "",
     "bring the database to this program's schema"},
    {"keys", "init", false, ctl_keys_init, "FOLDER", "make all keys, one file per program"},
    {"keys", "show", false, ctl_keys_show, "FOLDER", "public parts and fingerprints"},
    {"doctor", "", true, ctl_doctor, "", "look whether everything that is needed is there"},
    {"message", "list", true, ctl_message_list,
     "[--sender ADDRESS] [--state waiting|unread|read|over|plain|all] [--limit N] [--before ID]",
     "deliveries, newest first"},
    {"message", "show", true, ctl_message_show, "ID", "a message and each of its deliveries"},
    {"message", "recall", true, ctl_message_recall, "ID [--all]",
     "take a delivery back, or all of a message"},
    {"message", "extend", true, ctl_message_extend, "ID --days N",
     "let a delivery live so many days from now on"},
    {"template", "list", true, ctl_template_list, "[--owner ADDRESS] [--limit N]",
     "templates, oldest first"},
    {"template", "delete", true, ctl_template_delete, "ID", "delete a template"},
    {"account", "show", true, ctl_account_show, "ADDRESS",
     "what signing in at the desk takes for somebody, and what became of it"},
    {"account", "reset", true, ctl_account_reset, "ADDRESS --by NAME [--confirm]",
     "begin to take all second factors of somebody away who has lost them; with --confirm, by a "
     "second person, complete it"},
    {"mailbox", "list", true, ctl_mailbox_list, "[--limit N] [--after ID]",
     "mailboxes of recipients, oldest first"},
    {"mailbox", "show", true, ctl_mailbox_show, "ADDRESS",
     "how full the mailbox of somebody is, and what is about to become of it"},
    {"mailbox", "give-up", true, ctl_mailbox_give_up, "ADDRESS --by NAME [--confirm]",
     "begin to give up a mailbox whose passphrase is forgotten; with --confirm, by a second "
     "person, "
     "complete it"},
    {"user", "set", true, ctl_user_set, "NAME [--domains DOMAIN,DOMAIN]",
     "let somebody authenticate by SMTP, or change the password; asks for it"},
    {"user", "list", true, ctl_user_list, "", "who may authenticate by SMTP"},
    {"user", "delete", true, ctl_user_delete, "NAME", "let somebody not authenticate any more"},
    {"queue", "list", true, ctl_queue_list,
     "[--sender ADDRESS] [--domain DOMAIN] [--state due|waiting|held|all] [--limit N]",
     "mails that wait to be sent, oldest first"},
    {"queue", "show", true, ctl_queue_show, "ID", "one of them, and what was answered so far"},
    {"queue", "retry", true, ctl_queue_retry, "ID | --all [--sender ADDRESS] [--domain DOMAIN]",
     "try at once"},
    {"queue", "hold", true, ctl_queue_hold, "ID | --all [--sender ADDRESS] [--domain DOMAIN]",
     "do not send until released"},
    {"queue", "release", true, ctl_queue_release, "ID | --all [--sender ADDRESS] [--domain DOMAIN]",
     "send what is held"},
    {"queue", "delete", true, ctl_queue_delete, "ID [--bounce]",
     "never send it; with --bounce its sender is told"},
    {"route", "test", true, ctl_route_test, "SENDER RECIPIENT [--subject SUBJECT]",
     "say what would happen to a message, and why"},
    {"key", "import", true, ctl_key_import, "FILE|FOLDER [--address ADDRESS] [--accept]",
     "take certificates or OpenPGP keys of recipients; with --accept also those that nobody "
     "vouches "
     "for"},
    {"key", "export", true, ctl_key_export, "ID", "write a key to standard output"},
    {"key", "list", true, ctl_key_list, "[--address ADDRESS] [--limit N]", "keys, oldest first"},
    {"key", "review", true, ctl_key_review, "[--address ADDRESS] [--limit N]",
     "keys that were found and are not believed, and why"},
    {"key", "show", true, ctl_key_show, "ID", "one of them"},
    {"key", "find", true, ctl_key_find, "ADDRESS [--anew]",
     "have a running courier look for keys, and say what each source answered"},
    {"key", "accept", true, ctl_key_accept, "ID", "use a key, whoever vouches for it"},
    {"key", "ban", true, ctl_key_ban, "ID", "never use this key, for no address"},
    {"key", "delete", true, ctl_key_delete, "ID", "forget a key; it may be found again"},
    {"own-key", "import", true, ctl_own_key_import,
     "FILE [--address ADDRESS] [--password-file FILE]",
     "take a private key of the organisation to sign with: PKCS#12, PEM with its certificate, or "
     "OpenPGP; asks for its password where it has one"},
    {"own-key", "list", true, ctl_own_key_list, "[--limit N]", "keys to sign with"},
    {"own-key", "show", true, ctl_own_key_show, "ID", "one of them"},
    {"own-key", "export", true, ctl_own_key_export, "ID",
     "write its public half to standard output"},
    {"own-key", "delete", true, ctl_own_key_delete, "ID", "sign with it no more, and forget it"},
    {"ca", "import", true, ctl_ca_import, "FILE",
     "believe certificates of these authorities; those that others have signed are only steps on "
     "the "
     "way"},
    {"ca", "list", true, ctl_ca_list, "", "authorities"},
    {"ca", "delete", true, ctl_ca_delete, "ID", "do not believe an authority any more"},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* As items of an mdoc(7) list; no word of the table needs escaping there. */
static int
manual_verbs(const struct ctl_call *call)
{
	(void)call;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		const struct verb *verb = &verbs[i];

		if (verb->help == NULL)
			continue;
		printf(".It Ic %s%s%s", verb->subject, *verb->verb == '\0' ? "" : " ", verb->verb);
		if (*verb->usage != '\0')
			printf(" Li \"%s\"", verb->usage);
		printf("\n%c%s.\n", toupper((unsigned char)*verb->help), verb->help + 1);
	}
	return 0;
}

static int
usage(void)
{
	fputs("usage: postern ctl SUBJECT VERB [--config FILE]\n\n", stderr);
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (verbs[i].help == NULL)
			continue;
		fprintf(stderr, "  %-8s %-8s %s%s%s\n", verbs[i].subject, verbs[i].verb,
			verbs[i].usage, *verbs[i].usage == '\0' ? "" : ": ", verbs[i].help);
	}
	fputs(
	    "\nWhat is about messages, accounts, mailboxes, templates, the queue, routes, keys and "
	    "authorities also "
	    "takes "
	    "--json, so does user list.\n",
	    stderr);
	return 2;
}

int
ctl_refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("postern: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return 1;
}

int
ctl_usage(const struct ctl_call *call, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "usage: postern ctl %s %s [--json] [--config FILE]\npostern: ", call->name,
		call->usage);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return 2;
}

int
ctl_main(const struct config *(*load)(const char *path), const struct config_option *const *tables,
	 config_check *const *checks, const char *config_path, int argument_count, char **arguments)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		const struct verb *verb = &verbs[i];
		int words = *verb->verb == '\0' ? 1 : 2;
		char name[64];
		struct ctl_call call = {.name = name,
					.usage = verb->usage,
					.config_path = config_path,
					.tables = tables,
					.checks = checks,
					.argument_count = argument_count - words,
					.arguments = arguments + words};

		if (argument_count < words || strcmp(arguments[0], verb->subject) != 0 ||
		    (words == 2 && strcmp(arguments[1], verb->verb) != 0))
			continue;
		snprintf(name, sizeof(name), "%s %s", verb->subject, verb->verb);
		if (verb->needs_config) {
			call.config = load(config_path);
			if (call.config == NULL)
				return 1;
		}
		return verb->run(&call);
	}
	return usage();
}
