#include "messenger/reply.h"

#include <string.h>

#include "crypto/hash.h"
#include "mail/compose.h"
#include "messenger/accept.h"

struct reply {
	struct arena *arena;
	struct acceptance *acceptance;
	struct reply_writer *writer;
	struct sink sink;
	struct envelope envelope;
	struct envelope_recipient recipients[1];
	struct answering answering;
};

static enum status
take(void *context, struct slice bytes)
{
	return messenger_accept_write(context, bytes);
}

/* The name that the recipient goes by in the message they answer. */
static const char *
name_of(const struct opened *opened)
{
	const struct manifest *manifest = &opened->manifest;
	struct slice own = slice_from_text(opened->recipient);

	for (size_t i = 0; i < manifest->to_count; i++)
		if (slice_equal_nocase(slice_from_text(manifest->to[i].address), own))
			return manifest->to[i].name;
	for (size_t i = 0; i < manifest->cc_count; i++)
		if (slice_equal_nocase(slice_from_text(manifest->cc[i].address), own))
			return manifest->cc[i].name;
	return "";
}

static const char *
answer_subject(const struct opened *opened, struct arena *arena)
{
	const char *subject = opened->manifest.subject;

	if (slice_starts_nocase(slice_from_text(subject), SLICE("re:")))
		return subject;
	return arena_printf(arena, "Re: %s", subject);
}

static struct letter
letter_of(const struct messenger *messenger, const struct opened *opened, const struct reply *reply,
	  int64_t now)
{
	const struct policy *policy = messenger->policy;
	const struct manifest *manifest = &opened->manifest;
	struct arena *arena = reply->arena;
	const char *name = name_of(opened);
	char id[ID_TEXT_SIZE];
	struct letter letter = {
	    .from = {*name == '\0' ? opened->recipient : name, policy->system_address},
	    .to = {manifest->from.name, opened->sender_address},
	    .reply_to = {name, arena_printf(arena, "%s%s", policy->marks.address_prefix,
					    opened->recipient)},
	    .subject = answer_subject(opened, arena),
	    .in_reply_to = manifest->message_id,
	    .date = now,
	};

	letter.message_id =
	    arena_printf(arena, "<%s@%s>", id_text(messenger_accept_id(reply->acceptance), id),
			 policy->host_name);
	letter.references =
	    *manifest->references == '\0'
		? manifest->message_id
		: arena_printf(arena, "%s %s", manifest->references, manifest->message_id);
	return letter;
}

enum status
messenger_reply_open(const struct messenger *messenger, const struct opened *opened,
		     struct slice once, bool has_files, int64_t now, struct reply **reply_out)
{
	struct arena *arena = arena_new();
	struct reply *reply = arena_alloc(arena, sizeof(*reply));
	struct letter letter;
	enum status status = STATUS_INVALID;

	reply->arena = arena;
	/* A message from the null reverse-path has nobody to answer to. */
	if (*opened->sender_address != '\0')
		status = messenger_accept_open(messenger, MESSAGE_BY_PORTAL, &reply->acceptance);
	if (status != STATUS_OK) {
		arena_free(arena);
		return status;
	}
	reply->answering.delivery = opened->delivery;
	if (once.size > 0) {
		unsigned char *hash = arena_alloc(arena, HASH_SIZE);

		hash_purpose(id_slice(&opened->delivery), "reply once", once, hash);
		reply->answering.once = slice_of(hash, HASH_SIZE);
	}
	reply->recipients[0].address = arena_copy_text(arena, opened->sender_address);
	reply->envelope = (struct envelope){
	    .sender = messenger->policy->system_address,
	    .recipients = reply->recipients,
	    .recipient_count = 1,
	    .client_name = "portal",
	    .client_address = "portal",
	    .tls = true,
	    .received_at = now,
	};
	reply->sink = (struct sink){reply->acceptance, take};
	letter = letter_of(messenger, opened, reply, now);
	status = reply_open(&letter, has_files, &reply->sink, arena, &reply->writer);
	if (status != STATUS_OK) {
		messenger_reply_abort(reply);
		return status;
	}
	*reply_out = reply;
	return STATUS_OK;
}

enum status
messenger_reply_body(struct reply *reply, struct slice body)
{
	return reply_body(reply->writer, body);
}

enum status
messenger_reply_file_begin(struct reply *reply, const char *name, const char *type)
{
	return reply_file_begin(reply->writer, name, type);
}

enum status
messenger_reply_file_write(struct reply *reply, struct slice bytes)
{
	return reply_file_write(reply->writer, bytes);
}

enum status
messenger_reply_file_end(struct reply *reply)
{
	return reply_file_end(reply->writer);
}

enum status
messenger_reply_commit(struct reply *reply)
{
	enum status status = reply_close(reply->writer);
	struct acceptance *acceptance = reply->acceptance;

	if (status == STATUS_OK)
		status = messenger_accept_commit(acceptance, &reply->envelope, &reply->answering);
	else
		messenger_accept_abort(acceptance);
	arena_free(reply->arena);
	return status;
}

void
messenger_reply_abort(struct reply *reply)
{
	if (reply == NULL)
		return;
	messenger_accept_abort(reply->acceptance);
	arena_free(reply->arena);
}
