#include "keys/look.h"

#include <string.h>

#include "mail/address.h"
#include "mail/idn.h"

/* "example.net" that domain, ".example.net" those below it, "*" every one. */
static bool
fits(const char *pattern, const char *domain)
{
	size_t size = strlen(domain);
	size_t tail = strlen(pattern);

	if (strcmp(pattern, "*") == 0)
		return true;
	if (*pattern == '.')
		return size > tail && slice_equal_nocase(slice_from_text(domain + size - tail),
							 slice_from_text(pattern));
	return slice_equal_nocase(slice_from_text(domain), slice_from_text(pattern));
}

static bool
is_asked(const struct ldap_directory *directory, const char *domain)
{
	for (size_t i = 0; i < directory->domain_count; i++)
		if (fits(directory->domains[i], domain))
			return true;
	return false;
}

const char *
look_group(const struct look_asker *asker, struct slice address, struct arena *arena)
{
	const char *domain;

	if (idn_to_ascii(address_domain(address), arena, &domain) != STATUS_OK)
		return NULL;
	switch (asker->source) {
	case CANDIDATE_LDAP:
		return is_asked(asker->directory, domain) ? "directory" : NULL;
	case CANDIDATE_VKS:
	case CANDIDATE_HKPS:
		return asker->server;
	default:
		return domain;
	}
}

struct finding
look(const struct look_net *net, const struct look_asker *asker, struct slice address,
     int64_t deadline, struct arena *arena)
{
	switch (asker->source) {
	case CANDIDATE_LDAP:
		return ldap_look(asker->directory, address, deadline, arena);
	case CANDIDATE_WKD:
		return look_wkd(net->fetch, address, deadline, arena);
	case CANDIDATE_VKS:
	case CANDIDATE_HKPS:
		return look_key_server(net->fetch, asker, address, deadline, arena);
	default:
		return look_dns(net->dns, asker->source, address, deadline, arena);
	}
}
