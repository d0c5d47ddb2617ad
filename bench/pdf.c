/*
 * What a PDF costs: time, size and the memory of the process that draws it, for a short letter, a
 * long text, more pictures than it draws and 25 MB of files, each in a reader of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <png.h>

#include "base/log.h"
#include "base/secret.h"
#include "mail/parse.h"
#include "mail/reading.h"
#include "pdf/ask.h"
#include "reader/reader.h"

#define FONTS "/usr/share/fonts/truetype/"
#define ROUNDS 3
#define PICTURES 100
#define COLUMNS 1400
#define ROWS 2000
#define SENTENCE "The quick brown fox jumps over the lazy dog, and does it again, word by word.\n"

static const char *const fonts[] = {
    FONTS "dejavu/DejaVuSans.ttf", FONTS "dejavu/DejaVuSans-Bold.ttf",
    FONTS "dejavu/DejaVuSansMono.ttf", FONTS "droid/DroidSansFallbackFull.ttf"};

/* One thing to be measured. */
struct load {
	const char *name;
	size_t text; /* bytes */
	size_t file; /* bytes of the one file; 0: it is a picture, which is shown PICTURES times */
};

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* As large as it is kept, and not of one colour. */
static struct slice
make_picture(struct arena *arena)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = COLUMNS,
			   .height = ROWS,
			   .format = PNG_FORMAT_RGB,
			   .flags = PNG_IMAGE_FLAG_FAST};
	const size_t size = (size_t)COLUMNS * ROWS * 3;
	unsigned char *pixels = arena_alloc(arena, size), *bytes = arena_alloc(arena, size);
	png_alloc_size_t written = size;

	for (size_t i = 0; i < size; i++)
		pixels[i] = (unsigned char)(i % COLUMNS * i / 70000);
	if (png_image_write_to_memory(&image, bytes, &written, 0, pixels, 0, NULL) == 0)
		exit(1);
	return slice_of(bytes, written);
}

/* A letter with one file that nothing makes smaller. */
static struct slice
make_letter(const struct load *load, struct arena *arena)
{
	static const char front[] =
	    "Subject: x\r\nContent-Type: multipart/mixed; boundary=postern\r\n\r\n--postern\r\n"
	    "Content-Type: text/plain\r\n\r\nx\r\n--postern\r\n"
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment; filename=a.bin\r\n\r\n";
	static const char back[] = "\r\n--postern--\r\n";
	struct slice picture = load->file == 0 ? make_picture(arena) : slice_of(NULL, 0);
	size_t file = picture.size + load->file, size = sizeof(front) + file + sizeof(back) - 2;
	unsigned char *bytes = arena_alloc(arena, size);
	uint32_t state = 1;

	memcpy(bytes, front, sizeof(front) - 1);
	if (picture.size > 0)
		memcpy(bytes + sizeof(front) - 1, picture.data, picture.size);
	for (size_t i = 0; i < load->file; i++) {
		state = state * 1103515245U + 12345U;
		/* No line ends: they would be cut into. */
		bytes[sizeof(front) - 1 + i] = (unsigned char)(state >> 16) | 0x80U;
	}
	memcpy(bytes + sizeof(front) - 1 + file, back, sizeof(back) - 1);
	return slice_of(bytes, size);
}

static struct document *
describe(const struct load *load, struct arena *arena)
{
	static const struct document_head head = {.title = "Measured",
						  .author = "bench",
						  .language = "en",
						  .made_at = 1780000000,
						  .page_words = "Page %1 of %2",
						  .unseen_words = "%1",
						  .text_name = "message.txt"};
	struct document *document = document_new(arena, &head);

	document_add(document, DOCUMENT_TITLE, SLICE("Measured"));
	document_begin(document, DOCUMENT_LINES, 0);
	for (size_t size = 0; size < load->text; size += sizeof(SENTENCE) - 1)
		document_run(document, SLICE(SENTENCE), slice_of(NULL, 0));
	document_end(document);
	for (size_t i = 0; i < PICTURES && load->file == 0; i++)
		document_add_picture(document, 2, SLICE("Drawn"), SLICE("Named"));
	return document;
}

static void
measure(const struct load *load)
{
	struct arena *arena = arena_new();
	struct slice bytes = make_letter(load, arena), pdf = {NULL, 0};
	struct source message = source_from_slice(&bytes);
	const struct letter_question question = {.label = "bench", .stored = &message};
	struct secret password;
	struct pdf_file file = {.name = "a.bin", .type = "application/octet-stream"};
	struct pdf_wish wish = {.label = "bench", .message = &message, .password = &password};
	struct letter_reading letter;
	struct reader *reader;
	struct rusage used;
	double best = 1e12;

	secret_copy(&password, SLICE("correct horse battery staple"));
	if (reader_open(fonts, sizeof(fonts) / sizeof(fonts[0]), &reader) != STATUS_OK ||
	    reading_letter(reader, &question, arena, &letter) != STATUS_OK ||
	    letter.manifest.part_count < 3)
		exit(1);
	wish.document = describe(load, arena);
	wish.manifest = &letter.manifest;
	file.part = &letter.manifest.parts[2];
	wish.files = &file;
	wish.file_count = 1;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena *round = arena_new();
		double start = now_ms();

		if (pdf_make(reader, &wish, round, &pdf) != STATUS_OK)
			exit(1);
		best = now_ms() - start < best ? now_ms() - start : best;
		if (i + 1 < ROUNDS)
			arena_free(round);
		else
			printf("%-16s %8.0f ms %8zu KB", load->name, best, pdf.size / 1024);
	}
	/* With its processes, which it has waited for. */
	reader_close(reader);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("  %6ld MB at most\n", used.ru_maxrss / 1024);
	secret_clear(&password);
	arena_free(arena);
}

int
main(int count, char **words)
{
	/* Smallest first: the memory is the most that any had so far. */
	static const struct load loads[] = {
	    {"short letter", 2000, 1000},     {"200 KB of text", 200000, 1000},
	    {"5 MB of files", 2000, 5000000}, {"25 MB of files", 2000, (size_t)PDF_FILES_SIZE_MAX},
	    {"100 pictures", 500000, 0},
	};

	secret_prepare_process();
	if (count > 1 && strcmp(words[1], "reader") == 0)
		return reader_main((const char *const *)words + 2, (size_t)count - 2);
	log_open("bench", LOG_LEVEL_NONE);
	mail_prepare();
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		measure(&loads[i]);
	return 0;
}
