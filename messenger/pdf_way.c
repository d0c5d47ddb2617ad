#include "messenger/pdf_way.h"

static const char *const words[] = {[PDF_NONE] = "no",
				    [PDF_PASSPHRASE] = "passphrase",
				    [PDF_GENERATED] = "generated",
				    [PDF_PHONE] = "phone",
				    [PDF_SHEET] = "sheet"};

const char *
pdf_way_word(enum pdf_way way)
{
	return words[way];
}

bool
pdf_way_read(struct slice word, enum pdf_way *way_out)
{
	*way_out = PDF_NONE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && word.size > 0; i++) {
		if (!slice_equal_nocase(word, slice_from_text(words[i])))
			continue;
		*way_out = (enum pdf_way)i;
		return true;
	}
	return word.size == 0;
}

bool
pdf_way_is_ready(const struct policy *policy, enum pdf_way way, bool has_phone, int sheet_left)
{
	if (way == PDF_NONE)
		return true;
	if (policy->always_factor)
		return false;
	if (way == PDF_PHONE)
		return policy->phone.is_set && has_phone;
	return way != PDF_SHEET || sheet_left > 0;
}
