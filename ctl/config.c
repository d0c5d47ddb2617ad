#include "ctl/ctl.h"

#include <stdbool.h>
#include <stdio.h>

#include "messenger/policy.h"

int
ctl_config_check(const struct ctl_call *call)
{
	struct policy *policy;
	bool fine = true;

	/* All of them, so that every fault is named at once. */
	if (policy_from_config(call->config, stderr, &policy) == STATUS_OK)
		policy_free(policy);
	else
		fine = false;
	for (ctl_check *const *check = call->checks; *check != NULL; check++)
		if ((*check)(call->config, stderr) != STATUS_OK)
			fine = false;
	if (!fine)
		return 1;
	printf("%s is fine.\n", call->config_path);
	return 0;
}

int
ctl_config_show(const struct ctl_call *call)
{
	config_print(call->config, stdout);
	return 0;
}
