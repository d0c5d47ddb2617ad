#include "base/template.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/template_compile.h"
#include "base/template_value.h"

#define VALUE_TEXT_MAX ((size_t)1024)

/* Values in reach: those of the innermost list item first. */
struct scope {
	const struct template_values *values;
	const struct scope *outer;
};

struct render {
	const struct template *template;
	struct text *out;
};

static const struct value *
find_value(const struct scope *scope, struct slice name)
{
	for (; scope != NULL; scope = scope->outer)
		for (const struct value *value = scope->values->values; value != NULL;
		     value = value->next)
			if (slice_equal(slice_from_text(value->name), name))
				return value;
	return NULL;
}

/* Bytes of the control character or direction override at `at`, 0 when there is none.  They
 * could hide or reorder what stands around a value: C0 without tab and LF, DEL, C1, U+202A to
 * U+202E and U+2066 to U+2069. */
static size_t
control_size(struct slice text, size_t at)
{
	const unsigned char *bytes = text.data + at;
	size_t left = text.size - at;

	if ((bytes[0] < ' ' && bytes[0] != '\t' && bytes[0] != '\n') || bytes[0] == 0x7f)
		return 1;
	if (left >= 2 && bytes[0] == 0xc2 && bytes[1] >= 0x80 && bytes[1] <= 0x9f)
		return 2;
	if (left >= 3 && bytes[0] == 0xe2 &&
	    ((bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
	     (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9)))
		return 3;
	return 0;
}

static void
write_html_byte(struct text *out, unsigned char byte)
{
	switch (byte) {
	case '&':
		text_append_text(out, "&amp;");
		break;
	case '<':
		text_append_text(out, "&lt;");
		break;
	case '>':
		text_append_text(out, "&gt;");
		break;
	case '"':
		text_append_text(out, "&quot;");
		break;
	case '\'':
		text_append_text(out, "&#39;");
		break;
	default:
		text_append_byte(out, byte);
	}
}

/* HTML and text files drop the same characters; they differ in line ends and escapes. */
static void
write_text(struct text *out, struct slice text, enum template_context context)
{
	for (size_t i = 0; i < text.size;) {
		unsigned char byte = text.data[i];
		size_t skip = byte == '\r' ? 0 : control_size(text, i);

		if (skip > 0) {
			i += skip;
			continue;
		}
		i++;
		if (byte == '\r') {
			/* CR LF is one line end, and so is a lone CR. */
			if (i < text.size && text.data[i] == '\n')
				continue;
			byte = '\n';
		}
		if (byte == '\n' && context == TEMPLATE_IN_LINE)
			byte = ' ';
		if (context == TEMPLATE_IN_TEXT)
			write_html_byte(out, byte);
		else
			text_append_byte(out, byte);
	}
}

static bool
is_safe_url(struct slice url)
{
	static const struct slice schemes[] = {SLICE("https://"), SLICE("http://"),
					       SLICE("mailto:")};

	for (size_t i = 0; i < url.size; i++)
		if (url.data[i] <= ' ' || url.data[i] == 0x7f || url.data[i] == '\\')
			return false;
	if (url.size == 0 || url.data[0] == '?' || url.data[0] == '#')
		return true;
	if (url.data[0] == '/')
		return url.size == 1 || url.data[1] != '/';
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (slice_starts_nocase(url, schemes[i]) && url.size > schemes[i].size)
			return url.data[schemes[i].size] != '/';
	return false;
}

/* A URL that ends in a slash gives it up to literal text that brings its own: "/" and "/x"
 * must not make "//x", which names a host. */
static struct slice
url_before(struct slice url, const struct template_step *next)
{
	if (next != NULL && next->kind == STEP_LITERAL && next->text.data[0] == '/')
		while (url.size > 0 && url.data[url.size - 1] == '/')
			url.size--;
	return url;
}

static void
write_url(struct text *out, struct slice url, const struct template_step *next)
{
	if (!is_safe_url(url)) {
		log_warning("template-url-refused", LOG_NUMBER("size", url.size));
		text_append_byte(out, '#');
		return;
	}
	url = url_before(url, next);
	for (size_t i = 0; i < url.size; i++)
		write_html_byte(out, url.data[i]);
}

/* What is shown of a value, in `room` where it is first made. */
static struct slice
value_text(const struct value *value, const struct language *language, bool prose,
	   struct text *room)
{
	if (value->kind == VALUE_TIME && value->number != 0)
		language_put_time(language, value->number, room);
	else if (value->kind == VALUE_SIZE)
		language_put_size(language, (uint64_t)value->number, room);
	else if (value->kind == VALUE_NUMBER && prose)
		language_put_number(language, value->number, room);
	else
		return value->text;
	return text_slice(room);
}

static void
write_in_text(struct render *render, const struct template_step *step, const struct value *value,
	      struct slice text)
{
	bool apart = step->prose && step->context == TEMPLATE_IN_TEXT && !value->run &&
		     language_is_rtl(render->template->language);

	if (apart)
		text_append_text(render->out, "<bdi>");
	write_text(render->out, text, step->context);
	if (apart)
		text_append_text(render->out, "</bdi>");
}

static void
write_in_context(struct render *render, const struct template_step *step,
		 const struct template_step *next, const struct value *value, struct slice text)
{
	switch (step->context) {
	case TEMPLATE_IN_LINE:
	case TEMPLATE_IN_LINES:
	case TEMPLATE_IN_TEXT:
		write_in_text(render, step, value, text);
		break;
	case TEMPLATE_IN_DIGITS:
		text_append(render->out, text);
		break;
	case TEMPLATE_IN_URL_START:
		write_url(render->out, text, next);
		break;
	case TEMPLATE_IN_URL_FIRST:
		/* An empty first piece would leave "//" and a host behind it. */
		if (text.size == 0)
			text_append_byte(render->out, '.');
		/* fall through */
	case TEMPLATE_IN_URL_PART:
		encode_percent(text, render->out);
		break;
	}
}

static enum status
write_value(struct render *render, const struct scope *scope, const struct template_step *step,
	    const struct template_step *next)
{
	const struct value *value = find_value(scope, step->text);
	unsigned long long number;
	struct text room;

	if (value == NULL || value->kind == VALUE_FLAG || value->kind == VALUE_LIST ||
	    (step->context == TEMPLATE_IN_DIGITS && !slice_to_number(value->text, &number))) {
		log_error("template-value-missing", LOG_TEXT("template", render->template->file),
			  LOG_BYTES("value", step->text));
		return STATUS_INTERNAL;
	}
	text_init(&room, VALUE_TEXT_MAX);
	write_in_context(render, step, next, value,
			 value_text(value, render->template->language, step->prose, &room));
	text_clear(&room);
	return STATUS_OK;
}

static enum status
render_steps(struct render *render, const struct scope *scope, size_t from, size_t to);

static enum status
render_section(struct render *render, const struct scope *scope, size_t at)
{
	const struct template_step *step = &render->template->steps[at];
	const struct value *value = find_value(scope, step->text);
	bool shown = value != NULL && value->shown;
	enum status status = STATUS_OK;

	if (step->kind == STEP_ABSENT)
		return shown ? STATUS_OK : render_steps(render, scope, at + 1, step->end);
	if (!shown)
		return STATUS_OK;
	if (value->kind != VALUE_LIST)
		return render_steps(render, scope, at + 1, step->end);
	for (const struct template_values *item = value->list->first;
	     item != NULL && status == STATUS_OK; item = item->next)
		status = render_steps(render, &(struct scope){item, scope}, at + 1, step->end);
	return status;
}

/* Break the lines of what was written since `from`: blanks become line ends, nothing moves. */
static void
fill_lines(struct text *out, size_t from)
{
	size_t blank = SLICE_NONE;
	size_t width = 0, behind = 0; /* characters of the line, and of it behind the blank */

	for (size_t i = from; i < out->size; i++) {
		unsigned char byte = out->data[i];

		if ((byte & 0xc0) == 0x80)
			continue;
		width++;
		behind++;
		if (byte == '\n') {
			blank = SLICE_NONE;
			width = 0;
		} else if (byte == ' ') {
			blank = i;
			behind = 0;
		}
		if (width > TEMPLATE_LINE && blank != SLICE_NONE) {
			out->data[blank] = '\n';
			blank = SLICE_NONE;
			width = behind;
		}
	}
}

static enum status
render_fill(struct render *render, const struct scope *scope, size_t at)
{
	size_t from = render->out->size;
	enum status status = render_steps(render, scope, at + 1, render->template->steps[at].end);

	fill_lines(render->out, from);
	return status;
}

static enum status
render_partial(struct render *render, const struct scope *scope, const struct template_step *step)
{
	struct text *out = render->out;
	size_t from = out->size;
	enum status status =
	    render_steps(&(struct render){step->partial, out}, scope, 0, step->partial->count);

	if (step->prose && out->size > from && out->data[out->size - 1] == '\n')
		out->size--;
	return status;
}

static bool
count_of(const struct value *value, unsigned long long *number_out)
{
	if (value->kind == VALUE_TEXT)
		return slice_to_number(value->text, number_out) && *number_out <= INT32_MAX;
	*number_out = (unsigned long long)value->number;
	return value->kind == VALUE_NUMBER && value->number >= 0;
}

static enum status
render_plural(struct render *render, const struct scope *scope, size_t at)
{
	const struct template_step *steps = render->template->steps;
	const struct value *value = find_value(scope, steps[at].text);
	unsigned long long number = 0;
	size_t form, i;

	if (value == NULL || !count_of(value, &number)) {
		log_error("template-count-missing", LOG_TEXT("template", render->template->file),
			  LOG_BYTES("value", steps[at].text));
		return STATUS_INTERNAL;
	}
	form = language_plural(steps[at].language, (long long)number);
	for (i = at + 1; form > 0; form--)
		i = steps[i].end;
	return render_steps(render, scope, i + 1, steps[i].end);
}

static enum status
render_steps(struct render *render, const struct scope *scope, size_t from, size_t to)
{
	const struct template *template = render->template;
	enum status status = STATUS_OK;

	for (size_t i = from; i < to && status == STATUS_OK; i++) {
		const struct template_step *step = &template->steps[i];
		const struct template_step *next = i + 1 < template->count ? step + 1 : NULL;

		switch (step->kind) {
		case STEP_LITERAL:
			text_append(render->out, step->text);
			break;
		case STEP_VALUE:
			status = write_value(render, scope, step, next);
			break;
		case STEP_SECTION:
		case STEP_ABSENT:
			status = render_section(render, scope, i);
			i = step->end - 1;
			break;
		case STEP_FILL:
			status = render_fill(render, scope, i);
			i = step->end - 1;
			break;
		case STEP_PLURAL:
			status = render_plural(render, scope, i);
			i = step->end - 1;
			break;
		case STEP_FORM:
			break; /* render_plural goes into one, and past the others */
		case STEP_PARTIAL:
			status = render_partial(render, scope, step);
			break;
		}
		if (status == STATUS_OK && !text_ok(render->out))
			status = STATUS_TOO_LARGE;
	}
	return status;
}

enum status
template_render(const struct template_set *set, const char *name,
		const struct template_values *values, struct text *out)
{
	const struct template *template = template_set_find(set, slice_from_text(name));
	struct render render = {template, out};

	if (template == NULL) {
		log_error("template-missing", LOG_TEXT("template", name));
		return STATUS_NOT_FOUND;
	}
	return render_steps(&render, &(struct scope){values, NULL}, 0, template->count);
}

enum status
template_render_mail(const struct template_set *set, const char *name,
		     const struct template_values *values, struct arena *arena,
		     const char **subject_out, struct text *body)
{
	static const struct slice field = SLICE("Subject: ");
	struct text text;
	struct slice whole;
	size_t end;
	enum status status;

	text_init(&text, body->limit);
	status = template_render(set, name, values, &text);
	whole = text_slice(&text);
	end = slice_find_byte(whole, '\n', 0);
	if (status == STATUS_OK && (!slice_starts_nocase(whole, field) || end == SLICE_NONE ||
				    end + 1 >= whole.size || whole.data[end + 1] != '\n')) {
		log_error("template-without-subject", LOG_TEXT("template", name));
		status = STATUS_INTERNAL;
	}
	if (status == STATUS_OK) {
		text_append(body, slice_part(whole, end + 2, whole.size));
		status = text_ok(body) ? STATUS_OK : STATUS_TOO_LARGE;
	}
	if (status == STATUS_OK)
		*subject_out =
		    arena_text_from(arena, slice_trim(slice_part(whole, field.size, end)));
	text_clear(&text);
	return status;
}
