/*
 * /box: what lies in the mailbox of whoever is signed in.
 */
#include "portal/page.h"

#include "portal/place.h"

#define ROWS ((size_t)25)
#define LIST "/box"

static const struct {
	const char *word;
	const char *flag;
	unsigned which;
} filters[] = {
    {"all", "show_all", MAILBOX_READ | MAILBOX_UNREAD},
    {"unread", "show_unread", MAILBOX_UNREAD},
    {"read", "show_read", MAILBOX_READ},
};

static size_t
chosen_filter(const struct request *request)
{
	struct slice word = form_value(&request->form, "show");

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (slice_equal(word, slice_from_text(filters[i].word)))
			return i;
	return 0;
}

static void
put_rows(const struct request *request, struct template_values *values,
	 const struct mailbox_answer *list)
{
	struct template_list *rows = template_put_list(values, "rows");

	for (size_t i = 0; i < list->found.count; i++) {
		const struct mailbox_line *line = &list->lines[i];
		struct template_values *row = template_list_add(rows);

		template_put_text(row, "url",
				  *line->link == '\0'
				      ? ""
				      : arena_printf(request->arena, "/r/%s/message", line->link));
		template_put_text(row, "sender_name", line->sender_name);
		template_put_text(row, "sender_address", line->sender_address);
		template_put_text(row, "subject", line->subject);
		page_put_time(row, "came_at", line->row.came_at);
		page_put_time(row, "opened_at", line->row.opened_at);
		page_put_time(row, "until", line->row.expires_at);
		page_put_size(row, "size_text", (uint64_t)line->row.size);
		template_put_flag(row, "unread", line->row.opened_at == 0);
		template_put_flag(row, "replied", line->row.replied_at != 0);
	}
}

void
page_box(struct request *request, struct answer *answer)
{
	size_t filter = chosen_filter(request);
	struct mailbox_question question = {
	    filters[filter].which, form_value(&request->form, "find"), place_read(request)};
	struct template_values *values = page_box_values(request);
	struct slice done = form_value(&request->form, "done");
	struct mailbox_answer list;
	enum status status = messenger_mailbox_list(&request->site->messenger, &request->inbox,
						    &question, ROWS, request->arena, &list);

	if (status == STATUS_OK)
		status = page_put_ways_back(request, values, request->inbox.index);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	put_rows(request, values, &list);
	template_put_flag(values, filters[filter].flag, true);
	template_put_number(values, "keep_days",
			    policy_mailbox_days(request->site->messenger.policy,
						slice_from_text(request->inbox.address)));
	template_put_flag(values, "made", slice_equal(done, SLICE("made")));
	template_put_flag(values, "changed", slice_equal(done, SLICE("changed")));
	place_put_found(request, values, LIST, filters[filter].word, &list.found);
	page_show(request, answer, 200, "pages/box", values);
}
