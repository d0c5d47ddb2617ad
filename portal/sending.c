#include "portal/sending.h"

#include "base/text.h"
#include "portal/page.h"

/* How many times the limit of a reply is still read to its end, so that a person gets
 * their text back instead of a broken connection. */
#define PATIENCE 4

struct sending {
	struct request *request;
	uint64_t most; /* bytes after which the connection is dropped */
	uint64_t taken;
	enum status status;
	struct text text; /* an urlencoded body, or all fields of a multipart one so far */
	struct multipart *multipart;
	struct slice name; /* of the field at hand */
	size_t field_from; /* where its value begins in text */
	enum { TAKES_FIELD, TAKES_FILE, TAKES_NOTHING } takes;
	struct {
		struct slice name;
		size_t from;
		size_t to;
	} fields[FORM_FIELDS_MAX];
	size_t field_count;
};

/* The text builder moves while it grows, so the form gets its values when a file or
 * the end comes; both are after the fields. */
static enum status
fill_form(struct sending *sending)
{
	struct form *form = &sending->request->form;

	form->count = 0;
	for (size_t i = 0; i < sending->field_count; i++) {
		struct slice value = slice_part(text_slice(&sending->text), sending->fields[i].from,
						sending->fields[i].to);
		enum status status = form_add(form, sending->fields[i].name, value);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
begin_file(struct sending *sending, const struct multipart_part *part)
{
	struct request *request = sending->request;
	struct upload *upload = &request->upload;
	enum status status = fill_form(sending);

	sending->takes = TAKES_NOTHING;
	if (status != STATUS_OK)
		return status;
	/* A file field that was left empty. */
	if (part->file.size == 0)
		return STATUS_OK;
	/* A token that comes behind its files comes too late: they are gone. */
	if (!session_csrf_holds(request, request->route->csrf))
		request->stale = true;
	if ((request->stale || request->opened == NULL) && !session_keep_holds(request))
		upload->refused = true;
	if (upload->refused || upload->too_large || upload->status != STATUS_OK)
		return STATUS_OK;
	sending->takes = TAKES_FILE;
	page_reply_file_begin(request, part);
	return STATUS_OK;
}

static enum status
begin_part(void *context, const struct multipart_part *part)
{
	struct sending *sending = context;

	if (part->is_file && sending->request->route->body != BODY_FILES)
		return begin_file(sending, part);
	/* The text of a reply stands before its files: the letter is already being written.  Only
	 * the button that was pressed stands where it stood on the page. */
	if ((sending->request->upload.reply != NULL && !slice_equal(part->name, SLICE("do"))) ||
	    sending->field_count == FORM_FIELDS_MAX)
		return STATUS_INVALID;
	sending->takes = TAKES_FIELD;
	sending->name = arena_copy(sending->request->arena, part->name);
	sending->field_from = sending->text.size;
	return STATUS_OK;
}

static enum status
take_part(void *context, struct slice bytes)
{
	struct sending *sending = context;

	if (sending->takes == TAKES_FIELD) {
		text_append(&sending->text, bytes);
		if (!text_ok(&sending->text) && sending->request->route->body == BODY_FILES)
			return STATUS_TOO_LARGE;
		if (!text_ok(&sending->text))
			sending->request->upload.too_large = true;
	} else if (sending->takes == TAKES_FILE) {
		page_reply_file_write(sending->request, bytes);
	}
	return STATUS_OK;
}

static enum status
end_part(void *context)
{
	struct sending *sending = context;

	if (sending->takes == TAKES_FILE) {
		page_reply_file_end(sending->request);
	} else if (sending->takes == TAKES_FIELD) {
		sending->fields[sending->field_count].name = sending->name;
		sending->fields[sending->field_count].from = sending->field_from;
		sending->fields[sending->field_count].to = sending->text.size;
		sending->field_count++;
	}
	return STATUS_OK;
}

static const struct multipart_actions actions = {begin_part, take_part, end_part};

static bool
is_urlencoded(struct slice type)
{
	size_t semicolon = slice_find_byte(type, ';', 0);

	return slice_equal_nocase(
	    slice_trim(slice_part(type, 0, semicolon == SLICE_NONE ? type.size : semicolon)),
	    SLICE("application/x-www-form-urlencoded"));
}

enum status
sending_open(struct request *request, const struct guard_facts *facts, struct sending **sending_out)
{
	struct sending *sending = arena_alloc(request->arena, sizeof(*sending));
	bool urlencoded = is_urlencoded(request->headers.content_type);
	size_t limit = ROUTE_SMALL_BODY;
	enum status status = STATUS_OK;

	sending->request = request;
	switch (request->route->body) {
	case BODY_NONE:
		if (facts->has_body)
			return STATUS_INVALID;
		break;
	case BODY_SMALL:
		sending->most = ROUTE_SMALL_BODY;
		if (facts->has_body && !urlencoded)
			return STATUS_INVALID;
		break;
	case BODY_FILES:
		limit = ROUTE_TEXT_MAX;
		sending->most = 2 * ROUTE_TEXT_MAX;
		if (!urlencoded && facts->has_body)
			status = multipart_open(request->headers.content_type, &actions, sending,
						request->arena, &sending->multipart);
		break;
	case BODY_UPLOAD:
		limit = ROUTE_TEXT_MAX;
		sending->most = PATIENCE * request->site->reply_size + ROUTE_TEXT_MAX;
		if (urlencoded || !facts->has_body)
			break;
		status = multipart_open(request->headers.content_type, &actions, sending,
					request->arena, &sending->multipart);
		/* Who asks beforehand is told beforehand. */
		if (status == STATUS_OK && request->headers.expects_continue &&
		    facts->content_length > request->site->reply_size + ROUTE_TEXT_MAX)
			return STATUS_TOO_LARGE;
		break;
	}
	/* Files are read all the same until it is too much: what was whole by then is kept. */
	if (status == STATUS_OK && facts->content_length > sending->most &&
	    request->route->body != BODY_UPLOAD)
		return STATUS_TOO_LARGE;
	if (status != STATUS_OK)
		return status;
	text_init_in(&sending->text, request->arena, limit);
	*sending_out = sending;
	return STATUS_OK;
}

enum status
sending_take(struct sending *sending, struct slice bytes)
{
	struct upload *upload = &sending->request->upload;

	sending->taken += bytes.size;
	if (sending->taken > sending->most)
		return STATUS_TOO_LARGE;
	if (sending->multipart == NULL) {
		text_append(&sending->text, bytes);
		if (!text_ok(&sending->text))
			sending->status = STATUS_TOO_LARGE;
		return STATUS_OK;
	}
	if (upload->too_large && sending->takes == TAKES_FILE)
		sending->takes = TAKES_NOTHING;
	if (sending->status == STATUS_OK)
		sending->status = multipart_feed(sending->multipart, bytes);
	return STATUS_OK;
}

enum status
sending_finish(struct sending *sending)
{
	enum status status = sending->status;

	if (sending->multipart == NULL) {
		if (status == STATUS_OK)
			status = form_parse(text_slice(&sending->text), sending->request->arena,
					    &sending->request->form);
		return status;
	}
	if (status == STATUS_OK)
		status = multipart_finish(sending->multipart);
	if (status == STATUS_OK)
		status = fill_form(sending);
	return status;
}
