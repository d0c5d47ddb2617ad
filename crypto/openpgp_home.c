#include "crypto/openpgp_home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define PREFIX "openpgp-"
#define OPEN_FILES 8

static int
remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	(void)facts;
	(void)kind;
	(void)place;
	/* What gpg itself takes away meanwhile is away. */
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static void
remove_tree(const char *path)
{
	if (nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) != 0)
		log_warning("openpgp-home-left", LOG_TEXT("error", strerror(errno)));
}

/* Homes whose lock nobody holds any more. */
static void
sweep(const char *runtime_folder)
{
	DIR *folder = opendir(runtime_folder);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		char path[OPENPGP_HOME_SIZE + 256];
		int lock;

		if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", runtime_folder, entry->d_name);
		lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (lock < 0)
			continue;
		if (flock(lock, LOCK_EX | LOCK_NB) == 0)
			remove_tree(path);
		close(lock);
	}
	closedir(folder);
}

static bool
write_settings(const char *home, const char *settings)
{
	char path[OPENPGP_HOME_SIZE + 16];
	bool written;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/gpg.conf", home);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	written = file_write_all(fd, slice_from_text(settings));
	return close(fd) == 0 && written;
}

static bool
make_home(const char *runtime_folder, const char *settings, struct openpgp_home *home)
{
	(void)snprintf(home->path, sizeof(home->path), "%s/" PREFIX "XXXXXX", runtime_folder);
	if (mkdtemp(home->path) == NULL)
		return false;
	home->lock = open(home->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (home->lock >= 0 && flock(home->lock, LOCK_EX | LOCK_NB) == 0 &&
	    write_settings(home->path, settings))
		return true;
	openpgp_home_close(home);
	return false;
}

bool
openpgp_home_in_memory(const char *folder)
{
	struct statfs about;

	return statfs(folder, &about) == 0 &&
	       (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
}

enum status
openpgp_home_open(const char *runtime_folder, const char *settings, struct openpgp_home *home_out)
{
	struct openpgp_home home = {.path = "", .lock = -1};
	bool made;
	int guard;

	if (runtime_folder[0] != '/' || strlen(runtime_folder) > OPENPGP_RUNTIME_MAX ||
	    strpbrk(runtime_folder, "\r\n") != NULL)
		return STATUS_INVALID;
	/* Nobody sweeps between a home's making and its lock. */
	guard = open(runtime_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (guard < 0 || flock(guard, LOCK_EX) != 0) {
		log_error("openpgp-home", LOG_TEXT("error", strerror(errno)));
		if (guard >= 0)
			close(guard);
		return STATUS_UNAVAILABLE;
	}
	sweep(runtime_folder);
	made = make_home(runtime_folder, settings, &home);
	if (!made)
		log_error("openpgp-home", LOG_TEXT("error", strerror(errno)));
	close(guard);
	if (!made)
		return STATUS_UNAVAILABLE;
	*home_out = home;
	return STATUS_OK;
}

void
openpgp_home_close(struct openpgp_home *home)
{
	if (home->path[0] == '\0')
		return;
	remove_tree(home->path);
	if (home->lock >= 0)
		close(home->lock);
	home->path[0] = '\0';
	home->lock = -1;
}

enum status
openpgp_home_put(const struct openpgp_home *home, struct slice bytes,
		 char path[OPENPGP_HOME_SIZE + 16])
{
	bool written;
	int fd;

	(void)snprintf(path, OPENPGP_HOME_SIZE + 16, "%s/key-XXXXXX", home->path);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		log_error("openpgp-file", LOG_TEXT("error", strerror(errno)));
		return STATUS_UNAVAILABLE;
	}
	written = file_write_all(fd, bytes);
	if (close(fd) == 0 && written)
		return STATUS_OK;
	log_error("openpgp-file", LOG_TEXT("error", strerror(errno)));
	(void)unlink(path);
	return STATUS_FULL;
}
