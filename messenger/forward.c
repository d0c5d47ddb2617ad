#include "messenger/forward.h"

#include "messenger/reply.h"

enum status
messenger_forward_people(const struct messenger *messenger, const struct opened *opened,
			 int64_t now, struct arena *arena, struct holder **people_out,
			 size_t *count_out)
{
	struct holder *people = arena_alloc_many(arena, FORWARD_PEOPLE_MAX, sizeof(*people));
	struct holder *holders;
	size_t holder_count, count = 0;
	enum status status =
	    messenger_holders(messenger, opened, now, arena, &holders, &holder_count);

	if (status != STATUS_OK)
		return status;
	if (policy_is_own(messenger->policy, slice_from_text(opened->sender_address)))
		people[count++] = (struct holder){.address = opened->sender_address,
						  .name = messenger_reply_sender_name(opened),
						  .inside = true};
	for (size_t i = 0; i < holder_count && count < FORWARD_PEOPLE_MAX; i++)
		if (holders[i].inside)
			people[count++] = holders[i];
	*people_out = people;
	*count_out = count;
	return STATUS_OK;
}

static bool
is_named(const struct forward_form *form, const char *address)
{
	for (size_t i = 0; i < form->to_count; i++)
		if (slice_equal_nocase(form->to[i], slice_from_text(address)))
			return true;
	return false;
}

static bool
is_one_of(const struct holder *people, size_t count, struct slice address)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(address, slice_from_text(people[i].address)))
			return true;
	return false;
}

/* Those of the people whom the form names, in their place.  Somebody else among them refuses all of
 * it: less than what was asked for would be taken for done. */
static enum status
choose(const struct messenger *messenger, const struct opened *opened,
       const struct forward_form *form, int64_t now, struct arena *arena,
       struct holder **chosen_out, size_t *count_out)
{
	size_t count, kept = 0;
	enum status status =
	    messenger_forward_people(messenger, opened, now, arena, chosen_out, &count);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < form->to_count; i++)
		if (!is_one_of(*chosen_out, count, form->to[i]))
			return STATUS_INVALID;
	for (size_t i = 0; i < count; i++)
		if (is_named(form, (*chosen_out)[i].address))
			(*chosen_out)[kept++] = (*chosen_out)[i];
	*count_out = kept;
	return kept > 0 ? STATUS_OK : STATUS_INVALID;
}

static enum status
forward(const struct messenger *messenger, const struct opened *opened,
	const struct forward_form *form, int64_t now, struct arena *arena)
{
	struct reply_form wanted = {
	    .once = form->once,
	    .text = {.body = form->body, .forward = true},
	    .has_files = true,
	};
	enum reply_carriage carriage = REPLY_ENCODED;
	struct holder *people = NULL;
	struct reply *reply;
	int64_t retry_at;
	enum status status =
	    choose(messenger, opened, form, now, arena, &people, &wanted.holder_count);

	if (status == STATUS_OK && opened->message_source.size > form->most)
		status = STATUS_TOO_LARGE;
	if (status == STATUS_OK)
		status = messenger_reply_count(messenger, &opened->delivery, now, &retry_at);
	if (status == STATUS_OK)
		status = reply_message_carriage(&opened->message_source, &carriage);
	wanted.holders = people;
	wanted.eight_bit = carriage == REPLY_EIGHT_BIT;
	if (status == STATUS_OK)
		status = messenger_reply_open(messenger, opened, &wanted, now, &reply);
	if (status != STATUS_OK)
		return status;
	status = messenger_reply_add_message(reply, opened, carriage);
	if (status == STATUS_OK)
		return messenger_reply_commit(reply);
	messenger_reply_abort(reply);
	return status;
}

enum status
messenger_forward(const struct messenger *messenger, const struct opened *opened,
		  const struct forward_form *form, int64_t now)
{
	struct arena *arena = arena_new();
	enum status status = forward(messenger, opened, form, now, arena);

	arena_free(arena);
	return status;
}
