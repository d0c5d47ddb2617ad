#include "ctl/ctl.h"

#include <stdio.h>

#include "messenger/policy.h"

int
ctl_config_check(const struct ctl_call *call)
{
	struct policy *policy;
	enum status status = policy_from_config(call->config, stderr, &policy);

	if (status != STATUS_OK)
		return 1;
	policy_free(policy);
	printf("%s is fine.\n", call->config_path);
	return 0;
}

int
ctl_config_show(const struct ctl_call *call)
{
	config_print(call->config, stdout);
	return 0;
}
