#include "messenger/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "mail/address.h"
#include "mail/transport.h"

struct ladder_row {
	const char *const *domains;
	size_t domain_count;
	struct ladder ladder;
};

static const struct {
	const char *word;
	enum delivery_route rung;
} words[] = {
    {"smime", ROUTE_SMIME}, {"openpgp", ROUTE_OPENPGP}, {"tls", ROUTE_TLS},
    {"pdf", ROUTE_PDF},	    {"portal", ROUTE_PORTAL},
};

bool
ladder_has(const struct ladder *ladder, enum delivery_route rung)
{
	for (size_t i = 0; i < ladder->count; i++)
		if (ladder->rungs[i] == rung)
			return true;
	return false;
}

bool
ladders_have(const struct ladders *ladders, enum delivery_route rung)
{
	bool found = ladder_has(&ladders->common, rung);

	for (size_t i = 0; i < ladders->row_count && !found; i++)
		found = ladder_has(&ladders->rows[i].ladder, rung);
	return found;
}

struct ladder
ladder_below(const struct ladder *ladder, enum delivery_route rung)
{
	struct ladder rest = {.count = 0};
	size_t at = 0;

	while (at < ladder->count && ladder->rungs[at] != rung)
		at++;
	/* The configuration may be another one by now. */
	for (at = at < ladder->count ? at + 1 : 0; at < ladder->count; at++)
		rest.rungs[rest.count++] = ladder->rungs[at];
	return rest;
}

/* What a PDF cannot do, its portal does: what has a template or a mailbox, answers. */
static bool
pdf_stands_well(const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->count; i++)
		if (ladder->rungs[i] == ROUTE_PDF)
			return i + 1 < ladder->count && ladder->rungs[i + 1] == ROUTE_PORTAL;
	return true;
}

static bool
read_ladder(const struct config *config, const char *name, FILE *faults, struct ladder *ladder)
{
	size_t count;
	const char *const *list = config_list(config, name, &count);

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		while (at < sizeof(words) / sizeof(words[0]) &&
		       strcmp(words[at].word, list[i]) != 0)
			at++;
		if (at == sizeof(words) / sizeof(words[0]) || ladder_has(ladder, words[at].rung)) {
			config_fault(config, name, faults,
				     "expects smime, openpgp, tls, pdf, portal, each at most once");
			return false;
		}
		ladder->rungs[ladder->count++] = words[at].rung;
	}
	if (!pdf_stands_well(ladder)) {
		config_fault(config, name, faults, "expects portal right behind pdf");
		return false;
	}
	if (count == 0)
		config_fault(config, name, faults, "is empty: nothing could be secured");
	return count > 0;
}

static bool
read_row(const struct config *config, FILE *faults, struct ladder_row *row)
{
	bool good;

	row->domains = config_list(config, "policy.ladders[].domains", &row->domain_count);
	good = transport_are_patterns(row->domains, row->domain_count);
	if (!good)
		config_fault(config, "policy.ladders[].domains", faults,
			     "expects example.net, .example.net or *");
	return read_ladder(config, "policy.ladders[].ladder", faults, &row->ladder) && good;
}

bool
ladders_read(const struct config *config, FILE *faults, struct ladders *ladders_out)
{
	struct ladders ladders = {.row_count = config_row_count(config, "policy.ladders")};
	bool good = read_ladder(config, "policy.ladder", faults, &ladders.common);

	ladders.rows = calloc(ladders.row_count + 1, sizeof(*ladders.rows));
	if (ladders.rows == NULL)
		ladders.row_count = 0;
	for (size_t i = 0; i < ladders.row_count; i++)
		good =
		    read_row(config_row(config, "policy.ladders", i), faults, &ladders.rows[i]) &&
		    good;
	*ladders_out = ladders;
	return good && ladders.rows != NULL;
}

void
ladders_clear(struct ladders *ladders)
{
	free(ladders->rows);
	*ladders = (struct ladders){.rows = NULL};
}

const struct ladder *
ladder_for(const struct ladders *ladders, struct slice address)
{
	struct slice domain = address_domain(address);

	for (size_t i = 0; i < ladders->row_count; i++)
		if (transport_fits_any(ladders->rows[i].domains, ladders->rows[i].domain_count,
				       domain))
			return &ladders->rows[i].ladder;
	return &ladders->common;
}
