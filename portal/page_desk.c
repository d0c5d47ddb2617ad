/*
 * /desk and /desk/message/ID: what a signed-in sender has sent, and what became of it.
 */
#include "portal/page.h"

#include <string.h>

#include "messenger/desk.h"
#include "messenger/view.h"
#include "portal/delivery_values.h"
#include "portal/place.h"

#define ROWS ((size_t)25)
#define LIST "/desk/messages"

#define BIT(state) (1u << (state))
#define ALL_STATES 0xfffu

static const struct {
	const char *word;
	const char *flag;
	enum desk_part part;
	unsigned states;
} filters[] = {
    {"all", "show_all", DESK_SECURED, ALL_STATES},
    {"waiting", "show_waiting", DESK_SECURED, BIT(DELIVERY_HELD)},
    {"unread", "show_unread", DESK_SECURED, BIT(DELIVERY_SECURING) | BIT(DELIVERY_READY)},
    {"read", "show_read", DESK_SECURED, BIT(DELIVERY_OPENED)},
    {"over", "show_over", DESK_SECURED,
     BIT(DELIVERY_FAILED) | BIT(DELIVERY_EXPIRED) | BIT(DELIVERY_RECALLED) |
	 BIT(DELIVERY_DESTROYED)},
    {"plain", "show_plain", DESK_PLAIN, ALL_STATES},
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
	 const struct desk_answer *list)
{
	struct template_list *rows = template_put_list(values, "rows");
	char id[ID_TEXT_SIZE];

	for (size_t i = 0; i < list->found.count; i++) {
		const struct desk_line *line = &list->lines[i];
		struct template_values *row = template_list_add(rows);

		template_put_text(row, "url",
				  arena_printf(request->arena, "/desk/message/%s",
					       id_text(line->row.message_id, id)));
		template_put_text(row, "recipient", line->recipient);
		template_put_text(row, "subject", line->subject);
		page_put_time(row, "sent_at", line->row.created_at);
		page_put_time(row, "opened_at", line->row.opened_at);
		page_put_time(row, "expires_at", line->row.expires_at);
		page_put_time(row, "closed_at", line->row.closed_at);
		delivery_put_state(row, line->row.state);
		template_put_flag(row, "encrypted",
				  line->row.route == ROUTE_SMIME ||
				      line->row.route == ROUTE_OPENPGP);
		template_put_flag(row, "verified", line->row.route == ROUTE_TLS);
		template_put_flag(row, "suspended", line->row.suspended_at != 0);
		template_put_flag(row, "replied", line->row.replied_at != 0);
		template_put_flag(row, "asked", line->row.asked_at != 0);
	}
}

void
page_desk(struct request *request, struct answer *answer)
{
	size_t filter = chosen_filter(request);
	struct desk_question question = {filters[filter].part, filters[filter].states,
					 form_value(&request->form, "find"), place_read(request)};
	struct template_values *values = page_desk_values(request);
	struct desk_answer list;
	enum status status = messenger_desk_list(&request->site->messenger, request->desk.index,
						 &question, ROWS, request->arena, &list);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	put_rows(request, values, &list);
	template_put_flag(values, filters[filter].flag, true);
	place_put_found(request, values, LIST, filters[filter].word, &list.found);
	page_show(request, answer, 200, "pages/desk", values);
}

void
page_desk_message(struct request *request, struct answer *answer)
{
	struct template_values *values;
	struct template_list *list;
	struct message_view view;
	char id[ID_TEXT_SIZE];
	enum status status = messenger_look_message(&request->site->messenger, request->desk.index,
						    &request->id, request->arena, &view);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	values = page_desk_values(request);
	template_put_text(values, "subject", view.subject);
	page_put_time(values, "sent_at", view.sent_at);
	page_put_size(values, "size_text", view.size);
	template_put_flag(values, "gone", view.destroyed);
	list = template_put_list(values, "deliveries");
	for (size_t i = 0; i < view.count; i++)
		delivery_put(request, template_list_add(list), &view.deliveries[i],
			     arena_printf(request->arena, "/desk/delivery/%s",
					  id_text(view.deliveries[i].delivery, id)),
			     false);
	page_show(request, answer, 200, "pages/desk_message", values);
}
