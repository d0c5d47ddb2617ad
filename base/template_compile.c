#include "base/template_compile.h"

#include <stdarg.h>
#include <string.h>

#define NAME_MAX_SIZE ((size_t)63)

struct section {
	size_t step;
	int line;
	struct template_html before;
};

struct compile {
	struct template *template;
	struct slice text;
	FILE *faults;
	bool bad;
	bool lost; /* what follows cannot be judged any more */
	int line;
	size_t room;
	struct template_html html;
	struct section sections[TEMPLATE_DEPTH_MAX];
	size_t depth;
};

/* One {{tag}}: where it stands, and the text around it that it takes along. */
struct tag {
	unsigned char kind; /* # ^ / > ! | or 0 for a plain value */
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
	if (tag->name.size > 0 && strchr("#^/>!|", tag->name.data[0]) != NULL) {
		tag->kind = tag->name.data[0];
		tag->name = slice_part(tag->name, 1, tag->name.size);
		if (tag->kind != '|')
			widen(compile, tag);
	}
	tag->name = slice_trim(tag->name);
	return true;
}

static struct template_step *
add_step(struct compile *compile, enum template_step_kind kind, struct slice text)
{
	struct template_step *step = &compile->template->steps[compile->template->count++];

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

	if (compile->template->html && tag->kind == '|')
		complaint = "{{| }} is for text files";
	else if (compile->template->html)
		complaint = template_html_value(&compile->html, &context);
	if (complaint != NULL)
		fault(compile, compile->line, "{{%.*s}}: %s", (int)tag->name.size,
		      (const char *)tag->name.data, complaint);
	add_step(compile, STEP_VALUE, tag->name)->context = context;
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

	if (compile->depth == 0) {
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
	add_step(compile, STEP_PARTIAL, tag->name);
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

static size_t
count_tags(struct slice text)
{
	size_t count = 0;

	for (size_t at = slice_find(text, SLICE("{{"), 0); at != SLICE_NONE;
	     at = slice_find(text, SLICE("{{"), at + 2))
		count++;
	return count;
}

bool
template_compile(struct template *template, struct slice text, struct arena *arena, FILE *faults)
{
	struct compile compile = {.template = template, .text = text, .faults = faults, .line = 1};
	struct tag tag;
	size_t at = 0;

	/* Every tag makes one step and ends one literal. */
	template->steps =
	    arena_alloc_many(arena, count_tags(text) * 2 + 1, sizeof(*template->steps));
	template_html_init(&compile.html);
	while (!compile.lost && next_tag(&compile, at, &tag)) {
		/* A widened tag may reach back over blanks that the tag before took. */
		if (tag.from < at)
			tag.from = at;
		take_literal(&compile, at, tag.from);
		if (compile.lost)
			break;
		take_tag(&compile, &tag);
		for (size_t i = tag.from; i < tag.to; i++)
			compile.line += text.data[i] == '\n';
		at = tag.to;
	}
	if (!compile.lost)
		take_literal(&compile, at, text.size);
	finish(&compile);
	return !compile.bad;
}

const struct template *
template_set_find(const struct template_set *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++)
		if (slice_equal(set->templates[i].name, name))
			return &set->templates[i];
	return NULL;
}

/* A partial without a folder is of the folder of the file that names it. */
static const struct template *
find_partial(const struct template_set *set, const struct template *from, struct slice name)
{
	const char *slash = strchr(from->file, '/');

	if (slice_find_byte(name, '/', 0) == SLICE_NONE && slash != NULL)
		name = slice_from_text(arena_printf(set->arena, "%.*s/%.*s",
						    (int)(slash - from->file), from->file,
						    (int)name.size, (const char *)name.data));
	/* cppcheck-suppress CastIntegerToAddressAtReturn ; it is a pointer */
	return template_set_find(set, name);
}

static bool
link_template(struct template_set *set, struct template *template, int depth, FILE *faults)
{
	bool good = true;

	template->visit = 1;
	for (size_t i = 0; i < template->count; i++) {
		struct template_step *step = &template->steps[i];
		const char *complaint = NULL;
		struct template *partial;

		if (step->kind != STEP_PARTIAL)
			continue;
		step->partial = find_partial(set, template, step->text);
		partial =
		    step->partial == NULL ? NULL : &set->templates[step->partial - set->templates];
		if (partial == NULL)
			complaint = "there is no such template";
		else if (partial->html != template->html)
			complaint = "pages and mails do not include each other";
		else if (partial->visit == 1)
			complaint = "this template would include itself";
		else if (depth == TEMPLATE_DEPTH_MAX)
			complaint = "partials are nested too deep";
		else if (!link_template(set, partial, depth + 1, faults))
			good = false;
		if (complaint != NULL) {
			fprintf(faults, "%s:%d: {{>%.*s}}: %s\n", template->file, step->line,
				(int)step->text.size, (const char *)step->text.data, complaint);
			good = false;
		}
	}
	template->visit = 2;
	return good;
}

bool
template_link(struct template_set *set, FILE *faults)
{
	bool good = true;

	for (size_t i = 0; i < set->count; i++)
		if (set->templates[i].visit == 0 &&
		    !link_template(set, &set->templates[i], 0, faults))
			good = false;
	return good;
}
