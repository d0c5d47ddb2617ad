#include "keys/mta_sts.h"

#include <string.h>

#include "mail/idn.h"

#define VERSION "STSv1"

static bool
is_word_byte(unsigned char byte)
{
	unsigned char lower = slice_lower(byte);

	return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
}

static bool
is_id(struct slice value)
{
	for (size_t i = 0; i < value.size; i++)
		if (!is_word_byte(value.data[i]))
			return false;
	return value.size > 0 && value.size <= MTA_STS_ID_MAX;
}

/* "v=STSv1;" comes first, with blanks around its semicolon only. */
static bool
is_record(struct slice text)
{
	struct slice version = SLICE("v=" VERSION);
	size_t semicolon = slice_find_byte(text, ';', 0);

	return semicolon != SLICE_NONE && text.size > 0 && text.data[0] == 'v' &&
	       slice_equal(slice_trim(slice_part(text, 0, semicolon)), version);
}

static enum status
find_id(struct slice record, struct arena *arena, const char **id_out)
{
	size_t from = slice_find_byte(record, ';', 0) + 1;

	while (from < record.size) {
		size_t end = slice_find_byte(record, ';', from);
		struct slice field = slice_trim(slice_part(record, from, end));

		if (field.size > 3 && slice_equal(slice_part(field, 0, 3), SLICE("id="))) {
			struct slice value = slice_part(field, 3, field.size);

			if (!is_id(value))
				return STATUS_INVALID;
			*id_out = arena_text_from(arena, value);
			return STATUS_OK;
		}
		if (end == SLICE_NONE)
			break;
		from = end + 1;
	}
	return STATUS_INVALID;
}

enum status
mta_sts_read_record(const struct slice *texts, size_t count, struct arena *arena,
		    const char **id_out)
{
	const struct slice *record = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!is_record(texts[i]))
			continue;
		if (record != NULL)
			return STATUS_NOT_FOUND;
		record = &texts[i];
	}
	return record == NULL ? STATUS_NOT_FOUND : find_id(*record, arena, id_out);
}

/* A policy as it is read; of a field that comes again the first counts. */
struct reading {
	struct arena *arena;
	bool has_version, has_mode, has_age, bad;
	struct mta_sts_policy policy;
	const char **patterns;
};

static void
read_mode(struct reading *reading, struct slice value)
{
	static const char *const words[] = {"none", "testing", "enforce"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_equal(value, slice_from_text(words[i]))) {
			reading->policy.mode = (enum mta_sts_mode)i;
			reading->has_mode = true;
			return;
		}
	}
	reading->bad = true;
}

static void
read_age(struct reading *reading, struct slice value)
{
	unsigned long long age;

	if (!slice_to_number(value, &age) || age > (unsigned long long)MTA_STS_AGE_MAX)
		reading->bad = true;
	else
		reading->policy.seconds = (int64_t)age;
	reading->has_age = true;
}

/* A pattern is the name of a host, or "*." and such a name. */
static void
read_pattern(struct reading *reading, struct slice value)
{
	bool is_wild = value.size > 2 && slice_equal(slice_part(value, 0, 2), SLICE("*."));
	struct slice name = slice_part(value, is_wild ? 2 : 0, value.size);
	const char *host;

	if (reading->policy.pattern_count == MTA_STS_HOSTS_MAX ||
	    idn_to_ascii(name, reading->arena, &host) != STATUS_OK) {
		reading->bad = true;
		return;
	}
	reading->patterns[reading->policy.pattern_count++] =
	    arena_printf(reading->arena, "%s%s", is_wild ? "*." : "", host);
}

static void
read_line(struct reading *reading, struct slice line)
{
	size_t colon = slice_find_byte(line, ':', 0);
	struct slice key = slice_trim(slice_part(line, 0, colon));
	struct slice value = slice_trim(slice_part(line, colon + 1, line.size));

	if (colon == SLICE_NONE) {
		reading->bad = reading->bad || slice_trim(line).size > 0;
	} else if (slice_equal(key, SLICE("version"))) {
		if (!reading->has_version && !slice_equal(value, SLICE(VERSION)))
			reading->bad = true;
		reading->has_version = true;
	} else if (slice_equal(key, SLICE("mode"))) {
		if (!reading->has_mode)
			read_mode(reading, value);
	} else if (slice_equal(key, SLICE("max_age"))) {
		if (!reading->has_age)
			read_age(reading, value);
	} else if (slice_equal(key, SLICE("mx"))) {
		read_pattern(reading, value);
	}
}

enum status
mta_sts_read_policy(struct slice text, struct arena *arena, struct mta_sts_policy *policy_out)
{
	struct reading reading = {.arena = arena};
	size_t from = 0;

	if (text.size > MTA_STS_SIZE_MAX)
		return STATUS_INVALID;
	reading.patterns = arena_alloc_many(arena, MTA_STS_HOSTS_MAX, sizeof(*reading.patterns));
	while (from < text.size && !reading.bad) {
		size_t end = slice_find_byte(text, '\n', from);

		read_line(&reading, slice_part(text, from, end));
		if (end == SLICE_NONE)
			break;
		from = end + 1;
	}
	if (reading.bad || !reading.has_version || !reading.has_mode || !reading.has_age)
		return STATUS_INVALID;
	if (reading.policy.mode != MTA_STS_NONE && reading.policy.pattern_count == 0)
		return STATUS_INVALID;
	reading.policy.patterns = reading.patterns;
	*policy_out = reading.policy;
	return STATUS_OK;
}

bool
mta_sts_fits(const char *pattern, const char *host)
{
	if (strncmp(pattern, "*.", 2) == 0) {
		host = strchr(host, '.');
		if (host == NULL)
			return false;
		pattern++;
	}
	return slice_equal_nocase(slice_from_text(pattern), slice_from_text(host));
}
