#include "messenger/reason.h"

#include <string.h>

static const struct {
	const char *reason;
	const char *flag;
} flags[] = {
    {"address-mark", "by_address"},
    {"subject-mark", "by_subject"},
    {"header-mark", "by_header"},
    {"always", "by_policy"},
    {"message-mark", "by_policy"},
    {"address-near-miss", "near_miss"},
    {"subject-near-miss", "near_miss"},
    {"header-near-miss", "near_miss"},
    {"unreadable-header", "unreadable"},
    {"thread", "in_thread"},
    {"own-domain", "own_domain"},
    {"not-marked", "not_marked"},
    {"marked-by-outsider", "by_outsider"},
    {"marked-without-sender", "without_sender"},
    {"no-key", "no_key"},
    {"no-secure-way", "no_way"},
    {"released-by-sender", "released"},
    {"reply-to-all", "by_reply"},
};

void
reason_put(struct template_values *values, const char *reason)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flags[i].reason, reason) == 0)
			template_put_flag(values, flags[i].flag, true);
}

bool
reason_is_doubt(const char *reason)
{
	return strcmp(reason, "thread") == 0 || strstr(reason, "near-miss") != NULL;
}
