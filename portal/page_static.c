#include "portal/page.h"

#include "portal/assets.h"
#include "portal/brand.h"
#include "portal/range.h"

void
page_static(struct request *request, struct answer *answer)
{
	const struct asset *asset = brand_find(request->site->brand, request->name);

	if (asset == NULL)
		asset = assets_find(request->site->assets, request->name);
	if (asset == NULL) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	answer->kind = ANSWER_ASSET;
	answer->lasting = true;
	answer_add(answer, "ETag", asset->tag);
	if (request->headers.if_none_match.size > 0 &&
	    range_tag_listed(request->headers.if_none_match, asset->tag)) {
		answer->status = 304;
		return;
	}
	answer->status = 200;
	answer->type = asset->type;
	answer->body = asset->bytes;
}
