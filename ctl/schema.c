#include "ctl/ctl.h"

#include <stdio.h>

#include "store/schema.h"

int
ctl_schema_migrate(const struct ctl_call *call)
{
	int applied = 0;
	enum status status = schema_migrate(config_text(call->config, "ctl.database"), &applied);

	if (status == STATUS_CONFLICT) {
		fprintf(stderr, "postern: the database is newer than this program (schema %d)\n",
			schema_version());
		return 1;
	}
	if (status != STATUS_OK) {
		fprintf(stderr, "postern: the schema could not be brought up to date (%s)\n",
			status_text(status));
		return 1;
	}
	printf("Schema %d; %d migrations applied now.\n", schema_version(), applied);
	return 0;
}
