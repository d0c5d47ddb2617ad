#include "courier/phone.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

#define WAIT_SECONDS 2 /* until others may have made room */

struct phone {
	pthread_mutex_t lock;
	unsigned used, most;
};

struct phone *
phone_new(const struct config *config)
{
	struct phone *phone = calloc(1, sizeof(*phone));

	if (phone == NULL)
		abort();
	phone->most = (unsigned)(config_number(config, "courier.workers") + 1) / 2;
	pthread_mutex_init(&phone->lock, NULL);
	return phone;
}

void
phone_free(struct phone *phone)
{
	if (phone == NULL)
		return;
	pthread_mutex_destroy(&phone->lock);
	free(phone);
}

bool
phone_is_busy(struct phone *phone)
{
	bool busy;

	pthread_mutex_lock(&phone->lock);
	busy = phone->used >= phone->most;
	pthread_mutex_unlock(&phone->lock);
	return busy;
}

static bool
take_slot(struct phone *phone)
{
	bool taken;

	pthread_mutex_lock(&phone->lock);
	taken = phone->used < phone->most;
	phone->used += taken;
	pthread_mutex_unlock(&phone->lock);
	return taken;
}

static void
give_slot(struct phone *phone)
{
	pthread_mutex_lock(&phone->lock);
	phone->used--;
	pthread_mutex_unlock(&phone->lock);
}

static enum relay_outcome
hand_over(const struct phone_way *way, const struct phone_call *call, struct arena *arena,
	  const char **reason_out)
{
	*reason_out = "not-configured";
	if (!way->is_set)
		return RELAY_LATER;
	return way->command_count > 0 ? phone_by_command(way, call, reason_out)
				      : phone_by_url(way, call, arena, reason_out);
}

void
phone_send(struct phone *phone, const struct phone_way *way, const struct dispatch *dispatch,
	   struct arena *arena, struct relay_wait *wait_out)
{
	struct relay_recipient *recipient = &dispatch->recipients[0];
	const char *reason = "";

	*wait_out = (struct relay_wait){NULL, 0};
	recipient->reply = "";
	recipient->host = "";
	recipient->status = "4.4.5";
	recipient->outcome = RELAY_WAITING;
	if (!take_slot(phone)) {
		*wait_out = (struct relay_wait){PHONE_TRANSPORT, WAIT_SECONDS};
		return;
	}
	recipient->outcome = hand_over(way, dispatch->call, arena, &reason);
	give_slot(phone);
	if (recipient->outcome == RELAY_SENT)
		recipient->status = "2.0.0";
	else
		log_warning("phone", LOG_TEXT("letter", dispatch->letter_id),
			    LOG_TEXT("why", reason));
}
