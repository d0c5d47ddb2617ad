#include "ctl/ctl.h"

#include <stdio.h>

#include "crypto/keyfile.h"

static int
usage(const char *verb)
{
	fprintf(stderr, "usage: postern ctl keys %s FOLDER\n", verb);
	return 2;
}

int
ctl_keys_init(const struct ctl_call *call)
{
	enum status status;

	if (call->argument_count != 1)
		return usage("init");
	status = keyfile_create(call->arguments[0]);
	if (status == STATUS_CONFLICT) {
		fprintf(stderr, "postern: there are keys in %s already; nothing was changed\n",
			call->arguments[0]);
		return 1;
	}
	if (status != STATUS_OK) {
		fprintf(stderr, "postern: keys could not be written to %s (%s)\n",
			call->arguments[0], status_text(status));
		return 1;
	}
	printf("Keys are in %s, one file per program.\n"
	       "Keep a copy of each in a safe place, apart from the database and from each other:\n"
	       "without them no stored message can ever be read.\n",
	       call->arguments[0]);
	return 0;
}

int
ctl_keys_show(const struct ctl_call *call)
{
	static const struct {
		const char *file;
		enum keyfile_role role;
	} files[] = {{"ingest.keys", KEYFILE_INGEST},
		     {"courier.keys", KEYFILE_COURIER},
		     {"portal.keys", KEYFILE_PORTAL}};
	int result = 0;

	if (call->argument_count != 1)
		return usage("show");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[4096];
		struct keys keys;
		enum status status;

		snprintf(path, sizeof(path), "%s/%s", call->arguments[0], files[i].file);
		status = keyfile_load(path, files[i].role, &keys);
		printf("%s\n", files[i].file);
		if (status != STATUS_OK) {
			fprintf(stderr, "postern: %s: %s\n", path, status_text(status));
			result = 1;
			continue;
		}
		keyfile_print(&keys, stdout);
		keys_clear(&keys);
	}
	return result;
}
