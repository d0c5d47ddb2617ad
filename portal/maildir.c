#include "portal/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 3

struct search {
	struct arena *arena;
	struct maildir_entry *entries;
	size_t count;
};

static void
take_mails(struct search *search, const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	if (directory == NULL)
		return;
	while (search->count < MAILDIR_SEEN_MAX && (entry = readdir(directory)) != NULL) {
		struct stat facts;

		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(directory), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(facts.st_mode))
			continue;
		search->entries[search->count++] = (struct maildir_entry){
		    .number = (uint64_t)facts.st_ino,
		    .time = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec,
		    .path = arena_printf(search->arena, "%s/%s", folder, entry->d_name),
		};
	}
	closedir(directory);
}

static void
walk(struct search *search, const char *folder, int depth)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL) {
		const char *path;

		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 || strcmp(entry->d_name, "tmp") == 0)
			continue;
		path = arena_printf(search->arena, "%s/%s", folder, entry->d_name);
		if (strcmp(entry->d_name, "new") == 0 || strcmp(entry->d_name, "cur") == 0)
			take_mails(search, path);
		else if (depth < DEPTH_MAX)
			walk(search, path, depth + 1);
	}
	closedir(directory);
}

static int
newer_first(const void *a, const void *b)
{
	const struct maildir_entry *left = a;
	const struct maildir_entry *right = b;

	return (left->time < right->time) - (left->time > right->time);
}

void
maildir_list(const char *root, struct arena *arena, struct maildir_entry **entries_out,
	     size_t *count_out)
{
	struct search search = {.arena = arena};

	search.entries = arena_alloc_many(arena, MAILDIR_SEEN_MAX, sizeof(*search.entries));
	walk(&search, root, 0);
	qsort(search.entries, search.count, sizeof(*search.entries), newer_first);
	*entries_out = search.entries;
	*count_out = search.count < MAILDIR_LISTED_MAX ? search.count : MAILDIR_LISTED_MAX;
}

static enum status
read_file(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const int *fd = context;
	ssize_t got;

	do
		got = pread(*fd, bytes, room, (off_t)offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return STATUS_UNAVAILABLE;
	*size_out = (size_t)got;
	return STATUS_OK;
}

static void
close_file(void *argument)
{
	const int *fd = argument;

	close(*fd);
}

enum status
maildir_open(const char *path, struct arena *arena, struct source *source_out)
{
	int *fd = arena_alloc(arena, sizeof(*fd));
	struct stat facts;

	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return STATUS_NOT_FOUND;
	arena_defer(arena, close_file, fd);
	if (fstat(*fd, &facts) != 0 || (uint64_t)facts.st_size > MAILDIR_MAIL_MAX)
		return STATUS_TOO_LARGE;
	*source_out = (struct source){fd, (uint64_t)facts.st_size, read_file};
	return STATUS_OK;
}
