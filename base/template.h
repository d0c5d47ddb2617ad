/*
 * Templates for pages, mails and PDF: text with {{names}}, compiled once when a
 * program starts.  The engine knows no logic beyond "is it there" and "for
 * each", and escapes by context: in *.html every value gets the escaping of
 * the place it stands in, found by following the HTML; a place where no
 * escaping is safe is refused when the template is compiled.  There is no raw
 * form.
 *
 *	{{name}}		the value.  In *.txt it is one line: line ends become blanks
 *	{{|name}}		*.txt only: the value with its line ends
 *	{{#name}}..{{/name}}	shown when the value is there, not empty, not 0, not false;
 *				for a list once per item, with the item's values in reach
 *	{{^name}}..{{/name}}	shown when it is not
 *	{{>name}}		another template: of the same folder, or "pages/name"
 *	{{! remark }}
 *	{{_}}..{{/_}}		a phrase: its translation when the set is of another language.
 *				Blanks and line ends in it run together.  A phrase that begins a
 *				line of a *.txt is a paragraph: it is filled to lines of at most
 *				TEMPLATE_LINE characters when it is shown
 *	{{_@where}}..{{/_}}	the same for words that are translated differently elsewhere
 *	{{_#name}}one{{|}}many{{/_}}  the form that the language has for the number `name`
 *
 * A line that holds nothing but a section's tag, a partial or a remark leaves no line behind.  A
 * partial in a phrase gives up its last line end.
 *
 * A translation is template source, compiled in the place of the phrase: it is escaped
 * and refused like any.  It must use the same values, sections, partials and HTML tags.
 *
 * HTML contexts: text (also in title and textarea), quoted attributes of a
 * list of names, URL attributes.  A value that begins a URL must be a path
 * ("/..." but not "//..."), "?...", "#...", or http, https or mailto; anything
 * else becomes "#".  A value behind that is percent-encoded as one piece
 * of a path or query.  The content attribute of meta takes digits only.
 * Refused: script, style and other raw elements, on..., style=, srcdoc=, names
 * of elements and attributes, unquoted values, comments, sections that
 * end in another context than they began, partials outside text.
 *
 * Right-to-left pages keep each value in text apart with <bdi>, so that it does not turn over what
 * stands beside it; but not a run of text (template_put_run).
 *
 * A set is not changed after it is made: any number of threads may render from it.
 */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/language.h"
#include "base/status.h"
#include "base/text.h"

#define TEMPLATE_FILE_MAX ((size_t)262144)
#define TEMPLATE_FILES_MAX 512
#define TEMPLATE_LINE 72
#define TEMPLATE_DEPTH_MAX 16 /* of sections in one file, and of partials in partials */

struct template_set;

/* A template and its name with folder and ending, such as "pages/clue.html" or
 * "mails/notice.txt"; the ending decides between HTML and text. */
struct template_file {
	const char *name;
	struct slice text;
};

/* Compile pages/, mails/ and pdf/ below `folder` (every *.html and *.txt, one level) in a language,
 * which outlives the set; NULL: as they are written.
 * STATUS_INVALID after writing every fault as "file:line: what" to `faults`. */
enum status template_set_load(const char *folder, const struct language *language, FILE *faults,
			      struct template_set **set_out) MUST_CHECK;

/* The same from memory; names and texts are copied. */
enum status template_set_compile(const struct template_file *files, size_t count,
				 const struct language *language, FILE *faults,
				 struct template_set **set_out) MUST_CHECK;

/* Whether the language has every phrase. */
bool template_set_is_whole(const struct template_set *set);

void template_set_free(struct template_set *set);

/* Values for one rendering; everything lives in the arena and is copied into it.
 * Of two values of one name the later holds. */
struct template_values;
struct template_list;

struct template_values *template_values_new(struct arena *arena);
void template_put_text(struct template_values *values, const char *name, const char *text);
void template_put_slice(struct template_values *values, const char *name, struct slice text);
void template_put_number(struct template_values *values, const char *name, long long number);
void template_put_flag(struct template_values *values, const char *name, bool flag);
/* A text, or a piece of one whose neighbours are other pieces, for an element with dir="auto": the
 * browser finds its direction, which it does not from what stands apart in <bdi>. */
void template_put_run(struct template_values *values, const char *name, struct slice text);

/* Shown as the language of the set writes them: seconds since 1970, nothing for 0; bytes. */
void template_put_time(struct template_values *values, const char *name, int64_t time);
void template_put_size(struct template_values *values, const char *name, uint64_t size);

/* An empty list, and its next item. */
struct template_list *template_put_list(struct template_values *values, const char *name);
struct template_values *template_list_add(struct template_list *list);

/* Append template `name` ("pages/clue", without ending) to `out`.  STATUS_NOT_FOUND when there is
 * none; STATUS_INTERNAL, logged, when it shows a value that was not given (a section's
 * test may miss it); STATUS_TOO_LARGE at the bound of `out`. */
enum status template_render(const struct template_set *set, const char *name,
			    const struct template_values *values, struct text *out) MUST_CHECK;

/* Render a mail: a text template whose first line is "Subject: ..." and whose second is
 * empty.  *subject_out lies in the arena; the body, with LF line ends, is appended to `body`. */
enum status template_render_mail(const struct template_set *set, const char *name,
				 const struct template_values *values, struct arena *arena,
				 const char **subject_out, struct text *body) MUST_CHECK;

#endif
