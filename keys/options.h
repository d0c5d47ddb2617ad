/*
 * Looking for keys as the configuration describes it.
 */
#ifndef KEYS_OPTIONS_H
#define KEYS_OPTIONS_H

#include "base/config.h"
#include "keys/discover.h"
#include "keys/tls_policy.h"

/* What is read of the configuration. */
extern const struct config_option keys_options[];

/* Say what is wrong with a configuration beyond its table. */
enum status keys_check(const struct config *config, FILE *faults) MUST_CHECK;

struct keys_settings {
	struct discover_settings discover;
	struct tls_policy_settings policy; /* without a net */
};

/* Borrows the configuration; lists live in the arena. */
enum status keys_read_settings(const struct config *config, FILE *faults, struct arena *arena,
			       struct keys_settings *settings_out) MUST_CHECK;

#endif
