#include "ctl/export.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/certificate.h"

bool
export_key(enum key_kind kind, struct slice material, const struct slice *chain, size_t count)
{
	bool good;

	if (kind == KEY_OPENPGP)
		return file_write_all(STDOUT_FILENO, material);
	good = certificate_print(material, stdout);
	for (size_t i = 0; i < count && good; i++)
		good = certificate_print(chain[i], stdout);
	return good && fflush(stdout) == 0;
}
