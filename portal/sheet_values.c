#include "portal/sheet_values.h"

#include "messenger/sheet.h"

void
sheet_put_state(const struct policy *policy, struct template_values *values,
		const struct template_view *view)
{
	bool asked = view->factor == FACTOR_SHEET || view->pdf == PDF_SHEET;
	bool has_sheet = view->sheet_at != 0;

	template_put_time(values, "sheet_at", view->sheet_at);
	template_put_number(values, "sheet_left", view->sheet_left);
	template_put_flag(values, "has_sheet", has_sheet);
	template_put_flag(values, "sheet_low",
			  asked && view->sheet_left > 0 && view->sheet_left <= SHEET_LOW);
	template_put_flag(values, "sheet_none_left", has_sheet && view->sheet_left == 0);
	sheet_put_waits(policy, values, view, view->waits);
}

void
sheet_put_waits(const struct policy *policy, struct template_values *values,
		const struct template_view *view, bool waits)
{
	bool sheet = view->factor == FACTOR_SHEET || view->pdf == PDF_SHEET;
	bool phone = factor_wish_asks_phone(view->factor, view->pdf);
	bool barred = waits && view->pdf != PDF_NONE && policy->always_factor;
	bool no_sheet = waits && !barred && sheet && view->sheet_left == 0;

	template_put_flag(values, "waits_for_policy", barred);
	template_put_flag(values, "waits_for_sheet", no_sheet);
	template_put_flag(values, "waits_for_phone", waits && !barred && phone && !no_sheet);
}
