#include "messenger/reply.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/pair.h"
#include "messenger/throttle.h"

/* Files of a draft and of the form that sends it. */
#define FILES_MAX (2 * DRAFT_FILES_MAX)

struct reply {
	struct arena *arena;
	const struct messenger *messenger;
	struct acceptance *acceptance;
	struct reply_writer *writer;
	struct sink sink;
	struct envelope envelope;
	struct answering answering;
	int64_t now;
	struct slice temporary_public; /* empty: it can only be kept */
	struct writing text;
	struct draft_file files[DRAFT_FILES_MAX]; /* written here, whole ones first */
	size_t file_count;			  /* whole ones */
	struct writing_file sent[FILES_MAX];	  /* these, and the draft's */
	size_t sent_count;
};

enum status
messenger_reply_count(const struct messenger *messenger, const struct id *delivery, int64_t now,
		      int64_t *retry_at_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct throttle limit = {
	    .purpose = "throttle reply",
	    .subject = id_slice(delivery),
	    .most = REPLIES_A_DAY,
	    .window = THROTTLE_WINDOW_MOST,
	};
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = throttle_once(messenger, store, &limit, now, retry_at_out);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	return status;
}

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

/* An answer is shown as from who wrote it. */
const char *
messenger_reply_sender_name(const struct opened *opened)
{
	const struct manifest *manifest = &opened->manifest;
	struct slice sender = slice_from_text(opened->sender_address);

	if (slice_equal_nocase(slice_from_text(manifest->from.address), sender))
		return manifest->from.name;
	for (size_t i = 0; i < manifest->to_count; i++)
		if (slice_equal_nocase(slice_from_text(manifest->to[i].address), sender))
			return manifest->to[i].name;
	return "";
}

const char *
messenger_reply_subject(const struct opened *opened, struct arena *arena)
{
	const char *subject = opened->manifest.subject;

	if (slice_starts_nocase(slice_from_text(subject), SLICE("re:")))
		return subject;
	return arena_printf(arena, "Re: %s", subject);
}

/* "Fwd: ..." */
static const char *
forward_subject(const struct opened *opened, struct arena *arena)
{
	const char *subject = opened->manifest.subject;

	return *subject == '\0' ? "Fwd:" : arena_printf(arena, "Fwd: %s", subject);
}

static const char *
subject_of(const struct opened *opened, const struct reply_form *form, struct arena *arena)
{
	if (form->text.fresh)
		return form->text.subject;
	return form->text.forward ? forward_subject(opened, arena)
				  : messenger_reply_subject(opened, arena);
}

/* To whom it goes.  The sender first, unless others were chosen. */
static struct mailbox *
people_of(const struct opened *opened, const struct reply_form *form, struct arena *arena,
	  size_t *count_out)
{
	struct mailbox *people = arena_alloc_many(arena, form->holder_count + 1, sizeof(*people));
	size_t count = 0;

	if (!form->text.forward)
		people[count++] =
		    (struct mailbox){messenger_reply_sender_name(opened), opened->sender_address};
	for (size_t i = 0; i < form->holder_count; i++)
		people[count++] = (struct mailbox){form->holders[i].name, form->holders[i].address};
	*count_out = count;
	return people;
}

static struct letter
letter_of(const struct opened *opened, const struct reply_form *form, const struct reply *reply)
{
	const struct policy *policy = reply->messenger->policy;
	const struct manifest *manifest = &opened->manifest;
	struct arena *arena = reply->arena;
	const char *name = name_of(opened);
	size_t count;
	struct mailbox *people = people_of(opened, form, arena, &count);
	char id[ID_TEXT_SIZE];
	struct letter letter = {
	    .from = {*name == '\0' ? opened->recipient : name, policy->system_address},
	    .to = people[0],
	    .cc = people + 1,
	    .cc_count = count - 1,
	    .reply_to = {name, arena_printf(arena, "%s%s", policy->marks.address_prefix,
					    opened->recipient)},
	    .subject = subject_of(opened, form, arena),
	    .in_reply_to = form->text.fresh || form->text.forward ? "" : manifest->message_id,
	    .references = "",
	    .date = reply->now,
	    .eight_bit = form->eight_bit,
	};

	letter.message_id =
	    arena_printf(arena, "<%s@%s>", id_text(messenger_accept_id(reply->acceptance), id),
			 policy->host_name);
	if (form->text.fresh)
		return letter;
	letter.references =
	    *manifest->references == '\0'
		? manifest->message_id
		: arena_printf(arena, "%s %s", manifest->references, manifest->message_id);
	return letter;
}

static enum status
reply_new(const struct messenger *messenger, const struct id *delivery, int64_t now,
	  struct reply **reply_out)
{
	struct arena *arena = arena_new();
	struct reply *reply = arena_alloc(arena, sizeof(*reply));
	enum status status =
	    messenger_accept_open(messenger, MESSAGE_BY_PORTAL, &reply->acceptance);

	if (status != STATUS_OK) {
		arena_free(arena);
		return status;
	}
	reply->arena = arena;
	reply->messenger = messenger;
	reply->now = now;
	reply->answering.delivery = *delivery;
	reply->sink = (struct sink){reply->acceptance, take};
	*reply_out = reply;
	return STATUS_OK;
}

enum status
messenger_reply_open_files(const struct messenger *messenger, const struct id *delivery,
			   int64_t now, struct reply **reply_out)
{
	enum status status = reply_new(messenger, delivery, now, reply_out);

	if (status == STATUS_OK)
		reply_open_files(&(*reply_out)->sink, (*reply_out)->arena, &(*reply_out)->writer);
	return status;
}

static const char *
mailbox_text(const char *name, const char *address, struct arena *arena)
{
	return *name == '\0' ? address : arena_printf(arena, "%s <%s>", name, address);
}

static void
address(struct reply *reply, const struct opened *opened, const struct reply_form *form)
{
	struct arena *arena = reply->arena;
	size_t count;
	const struct mailbox *people = people_of(opened, form, arena, &count);
	struct envelope_recipient *recipients = arena_alloc_many(arena, count, sizeof(*recipients));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	const char **shown = arena_alloc_many(arena, count, sizeof(*shown));

	for (size_t i = 0; i < count; i++) {
		recipients[i].address = arena_copy_text(arena, people[i].address);
		shown[i] = mailbox_text(people[i].name, recipients[i].address, arena);
	}
	reply->text.recipients = shown;
	reply->text.recipient_count = count;
	reply->envelope = (struct envelope){
	    .sender = reply->messenger->policy->system_address,
	    .recipients = recipients,
	    .recipient_count = count,
	    .client_name = "portal",
	    .client_address = "portal",
	    .tls = true,
	    .received_at = reply->now,
	};
}

/* Where the sent reply is sealed to. */
static enum status
remember_public(struct reply *reply, const struct opened *opened)
{
	struct pair pair;
	enum status status = pair_from_private(secret_slice(&opened->temporary_private), &pair);

	if (status != STATUS_OK)
		return status;
	reply->temporary_public = arena_copy(reply->arena, slice_of(pair.public, PAIR_PUBLIC_SIZE));
	pair_clear(&pair);
	return STATUS_OK;
}

/* The quotation stands below what was written, with one empty line between. */
static enum status
write_text(struct reply *reply)
{
	struct slice body = reply->text.body;
	struct slice quote = reply->text.quote;
	struct text whole;
	enum status status;

	text_init(&whole, WRITING_TEXT_MAX + 4);
	if (slice_trim(quote).size == 0) {
		text_append(&whole, body);
	} else {
		while (body.size > 0 &&
		       (body.data[body.size - 1] == '\n' || body.data[body.size - 1] == '\r'))
			body.size--;
		text_append(&whole, body);
		text_append_text(&whole, body.size > 0 ? "\r\n\r\n" : "");
		text_append(&whole, quote);
	}
	status = text_ok(&whole) ? reply_body(reply->writer, text_slice(&whole)) : STATUS_TOO_LARGE;
	text_clear(&whole);
	return status;
}

static enum status
write_front(struct reply *reply, const struct opened *opened, const struct reply_form *form)
{
	struct letter letter = letter_of(opened, form, reply);
	enum status status = remember_public(reply, opened);

	if (form->once.size > 0) {
		unsigned char *hash = arena_alloc(reply->arena, HASH_SIZE);

		hash_purpose(id_slice(&opened->delivery), "reply once", form->once, hash);
		reply->answering.once = slice_of(hash, HASH_SIZE);
	}
	reply->text.body = arena_copy(reply->arena, form->text.body);
	reply->text.quote = arena_copy(reply->arena, form->text.quote);
	reply->text.to_all = form->text.to_all;
	reply->text.fresh = form->text.fresh;
	reply->text.forward = form->text.forward;
	reply->text.subject =
	    arena_copy_text(reply->arena, form->text.fresh ? form->text.subject : "");
	address(reply, opened, form);
	if (status == STATUS_OK)
		status = reply_open(&letter, form->has_files, &reply->sink, reply->arena,
				    &reply->writer);
	return status == STATUS_OK ? write_text(reply) : status;
}

enum status
messenger_reply_open(const struct messenger *messenger, const struct opened *opened,
		     const struct reply_form *form, int64_t now, struct reply **reply_out)
{
	struct reply *reply;
	enum status status = STATUS_INVALID;

	/* A message from the null reverse-path has nobody to answer to. */
	if (form->text.forward ? form->holder_count > 0 : *opened->sender_address != '\0')
		status = reply_new(messenger, &opened->delivery, now, &reply);
	if (status != STATUS_OK)
		return status;
	status = write_front(reply, opened, form);
	if (status != STATUS_OK) {
		messenger_reply_abort(reply);
		return status;
	}
	*reply_out = reply;
	return STATUS_OK;
}

enum status
messenger_reply_file_begin(struct reply *reply, const char *name, const char *type)
{
	struct draft_file *file = &reply->files[reply->file_count];
	enum status status;

	if (reply->file_count == DRAFT_FILES_MAX)
		return STATUS_TOO_LARGE;
	status = reply_file_begin(reply->writer, name, type);
	*file = (struct draft_file){
	    .name = reply_file_name(name, reply->arena),
	    .type = arena_copy_text(reply->arena, type),
	    .from = messenger_accept_size(reply->acceptance),
	};
	return status;
}

enum status
messenger_reply_file_write(struct reply *reply, struct slice bytes)
{
	reply->files[reply->file_count].size += bytes.size;
	return reply_file_write(reply->writer, bytes);
}

enum status
messenger_reply_file_end(struct reply *reply)
{
	struct draft_file *file = &reply->files[reply->file_count];
	enum status status = reply_file_end(reply->writer);

	if (status != STATUS_OK)
		return status;
	file->to = messenger_accept_size(reply->acceptance);
	reply->sent[reply->sent_count++] = (struct writing_file){file->name, file->size};
	reply->file_count++;
	return STATUS_OK;
}

static enum status
add_file(struct reply *reply, const struct opened *opened, const struct draft_file *file)
{
	struct arena *arena = arena_new();
	struct source bundle;
	enum status status = draft_file_open(reply->messenger, opened, file, arena, &bundle);

	if (status == STATUS_OK)
		status = reply_file_begin(reply->writer, file->name, file->type);
	if (status == STATUS_OK)
		status = reply_file_copy(reply->writer, &bundle, file->from, file->to);
	if (status == STATUS_OK)
		status = reply_file_end(reply->writer);
	arena_free(arena);
	if (status == STATUS_OK)
		reply->sent[reply->sent_count++] =
		    (struct writing_file){arena_copy_text(reply->arena, file->name), file->size};
	return status;
}

enum status
messenger_reply_add_draft(struct reply *reply, const struct opened *opened,
			  const struct draft *draft)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < draft->file_count && status == STATUS_OK; i++) {
		if (reply->sent_count == FILES_MAX)
			return STATUS_TOO_LARGE;
		status = add_file(reply, opened, &draft->files[i]);
		/* The rows come in the order of their ids. */
		reply->answering.last_file = draft->files[i].id;
	}
	return status;
}

enum status
messenger_reply_add_message(struct reply *reply, const struct opened *opened,
			    enum reply_carriage carriage)
{
	static const char name[] = "message.eml";

	if (reply->sent_count == FILES_MAX)
		return STATUS_TOO_LARGE;
	reply->sent[reply->sent_count++] = (struct writing_file){name, opened->message_source.size};
	return reply_message(reply->writer, name, &opened->message_source, carriage);
}

enum status
messenger_reply_commit(struct reply *reply)
{
	struct writing_row row = {.written_at = reply->now};
	struct intake_sent sent;
	struct writing writing = reply->text;
	enum status status = reply_close(reply->writer);

	writing.files = reply->sent;
	writing.file_count = reply->sent_count;
	if (status == STATUS_OK)
		status = writing_seal(reply->temporary_public, &writing, reply->arena, &row);
	if (status != STATUS_OK) {
		messenger_reply_abort(reply);
		return status;
	}
	sent = (struct intake_sent){row.id, row.key_wrap, row.sealed};
	reply->answering.sent = &sent;
	status = messenger_accept_commit(reply->acceptance, &reply->envelope, &reply->answering);
	arena_free(reply->arena);
	return status;
}

enum status
messenger_reply_keep(struct reply *reply, const struct writing *text, uint64_t most,
		     size_t *kept_out)
{
	struct bundle bundle = {.size = 0};
	struct draft_save save = {.text = text,
				  .bundle = &bundle,
				  .files = reply->files,
				  .file_count = reply->file_count,
				  .most = most};
	const struct messenger *messenger = reply->messenger;
	enum status status;

	if (reply->file_count == 0) {
		messenger_accept_abort(reply->acceptance);
		save.bundle = NULL;
		status = STATUS_OK;
	} else {
		status = messenger_accept_bundle(reply->acceptance, reply->arena, &bundle);
	}
	if (status == STATUS_OK)
		status = messenger_draft_save(messenger, &reply->answering.delivery, &save,
					      reply->now, kept_out);
	secret_clear(&bundle.key);
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
