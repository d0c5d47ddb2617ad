#include "messenger/work.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/box.h"
#include "mail/reading.h"
#include "messenger/author.h"
#include "messenger/content.h"
#include "messenger/figures.h"
#include "messenger/finder.h"
#include "messenger/harvest.h"
#include "messenger/post.h"
#include "messenger/routing.h"
#include "messenger/thread.h"

#define BATCH ((size_t)16)
#define LEASE_SECONDS 10
#define CLAIMS_MAX 5

/* What a client called itself goes into a header: only what a name or address literal is made of.
 */
static const char *
harmless_name(const char *name, struct arena *arena)
{
	char *clean = arena_copy_text(arena, *name == '\0' ? "unknown" : name);

	for (char *c = clean; *c != '\0'; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]",
			   *c) == NULL)
			*c = '?';
	return clean;
}

/* A comment about what the client proved, besides its address. */
static const char *
proof_comment(const struct envelope *envelope, struct arena *arena)
{
	if (*envelope->certificate == '\0')
		return "";
	return arena_printf(arena, " (certificate %s)",
			    harmless_name(envelope->certificate, arena));
}

/* The line that tells which way a message came (RFC 5321 section 4.4; the protocol's name by RFC
 * 3848 and RFC 6531 section 4.3). */
static struct slice
trace_line(struct routing *routing)
{
	const struct envelope *envelope = &routing->envelope;
	char date[CLOCK_TEXT_SIZE], id[ID_TEXT_SIZE];
	const char *line;

	clock_format_mail(routing->row.received_at, date);
	line = arena_printf(
	    routing->arena,
	    "Received: from %s ([%s])%s\r\n\tby %s (Postern) with %s%s%s id %s;\r\n\t%s\r\n",
	    harmless_name(envelope->client_name, routing->arena),
	    harmless_name(envelope->client_address, routing->arena),
	    proof_comment(envelope, routing->arena), routing->messenger->policy->host_name,
	    envelope->utf8 ? "UTF8SMTP" : "ESMTP", envelope->tls ? "S" : "",
	    *envelope->user == '\0' ? "" : "A", id_text(routing->row.id, id), date);
	return slice_from_text(line);
}

/* Marks are cut and the trace line goes in front; replies leave as they were written. */
static enum status
read_header(struct routing *routing)
{
	const struct messenger *messenger = routing->messenger;
	bool own = routing->row.origin == MESSAGE_BY_PORTAL;
	char id[ID_TEXT_SIZE];
	enum status status;

	routing->question = (struct letter_question){
	    .label = arena_copy_text(routing->arena, id_text(routing->row.id, id)),
	    .rules = own ? NULL : &messenger->policy->marks,
	    .front = own ? SLICE("") : trace_line(routing),
	    .stored = routing->stored,
	};
	status =
	    reading_header(messenger->reader, &routing->question, routing->arena, &routing->letter);
	if (status == STATUS_OK)
		routing->automatic = routing->letter.bulk;
	return status;
}

static enum status
read_message(struct routing *routing)
{
	struct arena *arena = routing->arena;
	struct source *stored = arena_alloc(arena, sizeof(*stored));
	struct slice bytes;
	enum status status;

	routing->stored = stored;
	status = box_open(secret_slice(&routing->key), "envelope", id_slice(&routing->row.id),
			  routing->row.envelope, arena, &bytes);
	if (status == STATUS_OK)
		status = envelope_read(bytes, arena, &routing->envelope);
	if (status == STATUS_OK)
		status =
		    content_open(routing->messenger, &routing->row, &routing->key, arena, stored);
	if (status == STATUS_OK)
		status = read_header(routing);
	/* RFC 3834 section 5: anything but "no" was not written by a person. */
	if (status == STATUS_OK && *routing->letter.manifest.auto_submitted != '\0' &&
	    !slice_starts_nocase(slice_from_text(routing->letter.manifest.auto_submitted),
				 SLICE("no")))
		routing->automatic = true;
	return status;
}

/* Answers to this message stay secure. */
static enum status
remember(struct routing *routing)
{
	return thread_remember(routing->messenger, routing->store,
			       routing->letter.manifest.message_id, routing->now, routing->arena);
}

static bool
seen_before(const struct decision *decisions, size_t count, const char *recipient)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(decisions[i].recipient, recipient) == 0)
			return true;
	return false;
}

/* Look for keys of all who are to be secured, at once.  It may take seconds, and what is found
 * stays whatever becomes of this message: so by a connection of its own. */
static enum status
find_keys(struct routing *routing, struct decision *decisions, size_t count)
{
	const struct messenger *messenger = routing->messenger;
	const char **addresses =
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	    arena_alloc_many(routing->arena, count + 1, sizeof(*addresses));
	size_t *places = arena_alloc_many(routing->arena, count + 1, sizeof(*places));
	struct found_keys *found = arena_alloc_many(routing->arena, count + 1, sizeof(*found));
	struct store *store;
	size_t wanted = 0;
	enum status status;

	for (size_t i = 0; i < count; i++) {
		if (!decide_wants_key(messenger->policy, &decisions[i]))
			continue;
		places[wanted] = i;
		addresses[wanted++] = decisions[i].recipient;
	}
	if (wanted == 0 || messenger->finder == NULL)
		return STATUS_OK;
	store = store_pool_get(messenger->stores);
	status =
	    finder_find(messenger, store, addresses, wanted, routing->now, routing->arena, found);
	store_pool_put(messenger->stores, store);
	for (size_t i = 0; i < wanted && status == STATUS_OK; i++)
		decide_rung(messenger->policy, &found[i], &decisions[places[i]]);
	return status;
}

/* Every recipient alone; one who is named twice (with and without mark) gets the safer way. */
static enum status
deliver_all(struct routing *routing)
{
	const struct envelope *envelope = &routing->envelope;
	const struct policy *policy = routing->messenger->policy;
	struct decision *decisions =
	    arena_alloc_many(routing->arena, envelope->recipient_count + 1, sizeof(*decisions));
	const struct envelope_recipient **asked =
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	    arena_alloc_many(routing->arena, envelope->recipient_count + 1, sizeof(*asked));
	struct decision_facts facts = {envelope->sender, &routing->letter.findings,
				       routing->address_marked, false,
				       routing->letter.depth == LETTER_UNREAD};
	size_t count = 0;
	enum status status = STATUS_OK;

	if (policy_is_own(policy, slice_from_text(envelope->sender)))
		status = thread_check(routing->messenger, routing->store, &routing->letter.manifest,
				      routing->arena, &facts.in_thread);
	if (status != STATUS_OK)
		return status;
	/* Two passes: secured ones first, so that a plain twin is dropped, not the other way. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < envelope->recipient_count; i++) {
			struct decision decision = decide_route(
			    policy, &facts, envelope->recipients[i].address, routing->arena);

			if ((decision.route == ROUTE_PLAIN) == (pass == 1) &&
			    !seen_before(decisions, count, decision.recipient)) {
				asked[count] = &envelope->recipients[i];
				decisions[count++] = decision;
			}
		}
	}
	status = find_keys(routing, decisions, count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = routing_deliver(routing, &decisions[i], asked[i]);
	if (status == STATUS_OK && routing->plain > 0)
		status = post_message(routing->store, OUTBOX_PLAIN, &routing->row.id, NULL,
				      routing->now);
	if (status == STATUS_OK && routing->secured + routing->protected + routing->verified > 0)
		status = remember(routing);
	return status;
}

static enum status
finish(struct routing *routing)
{
	struct author author = {routing->envelope.sender, routing->letter.manifest.from.name,
				routing->letter.manifest.message_id};
	const struct messenger *messenger = routing->messenger;
	const struct envelope *envelope = &routing->envelope;
	struct arena *arena = routing->arena;
	const struct id *id = &routing->row.id;
	struct message_findings findings = {
	    .sender = author_seal(messenger, id,
				  routing->host.address != NULL ? &routing->host : &author, arena),
	    .sender_index = routing->sender_index,
	    .subject = messenger_display_seal(messenger, "message.subject", id,
					      routing->letter.manifest.subject, arena),
	    .transfer = (envelope->binary ? TRANSFER_BINARY : 0) |
			(envelope->utf8 ? TRANSFER_UTF8 : 0) |
			(routing->automatic ? TRANSFER_AUTOMATIC : 0),
	    .returns = envelope->returns,
	};
	struct slice manifest;
	enum status status = STATUS_OK;

	/* What nobody will open here is not looked into: it leaves byte by byte.  What is to leave
	 * by verified TLS may still come to be opened here. */
	if (routing->secured + routing->verified > 0)
		status =
		    reading_parts(messenger->reader, &routing->question, arena, &routing->letter);
	if (status == STATUS_OK)
		status = manifest_write(&routing->letter.manifest, arena, &manifest);
	if (status != STATUS_OK)
		return status;
	findings.manifest =
	    box_seal(secret_slice(&routing->key), "manifest", id_slice(id), manifest, arena);
	if (*envelope->envelope_id != '\0')
		findings.envelope_id = messenger_display_seal(messenger, "message.envelope_id", id,
							      envelope->envelope_id, arena);
	status = message_set_routed(routing->store, id, &findings);
	if (status == STATUS_OK)
		status = harvest_later(routing);
	/* Who is left to need the courier's own wrap?  Only letters that wait for the relay. */
	if (status == STATUS_OK && routing->plain + routing->protected + routing->verified == 0)
		status = message_drop_gateway_wrap(routing->store, &routing->row.id);
	return status;
}

static enum status
route_in_transaction(struct routing *routing, const struct id *id)
{
	enum status status = message_read(routing->store, id, true, routing->arena, &routing->row);

	if (status != STATUS_OK)
		return status;
	if (routing->row.state != MESSAGE_RECEIVED)
		return STATUS_CONFLICT;
	status = content_key_by_gateway(routing->messenger, &routing->row, &routing->key);
	if (status == STATUS_OK)
		status = read_message(routing);
	if (status != STATUS_OK)
		return status;
	routing->sender_index =
	    messenger_address_index(routing->messenger, routing->envelope.sender, routing->arena);
	for (size_t i = 0; i < routing->envelope.recipient_count; i++) {
		const char *clean;

		if (mark_address(&routing->messenger->policy->marks,
				 slice_from_text(routing->envelope.recipients[i].address),
				 routing->arena, &clean) == MARK_FOUND)
			routing->address_marked = true;
	}
	status = routing->row.origin == MESSAGE_BY_PORTAL ? routing_deliver_reply(routing)
							  : deliver_all(routing);
	return status == STATUS_OK ? finish(routing) : status;
}

/* A message that cannot be read whatever is tried stays, and is shown to the administrator. */
static enum status
put_aside(struct routing *routing, const struct id *id)
{
	char text[ID_TEXT_SIZE];
	enum status status = store_begin(routing->store);

	log_error("message-stuck", LOG_TEXT("message", id_text(*id, text)));
	if (status == STATUS_OK)
		status = message_set_stuck(routing->store, id);
	return store_end(routing->store, status);
}

static void
count(const struct routing *routing)
{
	messenger_count_routed(FIGURE_PLAIN, routing->plain);
	messenger_count_routed(FIGURE_ENCRYPTED, routing->protected);
	messenger_count_routed(FIGURE_VERIFIED, routing->verified);
	messenger_count_routed(FIGURE_PORTAL, routing->secured - routing->held);
	messenger_count_routed(FIGURE_HELD, routing->held);
	messenger_count_routed(FIGURE_REFUSED, routing->refused);
}

static enum status
route_one(const struct messenger *messenger, struct store *store, const struct id *id, int64_t now)
{
	char text[ID_TEXT_SIZE];
	struct routing routing = {
	    .messenger = messenger, .store = store, .arena = arena_new(), .now = now};
	/* Before a letter leaves, its claim waits for the disk and takes this along. */
	enum status status = store_begin_lazy(store);

	if (status == STATUS_OK)
		status = route_in_transaction(&routing, id);
	if (status == STATUS_OK)
		status = store_commit(store);
	if (status == STATUS_OK)
		count(&routing);
	else
		store_rollback(store);
	if (status != STATUS_OK && status != STATUS_CONFLICT && status != STATUS_BUSY) {
		log_error("routing-failed", LOG_TEXT("message", id_text(*id, text)),
			  LOG_TEXT("status", status_text(status)),
			  LOG_NUMBER("claims", routing.row.claims));
		if (status != STATUS_UNAVAILABLE &&
		    (status == STATUS_DAMAGED || routing.row.claims >= CLAIMS_MAX))
			status = put_aside(&routing, id);
	}
	secret_clear(&routing.key);
	arena_free(routing.arena);
	return status == STATUS_UNAVAILABLE ? status : STATUS_OK;
}

enum status
messenger_route_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct id *ids = NULL;
	size_t count = 0;
	enum status status =
	    message_claim(store, now, now + LEASE_SECONDS, BATCH, arena, &ids, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = route_one(messenger, store, &ids[i], now);
	*worked_out = count > 0;
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}
