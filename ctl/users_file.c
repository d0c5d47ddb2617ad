#include "ctl/users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define MODE 0640

static enum status
failure(void)
{
	if (errno == ENOENT)
		return STATUS_NOT_FOUND;
	if (errno == EEXIST)
		return STATUS_CONFLICT;
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return STATUS_DENIED;
	return errno == ENOSPC || errno == EDQUOT ? STATUS_FULL : STATUS_UNAVAILABLE;
}

/* The text lies in memory that is wiped with the arena. */
static enum status
read_file(const char *path, struct arena *arena, struct slice *text_out, struct stat *about_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct text *text = arena_alloc(arena, sizeof(*text));
	enum status status = STATUS_OK;
	unsigned char piece[4096];
	ssize_t got;

	if (fd < 0)
		return failure();
	text_init_in(text, arena, USERS_FILE_MAX);
	if (fstat(fd, about_out) != 0)
		status = failure();
	else if (!S_ISREG(about_out->st_mode))
		status = STATUS_INVALID;
	while (status == STATUS_OK && (got = read(fd, piece, sizeof(piece))) != 0) {
		if (got > 0)
			text_append(text, slice_of(piece, (size_t)got));
		else if (errno != EINTR)
			status = failure();
	}
	explicit_bzero(piece, sizeof(piece));
	close(fd);
	if (status == STATUS_OK && !text_ok(text))
		status = STATUS_TOO_LARGE;
	if (status == STATUS_OK)
		*text_out = text_slice(text);
	return status;
}

/* The next line with its end. */
static struct slice
take_line(struct slice *rest)
{
	size_t end = slice_find_byte(*rest, '\n', 0);
	struct slice line = slice_part(*rest, 0, end == SLICE_NONE ? rest->size : end + 1);

	*rest = slice_part(*rest, line.size, rest->size);
	return line;
}

/* False for a comment or an empty line. */
static bool
name_of(struct slice line, struct slice *name_out)
{
	line = slice_trim(line);
	if (line.size == 0 || line.data[0] == '#')
		return false;
	*name_out = slice_part(line, 0, slice_find_byte(line, ':', 0));
	return true;
}

/* What stands behind the fourth colon: the verifier has two of its own. */
static struct slice
domains_of(struct slice line)
{
	size_t at = 0;

	line = slice_trim(line);
	for (int colon = 0; colon < 4; colon++) {
		at = slice_find_byte(line, ':', at);
		if (at == SLICE_NONE)
			return slice_of(NULL, 0);
		at++;
	}
	return slice_part(line, at, line.size);
}

enum status
users_file_list(const char *path, struct arena *arena, struct users_file_entry **entries_out,
		size_t *count_out)
{
	struct users_file_entry *entries;
	struct slice text, name;
	struct stat about;
	size_t lines = 1, count = 0;
	enum status status = read_file(path, arena, &text, &about);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	entries = arena_alloc_many(arena, lines, sizeof(*entries));
	while (text.size > 0) {
		struct slice line = take_line(&text);

		if (name_of(line, &name))
			entries[count++] = (struct users_file_entry){
			    .name = arena_text_from(arena, name),
			    .domains = arena_text_from(arena, domains_of(line)),
			};
	}
	*entries_out = entries;
	*count_out = count;
	return STATUS_OK;
}

/* Append `text` with the user's line replaced; false when there was none. */
static bool
replace_line(struct slice text, struct slice name, struct slice new_line, struct text *out)
{
	struct slice found;
	bool replaced = false;

	while (text.size > 0) {
		struct slice line = take_line(&text);

		if (!name_of(line, &found) || !slice_equal(found, name)) {
			text_append(out, line);
			continue;
		}
		if (!replaced)
			text_append(out, new_line);
		replaced = true;
	}
	return replaced;
}

static bool
sync_folder(const char *path, struct arena *arena)
{
	int fd = open(dirname(arena_copy_text(arena, path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

/* With ours in hand as path.new, which keeps others out, replace what is there. */
static enum status
rewrite(int fd, const char *path, const char *name, struct slice new_line, struct arena *arena)
{
	struct text *out = arena_alloc(arena, sizeof(*out));
	struct slice text = {NULL, 0};
	struct stat about;
	enum status status = read_file(path, arena, &text, &about);
	bool there = status == STATUS_OK;

	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	text_init_in(out, arena, USERS_FILE_MAX);
	if (!replace_line(text, slice_from_text(name), new_line, out)) {
		if (new_line.size == 0)
			return STATUS_NOT_FOUND;
		if (out->size > 0 && out->data[out->size - 1] != '\n')
			text_append_byte(out, '\n');
		text_append(out, new_line);
	}
	if (!text_ok(out))
		return STATUS_TOO_LARGE;
	if ((there && fchown(fd, about.st_uid, about.st_gid) != 0) || fchmod(fd, MODE) != 0 ||
	    !file_write_all(fd, text_slice(out)) || fsync(fd) != 0)
		return failure();
	return STATUS_OK;
}

enum status
users_file_put(const char *path, const char *name, struct slice line, struct arena *arena)
{
	const char *new_path = arena_printf(arena, "%s.new", path);
	int fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum status status;

	if (fd < 0)
		return errno == ENOENT ? STATUS_UNAVAILABLE : failure();
	status = rewrite(fd, path, name, line, arena);
	if (close(fd) != 0 && status == STATUS_OK)
		status = failure();
	if (status == STATUS_OK && rename(new_path, path) != 0)
		status = failure();
	if (status != STATUS_OK)
		unlink(new_path);
	else if (!sync_folder(path, arena))
		status = STATUS_UNAVAILABLE;
	return status;
}
