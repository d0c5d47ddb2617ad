#include "ctl/export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"

static void
print_certificate(struct slice der, struct arena *arena)
{
	char *base64 = arena_alloc(arena, BASE64_LENGTH(der.size) + 1);

	encode_base64(der, base64);
	puts("-----BEGIN CERTIFICATE-----");
	for (size_t at = 0; base64[at] != '\0';) {
		int size = (int)strnlen(base64 + at, 64);

		printf("%.*s\n", size, base64 + at);
		at += (size_t)size;
	}
	puts("-----END CERTIFICATE-----");
}

bool
export_key(enum key_kind kind, struct slice material, const struct slice *chain, size_t count,
	   struct arena *arena)
{
	if (kind == KEY_OPENPGP)
		return file_write_all(STDOUT_FILENO, material);
	print_certificate(material, arena);
	for (size_t i = 0; i < count; i++)
		print_certificate(chain[i], arena);
	return fflush(stdout) == 0 && ferror(stdout) == 0;
}
