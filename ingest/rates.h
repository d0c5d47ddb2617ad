/*
 * How often a client comes: a token bucket for each client and rule in a table of fixed size.
 * Where the table is full, who was seen longest ago is forgotten, which gives that client a
 * full bucket again; nobody can choose whom to push out, for places are dealt by a secret key.
 *
 * Any thread at any time; one lock, held for a few comparisons.
 */
#ifndef INGEST_RATES_H
#define INGEST_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/network.h"

struct rates;

enum rate_kind { RATE_CONNECTIONS, RATE_MESSAGES };

/* Room for some 8,000 buckets. */
struct rates *rates_new(void);
void rates_free(struct rates *rates);

/* Take one from the bucket of this client (its network_of_client) under the rule named by `key`.
 * The bucket holds `per_minute` and fills up within a minute.  False when it is empty; always
 * true where per_minute is 0.  `now` is clock_monotonic_ms. */
bool rates_take(struct rates *rates, enum rate_kind kind, uint64_t key,
		const struct network_address *address, uint64_t per_minute, int64_t now);

#endif
