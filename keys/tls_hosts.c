#include "keys/tls_hosts.h"

enum status
tls_hosts_find(const struct look_net *net, const char *host, int64_t deadline, struct arena *arena,
	       struct tls_addresses *addresses_out, struct look_failure *failure_out)
{
	struct tls_addresses addresses = {.count = 0};
	struct dns_addresses found;
	enum status status =
	    dns_ask_addresses(net->dns, host, deadline, arena, &found, failure_out);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < found.count; i++) {
		const struct sockaddr *address = (const struct sockaddr *)&found.list[i];

		if (outside_is_public(address) ||
		    outside_is_listed(net->fetch->allowed, net->fetch->allowed_count, address))
			outside_text(address, addresses.list[addresses.count++]);
	}
	if (addresses.count == 0) {
		*failure_out = (struct look_failure){"private-address", ""};
		return STATUS_DENIED;
	}
	*addresses_out = addresses;
	return STATUS_OK;
}
