/*
 * /box/write: whom the owner of a mailbox may write to; /box/sent: what they sent.
 */
#include "portal/page.h"

#include "portal/query.h"
#include "portal/thread_values.h"

#define ROWS ((size_t)25)

void
page_box_write(struct request *request, struct answer *answer)
{
	struct template_values *values = page_box_values(request);
	struct template_list *list = template_put_list(values, "people");
	struct mailbox_person *people;
	size_t count;
	enum status status = messenger_mailbox_people(&request->site->messenger, &request->inbox,
						      request->arena, &people, &count);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "name", people[i].name);
		template_put_text(item, "address", people[i].address);
		page_put_time(item, "wrote_at", people[i].wrote_at);
		template_put_text(item, "url",
				  arena_printf(request->arena, "/r/%s/write", people[i].link));
	}
	template_put_flag(values, "empty", count == 0);
	page_show(request, answer, 200, "pages/box_write", values);
}

static void
put_sent(const struct request *request, struct template_values *item,
	 const struct mailbox_sent *sent)
{
	thread_put_sent(request, item, &sent->writing);
	template_put_text(item, "subject", sent->writing.fresh ? sent->writing.subject : "");
	template_put_text(item, "url", arena_printf(request->arena, "/r/%s/message", sent->link));
	page_put_time(item, "until", sent->expires_at);
}

void
page_box_sent(struct request *request, struct answer *answer)
{
	struct template_values *values = page_box_values(request);
	struct template_list *list = template_put_list(values, "sent");
	struct mailbox_sent *sent;
	char id[ID_TEXT_SIZE];
	struct id from;
	bool later = id_parse(form_value(&request->form, "from"), &from) == STATUS_OK;
	size_t count;
	enum status status =
	    messenger_mailbox_sent(&request->site->messenger, &request->inbox, later ? &from : NULL,
				   ROWS + 1, request->arena, &sent, &count);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	for (size_t i = 0; i < count && i < ROWS; i++)
		put_sent(request, template_list_add(list), &sent[i]);
	template_put_flag(values, "empty", count == 0);
	template_put_text(values, "newest_url", later ? "/box/sent" : "");
	template_put_text(values, "older_url",
			  count <= ROWS ? ""
					: arena_printf(request->arena, "/box/sent?from=%s",
						       id_text(sent[ROWS].id, id)));
	page_show(request, answer, 200, "pages/box_sent", values);
}
