#include "base/template_html.h"

#include <string.h>

#include "base/slice.h"

/* Elements whose attributes take no values: they load, run or redirect. */
static const char *const closed_elements[] = {
    "script", "style", "link",	  "base",	   "object",	       "embed",
    "use",    "set",   "animate", "animatemotion", "animatetransform", NULL};

/* Elements that have no place in a page of ours. */
static const char *const refused_elements[] = {"plaintext", "xmp",     "noembed", "noframes",
					       "frameset",  "frame",   "applet",  "template",
					       "math",	    "marquee", NULL};

static const char *const raw_elements[] = {"script", "style", "iframe", NULL};
static const char *const text_elements[] = {"title", "textarea", NULL};

static const char *const url_attributes[] = {"href", "src", "action", "formaction", "cite", NULL};

/* Attributes that are mere text to a browser; also data-... and aria-... */
static const char *const text_attributes[] = {"accept",	   "alt",	  "autocomplete",
					      "class",	   "cols",	  "colspan",
					      "d",	   "datetime",	  "dir",
					      "download",  "fill",	  "for",
					      "headers",   "height",	  "hreflang",
					      "id",	   "inputmode",	  "label",
					      "lang",	   "list",	  "max",
					      "maxlength", "min",	  "minlength",
					      "name",	   "placeholder", "role",
					      "rows",	   "rowspan",	  "scope",
					      "size",	   "step",	  "tabindex",
					      "title",	   "value",	  "viewbox",
					      "width",	   "x",		  "y",
					      NULL};

static bool
is_one_of(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool
is_letter(unsigned char byte)
{
	return slice_lower(byte) >= 'a' && slice_lower(byte) <= 'z';
}

static bool
is_name(unsigned char byte)
{
	return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
	       byte == ':';
}

/* Append in lower case; false when the name has no room. */
static bool
spell(char name[HTML_NAME_SIZE], unsigned char byte)
{
	size_t size = strlen(name);

	if (size + 1 >= HTML_NAME_SIZE)
		return false;
	name[size] = (char)slice_lower(byte);
	name[size + 1] = '\0';
	return true;
}

static void
enter_state(struct template_html *html, enum template_html_state state)
{
	html->state = state;
	html->recent_size = 0;
	memset(html->recent, 0, sizeof(html->recent));
}

void
template_html_init(struct template_html *html)
{
	memset(html, 0, sizeof(*html));
}

bool
template_html_in_text(const struct template_html *html)
{
	return html->state == HTML_TEXT;
}

static const char *
end_tag(struct template_html *html)
{
	if (!html->closing && is_one_of(html->element, refused_elements))
		return "this element is not used here";
	if (!html->closing && is_one_of(html->element, raw_elements)) {
		enter_state(html, HTML_RAW);
	} else if (!html->closing && is_one_of(html->element, text_elements)) {
		enter_state(html, HTML_RCDATA);
	} else {
		/* Nothing of the tag holds on, so that states can be compared. */
		template_html_init(html);
		return NULL;
	}
	memset(html->attribute, 0, sizeof(html->attribute));
	html->url = URL_EMPTY;
	html->quote = 0;
	return NULL;
}

/* A byte in a tag, outside names and values. */
static const char *
feed_in_tag(struct template_html *html, unsigned char byte)
{
	if (is_blank(byte) || byte == '/')
		enter_state(html, HTML_BEFORE_NAME);
	else if (byte == '>')
		return end_tag(html);
	else if (html->state != HTML_BEFORE_NAME)
		return "a blank is missing in a tag";
	else if (!is_letter(byte))
		return "a name of an attribute is expected";
	else {
		memset(html->attribute, 0, sizeof(html->attribute));
		enter_state(html, HTML_ATTRIBUTE_NAME);
		spell(html->attribute, byte);
	}
	return NULL;
}

static const char *
feed_name(struct template_html *html, unsigned char byte)
{
	bool element = html->state == HTML_TAG_NAME;

	if (is_name(byte)) {
		if (!spell(element ? html->element : html->attribute, byte))
			return "this name is too long";
		return NULL;
	}
	if (!element && byte == '=') {
		if (html->closing)
			return "an end tag takes no attributes";
		enter_state(html, HTML_BEFORE_VALUE);
		return NULL;
	}
	return feed_in_tag(html, byte);
}

static void
feed_url(struct template_html *html, unsigned char byte)
{
	bool ends_name = byte == '/' || byte == '?' || byte == '#';

	if (byte == '\\') {
		/* Browsers read it as a slash. */
		html->url = URL_CLOSED;
		return;
	}
	switch (html->url) {
	case URL_EMPTY:
		if (byte == '/')
			html->url = URL_SLASH;
		else if (byte == '?' || byte == '#')
			html->url = URL_SAFE;
		else if (is_letter(byte) || byte == '.') {
			html->url = URL_NAME;
			spell(html->recent, byte);
		} else
			html->url = URL_CLOSED;
		break;
	case URL_SLASH:
		html->url = byte == '/' || is_blank(byte) ? URL_CLOSED : URL_SAFE;
		break;
	case URL_NAME:
		if (ends_name)
			html->url = URL_SAFE;
		else if (byte == ':')
			html->url = strcmp(html->recent, "mailto") == 0 ? URL_SAFE : URL_CLOSED;
		else if (byte == '&' || is_blank(byte) || !spell(html->recent, byte))
			html->url = URL_CLOSED;
		break;
	case URL_AFTER_VALUE:
		if (ends_name)
			html->url = URL_SAFE;
		break;
	case URL_SAFE:
	case URL_CLOSED:
		break;
	}
}

static const char *
feed_value(struct template_html *html, unsigned char byte)
{
	if (byte == html->quote) {
		memset(html->attribute, 0, sizeof(html->attribute));
		html->quote = 0;
		html->url = URL_EMPTY;
		enter_state(html, HTML_BEFORE_BLANK);
	} else if (is_one_of(html->attribute, url_attributes)) {
		feed_url(html, byte);
	}
	return NULL;
}

/* Behind "<!": a comment or the doctype. */
static const char *
feed_markup(struct template_html *html, unsigned char byte)
{
	if (!spell(html->recent, byte))
		return "neither comment nor doctype";
	if (strcmp(html->recent, "--") == 0)
		enter_state(html, HTML_COMMENT);
	else if (strcmp(html->recent, "doctype") == 0)
		enter_state(html, HTML_DOCTYPE);
	else if (strncmp("doctype", html->recent, strlen(html->recent)) != 0 && byte != '-')
		return "neither comment nor doctype";
	return NULL;
}

/* `recent` holds the last dashes; `recent_size` counts the bytes of the comment up to 2. */
static const char *
feed_comment(struct template_html *html, unsigned char byte)
{
	size_t dashes = strlen(html->recent);

	if (byte == '>' && dashes == 2) {
		template_html_init(html);
		return NULL;
	}
	/* Browsers end a comment at these too. */
	if (byte == '>' && html->recent_size == dashes)
		return "a comment must not begin so";
	if (byte == '!' && dashes == 2)
		return "a comment must not hold --!";
	if (html->recent_size < 3)
		html->recent_size++;
	if (byte != '-')
		html->recent[0] = '\0';
	else if (dashes < 2)
		spell(html->recent, byte);
	return NULL;
}

static const char *
feed_raw(struct template_html *html, unsigned char byte)
{
	if (byte == '<') {
		html->inside = html->state;
		enter_state(html, HTML_RAW_END);
		return NULL;
	}
	if (html->state == HTML_RAW && !is_blank(byte))
		return "this element must be empty: no scripts or styles within a page";
	return NULL;
}

/* Behind "<" in a raw element: nothing but its own end tag. */
static const char *
feed_raw_end(struct template_html *html, unsigned char byte)
{
	size_t size = strlen(html->recent);

	if (size == 0) {
		if (byte != '/')
			return "only the end tag of this element may follow";
		spell(html->recent, byte);
	} else if (is_name(byte)) {
		if (!spell(html->recent, byte))
			return "only the end tag of this element may follow";
	} else if (strcmp(html->recent + 1, html->element) != 0) {
		return "only the end tag of this element may follow";
	} else {
		html->closing = true;
		html->inside = HTML_TEXT;
		enter_state(html, HTML_BEFORE_BLANK);
		return feed_in_tag(html, byte);
	}
	return NULL;
}

const char *
template_html_feed(struct template_html *html, unsigned char byte)
{
	switch (html->state) {
	case HTML_TEXT:
		if (byte == '<')
			enter_state(html, HTML_TAG_OPEN);
		return NULL;
	case HTML_TAG_OPEN:
		if (byte == '/') {
			html->closing = true;
			enter_state(html, HTML_END_TAG_OPEN);
			return NULL;
		}
		if (byte == '!') {
			enter_state(html, HTML_MARKUP);
			return NULL;
		}
		/* fall through */
	case HTML_END_TAG_OPEN:
		if (!is_letter(byte))
			return "no tag: write &lt;";
		enter_state(html, HTML_TAG_NAME);
		spell(html->element, byte);
		return NULL;
	case HTML_TAG_NAME:
	case HTML_ATTRIBUTE_NAME:
		return feed_name(html, byte);
	case HTML_BEFORE_NAME:
	case HTML_BEFORE_BLANK:
		return feed_in_tag(html, byte);
	case HTML_BEFORE_VALUE:
		if (byte != '"' && byte != '\'')
			return "the value of an attribute must stand in quotes";
		html->quote = byte;
		html->url = URL_EMPTY;
		enter_state(html, HTML_VALUE);
		return NULL;
	case HTML_VALUE:
		return feed_value(html, byte);
	case HTML_MARKUP:
		return feed_markup(html, byte);
	case HTML_DOCTYPE:
		if (byte == '>')
			template_html_init(html);
		return NULL;
	case HTML_COMMENT:
		return feed_comment(html, byte);
	case HTML_RAW:
	case HTML_RCDATA:
		return feed_raw(html, byte);
	case HTML_RAW_END:
		return feed_raw_end(html, byte);
	}
	return "the template follower is lost";
}

static const char *
url_value(struct template_html *html, enum template_context *context_out)
{
	switch (html->url) {
	case URL_EMPTY:
		*context_out = TEMPLATE_IN_URL_START;
		html->url = URL_AFTER_VALUE;
		return NULL;
	case URL_SLASH:
		*context_out = TEMPLATE_IN_URL_FIRST;
		html->url = URL_SAFE;
		return NULL;
	case URL_NAME:
	case URL_SAFE:
		*context_out = TEMPLATE_IN_URL_PART;
		return NULL;
	case URL_AFTER_VALUE:
		return "a / or ? or # must stand between this value and the one before";
	case URL_CLOSED:
		break;
	}
	return "a value must not follow the scheme or host of a URL";
}

static const char *
attribute_value(struct template_html *html, enum template_context *context_out)
{
	const char *name = html->attribute;

	if (is_one_of(html->element, closed_elements))
		return "no values in attributes of this element";
	if (strcmp(html->element, "meta") == 0) {
		*context_out = TEMPLATE_IN_DIGITS;
		return strcmp(name, "content") == 0 ? NULL : "no value in this attribute of meta";
	}
	if (is_one_of(name, url_attributes))
		return url_value(html, context_out);
	if (is_one_of(name, text_attributes) || strncmp(name, "data-", 5) == 0 ||
	    strncmp(name, "aria-", 5) == 0) {
		*context_out = TEMPLATE_IN_TEXT;
		return NULL;
	}
	if (strncmp(name, "on", 2) == 0)
		return "no value in an event handler";
	return "no values in this attribute";
}

const char *
template_html_value(struct template_html *html, enum template_context *context_out)
{
	switch (html->state) {
	case HTML_TEXT:
	case HTML_RCDATA:
		*context_out = TEMPLATE_IN_TEXT;
		return NULL;
	case HTML_VALUE:
		return attribute_value(html, context_out);
	case HTML_RAW:
	case HTML_RAW_END:
		return "no value in script, style or iframe";
	case HTML_COMMENT:
		return "no value in a comment";
	case HTML_BEFORE_VALUE:
		return "the value of an attribute must stand in quotes";
	default:
		return "no value in a tag outside the quotes of an attribute";
	}
}

bool
template_html_takes_words(const struct template_html *html)
{
	struct template_html copy = *html;
	enum template_context context;

	return template_html_value(&copy, &context) == NULL && context == TEMPLATE_IN_TEXT;
}

static bool
between_attributes(const struct template_html *html)
{
	return html->state == HTML_TAG_NAME || html->state == HTML_ATTRIBUTE_NAME ||
	       html->state == HTML_BEFORE_BLANK || html->state == HTML_BEFORE_NAME;
}

/* In a tag, what follows must not run into what stands before. */
static void
demand_blank(struct template_html *html)
{
	memset(html->attribute, 0, sizeof(html->attribute));
	enter_state(html, HTML_BEFORE_BLANK);
}

const char *
template_html_enter(struct template_html *html)
{
	if (between_attributes(html)) {
		if (html->state != HTML_BEFORE_NAME)
			demand_blank(html);
		return NULL;
	}
	if (html->state == HTML_VALUE && html->url == URL_AFTER_VALUE)
		return "no section right behind a value that begins a URL";
	if (html->state == HTML_TEXT || html->state == HTML_RCDATA || html->state == HTML_VALUE)
		return NULL;
	return "no section here";
}

const char *
template_html_join(struct template_html *html, const struct template_html *before)
{
	if (between_attributes(html) && before->state == HTML_BEFORE_BLANK) {
		if (strcmp(html->element, before->element) != 0 || html->closing != before->closing)
			return "this section ends in another place of the HTML than it began";
		demand_blank(html);
		return NULL;
	}
	if (between_attributes(html) && before->state == HTML_BEFORE_NAME &&
	    html->state != HTML_BEFORE_NAME)
		return "a section in a tag begins with its blank: <input{{#x}} checked{{/x}}>";
	if (html->state != before->state || html->quote != before->quote ||
	    html->url != before->url || html->closing != before->closing ||
	    strcmp(html->element, before->element) != 0 ||
	    strcmp(html->attribute, before->attribute) != 0)
		return "this section ends in another place of the HTML than it began";
	return NULL;
}
