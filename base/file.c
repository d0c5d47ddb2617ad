#include "base/file.h"

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
