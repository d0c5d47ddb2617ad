#include "messenger/report.h"

#include "base/log.h"
#include "messenger/post.h"

bool
report_is_wanted(const struct delivery_row *delivery, enum envelope_notify event)
{
	if (delivery->notify == 0)
		return event != NOTIFY_SUCCESS;
	return (delivery->notify & event) != 0;
}

static enum outbox_kind
kind_of(const struct delivery_row *delivery, enum envelope_notify event)
{
	if (event == NOTIFY_FAILURE)
		return OUTBOX_BOUNCE;
	if (event == NOTIFY_DELAY)
		return OUTBOX_DELAYED;
	return delivery->route == ROUTE_PORTAL ? OUTBOX_ACCEPTED : OUTBOX_RELAYED;
}

enum status
report_post(struct store *store, const struct delivery_row *delivery, enum envelope_notify event,
	    const char *sender, int64_t now)
{
	char id[ID_TEXT_SIZE];
	bool wanted = report_is_wanted(delivery, event);

	if (wanted && *sender != '\0')
		return post(store, kind_of(delivery, event), delivery, now);
	if (event == NOTIFY_FAILURE)
		log_warning("failure-not-reported", LOG_TEXT("delivery", id_text(delivery->id, id)),
			    LOG_TEXT("why", wanted ? "it came from the null reverse-path"
						   : "its sender asked for no report"));
	return STATUS_OK;
}
