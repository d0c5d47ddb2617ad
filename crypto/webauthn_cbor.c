#include "crypto/webauthn_cbor.h"

#include <cbor.h>
#include <stdint.h>

enum kind { KIND_PLAIN, KIND_BYTES, KIND_TEXT, KIND_ARRAY, KIND_MAP, KIND_TAG, KIND_ENDLESS };

struct item {
	enum kind kind;
	struct slice content; /* of bytes and text */
	size_t count;	      /* of an array's items, or a map's pairs */
};

static void
on_bytes(void *context, cbor_data data, size_t size)
{
	*(struct item *)context = (struct item){.kind = KIND_BYTES, .content = {data, size}};
}

static void
on_text(void *context, cbor_data data, size_t size)
{
	*(struct item *)context = (struct item){.kind = KIND_TEXT, .content = {data, size}};
}

static void
on_array(void *context, size_t count)
{
	*(struct item *)context = (struct item){.kind = KIND_ARRAY, .count = count};
}

static void
on_map(void *context, size_t count)
{
	*(struct item *)context = (struct item){.kind = KIND_MAP, .count = count};
}

static void
on_tag(void *context, uint64_t tag)
{
	(void)tag;
	*(struct item *)context = (struct item){.kind = KIND_TAG};
}

static void
on_endless(void *context)
{
	*(struct item *)context = (struct item){.kind = KIND_ENDLESS};
}

/* The head of the next item, and what bytes or text it has. */
static enum status
next(struct slice *rest, struct item *item_out)
{
	struct cbor_callbacks callbacks = cbor_empty_callbacks;
	struct item item = {.kind = KIND_PLAIN};
	struct cbor_decoder_result result;

	callbacks.byte_string = on_bytes;
	callbacks.string = on_text;
	callbacks.array_start = on_array;
	callbacks.map_start = on_map;
	callbacks.tag = on_tag;
	callbacks.byte_string_start = on_endless;
	callbacks.string_start = on_endless;
	callbacks.indef_array_start = on_endless;
	callbacks.indef_map_start = on_endless;
	callbacks.indef_break = on_endless;
	if (rest->size == 0)
		return STATUS_INVALID;
	result = cbor_stream_decode(rest->data, rest->size, &callbacks, &item);
	if (result.status != CBOR_DECODER_FINISHED || result.read == 0 ||
	    result.read > rest->size || item.kind == KIND_ENDLESS)
		return STATUS_INVALID;
	/* Every item takes a byte at least. */
	if (item.count > rest->size - result.read)
		return STATUS_INVALID;
	*rest = slice_part(*rest, result.read, rest->size);
	*item_out = item;
	return STATUS_OK;
}

static enum status
next_of(struct slice *rest, enum kind kind, struct item *item_out)
{
	struct slice behind = *rest;
	enum status status = next(&behind, item_out);

	if (status == STATUS_OK && item_out->kind != kind)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		*rest = behind;
	return status;
}

enum status
webauthn_cbor_text(struct slice *rest, struct slice *text_out)
{
	struct item item;
	enum status status = next_of(rest, KIND_TEXT, &item);

	if (status == STATUS_OK)
		*text_out = item.content;
	return status;
}

enum status
webauthn_cbor_bytes(struct slice *rest, struct slice *bytes_out)
{
	struct item item;
	enum status status = next_of(rest, KIND_BYTES, &item);

	if (status == STATUS_OK)
		*bytes_out = item.content;
	return status;
}

enum status
webauthn_cbor_map(struct slice *rest, size_t *pairs_out)
{
	struct item item;
	enum status status = next_of(rest, KIND_MAP, &item);

	if (status == STATUS_OK)
		*pairs_out = item.count;
	return status;
}

static enum status
pass(struct slice *rest, int depth)
{
	struct item item;
	size_t inside = 0;
	enum status status = depth > WEBAUTHN_CBOR_DEPTH ? STATUS_INVALID : next(rest, &item);

	if (status != STATUS_OK)
		return status;
	if (item.kind == KIND_TAG)
		inside = 1;
	else if (item.kind == KIND_ARRAY)
		inside = item.count;
	else if (item.kind == KIND_MAP)
		inside = item.count * 2;
	for (size_t i = 0; i < inside && status == STATUS_OK; i++)
		status = pass(rest, depth + 1);
	return status;
}

enum status
webauthn_cbor_item(struct slice *rest, struct slice *item_out)
{
	struct slice behind = *rest;
	enum status status = pass(&behind, 0);

	if (status != STATUS_OK)
		return status;
	*item_out = slice_part(*rest, 0, rest->size - behind.size);
	*rest = behind;
	return STATUS_OK;
}
