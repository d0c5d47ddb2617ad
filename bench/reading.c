/*
 * What the sandboxed reader costs: tasks a second by one asker, and the time of one, beside the
 * same work without a process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/secret.h"
#include "mail/parse.h"
#include "mail/reading.h"
#include "reader/reader.h"

#define ROUNDS 1000
#define BODY 2048

static double times[ROUNDS];

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
measure(struct reader *reader, const char *name, const struct source *message)
{
	double began = now_us();

	for (int i = 0; i < ROUNDS; i++) {
		struct arena *arena = arena_new();
		const struct letter_question question = {
		    .label = "bench", .front = SLICE("X-Trace: here\r\n"), .stored = message};
		struct letter_reading reading;
		double start = now_us();

		if (reading_letter(reader, &question, arena, &reading) != STATUS_OK ||
		    reading.depth != LETTER_WHOLE)
			exit(1);
		times[i] = now_us() - start;
		arena_free(arena);
	}
	began = now_us() - began;
	qsort(times, ROUNDS, sizeof(times[0]), compare);
	printf("%-8s %8.0f tasks/s  p50 %7.1f us  p99 %7.1f us\n", name, ROUNDS * 1e6 / began,
	       times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
}

int
main(int count, char **words)
{
	static char letter[BODY + 256] = "From: a@example.org\r\nTo: b@example.org\r\n"
					 "Subject: figures\r\nMessage-ID: <1@example.org>\r\n\r\n";
	size_t size = strlen(letter);
	struct slice bytes;
	struct source message;
	struct reader *reader;

	secret_prepare_process();
	if (count == 2 && strcmp(words[1], "reader") == 0)
		return reader_main(NULL, 0);
	log_open("bench", LOG_LEVEL_WARNING);
	mail_prepare();
	memset(letter + size, 'x', BODY);
	bytes = slice_of(letter, size + BODY);
	message = source_from_slice(&bytes);
	if (reader_open(NULL, 0, &reader) != STATUS_OK)
		return 1;
	measure(reader_within(), "within", &message);
	measure(reader, "process", &message);
	reader_close(reader);
	return 0;
}
