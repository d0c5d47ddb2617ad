/*
 * Partners whose mail servers the administrator knows: where messages for certain
 * domains go over verified TLS, and what the server's certificate must be.
 */
#ifndef MESSENGER_TLS_PINS_H
#define MESSENGER_TLS_PINS_H

#include "base/arena.h"
#include "base/config.h"
#include "base/slice.h"

struct tls_pin {
	const char *const *domains;
	size_t domain_count;
	const char *host; /* a name, or an address without brackets */
	unsigned port;
	const char *const *fingerprints; /* none: by ca_file and name */
	size_t fingerprint_count;
	const char *ca_file;
	const char *name; /* "" for the host's */
};

struct tls_pins {
	struct arena *arena;
	struct tls_pin *rows;
	size_t count;
};

/* Read policy.tls_pins; borrows the configuration.  False after writing what is wrong to `faults`.
 * Clear with tls_pins_clear in any case. */
bool tls_pins_read(const struct config *config, FILE *faults, struct tls_pins *pins_out);
void tls_pins_clear(struct tls_pins *pins);

/* NULL: there is none for that address. */
const struct tls_pin *tls_pin_for(const struct tls_pins *pins, struct slice address);

#endif
