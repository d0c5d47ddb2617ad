/* reader/ and mail/reading: what a process of its own reads is what would have been read here; and
 * whatever kills it, the message is still there.  This program is its own reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/log.h"
#include "mail/parse.h"
#include "mail/reader_part.h"
#include "mail/reading.h"
#include "reader/reader.h"

#define FRONT "X-Trace: here\r\n"
#define ALWAYS 1000
#define HEADER_PIECE 16384
#define THREADS 4
#define ROUNDS 5

static struct reader *reader;
static const char *const subjects[] = {"[secure]"};
static const struct mark_rules rules = {
    .address_prefix = "secure-", .subject_marks = subjects, .subject_mark_count = 1};

static const char simple[] =
    "From: a@example.org\r\nTo: b@example.org\r\nSubject: [secure] Plans\r\n"
    "Message-ID: <1@example.org>\r\n\r\nThe body.\r\n";
/* What glibc has to load converters for. */
static const char cyrillic[] =
    "From: =?koi8-r?B?6dfBzg==?= <a@example.org>\r\nSubject: =?windows-1251?B?z/Do4uXy?=\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n\xf0\xd2\xc9\xd7\xc5\xd4\r\n"
    "--b\r\nContent-Type: text/plain\r\n"
    "Content-Disposition: attachment; filename*=koi8-r''%F0%D2%C9%D7%C5%D4.txt\r\n\r\nfile\r\n"
    "--b\r\nContent-Type: text/plain\r\n"
    "Content-Disposition: attachment; filename*=x-nowhere''%F0%D2.txt\r\n\r\nfile\r\n"
    "--b--\r\n";
static const char pictured[] =
    "Subject: x\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/html\r\n\r\n<p onclick=x>Hello <img src=\"cid:one\"></p>\r\n"
    "--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\n\r\nPNG\r\n--b--\r\n";

/* A message whose reading somebody disturbs. */
struct disturbed {
	struct slice bytes;
	struct source plain;
	int times; /* to come */
	enum { KILL_TASK, KILL_READER, FAIL } how;
};

/* How many there were. */
static int
kill_tasks(void)
{
	pid_t process = reader_process(reader);
	char path[64];
	int task, killed = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", process, process);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fscanf(file, "%d", &task) == 1)
		killed += kill(task, SIGKILL) == 0;
	fclose(file);
	return killed;
}

/* Dead, though not buried, when this returns; so are its tasks. */
static void
kill_reader(void)
{
	siginfo_t info;
	pid_t process = reader_process(reader);

	assert_int_equal(kill(process, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)process, &info, WEXITED | WNOWAIT), 0);
}

static enum status
read_disturbed(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct disturbed *disturbed = context;

	/* The header is looked for here, in pieces of this size. */
	if (room == HEADER_PIECE || disturbed->times == 0)
		return disturbed->plain.read_at(disturbed->plain.context, offset, bytes, room,
						size_out);
	if (disturbed->how == FAIL) {
		disturbed->times--;
		return STATUS_UNAVAILABLE;
	}
	if (disturbed->how == KILL_TASK) {
		disturbed->times -= kill_tasks() > 0;
	} else {
		disturbed->times--;
		kill_reader();
	}
	return disturbed->plain.read_at(disturbed->plain.context, offset, bytes, room, size_out);
}

static enum status
read_letter(struct reader *by, const struct source *message, struct arena *arena,
	    struct letter_reading *letter)
{
	const struct letter_question question = {
	    .label = "test", .rules = &rules, .front = SLICE(FRONT), .stored = message};

	return reading_letter(by, &question, arena, letter);
}

static void
read_text(const char *text, struct reader *by, struct arena *arena, struct letter_reading *letter)
{
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	struct source *source = arena_alloc(arena, sizeof(*source));

	*bytes = slice_from_text(text);
	*source = source_from_slice(bytes);
	assert_int_equal(read_letter(by, source, arena, letter), STATUS_OK);
}

static struct slice
written(const struct letter_reading *letter, struct arena *arena)
{
	struct slice bytes;

	assert_int_equal(manifest_write(&letter->manifest, arena, &bytes), STATUS_OK);
	return bytes;
}

/* The file that a message becomes which cannot be read. */
static void
assert_is_a_file(const struct letter_reading *letter, size_t size)
{
	const struct manifest *manifest = &letter->manifest;

	assert_true(manifest->part_count >= 2);
	assert_int_equal(manifest->parts[1].role, PART_FILE);
	assert_string_equal(manifest->parts[1].name, "message.eml");
	assert_int_equal(manifest->parts[1].size, size);
	assert_true(manifest->truncated);
	assert_true(reading_is_makeshift(manifest));
}

static void
both_read_the_same(void **state)
{
	static const char *const messages[] = {simple, cyrillic, pictured, "",
					       "no header at all\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct arena *arena = arena_new();
		struct letter_reading here, there;

		read_text(messages[i], reader_within(), arena, &here);
		read_text(messages[i], reader, arena, &there);
		assert_int_equal(there.depth, LETTER_WHOLE);
		assert_false(reading_is_makeshift(&there.manifest));
		assert_int_equal(there.findings.subject, here.findings.subject);
		assert_true(slice_equal(written(&here, arena), written(&there, arena)));
		arena_free(arena);
	}
}

static void
converters_are_there(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_text(cyrillic, reader, arena, &letter);
	assert_string_equal(letter.manifest.subject,
			    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
	assert_string_equal(letter.manifest.parts[2].name,
			    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82.txt");
	assert_int_equal(letter.manifest.part_count, 4);
	arena_free(arena);
}

static void
marks_are_found_and_cut(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_text(simple, reader, arena, &letter);
	assert_int_equal(letter.findings.subject, MARK_FOUND);
	assert_string_equal(letter.manifest.subject, "Plans");
	/* The trace line, and the cut. */
	assert_int_equal(letter.manifest.edits.count, 2);
	arena_free(arena);
}

static struct disturbed
disturb(int how, int times, struct source *source_out)
{
	struct disturbed disturbed = {.bytes = slice_from_text(simple), .times = times};

	disturbed.how = (unsigned)how;
	*source_out = (struct source){NULL, disturbed.bytes.size, read_disturbed};
	return disturbed;
}

static void
read_in_trouble(int how, int times, enum status expected, struct arena *arena,
		struct letter_reading *letter)
{
	struct source source;
	struct disturbed disturbed = disturb(how, times, &source);

	disturbed.plain = source_from_slice(&disturbed.bytes);
	source.context = &disturbed;
	assert_int_equal(read_letter(reader, &source, arena, letter), expected);
	assert_true(disturbed.times == 0 || (times == ALWAYS && disturbed.times < times));
}

static void
a_task_that_is_killed_is_done_again(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_in_trouble(KILL_TASK, 1, STATUS_OK, arena, &letter);
	assert_int_equal(letter.depth, LETTER_WHOLE);
	arena_free(arena);
}

static void
one_that_always_dies_leaves_the_message(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_in_trouble(KILL_TASK, ALWAYS, STATUS_OK, arena, &letter);
	assert_int_equal(letter.depth, LETTER_HEADER);
	/* What the header said holds. */
	assert_int_equal(letter.findings.subject, MARK_FOUND);
	assert_string_equal(letter.manifest.subject, "Plans");
	assert_is_a_file(&letter, strlen(simple) + strlen(FRONT) - strlen("[secure] "));
	arena_free(arena);
}

/* The first three tries of the whole die, then the beginning is looked at. */
static void
the_beginning_is_text(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_in_trouble(KILL_TASK, 3, STATUS_OK, arena, &letter);
	assert_int_equal(letter.depth, LETTER_HEADER);
	assert_int_equal(letter.manifest.part_count, 3);
	assert_int_equal(letter.manifest.parts[2].role, PART_TEXT);
	assert_int_equal(letter.manifest.parts[2].parent, 0);
	arena_free(arena);
}

static void
a_reader_that_is_killed_is_started_again(void **state)
{
	struct arena *arena = arena_new();
	pid_t before = reader_process(reader);
	struct letter_reading letter;

	(void)state;
	read_in_trouble(KILL_READER, 1, STATUS_OK, arena, &letter);
	assert_int_equal(letter.depth, LETTER_WHOLE);
	assert_int_not_equal(reader_process(reader), before);
	arena_free(arena);
}

static void
what_the_source_says_is_said(void **state)
{
	struct arena *arena = arena_new();
	struct letter_reading letter;

	(void)state;
	read_in_trouble(FAIL, 1, STATUS_UNAVAILABLE, arena, &letter);
	arena_free(arena);
}

/* `count` times `line`, then a body. */
static char *
many(const char *line, size_t count, struct arena *arena)
{
	size_t size = strlen(line);
	char *text = arena_alloc(arena, size * count + 16);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * size, line, size);
	strcpy(text + size * count, "\r\nbody\r\n");
	return text;
}

static void
a_header_beyond_bounds_may_bear_anything(void **state)
{
	static const struct {
		const char *line;
		size_t count;
	} headers[] = {{"X: 123456789012345678901234567890\r\n", 40000}, {"X: 1\r\n", 20000}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct arena *arena = arena_new();
		char *text = many(headers[i].line, headers[i].count, arena);
		struct letter_reading letter;

		read_text(text, reader, arena, &letter);
		assert_int_equal(letter.depth, LETTER_UNREAD);
		assert_string_equal(letter.manifest.subject, "");
		assert_is_a_file(&letter, strlen(text) + strlen(FRONT));
		arena_free(arena);
	}
}

static enum status
text_of(const char *message, size_t limit, struct arena *arena, struct text *text, unsigned *flags)
{
	struct slice bytes = slice_from_text(message);
	struct source source = source_from_slice(&bytes);
	const struct letter_question question = {.label = "test", .stored = &source};
	struct letter_reading letter;

	assert_int_equal(reading_letter(reader, &question, arena, &letter), STATUS_OK);
	text_init_in(text, arena, limit);
	return reading_text(reader, "", &source, &letter.manifest, arena, text, flags);
}

static void
texts_are_read(void **state)
{
	struct arena *arena = arena_new();
	struct text *text = arena_alloc(arena, sizeof(*text));
	struct text *short_text = arena_alloc(arena, sizeof(*text));
	struct text *refused = arena_alloc(arena, sizeof(*text));
	unsigned flags;
	char *bomb = many("<div>", 100000, arena);
	char *long_text = many("0123456789\n", 100, arena);

	(void)state;
	assert_int_equal(text_of(cyrillic, 1000, arena, text, &flags), STATUS_OK);
	assert_string_equal(text_string(text),
			    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n");
	assert_int_equal(flags, 0);
	assert_int_equal(text_of(arena_printf(arena, "Subject: x\n\n%s", long_text), 500, arena,
				 short_text, &flags),
			 STATUS_OK);
	assert_int_equal(flags, READING_CUT);
	assert_true(short_text->size > 400 && short_text->size <= 500);
	assert_int_equal(text_of(arena_printf(arena, "Content-Type: text/html\n\n%s", bomb), 500,
				 arena, refused, &flags),
			 STATUS_OK);
	assert_int_equal(flags, READING_HTML_REFUSED);
	arena_free(arena);
}

/* The text of a message of that name. */
static const char *
text_named(const char *name, const char *message, struct arena *arena)
{
	struct slice bytes = slice_from_text(message);
	struct source source = source_from_slice(&bytes);
	const struct letter_question question = {.label = "", .stored = &source};
	struct text *text = arena_alloc(arena, sizeof(*text));
	struct letter_reading letter;
	unsigned flags;

	text_init_in(text, arena, 1000);
	assert_int_equal(reading_letter(reader, &question, arena, &letter), STATUS_OK);
	assert_int_equal(reading_text(reader, name, &source, &letter.manifest, arena, text, &flags),
			 STATUS_OK);
	return text_string(text);
}

static void
one_is_asked_again_about_its_message_only(void **state)
{
	static const char first[] = "Subject: x\n\nfirst\n", other[] = "Subject: x\n\nother\n";
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_named("", first, arena), "first\n");
	assert_int_equal(reader_take(reader, "", sizeof(first) - 1), -1);
	assert_string_equal(text_named("one", first, arena), "first\n");
	assert_string_equal(text_named("one", first, arena), "first\n");
	/* As long, and of another name: what the first process holds would be "first". */
	assert_string_equal(text_named("two", other, arena), "other\n");
	assert_int_equal(reader_take(reader, "one", sizeof(first)), -1);
	assert_int_equal(reader_take(reader, "three", sizeof(first) - 1), -1);
	/* One that died while it waited is not missed. */
	while (kill_tasks() > 0)
		continue;
	assert_string_equal(text_named("one", first, arena), "first\n");
	arena_free(arena);
}

static const struct part *
find_html(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == PART_HTML)
			return &manifest->parts[i];
	fail_msg("there is no HTML");
	return NULL;
}

static void
layouts_are_read(void **state)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_from_text(pictured);
	struct source source = source_from_slice(&bytes);
	const struct letter_question question = {.label = "test", .stored = &source};
	struct text *html = arena_alloc(arena, sizeof(*html));
	struct letter_reading letter;

	(void)state;
	text_init_in(html, arena, 100000);
	assert_int_equal(reading_letter(reader, &question, arena, &letter), STATUS_OK);
	assert_int_equal(reading_original(reader, "test", &source, &letter.manifest,
					  find_html(&letter.manifest), arena, html),
			 STATUS_OK);
	assert_non_null(strstr(text_string(html), "data:image/png;base64,UE5H"));
	assert_null(strstr(text_string(html), "onclick"));
	arena_free(arena);
}

static void *
read_many(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct arena *arena = arena_new();
		struct letter_reading letter;

		read_text(cyrillic, reader, arena, &letter);
		if (letter.depth != LETTER_WHOLE)
			return argument;
		arena_free(arena);
	}
	return NULL;
}

static void
several_ask_at_once(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_many, (void *)&reader), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static int
set_up(void **state)
{
	(void)state;
	mail_prepare();
	return reader_open(NULL, 0, &reader) == STATUS_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	reader_close(reader);
	return 0;
}

int
main(int count, char **words)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_read_the_same),
	    cmocka_unit_test(converters_are_there),
	    cmocka_unit_test(marks_are_found_and_cut),
	    cmocka_unit_test(a_task_that_is_killed_is_done_again),
	    cmocka_unit_test(one_that_always_dies_leaves_the_message),
	    cmocka_unit_test(the_beginning_is_text),
	    cmocka_unit_test(a_reader_that_is_killed_is_started_again),
	    cmocka_unit_test(what_the_source_says_is_said),
	    cmocka_unit_test(a_header_beyond_bounds_may_bear_anything),
	    cmocka_unit_test(texts_are_read),
	    cmocka_unit_test(one_is_asked_again_about_its_message_only),
	    cmocka_unit_test(layouts_are_read),
	    cmocka_unit_test(several_ask_at_once),
	};

	if (count == 2 && strcmp(words[1], "reader") == 0)
		return reader_main(NULL, 0);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
