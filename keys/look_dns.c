/* SMIMEA and OPENPGPKEY. */
#include "keys/look.h"

#include "keys/dane.h"
#include "keys/names.h"

struct inquiry {
	struct dns *dns;
	enum candidate_source source;
	int64_t deadline;
	struct arena *arena;
	struct finding finding;
};

static void
add(struct inquiry *inquiry, enum candidate_kind kind, enum dane_usage usage, struct slice bytes,
    const char *name)
{
	struct candidate candidate = {
	    .source = inquiry->source,
	    .kind = kind,
	    .trust = CANDIDATE_DNSSEC,
	    .usage = usage,
	    .bytes = bytes,
	    .evidence = name,
	};

	finding_add(&inquiry->finding, &candidate, inquiry->arena);
}

/* Any one record that fits is enough (RFC 6698 section 2.1): a whole certificate stands beside
 * digests of others, such as the next one. */
static void
add_pin(struct finding *finding, const struct dane_record *record, struct arena *arena)
{
	if (finding->pins == NULL)
		finding->pins = arena_alloc_many(arena, DNS_RECORDS_MAX, sizeof(*finding->pins));
	if (finding->pin_count < DNS_RECORDS_MAX)
		finding->pins[finding->pin_count++] = *record;
}

static void
take_record(struct inquiry *inquiry, struct slice rdata, const char *name)
{
	struct dane_record record;
	struct slice key;

	if (inquiry->source == CANDIDATE_OPENPGPKEY) {
		if (dane_read_openpgp(rdata, &key) == STATUS_OK)
			add(inquiry, CANDIDATE_OPENPGP, DANE_EE, key, name);
		return;
	}
	if (dane_read(rdata, &record) != STATUS_OK)
		return;
	add_pin(&inquiry->finding, &record, inquiry->arena);
	if (dane_is_certificate(&record))
		add(inquiry, CANDIDATE_CERTIFICATE, record.usage, record.data, name);
}

/* Nothing was found; `reason` tells why. */
static void
find_nothing(struct finding *finding, const char *reason, int64_t seconds, bool for_all)
{
	finding->outcome = FINDING_NONE;
	finding->reason = reason;
	finding->seconds = seconds;
	finding->for_all = for_all;
}

/* That the denial of the very name is not secure means that its domain is not signed, so no other
 * name there is either.  Behind an alias it is the word of another domain, and records may stand in
 * a zone of their own. */
static bool
is_for_all(const struct dns_answer *records, const char *name)
{
	return records->count == 0 &&
	       slice_equal_nocase(slice_from_text(records->name), slice_from_text(name));
}

/* RFC 7929 section 5 and RFC 8162 section 6: what is not secure counts for nothing. */
static void
ask_name(struct inquiry *inquiry, const char *name)
{
	enum dns_type type = inquiry->source == CANDIDATE_SMIMEA ? DNS_SMIMEA : DNS_OPENPGPKEY;
	struct finding *finding = &inquiry->finding;
	struct dns_answer records;
	struct look_failure failure;
	int64_t seconds;
	enum status status = dns_ask(inquiry->dns, name, type, inquiry->deadline, inquiry->arena,
				     &records, &failure);

	if (status != STATUS_OK) {
		*finding = finding_failed(inquiry->source, &failure, status == STATUS_UNAVAILABLE,
					  inquiry->arena);
		return;
	}
	seconds = records.seconds > 0 ? records.seconds : 1;
	if (!records.secure) {
		find_nothing(finding, "insecure", seconds, is_for_all(&records, name));
		return;
	}
	if (records.count == 0) {
		find_nothing(finding, "no-record", seconds, false);
		return;
	}
	find_nothing(finding, "unusable", seconds, false);
	for (size_t i = 0; i < records.count; i++)
		take_record(inquiry, records.records[i], name);
	if (finding->outcome != FINDING_FOUND && finding->pin_count > 0)
		finding->reason = "digest-only";
}

static enum status
make_name(const struct inquiry *inquiry, struct slice address, const char **name_out)
{
	return inquiry->source == CANDIDATE_SMIMEA
		   ? names_smimea(address, inquiry->arena, name_out)
		   : names_openpgpkey(address, inquiry->arena, name_out);
}

struct finding
look_dns(struct dns *dns, enum candidate_source source, struct slice address, int64_t deadline,
	 struct arena *arena)
{
	struct inquiry inquiry = {
	    .dns = dns, .source = source, .deadline = deadline, .arena = arena};
	static const struct look_failure no_name = {"wrong-address", ""};
	struct slice lower;
	const char *name;

	inquiry.finding = (struct finding){.source = source, .detail = ""};
	if (make_name(&inquiry, address, &name) != STATUS_OK)
		return finding_failed(source, &no_name, false, arena);
	ask_name(&inquiry, name);
	/* As it is written first; a domain that tells cases apart has its way. */
	if (inquiry.finding.outcome == FINDING_NONE && !inquiry.finding.for_all &&
	    inquiry.finding.pin_count == 0 && names_lower(address, arena, &lower) == STATUS_OK &&
	    make_name(&inquiry, lower, &name) == STATUS_OK)
		ask_name(&inquiry, name);
	return inquiry.finding;
}
