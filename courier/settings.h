/*
 * The relay as the configuration describes it: the smarthosts, and the transports
 * of certain domains before them.
 */
#ifndef COURIER_SETTINGS_H
#define COURIER_SETTINGS_H

#include "base/arena.h"
#include "base/config.h"
#include "mail/relay_pool.h"

/* Borrows the configuration; the table lives in the arena. */
enum status settings_relay(const struct config *config, FILE *faults, struct arena *arena,
			   struct relay_pool_settings *settings_out) MUST_CHECK;

#endif
