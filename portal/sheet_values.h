/* What pages say of a template's second factor or PDF, and of the sheet that goes with it. */
#ifndef PORTAL_SHEET_VALUES_H
#define PORTAL_SHEET_VALUES_H

#include "base/template.h"
#include "messenger/templates.h"

/* sheet_at, sheet_left; the flags has_sheet, sheet_low (few are left), sheet_none_left,
 * waits_for_sheet and waits_for_phone (messages are held until there is one, or a way). */
void sheet_put_state(const struct policy *policy, struct template_values *values,
		     const struct template_view *view);

/* Why a template waits, if it does: waits_for_sheet, waits_for_phone, waits_for_policy (it says
 * PDF, and policy asks for a factor). */
void sheet_put_waits(const struct policy *policy, struct template_values *values,
		     const struct template_view *view, bool waits);

#endif
