#include "mail/sent_date.h"

#include <gmime/gmime.h>

int64_t
sent_date(const char *value)
{
	GDateTime *date = g_mime_utils_header_decode_date(value);
	int64_t seconds;

	if (date == NULL)
		return 0;
	seconds = g_date_time_to_unix(date);
	g_date_time_unref(date);
	return seconds > 0 ? seconds : 0;
}
