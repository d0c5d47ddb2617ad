#include "messenger/factor_wish.h"

#include "messenger/passphrase.h"

static unsigned
check_phone(const struct policy *policy, const struct factor_wish *wish,
	    const struct factor_means *means, struct arena *arena, const char **phone_out)
{
	/* A template that has it may be changed otherwise while there is no way. */
	unsigned faults =
	    policy->phone.is_set || means->factor == FACTOR_PHONE ? 0 : FAULT_PHONE_OFF;

	if (slice_trim(wish->phone).size == 0)
		return means->phone.size > 0 ? faults : faults | FAULT_PHONE_MISSING;
	*phone_out = phone_read(wish->phone, arena);
	if (*phone_out != NULL)
		return faults;
	*phone_out = "";
	return faults | FAULT_PHONE_WRONG;
}

unsigned
factor_wish_check(const struct policy *policy, const struct factor_wish *wish,
		  const struct factor_means *means, struct arena *arena, const char **phone_out)
{
	*phone_out = "";
	if (wish->factor != FACTOR_PHONE && wish->factor != FACTOR_SHEET)
		return 0;
	if (means->domain)
		return FAULT_FACTOR_DOMAIN;
	if (wish->factor == FACTOR_PHONE)
		return check_phone(policy, wish, means, arena, phone_out);
	return means->needs_sheet && means->sheet_left == 0 ? FAULT_SHEET_MISSING : 0;
}
