#include "base/file.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <errno.h>
#include <unistd.h>

bool
file_write_all(int fd, struct slice bytes)
{
	while (bytes.size > 0) {
		ssize_t wrote = write(fd, bytes.data, bytes.size);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		bytes = slice_part(bytes, (size_t)wrote, bytes.size);
	}
	return true;
}

static enum status
read_all(int fd, size_t most, struct arena *arena, struct slice *bytes_out)
{
	struct stat about;
	unsigned char *bytes;
	size_t size = 0;

	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		return STATUS_UNAVAILABLE;
	if ((uint64_t)about.st_size > most)
		return STATUS_TOO_LARGE;
	bytes = arena_alloc(arena, (size_t)about.st_size + 1);
	while (size < (size_t)about.st_size) {
		ssize_t got = read(fd, bytes + size, (size_t)about.st_size - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return STATUS_UNAVAILABLE;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	*bytes_out = slice_of(bytes, size);
	return STATUS_OK;
}

enum status
file_read(const char *path, size_t most, struct arena *arena, struct slice *bytes_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status status;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return STATUS_NOT_FOUND;
		return errno == EACCES || errno == EPERM ? STATUS_DENIED : STATUS_UNAVAILABLE;
	}
	status = read_all(fd, most, arena, bytes_out);
	close(fd);
	return status;
}
