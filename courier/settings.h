/*
 * The relay as the configuration describes it.
 */
#ifndef COURIER_SETTINGS_H
#define COURIER_SETTINGS_H

#include "base/config.h"
#include "mail/relay.h"

/* Borrows the configuration. */
enum status settings_relay(const struct config *config, FILE *faults,
			   struct relay_settings *settings_out) MUST_CHECK;

#endif
