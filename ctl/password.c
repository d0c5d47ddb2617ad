#include "ctl/password.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/scram.h"
#include "ctl/ctl.h"

#define FILE_MAX ((size_t)65536)

/* One line of standard input without its end, read byte by byte: what follows is not ours.  False
 * when there is none, or too much of it. */
static bool
read_line(struct secret *line_out)
{
	struct secret line;
	size_t size = 0;
	ssize_t got = 0;
	bool good = true;

	secret_init(&line, SCRAM_PASSWORD_MAX + 1);
	while (good) {
		unsigned char *next = line.data + size;

		got = read(STDIN_FILENO, next, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || *next == '\n')
			break;
		good = ++size <= SCRAM_PASSWORD_MAX;
	}
	if (size > 0 && good && line.data[size - 1] == '\r')
		size--;
	good = good && size > 0 && got >= 0;
	if (good)
		secret_copy(line_out, slice_of(line.data, size));
	secret_clear(&line);
	return good;
}

/* Signals that would leave the terminal without an echo wait meanwhile. */
static bool
read_hidden(const char *prompt, struct secret *line_out)
{
	struct termios shown, hidden;
	sigset_t ending, before;
	bool good;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return false;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGTSTP);
	sigprocmask(SIG_BLOCK, &ending, &before);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	hidden.c_lflag |= ICANON | ECHONL;
	good = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
	/* Whoever answers the prompt finds the terminal hidden, and nothing of the answer flushed.
	 */
	if (good) {
		fprintf(stderr, "%s: ", prompt);
		good = read_line(line_out);
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return good;
}

/* What was piped in. */
static bool
take_piped(struct secret *password_out)
{
	if (read_line(password_out))
		return true;
	(void)ctl_refuse("a password of 1 to %zu bytes is expected on standard input",
			 SCRAM_PASSWORD_MAX);
	return false;
}

static bool
take_typed(const char *prompt, struct secret *password_out)
{
	if (read_hidden(prompt, password_out))
		return true;
	(void)ctl_refuse("a password has 1 to %zu bytes", SCRAM_PASSWORD_MAX);
	return false;
}

bool
password_ask_known(const char *prompt, struct secret *password_out)
{
	return isatty(STDIN_FILENO) ? take_typed(prompt, password_out) : take_piped(password_out);
}

bool
password_from_file(const char *path, struct secret *password_out)
{
	struct arena *arena = arena_new();
	struct slice file, line;
	enum status status = file_read(path, FILE_MAX, arena, &file);
	bool good = status == STATUS_OK;

	if (!good)
		(void)ctl_refuse("%s: %s", path, status_text(status));
	if (good) {
		line = slice_take_line(&file);
		good = line.size > 0 && line.size <= SCRAM_PASSWORD_MAX;
		if (good)
			secret_copy(password_out, line);
		else
			(void)ctl_refuse("%s: its first line is no password of 1 to %zu bytes",
					 path, SCRAM_PASSWORD_MAX);
	}
	arena_free(arena);
	return good;
}

bool
password_ask(const char *prompt, struct secret *password_out)
{
	struct secret first, again;
	bool same;

	if (!isatty(STDIN_FILENO))
		return take_piped(password_out);
	if (!take_typed(prompt, &first))
		return false;
	same = read_hidden("Once more", &again);
	if (same) {
		same = first.size == again.size &&
		       sodium_memcmp(first.data, again.data, first.size) == 0;
		secret_clear(&again);
	}
	if (same)
		secret_move(password_out, &first);
	else
		(void)ctl_refuse("that was not the same twice");
	secret_clear(&first);
	return same;
}
