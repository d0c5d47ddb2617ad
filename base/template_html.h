/*
 * Follows the HTML of a template byte by byte, as far as it must be known to
 * tell how a value may stand there.  Knows nothing of {{ }}: the compiler feeds
 * it the text between and asks at each tag.  It is stricter than browsers:
 * what they would have to repair is a fault.
 */
#ifndef BASE_TEMPLATE_HTML_H
#define BASE_TEMPLATE_HTML_H

#include <stdbool.h>
#include <stddef.h>

/* How a value is written. */
enum template_context {
	TEMPLATE_IN_LINE,      /* text file, on one line */
	TEMPLATE_IN_LINES,     /* text file, line ends kept */
	TEMPLATE_IN_TEXT,      /* HTML text and quoted attributes */
	TEMPLATE_IN_DIGITS,    /* an attribute that takes a number only */
	TEMPLATE_IN_URL_START, /* the beginning of a URL */
	TEMPLATE_IN_URL_FIRST, /* the first piece of a path, right behind its slash */
	TEMPLATE_IN_URL_PART,  /* a piece further behind */
};

enum template_html_state {
	HTML_TEXT,
	HTML_TAG_OPEN,	   /* behind < */
	HTML_END_TAG_OPEN, /* behind </ */
	HTML_TAG_NAME,
	HTML_BEFORE_NAME,  /* in a tag, a blank is behind */
	HTML_BEFORE_BLANK, /* in a tag, only a blank, / or > may follow */
	HTML_ATTRIBUTE_NAME,
	HTML_BEFORE_VALUE, /* behind = */
	HTML_VALUE,	   /* in quotes */
	HTML_MARKUP,	   /* behind <! */
	HTML_DOCTYPE,
	HTML_COMMENT,
	HTML_RAW,     /* in script, style, iframe: nothing but blanks and the end tag */
	HTML_RCDATA,  /* in title, textarea: text and the end tag */
	HTML_RAW_END, /* in either, within its end tag's name */
};

/* What is known of the URL so far. */
enum template_url {
	URL_EMPTY,
	URL_SLASH,	 /* "/" */
	URL_NAME,	 /* "abc": a relative path or a scheme */
	URL_SAFE,	 /* path, query or fragment: values go in percent-encoded */
	URL_AFTER_VALUE, /* a value, and no / ? # since */
	URL_CLOSED,	 /* a scheme or host stands here: no values */
};

#define HTML_NAME_SIZE 32

struct template_html {
	enum template_html_state state;
	enum template_html_state inside; /* RAW or RCDATA, while in RAW_END */
	enum template_url url;
	bool closing; /* an end tag */
	unsigned char quote;
	char element[HTML_NAME_SIZE];
	char attribute[HTML_NAME_SIZE];
	char recent[HTML_NAME_SIZE]; /* what is being spelled: markup, end tag, scheme */
	size_t recent_size;
};

void template_html_init(struct template_html *html);

/* One byte of the template's own text; NULL, or the fault in words. */
const char *template_html_feed(struct template_html *html, unsigned char byte);

/* A value stands here; NULL and its context, or the reason why none may. */
const char *template_html_value(struct template_html *html, enum template_context *context_out);

/* Words of people may stand here: text, or an attribute that is mere text. */
bool template_html_takes_words(const struct template_html *html);

/* A section begins; NULL or the reason why none may. */
const char *template_html_enter(struct template_html *html);

/* It ends: `html` is the state behind its body, `before` the one that template_html_enter
 * left.  On NULL `html` holds for both roads, through the body and past it. */
const char *template_html_join(struct template_html *html, const struct template_html *before);

/* True outside tags and special elements, where partials may stand and files end. */
bool template_html_in_text(const struct template_html *html);

#endif
