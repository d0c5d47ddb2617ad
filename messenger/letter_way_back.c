/*
 * Mails about ways back: a mailbox that is given up, second factors that a sender says are lost.
 * In the language in which their reader was last written to, where that is known.
 */
#include "messenger/letter_making.h"

#include "messenger/give_up.h"
#include "messenger/mailed_link.h"
#include "messenger/reset_asked.h"

static enum status
put_link(struct making *making, const char *path, const struct id *row, struct slice wrap,
	 int64_t until)
{
	const char *text;
	enum status status = mailed_link_open(making->messenger, row, wrap, making->arena, &text);

	if (status != STATUS_OK)
		return status;
	template_put_text(making->values, "link",
			  arena_printf(making->arena, "%s/box/%s/%s",
				       making->messenger->policy->portal_url, path, text));
	template_put_time(making->values, "until", until);
	return STATUS_OK;
}

static const char *
name_of(const struct making *making, const char *column, const struct id *row, struct slice sealed)
{
	return reset_open_person(making->messenger, column, row, sealed, making->arena).name;
}

/* Whether it is for somebody who has a mailbox is looked at here, where nobody sees how long it
 * takes.  Who asks while one is begun has been told of that. */
static enum status
fill_give_up_link(struct making *making, const struct give_up_row *row)
{
	struct mailbox_row mailbox;
	struct give_up_row begun;
	const char *language;
	enum status status = mailbox_find(making->store, row->owner_index, making->arena, &mailbox);

	if (status == STATUS_OK && (row->state != GIVE_UP_ASKED || row->lapses_at <= making->now))
		return STATUS_CONFLICT;
	if (status == STATUS_OK) {
		status = give_up_of_mailbox(making->store, &mailbox.id, making->now, making->arena,
					    &begun);
		if (status != STATUS_NOT_FOUND)
			return status == STATUS_OK ? STATUS_CONFLICT : status;
		status = mailbox_language(making->store, mailbox.address_index, making->arena,
					  &language);
	}
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	making_use_language(making, language);
	return put_link(making, "lost", &row->id, row->link_wrap, row->lapses_at);
}

enum status
letter_fill_give_up(struct making *making, const char **address_out)
{
	static const char *const flags[] = {
	    [GIVE_UP_STEP_BEGUN] = "begun",
	    [GIVE_UP_STEP_STOPPED] = "stopped",
	    [GIVE_UP_STEP_DONE] = "done",
	};
	enum give_up_step step = (enum give_up_step)making->dispatch->row.generation;
	struct give_up_row row;
	enum status status =
	    give_up_read(making->store, &making->dispatch->row.code_id, making->arena, &row);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	*address_out = messenger_display_open(making->messenger, GIVE_UP_ADDRESS, &row.id,
					      row.address, making->arena);
	making_use_language(making, row.language);
	template_put_text(making->values, "address", *address_out);
	template_put_time(making->values, "at", making->dispatch->row.created_at);
	template_put_time(making->values, "ready_at", row.ready_at);
	template_put_text(making->values, "by",
			  name_of(making, GIVE_UP_BEGUN_BY, &row.id, row.begun_by));
	if (step == GIVE_UP_STEP_LINK)
		return fill_give_up_link(making, &row);
	template_put_text(making->values, "link", "");
	template_put_flag(making->values, flags[step], true);
	return STATUS_OK;
}

enum status
letter_fill_factors_lost(struct making *making, const char **address_out)
{
	static const char *const flags[] = {
	    [FACTORS_LOST_AGREED] = "agreed",
	    [FACTORS_LOST_STOPPED] = "stopped",
	    [FACTORS_LOST_DONE] = "done",
	};
	enum factors_lost_step step = (enum factors_lost_step)making->dispatch->row.generation;
	struct reset_row row;
	enum status status =
	    reset_read(making->store, &making->dispatch->row.code_id, making->arena, &row);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	*address_out = messenger_display_open(making->messenger, RESET_ADDRESS, &row.id,
					      row.address, making->arena);
	making_use_language(making, row.language);
	template_put_text(making->values, "address", *address_out);
	template_put_time(making->values, "at", making->dispatch->row.created_at);
	template_put_time(making->values, "ready_at", row.ready_at);
	template_put_text(making->values, "sender_address",
			  name_of(making, RESET_BEGUN_BY, &row.id, row.begun_by));
	template_put_text(making->values, "by",
			  name_of(making, RESET_ENDED_BY, &row.id, row.ended_by));
	if (step == FACTORS_LOST_ASKED)
		return row.state == RESET_ASKED && row.lapses_at > making->now
			   ? put_link(making, "factor", &row.id, row.link_wrap, row.lapses_at)
			   : STATUS_CONFLICT;
	template_put_text(making->values, "link", "");
	template_put_flag(making->values, flags[step], true);
	return STATUS_OK;
}
