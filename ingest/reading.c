#include "ingest/reading.h"

#include <stdarg.h>
#include <stdlib.h>

static void __attribute__((format(printf, 4, 0)))
tell(struct reading *reading, const char *option, const char *kind, const char *format,
     va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		abort();
	config_fault(reading->config, option, reading->faults, "%s%s", kind, text);
	free(text);
}

void
reading_fault(struct reading *reading, const char *option, const char *format, ...)
{
	va_list arguments;

	reading->bad = true;
	va_start(arguments, format);
	tell(reading, option, "", format, arguments);
	va_end(arguments);
}

void
reading_warning(struct reading *reading, const char *option, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(reading, option, "(warning) ", format, arguments);
	va_end(arguments);
}
