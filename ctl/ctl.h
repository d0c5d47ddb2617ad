/*
 * `postern ctl SUBJECT VERB`: the operator's shell.  Exit status 0 done, 1
 * refused or failed with one clear line on stderr, 2 usage.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>

#include "base/config.h"

extern const struct config_option ctl_options[];

/* What a verb gets: the configuration (NULL when it needs none) and the words behind the verb. */
struct ctl_call {
	const char *name;  /* "message list" */
	const char *usage; /* what goes behind the name */
	const struct config *config;
	const char *config_path;
	const struct config_option *const *tables;
	config_check *const *checks; /* of all programs, ends with NULL */
	int argument_count;
	char **arguments;
};

/* `load` reads the configuration; it writes its faults to stderr and returns NULL then. */
int ctl_main(const struct config *(*load)(const char *path),
	     const struct config_option *const *tables, config_check *const *checks,
	     const char *config_path, int argument_count, char **arguments);

/* Say one line to stderr, "postern: ...".  The first gives 1; the second also says how the verb is
 * used, and gives 2. */
int ctl_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
int ctl_usage(const struct ctl_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The verbs, one file per subject. */
int ctl_config_check(const struct ctl_call *call);
int ctl_config_show(const struct ctl_call *call);
int ctl_manual_options(const struct ctl_call *call);
int ctl_schema_migrate(const struct ctl_call *call);
int ctl_keys_init(const struct ctl_call *call);
int ctl_keys_show(const struct ctl_call *call);
int ctl_doctor(const struct ctl_call *call);
int ctl_message_list(const struct ctl_call *call);
int ctl_message_show(const struct ctl_call *call);
int ctl_message_recall(const struct ctl_call *call);
int ctl_message_extend(const struct ctl_call *call);
int ctl_account_show(const struct ctl_call *call);
int ctl_account_reset(const struct ctl_call *call);
int ctl_mailbox_list(const struct ctl_call *call);
int ctl_mailbox_show(const struct ctl_call *call);
int ctl_mailbox_give_up(const struct ctl_call *call);
int ctl_template_list(const struct ctl_call *call);
int ctl_template_delete(const struct ctl_call *call);
int ctl_user_set(const struct ctl_call *call);
int ctl_user_list(const struct ctl_call *call);
int ctl_user_delete(const struct ctl_call *call);
int ctl_queue_list(const struct ctl_call *call);
int ctl_queue_show(const struct ctl_call *call);
int ctl_queue_retry(const struct ctl_call *call);
int ctl_queue_hold(const struct ctl_call *call);
int ctl_queue_release(const struct ctl_call *call);
int ctl_queue_delete(const struct ctl_call *call);
int ctl_route_test(const struct ctl_call *call);
int ctl_key_import(const struct ctl_call *call);
int ctl_key_export(const struct ctl_call *call);
int ctl_key_list(const struct ctl_call *call);
int ctl_key_review(const struct ctl_call *call);
int ctl_key_show(const struct ctl_call *call);
int ctl_key_find(const struct ctl_call *call);
int ctl_key_accept(const struct ctl_call *call);
int ctl_key_ban(const struct ctl_call *call);
int ctl_key_delete(const struct ctl_call *call);
int ctl_own_key_import(const struct ctl_call *call);
int ctl_own_key_list(const struct ctl_call *call);
int ctl_own_key_show(const struct ctl_call *call);
int ctl_own_key_export(const struct ctl_call *call);
int ctl_own_key_delete(const struct ctl_call *call);
int ctl_ca_import(const struct ctl_call *call);
int ctl_ca_list(const struct ctl_call *call);
int ctl_ca_delete(const struct ctl_call *call);

#endif
