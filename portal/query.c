#include "portal/query.h"

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
query_url(struct arena *arena, const char *path, const struct query_pair *pairs, size_t count)
{
	struct text *url = arena_alloc(arena, sizeof(*url));
	char separator = '?';

	text_init_in(url, arena, QUERY_MAX);
	text_append_text(url, path);
	for (size_t i = 0; i < count; i++) {
		if (*pairs[i].value == '\0')
			continue;
		text_printf(url, "%c%s=", separator, pairs[i].name);
		put_encoded(url, pairs[i].value);
		separator = '&';
	}
	return text_ok(url) ? text_string(url) : path;
}
