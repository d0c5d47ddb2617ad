#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 2048

static const char *daemon_name = "postern";
static enum log_level least_level = LOG_LEVEL_INFO;

/* A fixed line: logging must work when memory is short. */
struct line {
	char bytes[LINE_SIZE];
	size_t size;
	bool full; /* something did not fit, and nothing more is taken */
};

/* Kept free for a closing quote and the line end. */
#define RESERVE 2

void
log_open(const char *daemon, enum log_level least)
{
	daemon_name = daemon;
	least_level = least;
}

static size_t
room(const struct line *line)
{
	return line->size < LINE_SIZE - RESERVE ? LINE_SIZE - RESERVE - line->size : 0;
}

/* All of `size` bytes or none: half an escape would change what follows it. */
static void
put(struct line *line, const char *bytes, size_t size)
{
	if (line->full || size > room(line)) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->size, bytes, size);
	line->size += size;
}

static void
put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static bool
is_plain(struct slice value)
{
	if (value.size == 0)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '=' || byte == '\\')
			return false;
	}
	return true;
}

static void
put_escaped(struct line *line, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char hidden[] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
	const char quoted[] = {'\\', (char)byte};

	if (byte == '"' || byte == '\\')
		put(line, quoted, sizeof(quoted));
	else if (byte < ' ' || byte >= 0x7f)
		put(line, hidden, sizeof(hidden));
	else
		put(line, quoted + 1, 1);
}

static void
put_value(struct line *line, struct slice value)
{
	if (line->full)
		return;
	if (is_plain(value) && value.size <= room(line)) {
		put(line, (const char *)value.data, value.size);
		return;
	}
	put(line, "\"", 1);
	if (line->full)
		return;
	for (size_t i = 0; i < value.size && !line->full; i++)
		put_escaped(line, value.data[i]);
	/* What was opened is closed, on a full line out of the reserve. */
	line->bytes[line->size++] = '"';
}

static void
put_time(struct line *line)
{
	struct timespec now;
	struct tm parts;
	char text[40];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	if (strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts) == 0)
		return;
	put_text(line, text);
	snprintf(text, sizeof(text), ".%03ldZ", now.tv_nsec / 1000000);
	put_text(line, text);
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};
	struct line line = {.size = 0};

	if (level < least_level)
		return;
	put_time(&line);
	put_text(&line, " level=");
	put_text(&line, names[level]);
	put_text(&line, " daemon=");
	put_text(&line, daemon_name);
	put_text(&line, " event=");
	put_text(&line, event);
	for (size_t i = 0; i < count; i++) {
		char number[32];

		put(&line, " ", 1);
		put_text(&line, fields[i].key);
		put(&line, "=", 1);
		switch (fields[i].kind) {
		case LOG_KIND_TEXT:
			put_value(&line, slice_from_text(fields[i].text));
			break;
		case LOG_KIND_SLICE:
			put_value(&line, fields[i].slice);
			break;
		case LOG_KIND_NUMBER:
			snprintf(number, sizeof(number), "%lld", fields[i].number);
			put_text(&line, number);
			break;
		}
	}
	line.bytes[line.size++] = '\n';
	/* One write, so that lines of threads and daemons do not mix; a log that
	 * cannot be written has nowhere to complain. */
	if (write(STDERR_FILENO, line.bytes, line.size) < 0)
		return;
}
