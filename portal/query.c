#include "portal/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define QUERY_MAX ((size_t)4096)

static void
put_encoded(struct text *out, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.*";

	for (; *value != '\0'; value++) {
		if (strchr(plain, *value) != NULL)
			text_append_byte(out, (unsigned char)*value);
		else
			text_printf(out, "%%%02X", (unsigned char)*value);
	}
}

const char *
query_url(struct arena *arena, const char *path, ...)
{
	struct text *url = arena_alloc(arena, sizeof(*url));
	char separator = '?';
	const char *name;
	va_list pairs;

	text_init_in(url, arena, QUERY_MAX);
	text_append_text(url, path);
	va_start(pairs, path);
	while ((name = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		if (value == NULL || *value == '\0')
			continue;
		text_printf(url, "%c%s=", separator, name);
		put_encoded(url, value);
		separator = '&';
	}
	va_end(pairs);
	return text_ok(url) ? text_string(url) : path;
}
