#include "keys/same_address.h"

#include "mail/address.h"
#include "mail/idn.h"

static bool
same_domain(struct slice a, struct slice b, struct arena *arena)
{
	const char *ascii_a;
	const char *ascii_b;
	enum status status_a = idn_to_ascii(a, arena, &ascii_a);
	enum status status_b = idn_to_ascii(b, arena, &ascii_b);

	/* Address literals and names of one label, in the house: as they are. */
	if (status_a != STATUS_OK && status_b != STATUS_OK)
		return slice_equal_nocase(a, b);
	return status_a == STATUS_OK && status_b == STATUS_OK &&
	       slice_equal(slice_from_text(ascii_a), slice_from_text(ascii_b));
}

bool
same_address(struct slice wanted, struct slice found, enum local_rule rule)
{
	struct arena *arena;
	struct slice a;
	struct slice b;
	bool same;

	if (address_check(wanted, NULL) != STATUS_OK || address_check(found, NULL) != STATUS_OK)
		return false;
	arena = arena_new();
	a = address_unquote(address_local(wanted), arena);
	b = address_unquote(address_local(found), arena);
	same = (rule == LOCAL_EXACT ? slice_equal(a, b) : slice_equal_nocase(a, b)) &&
	       same_domain(address_domain(wanted), address_domain(found), arena);
	arena_free(arena);
	return same;
}
