#include "ctl/ctl.h"

#include <stdio.h>

int
ctl_config_check(const struct ctl_call *call)
{
	if (config_try(call->config_path, call->tables, call->checks, stderr) != STATUS_OK)
		return 1;
	printf("%s is fine.\n", call->config_path);
	return 0;
}

int
ctl_manual_options(const struct ctl_call *call)
{
	config_print_manual(call->tables, stdout);
	return 0;
}

int
ctl_config_show(const struct ctl_call *call)
{
	config_print(call->config, stdout);
	return 0;
}
