/*
 * What look-ups say, as JSON, for tests/integration/test_keys_lookup.py:
 *
 *	lookup CONFIG discover MILLISECONDS TIMES ADDRESS...	all sources, so many times over
 *	lookup CONFIG herd MILLISECONDS THREADS ADDRESS		so many threads at once
 *	lookup CONFIG policy DOMAIN TIMES			TLS of its mail servers
 *	lookup CONFIG hosts HOST -				where a mail server is to be found
 *	lookup CONFIG fetch URL plain|https|named		one document
 *	lookup CONFIG list URL -				a revocation list
 *	lookup CONFIG ocsp URL QUESTION				an OCSP answer
 *	lookup - names ADDRESS...				where its keys would lie; asks
 *nobody
 */
#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/secret.h"
#include "keys/names.h"
#include "keys/options.h"
#include "keys/revocation.h"
#include "keys/tls_hosts.h"
#include "keys/wkd_name.h"

#define POLICY_MILLISECONDS 20000

struct lookup {
	const struct config *config;
	struct keys_settings settings;
	struct discover *discover;
	struct arena *arena;
};

/* One of a herd. */
struct sheep {
	struct lookup *lookup;
	struct slice address;
	int64_t milliseconds;
	json_t *told;
	pthread_t thread;
};

static json_t *
hex(struct slice bytes)
{
	char *text = malloc(HEX_LENGTH(bytes.size) + 1);
	json_t *value;

	encode_hex(bytes, text);
	value = json_string(text);
	free(text);
	return value;
}

static json_t *
tell_record(const struct dane_record *record)
{
	return json_pack("{s:i, s:i, s:i, s:o}", "usage", record->usage, "selector",
			 record->selector, "matching", record->matching, "data", hex(record->data));
}

static json_t *
tell_candidate(const struct candidate *candidate)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:o}", "source",
			 candidate_source_text(candidate->source), "kind",
			 candidate->kind == CANDIDATE_OPENPGP ? "openpgp" : "certificate", "trust",
			 candidate_trust_text(candidate->trust), "usage", candidate->usage,
			 "evidence", candidate->evidence, "bytes", hex(candidate->bytes));
}

static json_t *
tell_finding(const struct finding *finding)
{
	json_t *pins = json_array();

	for (size_t i = 0; i < finding->pin_count; i++)
		json_array_append_new(pins, tell_record(&finding->pins[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:I, s:o}", "source",
			 candidate_source_text(finding->source), "outcome",
			 finding_outcome_text(finding->outcome), "reason", finding->reason,
			 "detail", finding->detail, "candidates", (int)finding->candidate_count,
			 "remembered", finding->remembered, "milliseconds",
			 (json_int_t)finding->milliseconds, "pins", pins);
}

static json_t *
tell_discovery(const struct discovery *discovery)
{
	json_t *findings = json_array();
	json_t *candidates = json_array();

	for (size_t i = 0; i < discovery->finding_count; i++)
		json_array_append_new(findings, tell_finding(&discovery->findings[i]));
	for (size_t i = 0; i < discovery->candidate_count; i++)
		json_array_append_new(candidates, tell_candidate(discovery->candidates[i]));
	return json_pack("{s:o, s:o}", "findings", findings, "candidates", candidates);
}

static json_t *
discover_all(struct lookup *lookup, const struct slice *addresses, size_t count,
	     int64_t milliseconds)
{
	struct arena *arena = arena_new();
	struct discovery *discoveries = arena_alloc_many(arena, count, sizeof(*discoveries));
	int64_t began = clock_monotonic_ms();
	json_t *told = json_array();
	json_t *round;

	keys_discover(lookup->discover, addresses, count, began + milliseconds, arena, discoveries);
	round = json_pack("{s:I, s:o}", "milliseconds", (json_int_t)(clock_monotonic_ms() - began),
			  "addresses", told);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(told, tell_discovery(&discoveries[i]));
	arena_free(arena);
	return round;
}

static json_t *
run_discover(struct lookup *lookup, char **words)
{
	int64_t milliseconds = atoll(words[0]);
	struct slice *addresses;
	json_t *rounds = json_array();
	size_t count = 0;

	while (words[2 + count] != NULL)
		count++;
	addresses = arena_alloc_many(lookup->arena, count, sizeof(*addresses));
	for (size_t i = 0; i < count; i++)
		addresses[i] = slice_from_text(words[2 + i]);
	for (int times = atoi(words[1]); times > 0; times--)
		json_array_append_new(rounds, discover_all(lookup, addresses, count, milliseconds));
	return rounds;
}

static void *
be_sheep(void *argument)
{
	struct sheep *sheep = argument;

	sheep->told = discover_all(sheep->lookup, &sheep->address, 1, sheep->milliseconds);
	return NULL;
}

static json_t *
run_herd(struct lookup *lookup, char **words)
{
	size_t count = (size_t)atoi(words[1]);
	struct sheep *herd = arena_alloc_many(lookup->arena, count, sizeof(*herd));
	json_t *told = json_array();

	for (size_t i = 0; i < count; i++) {
		herd[i] = (struct sheep){.lookup = lookup,
					 .address = slice_from_text(words[2]),
					 .milliseconds = atoll(words[0])};
		if (pthread_create(&herd[i].thread, NULL, be_sheep, &herd[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(herd[i].thread, NULL);
		json_array_append_new(told, herd[i].told);
	}
	return told;
}

static json_t *
tell_policy(const struct tls_policy *policy)
{
	static const char *const kinds[] = {"none", "dane", "mta-sts", "unknown"};
	json_t *hosts = json_array();

	for (size_t i = 0; i < policy->host_count; i++) {
		json_t *records = json_array();

		for (size_t j = 0; j < policy->hosts[i].record_count; j++)
			json_array_append_new(records, tell_record(&policy->hosts[i].records[j]));
		json_array_append_new(
		    hosts, json_pack("{s:s, s:i, s:o}", "name", policy->hosts[i].name, "preference",
				     (int)policy->hosts[i].preference, "records", records));
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:I}", "kind", kinds[policy->kind], "reason",
			 policy->reason, "detail", policy->detail, "hosts", hosts, "seconds",
			 (json_int_t)policy->seconds);
}

static json_t *
run_policy(struct lookup *lookup, char **words)
{
	struct tls_policies *policies;
	json_t *told = json_array();

	lookup->settings.policy.net = discover_net(lookup->discover);
	policies = tls_policies_new(&lookup->settings.policy);
	for (int times = atoi(words[1]); times > 0; times--) {
		struct tls_policy policy =
		    tls_policy_find(policies, slice_from_text(words[0]),
				    clock_monotonic_ms() + POLICY_MILLISECONDS, lookup->arena);

		json_array_append_new(told, tell_policy(&policy));
	}
	tls_policies_free(policies);
	return told;
}

static json_t *
run_hosts(struct lookup *lookup, char **words)
{
	struct tls_addresses addresses = {.count = 0};
	struct look_failure failure = {"", ""};
	enum status status = tls_hosts_find(discover_net(lookup->discover), words[0],
					    clock_monotonic_ms() + POLICY_MILLISECONDS,
					    lookup->arena, &addresses, &failure);
	json_t *told = json_array();

	for (size_t i = 0; i < addresses.count; i++)
		json_array_append_new(told, json_string(addresses.list[i]));
	return json_pack("{s:s, s:s, s:o}", "status", status_text(status), "reason", failure.reason,
			 "addresses", told);
}

static json_t *
run_fetch(struct lookup *lookup, char **words)
{
	struct fetch_request request = {
	    .url = words[0],
	    .plain = strcmp(words[1], "plain") == 0,
	    .is_named = strcmp(words[1], "named") == 0,
	    .redirects = 2,
	    .limit = 65536,
	    .deadline = clock_monotonic_ms() + POLICY_MILLISECONDS,
	};
	struct fetch_answer answer;
	struct look_failure failure;
	enum status status = fetch(discover_net(lookup->discover)->fetch, &request, lookup->arena,
				   &answer, &failure);

	if (status == STATUS_OK)
		return json_pack("{s:s, s:i, s:s, s:o}", "status", status_text(status), "code",
				 (int)answer.code, "type", answer.type, "body", hex(answer.body));
	return json_pack("{s:s, s:s, s:s}", "status", status_text(status), "reason", failure.reason,
			 "detail", failure.detail);
}

static json_t *
run_revocation(struct lookup *lookup, bool is_list, char **words)
{
	const struct fetch_settings *settings = discover_net(lookup->discover)->fetch;
	int64_t deadline = clock_monotonic_ms() + POLICY_MILLISECONDS;
	struct slice body;
	struct look_failure failure;
	enum status status = is_list ? revocation_fetch_list(settings, words[0], deadline,
							     lookup->arena, &body, &failure)
				     : revocation_ask(settings, words[0], slice_from_text(words[1]),
						      deadline, lookup->arena, &body, &failure);

	if (status == STATUS_OK)
		return json_pack("{s:s, s:o}", "status", status_text(status), "body", hex(body));
	return json_pack("{s:s, s:s, s:s}", "status", status_text(status), "reason", failure.reason,
			 "detail", failure.detail);
}

static json_t *
tell_names(struct slice address, struct arena *arena)
{
	const char *smimea = "";
	const char *openpgpkey = "";
	struct wkd_name wkd = {.advanced_url = "", .direct_url = ""};

	if (names_smimea(address, arena, &smimea) != STATUS_OK ||
	    names_openpgpkey(address, arena, &openpgpkey) != STATUS_OK ||
	    wkd_name(address, arena, &wkd) != STATUS_OK)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s}", "dns_smimea", smimea, "dns_openpgpkey", openpgpkey,
			 "wkd_advanced", wkd.advanced_url, "wkd_direct", wkd.direct_url);
}

static int
run_names(char **words)
{
	struct arena *arena = arena_new();
	json_t *told = json_array();

	for (; *words != NULL; words++)
		json_array_append_new(told, tell_names(slice_from_text(*words), arena));
	json_dumpf(told, stdout, JSON_INDENT(1));
	json_decref(told);
	arena_free(arena);
	return 0;
}

static json_t *
run(struct lookup *lookup, char **words)
{
	if (strcmp(words[0], "discover") == 0)
		return run_discover(lookup, words + 1);
	if (strcmp(words[0], "herd") == 0)
		return run_herd(lookup, words + 1);
	if (strcmp(words[0], "policy") == 0)
		return run_policy(lookup, words + 1);
	if (strcmp(words[0], "hosts") == 0)
		return run_hosts(lookup, words + 1);
	if (strcmp(words[0], "list") == 0 || strcmp(words[0], "ocsp") == 0)
		return run_revocation(lookup, strcmp(words[0], "list") == 0, words + 1);
	return run_fetch(lookup, words + 1);
}

int
main(int count, char **words)
{
	static const struct config_option *const tables[] = {keys_options, NULL};
	struct lookup lookup = {.arena = NULL};
	struct config *config;
	json_t *told;

	if (count > 3 && strcmp(words[2], "names") == 0)
		return run_names(words + 3);
	lookup.arena = arena_new();
	secret_prepare_process();
	signal(SIGPIPE, SIG_IGN);
	log_open("lookup", LOG_LEVEL_INFO);
	if (count < 5 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    config_load(words[1], tables, stderr, &config) != STATUS_OK ||
	    keys_read_settings(config, stderr, lookup.arena, &lookup.settings) != STATUS_OK ||
	    discover_new(&lookup.settings.discover, &lookup.discover) != STATUS_OK)
		return 2;
	told = run(&lookup, words + 2);
	json_dumpf(told, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(told);
	discover_free(lookup.discover);
	config_free(config);
	arena_free(lookup.arena);
	curl_global_cleanup();
	return 0;
}
