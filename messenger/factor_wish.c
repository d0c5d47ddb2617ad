#include "messenger/factor_wish.h"

#include "messenger/passphrase.h"

static unsigned
check_phone(const struct policy *policy, const struct factor_wish *wish,
	    const struct factor_means *means, struct arena *arena, const char **phone_out)
{
	/* A template that has it may be changed otherwise while there is no way. */
	bool had = means->factor == FACTOR_PHONE || means->pdf == PDF_PHONE;
	unsigned faults = policy->phone.is_set || had ? 0 : FAULT_PHONE_OFF;

	if (slice_trim(wish->phone).size == 0)
		return means->phone.size > 0 ? faults : faults | FAULT_PHONE_MISSING;
	*phone_out = phone_read(wish->phone, arena);
	if (*phone_out != NULL)
		return faults;
	*phone_out = "";
	return faults | FAULT_PHONE_WRONG;
}

static unsigned
check_sheets(const struct factor_wish *wish, const struct factor_means *means)
{
	bool of_numbers = wish->factor == FACTOR_SHEET, of_passwords = wish->pdf == PDF_SHEET;

	/* Two sheets in one hand are taken for each other. */
	if (of_numbers && of_passwords)
		return FAULT_PDF_SHEETS;
	if (!means->needs_sheet)
		return 0;
	if (of_numbers)
		return means->sheet_left == 0 ? FAULT_SHEET_MISSING : 0;
	return of_passwords && means->passwords_left == 0 ? FAULT_SHEET_MISSING : 0;
}

unsigned
factor_wish_check(const struct policy *policy, const struct factor_wish *wish,
		  const struct factor_means *means, struct arena *arena, const char **phone_out)
{
	bool phone = factor_wish_asks_phone(wish->factor, wish->pdf);
	unsigned faults = 0;

	*phone_out = "";
	if (policy->always_factor && wish->pdf != PDF_NONE)
		faults |= FAULT_PDF_FACTOR;
	if (means->domain && (phone || wish->factor == FACTOR_SHEET || wish->pdf == PDF_SHEET))
		return faults | FAULT_FACTOR_DOMAIN;
	if (phone)
		faults |= check_phone(policy, wish, means, arena, phone_out);
	return faults | check_sheets(wish, means);
}

bool
factor_wish_asks_phone(enum factor factor, enum pdf_way pdf)
{
	return factor == FACTOR_PHONE || pdf == PDF_PHONE;
}
