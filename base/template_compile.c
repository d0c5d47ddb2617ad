#include "base/template_compile.h"

#include <stdarg.h>
#include <string.h>

#include "base/template_phrase.h"

#define NAME_MAX_SIZE ((size_t)63)

struct section {
	size_t step;
	int line;
	struct template_html before;
};

struct compile {
	struct template *template;
	struct slice text; /* the file, or a phrase in it */
	struct arena *arena;
	struct arena *scratch; /* of the steps as long as they grow, `room` of them */
	size_t room;
	FILE *faults;
	bool bad;
	bool lost; /* what follows cannot be judged any more */
	int line;
	bool translated; /* it is a translation that is being compiled */
	bool speaking;	 /* a phrase, translated or not */
	struct template_html html;
	struct section sections[TEMPLATE_DEPTH_MAX];
	size_t depth;
	size_t floor; /* of `depth`: a phrase does not end what it has not begun */
};

/* One {{tag}}: where it stands, and the text around it that it takes along. */
struct tag {
	unsigned char kind; /* # ^ / > ! | _ or 0 for a plain value */
	struct slice name;
	size_t from; /* end of the text before */
	size_t to;   /* begin of the text behind */
};

static void __attribute__((format(printf, 3, 4)))
fault(struct compile *compile, int line, const char *format, ...)
{
	va_list arguments;

	compile->bad = true;
	fprintf(compile->faults, "%s:%d: ", compile->template->file, line);
	if (compile->translated)
		fprintf(compile->faults,
			"translated to %s: ", language_code(compile->template->language));
	va_start(arguments, format);
	vfprintf(compile->faults, format, arguments);
	va_end(arguments);
	fputc('\n', compile->faults);
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool
is_good_name(struct slice name, bool partial)
{
	if (name.size == 0 || name.size > NAME_MAX_SIZE)
		return false;
	for (size_t i = 0; i < name.size; i++) {
		unsigned char byte = name.data[i];

		if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && byte != '_' &&
		    !(partial && (byte == '-' || byte == '/')))
			return false;
	}
	return true;
}

/* A tag that stands alone on its line takes the line with it. */
static void
widen(const struct compile *compile, struct tag *tag)
{
	const unsigned char *bytes = compile->text.data;
	size_t from = tag->from;
	size_t to = tag->to;

	while (from > 0 && is_blank(bytes[from - 1]))
		from--;
	while (to < compile->text.size && is_blank(bytes[to]))
		to++;
	if ((from > 0 && bytes[from - 1] != '\n') || (to < compile->text.size && bytes[to] != '\n'))
		return;
	tag->from = from;
	tag->to = to < compile->text.size ? to + 1 : to;
}

/* Find the next tag at or after `at`; false when there is none. */
static bool
next_tag(struct compile *compile, size_t at, struct tag *tag)
{
	size_t begin = slice_find(compile->text, SLICE("{{"), at);
	size_t end;

	if (begin == SLICE_NONE)
		return false;
	end = slice_find(compile->text, SLICE("}}"), begin);
	*tag = (struct tag){.from = begin, .to = compile->text.size};
	if (end == SLICE_NONE)
		return true; /* without a name: refused by take_tag */
	tag->to = end + 2;
	tag->name = slice_part(compile->text, begin + 2, end);
	if (tag->name.size > 0 && strchr("#^/>!|_", tag->name.data[0]) != NULL) {
		tag->kind = tag->name.data[0];
		tag->name = slice_part(tag->name, 1, tag->name.size);
		if (tag->kind != '|' && tag->kind != '_')
			widen(compile, tag);
	}
	tag->name = slice_trim(tag->name);
	return true;
}

static struct template_step *
add_step(struct compile *compile, enum template_step_kind kind, struct slice text)
{
	struct template *template = compile->template;
	struct template_step *step;

	if (template->count == compile->room) {
		struct template_step *wider;

		compile->room = compile->room == 0 ? 32 : compile->room * 2;
		wider = arena_alloc_many(compile->scratch, compile->room, sizeof(*wider));
		if (template->count > 0)
			memcpy(wider, template->steps, template->count * sizeof(*wider));
		template->steps = wider;
	}
	step = &template->steps[template->count++];
	*step = (struct template_step){.kind = kind, .text = text, .line = compile->line};
	return step;
}

/* The template's own text between two tags. */
static void
take_literal(struct compile *compile, size_t from, size_t to)
{
	struct slice text = slice_part(compile->text, from, to);

	for (size_t i = 0; i < text.size && !compile->lost; i++) {
		const char *complaint = NULL;
		unsigned char byte = text.data[i];

		if (byte < ' ' && byte != '\n' && byte != '\t')
			complaint = "a control character (line ends are LF)";
		else if (compile->template->html)
			complaint = template_html_feed(&compile->html, byte);
		if (complaint != NULL) {
			fault(compile, compile->line, "%s", complaint);
			compile->lost = true;
		}
		if (byte == '\n')
			compile->line++;
	}
	if (text.size > 0)
		add_step(compile, STEP_LITERAL, text);
}

static void
take_value(struct compile *compile, const struct tag *tag)
{
	enum template_context context = tag->kind == '|' ? TEMPLATE_IN_LINES : TEMPLATE_IN_LINE;
	const char *complaint = NULL;
	struct template_step *step;
	bool prose = !compile->template->html || compile->html.state == HTML_TEXT;

	if (compile->template->html && tag->kind == '|')
		complaint = "{{| }} is for text files";
	else if (compile->template->html)
		complaint = template_html_value(&compile->html, &context);
	if (complaint != NULL)
		fault(compile, compile->line, "{{%.*s}}: %s", (int)tag->name.size,
		      (const char *)tag->name.data, complaint);
	step = add_step(compile, STEP_VALUE, tag->name);
	step->context = context;
	step->prose = prose;
}

static void
take_section(struct compile *compile, const struct tag *tag)
{
	const char *complaint = NULL;

	if (compile->depth == TEMPLATE_DEPTH_MAX) {
		fault(compile, compile->line, "sections are nested too deep");
		compile->lost = true;
		return;
	}
	if (compile->template->html)
		complaint = template_html_enter(&compile->html);
	if (complaint != NULL)
		fault(compile, compile->line, "{{%c%.*s}}: %s", tag->kind, (int)tag->name.size,
		      (const char *)tag->name.data, complaint);
	compile->sections[compile->depth++] =
	    (struct section){compile->template->count, compile->line, compile->html};
	add_step(compile, tag->kind == '#' ? STEP_SECTION : STEP_ABSENT, tag->name);
}

static void
take_end(struct compile *compile, const struct tag *tag)
{
	struct section *section;
	struct template_step *step;
	const char *complaint = NULL;

	if (compile->depth == compile->floor) {
		fault(compile, compile->line, "{{/%.*s}} ends nothing", (int)tag->name.size,
		      (const char *)tag->name.data);
		return;
	}
	section = &compile->sections[--compile->depth];
	step = &compile->template->steps[section->step];
	step->end = compile->template->count;
	if (!slice_equal(step->text, tag->name))
		fault(compile, compile->line, "{{/%.*s}} ends the %.*s of line %d",
		      (int)tag->name.size, (const char *)tag->name.data, (int)step->text.size,
		      (const char *)step->text.data, section->line);
	if (compile->template->html)
		complaint = template_html_join(&compile->html, &section->before);
	if (complaint != NULL) {
		fault(compile, compile->line, "{{/%.*s}}: %s", (int)tag->name.size,
		      (const char *)tag->name.data, complaint);
		compile->lost = true;
	}
}

static void
take_partial(struct compile *compile, const struct tag *tag)
{
	if (compile->template->html && !template_html_in_text(&compile->html))
		fault(compile, compile->line, "{{>%.*s}}: no partial within a tag or element",
		      (int)tag->name.size, (const char *)tag->name.data);
	add_step(compile, STEP_PARTIAL, tag->name)->prose = compile->speaking;
}

static void
take_tag(struct compile *compile, const struct tag *tag)
{
	if (tag->kind == '!')
		return;
	if (!is_good_name(tag->name, tag->kind == '>')) {
		fault(compile, compile->line, "no name of a value stands between {{ and }}");
		return;
	}
	switch (tag->kind) {
	case '#':
	case '^':
		take_section(compile, tag);
		break;
	case '/':
		take_end(compile, tag);
		break;
	case '>':
		take_partial(compile, tag);
		break;
	default:
		take_value(compile, tag);
	}
}

static size_t compile_phrase(struct compile *compile, const struct tag *tag);

/* The whole of a file, or of a phrase. */
static void
compile_text(struct compile *compile, struct slice text)
{
	struct slice outer = compile->text;
	struct tag tag;
	size_t at = 0;

	compile->text = text;
	while (!compile->lost && next_tag(compile, at, &tag)) {
		/* A widened tag may reach back over blanks that the tag before took. */
		if (tag.from < at)
			tag.from = at;
		take_literal(compile, at, tag.from);
		if (compile->lost)
			break;
		at = tag.to;
		if (tag.kind == '_')
			at = compile_phrase(compile, &tag);
		else
			take_tag(compile, &tag);
		for (size_t i = tag.from; i < at; i++)
			compile->line += text.data[i] == '\n';
	}
	if (!compile->lost)
		take_literal(compile, at, text.size);
	compile->text = outer;
}

/* A phrase while it is compiled. */
struct speaking {
	struct phrase phrase;
	struct slice count; /* the value that chooses the form; empty: there is one form */
	const char *complaint;
};

/* "@where" or "#name" behind {{_, and the forms before {{/_}}. */
static struct speaking
read_phrase(const struct compile *compile, const struct tag *tag, size_t end)
{
	struct slice text = slice_part(compile->text, tag->to, end);
	size_t between = slice_find(text, SLICE("{{|}}"), 0);
	struct speaking speaking = {.complaint = NULL};
	unsigned char kind = tag->name.size > 0 ? tag->name.data[0] : 0;
	struct slice name = slice_trim(slice_part(tag->name, 1, tag->name.size));

	if (kind == '@')
		speaking.phrase.context = name;
	else if (kind == '#')
		speaking.count = name;
	if ((kind != 0 && kind != '@' && kind != '#') || (kind == '@' && name.size == 0) ||
	    (kind == '#' && !is_good_name(name, false)))
		speaking.complaint = "a phrase begins with {{_}}, {{_@where}} or {{_#count}}";
	else if (slice_find(text, SLICE("{{_"), 0) != SLICE_NONE ||
		 slice_find(text, SLICE("{{!"), 0) != SLICE_NONE)
		speaking.complaint = "no phrase and no remark within a phrase";
	else if ((between == SLICE_NONE) == (kind == '#'))
		speaking.complaint = "{{|}} stands in a phrase with a count, and only there";
	if (between == SLICE_NONE)
		between = text.size;
	speaking.phrase.text = phrase_normal(slice_part(text, 0, between), compile->arena);
	if (kind == '#')
		speaking.phrase.plural =
		    phrase_normal(slice_part(text, between + 5, text.size), compile->arena);
	if (speaking.phrase.text.size == 0)
		speaking.complaint = "an empty phrase";
	return speaking;
}

/* One form in its place.  In an attribute nothing of it may end the attribute. */
static void
take_form(struct compile *compile, const struct speaking *speaking, struct slice form)
{
	struct template_html before = compile->html;
	struct slice source =
	    speaking->count.size > 0 ? speaking->phrase.plural : speaking->phrase.text;
	size_t floor = compile->floor;
	const char *complaint =
	    phrase_compare(source, form, compile->template->html, speaking->count);

	if (complaint == NULL && before.state == HTML_VALUE &&
	    (slice_find_byte(form, before.quote, 0) != SLICE_NONE ||
	     slice_find_byte(form, '<', 0) != SLICE_NONE))
		complaint = "a quote or tag in an attribute";
	if (complaint == NULL) {
		compile->floor = compile->depth;
		compile_text(compile, form);
		if (compile->depth != compile->floor)
			complaint = "a section is not ended";
		compile->floor = floor;
	}
	if (complaint == NULL && compile->template->html && !compile->lost)
		complaint = template_html_join(&compile->html, &before);
	if (complaint == NULL)
		return;
	fault(compile, compile->line, "%s: \"%.*s\"", complaint, (int)form.size,
	      (const char *)form.data);
	compile->lost = true;
}

/* All forms of a plural, each the way that the next begins in, too. */
static void
take_forms(struct compile *compile, const struct speaking *speaking, struct slice forms)
{
	const struct language *language = compile->translated ? compile->template->language : NULL;
	size_t plural = compile->template->count;

	add_step(compile, STEP_PLURAL, speaking->count)->language = language;
	if (catalogue_forms(forms) != language_plural_count(language)) {
		fault(compile, compile->line, "it has another number of plural forms: \"%.*s\"",
		      (int)speaking->phrase.text.size, (const char *)speaking->phrase.text.data);
		compile->lost = true;
	}
	for (size_t i = 0; i < catalogue_forms(forms) && !compile->lost; i++) {
		size_t at = compile->template->count;

		add_step(compile, STEP_FORM, speaking->count);
		take_form(compile, speaking, catalogue_form(forms, i));
		compile->template->steps[at].end = compile->template->count;
	}
	compile->template->steps[plural].end = compile->template->count;
}

/* The forms as they are written, a NUL between two, as catalogues have them. */
static struct slice
own_forms(const struct compile *compile, const struct phrase *phrase)
{
	size_t size = phrase->text.size + 1 + phrase->plural.size;
	unsigned char *forms;

	if (phrase->plural.size == 0)
		return phrase->text;
	forms = arena_alloc(compile->arena, size);
	memcpy(forms, phrase->text.data, phrase->text.size);
	forms[phrase->text.size] = '\0';
	memcpy(forms + phrase->text.size + 1, phrase->plural.data, phrase->plural.size);
	return slice_of(forms, size);
}

static void
take_phrase(struct compile *compile, const struct speaking *speaking)
{
	struct slice forms;

	compile->translated = language_find(compile->template->language, &speaking->phrase, &forms);
	compile->speaking = true;
	if (!compile->translated) {
		compile->template->untranslated++;
		forms = own_forms(compile, &speaking->phrase);
	}
	if (speaking->count.size > 0)
		take_forms(compile, speaking, forms);
	else
		take_form(compile, speaking, forms);
	compile->translated = false;
	compile->speaking = false;
}

/* From {{_ to the end of {{/_}}, which is returned. */
static size_t
compile_phrase(struct compile *compile, const struct tag *tag)
{
	const struct template *template = compile->template;
	bool paragraph =
	    !template->html && (tag->from == 0 || compile->text.data[tag->from - 1] == '\n');
	size_t end = slice_find(compile->text, SLICE("{{/_}}"), tag->to);
	size_t fill = template->count;
	struct speaking speaking;

	if (end == SLICE_NONE) {
		fault(compile, compile->line, "a phrase is not ended by {{/_}}");
		compile->lost = true;
		return tag->to;
	}
	speaking = read_phrase(compile, tag, end);
	if (speaking.complaint == NULL && template->html &&
	    !template_html_takes_words(&compile->html))
		speaking.complaint = "no phrase here";
	if (speaking.complaint != NULL) {
		fault(compile, compile->line, "%s", speaking.complaint);
		return end + 6;
	}
	if (paragraph)
		add_step(compile, STEP_FILL, slice_of(NULL, 0));
	take_phrase(compile, &speaking);
	if (paragraph)
		template->steps[fill].end = template->count;
	return end + 6;
}

static void
finish(struct compile *compile)
{
	while (compile->depth > 0) {
		struct section *section = &compile->sections[--compile->depth];
		struct template_step *step = &compile->template->steps[section->step];

		step->end = compile->template->count;
		if (!compile->lost)
			fault(compile, section->line, "{{#%.*s}} is not ended",
			      (int)step->text.size, (const char *)step->text.data);
	}
	if (compile->template->html && !compile->lost && !template_html_in_text(&compile->html))
		fault(compile, compile->line, "the file ends within a tag or element");
}

bool
template_compile(struct template *template, struct slice text, struct arena *arena, FILE *faults)
{
	struct compile compile = {.template = template,
				  .arena = arena,
				  .scratch = arena_new(),
				  .faults = faults,
				  .line = 1};

	template_html_init(&compile.html);
	compile_text(&compile, text);
	finish(&compile);
	/* There is a set for each language, for as long as the program runs: in as little room as
	 * they need. */
	if (template->count > 0)
		template->steps =
		    memcpy(arena_alloc_many(arena, template->count, sizeof(*template->steps)),
			   template->steps, template->count * sizeof(*template->steps));
	arena_free(compile.scratch);
	return !compile.bad;
}
