#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "portal/multipart.h"

#define TYPE "multipart/form-data; boundary=--b"
#define PART(headers, content) "----b\r\n" headers "\r\n\r\n" content "\r\n"
#define FIELD(parameters, content) PART("Content-Disposition: form-data; " parameters, content)
#define END "----b--\r\n"

/* What was read, as "name[file|type]=content;" for each part. */
static enum status
note_begin(void *context, const struct multipart_part *part)
{
	text_append(context, part->name);
	if (part->is_file) {
		text_append_byte(context, '[');
		text_append(context, part->file);
		text_append_byte(context, '|');
		text_append(context, part->type);
		text_append_byte(context, ']');
	}
	text_append_byte(context, '=');
	return STATUS_OK;
}

static enum status
note_data(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

static enum status
note_end(void *context)
{
	text_append_byte(context, ';');
	return STATUS_OK;
}

static const struct multipart_actions notes = {note_begin, note_data, note_end};

static enum status
read_in_pieces(const char *type, struct slice body, size_t piece, struct text *seen)
{
	struct arena *arena = arena_new();
	struct multipart *multipart;
	enum status status = multipart_open(slice_from_text(type), &notes, seen, arena, &multipart);

	for (size_t at = 0; at < body.size && status == STATUS_OK; at += piece)
		status = multipart_feed(multipart, slice_part(body, at, at + piece));
	if (status == STATUS_OK)
		status = multipart_finish(multipart);
	arena_free(arena);
	return status;
}

static const struct {
	const char *claim;
	const char *type;
	struct slice body;
	const char *seen; /* NULL: refused */
} rows[] = {
    {"one field", TYPE, SLICE(FIELD("name=\"a\"", "1") END), "a=1;"},
    {"a boundary in quotes", "multipart/form-data; boundary=\"--b\"",
     SLICE(FIELD("name=\"a\"", "1") END), "a=1;"},
    {"field names of the header in any case", "Multipart/Form-Data; BOUNDARY=--b",
     SLICE(PART("CONTENT-DISPOSITION: Form-Data; Name=\"a\"", "1") END), "a=1;"},
    {"an empty value", TYPE, SLICE(FIELD("name=\"a\"", "") END), "a=;"},
    {"a field and a file", TYPE,
     SLICE(FIELD("name=\"a\"", "1")
	       PART("Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n"
		    "Content-Type: text/plain; charset=utf-8",
		    "data") END),
     "a=1;f[x.txt|text/plain]=data;"},
    {"no file chosen", TYPE, SLICE(FIELD("name=\"f\"; filename=\"\"", "") END), "f[|]=;"},
    {"what looks like a boundary", TYPE,
     SLICE(FIELD("name=\"a\"", "\r\n----\r\n---b\r\r\n----a\r\n\r\n") END),
     "a=\r\n----\r\n---b\r\r\n----a\r\n\r\n;"},
    {"the last boundary without a line end", TYPE, SLICE(FIELD("name=\"a\"", "1") "----b--"),
     "a=1;"},
    {"something behind the end", TYPE, SLICE(FIELD("name=\"a\"", "1") END "more"), "a=1;"},
    {"a quote in a name as browsers write it", TYPE,
     SLICE(FIELD("name=\"f\"; filename=\"a%22b\"", "") END), "f[a\"b|]=;"},
    {"a quote in a name as others write it", TYPE,
     SLICE(FIELD("name=\"f\"; filename=\"a\\\"b\"", "") END), "f[a\"b|]=;"},
    {"a semicolon in a name", TYPE, SLICE(FIELD("name=\"f\"; filename=\"a;b\"", "") END),
     "f[a;b|]=;"},
    {"a name without quotes", TYPE, SLICE(FIELD("name=f; filename=a b.txt", "") END),
     "f[a b.txt|]=;"},
    {"a type that is none", TYPE,
     SLICE(PART("Content-Disposition: form-data; name=f; filename=a\r\nContent-Type: a b/\"c", "")
	       END),
     "f[a|]=;"},
    {"no end", TYPE, SLICE(FIELD("name=\"a\"", "1")), NULL},
    {"nothing at all", TYPE, SLICE(""), NULL},
    {"something before the first boundary", TYPE, SLICE("\r\n" FIELD("name=\"a\"", "1") END), NULL},
    {"lines that end in LF", TYPE,
     SLICE("----b\nContent-Disposition: form-data; name=\"a\"\n\n1\n----b--\n"), NULL},
    {"lines that end in CR", TYPE,
     SLICE("----b\rContent-Disposition: form-data; name=\"a\"\r\r1\r----b--\r"), NULL},
    {"no disposition", TYPE, SLICE(PART("Content-Type: text/plain", "1") END), NULL},
    {"no header", TYPE, SLICE("----b\r\n\r\n1\r\n" END), NULL},
    {"another disposition", TYPE,
     SLICE(PART("Content-Disposition: attachment; name=\"a\"", "1") END), NULL},
    {"two dispositions", TYPE,
     SLICE(PART("Content-Disposition: form-data; name=\"a\"\r\n"
		"Content-Disposition: form-data; name=\"b\"",
		"1") END),
     NULL},
    {"no name", TYPE, SLICE(PART("Content-Disposition: form-data", "1") END), NULL},
    {"an empty name", TYPE, SLICE(FIELD("name=\"\"", "1") END), NULL},
    {"two names", TYPE, SLICE(FIELD("name=\"a\"; name=\"b\"", "1") END), NULL},
    {"two file names", TYPE,
     SLICE(FIELD("name=\"f\"; filename=\"a.txt\"; filename=\"b.exe\"", "1") END), NULL},
    {"a line end in a name", TYPE, SLICE(FIELD("name=\"a\r\nX: y\"", "1") END), NULL},
    {"a name that does not end", TYPE, SLICE(FIELD("name=\"a", "1") END), NULL},
    {"no boundary", "multipart/form-data", SLICE(END), NULL},
    {"two boundaries", "multipart/form-data; boundary=--a; boundary=--b",
     SLICE(FIELD("name=\"a\"", "1") END), NULL},
    {"a boundary with a blank", "multipart/form-data; boundary=\"a b\"", SLICE("--a b--"), NULL},
    {"another type", "text/plain; boundary=--b", SLICE(END), NULL},
};

static void
test_parts_are_read_whatever_the_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t piece = 1; piece <= rows[i].body.size + 1; piece++) {
			struct text seen;
			enum status status;

			text_init(&seen, 65536);
			status = read_in_pieces(rows[i].type, rows[i].body, piece, &seen);
			if ((status == STATUS_OK) != (rows[i].seen != NULL) ||
			    (rows[i].seen != NULL &&
			     !slice_equal(text_slice(&seen), slice_from_text(rows[i].seen))))
				fail_msg("%s in pieces of %zu: %s", rows[i].claim, piece,
					 text_string(&seen));
			text_clear(&seen);
		}
	}
}

static void
append_many(struct text *body, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		text_append_text(body, text);
}

static void
test_parts_and_headers_are_bounded(void **state)
{
	struct text body;
	struct text seen;

	(void)state;
	text_init(&body, 10000000);
	text_init(&seen, 10000000);
	append_many(&body, FIELD("name=\"f\"; filename=\"a\"", "1"), 2000);
	text_append_text(&body, END);
	assert_int_equal(read_in_pieces(TYPE, text_slice(&body), 65536, &seen), STATUS_INVALID);

	text_reset(&body);
	text_append_text(&body, "----b\r\nContent-Disposition: form-data; name=\"a\"\r\n");
	append_many(&body, "X-A: b\r\n", 5000);
	text_append_text(&body, "\r\n1\r\n" END);
	assert_int_equal(read_in_pieces(TYPE, text_slice(&body), 65536, &seen), STATUS_INVALID);

	/* A megabyte of line ends is only data. */
	text_reset(&body);
	text_reset(&seen);
	text_append_text(&body, "----b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
	append_many(&body, "\r\n", 500000);
	text_append_text(&body, "\r\n" END);
	assert_int_equal(read_in_pieces(TYPE, text_slice(&body), 16384, &seen), STATUS_OK);
	assert_int_equal(seen.size, 1000000 + 3);
	text_clear(&body);
	text_clear(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts_are_read_whatever_the_pieces),
	    cmocka_unit_test(test_parts_and_headers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
