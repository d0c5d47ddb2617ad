#include "messenger/tls_pins.h"

#include "mail/address.h"
#include "mail/relay.h"
#include "mail/transport.h"

#define SMTP_PORT 25

static bool
is_known_by_something(const struct tls_pin *pin)
{
	return (pin->fingerprint_count > 0) != (*pin->ca_file != '\0');
}

static bool
read_row(const struct config *config, FILE *faults, struct arena *arena, struct tls_pin *pin)
{
	const char *via = config_text(config, "policy.tls_pins[].via");
	bool domains, good;

	pin->domains = config_list(config, "policy.tls_pins[].domains", &pin->domain_count);
	pin->fingerprints =
	    config_list(config, "policy.tls_pins[].fingerprints", &pin->fingerprint_count);
	pin->ca_file = config_text(config, "policy.tls_pins[].ca_file");
	pin->name = config_text(config, "policy.tls_pins[].name");
	pin->port = SMTP_PORT;
	domains = transport_are_patterns(pin->domains, pin->domain_count);
	if (!domains)
		config_fault(config, "policy.tls_pins[].domains", faults,
			     "expects example.net, .example.net or *");
	good = transport_parse_host(via, arena, &pin->host, &pin->port);
	if (!good)
		config_fault(config, "policy.tls_pins[].via", faults, "is no host");
	for (size_t i = 0; i < pin->fingerprint_count; i++) {
		if (relay_is_fingerprint(pin->fingerprints[i]))
			continue;
		config_fault(config, "policy.tls_pins[].fingerprints", faults,
			     "holds something that is not 32 bytes in hexadecimal");
		good = false;
	}
	if (!is_known_by_something(pin))
		config_fault(config, "policy.tls_pins[].fingerprints", faults,
			     "or ca_file is needed, one of the two");
	return domains && good && is_known_by_something(pin);
}

bool
tls_pins_read(const struct config *config, FILE *faults, struct tls_pins *pins_out)
{
	struct tls_pins pins = {.arena = arena_new(),
				.count = config_row_count(config, "policy.tls_pins")};
	bool good = true;

	pins.rows = arena_alloc_many(pins.arena, pins.count + 1, sizeof(*pins.rows));
	for (size_t i = 0; i < pins.count; i++)
		good = read_row(config_row(config, "policy.tls_pins", i), faults, pins.arena,
				&pins.rows[i]) &&
		       good;
	*pins_out = pins;
	return good;
}

void
tls_pins_clear(struct tls_pins *pins)
{
	if (pins->arena != NULL)
		arena_free(pins->arena);
	*pins = (struct tls_pins){.arena = NULL};
}

const struct tls_pin *
tls_pin_for(const struct tls_pins *pins, struct slice address)
{
	struct slice domain = address_domain(address);

	for (size_t i = 0; i < pins->count; i++)
		if (transport_fits_any(pins->rows[i].domains, pins->rows[i].domain_count, domain))
			return &pins->rows[i];
	return NULL;
}
