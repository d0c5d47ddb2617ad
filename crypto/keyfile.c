#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/hash.h"

#define FIRST_LINE "postern-keys 1"
#define KEY_SIZE ((size_t)32)
#define ROLE_COUNT 3
#define LINE_COUNT 5

/* A line that a key file may have: its name, and the roles whose file has it. */
enum line { LINE_PUBLIC, LINE_PRIVATE, LINE_LINK, LINE_PEPPER, LINE_DISPLAY };

struct line_kind {
	const char *name;
	bool in_role[ROLE_COUNT + 1];
};

static const struct line_kind lines[LINE_COUNT] = {
    [LINE_PUBLIC] = {"gateway-public",
		     {[KEYFILE_INGEST] = true, [KEYFILE_COURIER] = true, [KEYFILE_PORTAL] = true}},
    [LINE_PRIVATE] = {"gateway-private", {[KEYFILE_COURIER] = true}},
    [LINE_LINK] = {"link-key", {[KEYFILE_COURIER] = true}},
    [LINE_PEPPER] = {"pepper", {[KEYFILE_PORTAL] = true}},
    [LINE_DISPLAY] = {"display-key", {[KEYFILE_COURIER] = true, [KEYFILE_PORTAL] = true}},
};

static const char *const role_names[ROLE_COUNT + 1] = {
    [KEYFILE_INGEST] = "ingest", [KEYFILE_COURIER] = "courier", [KEYFILE_PORTAL] = "portal"};

static struct secret *
secret_of(struct keys *keys, enum line line)
{
	switch (line) {
	case LINE_PRIVATE:
		return &keys->gateway_private;
	case LINE_LINK:
		return &keys->link_key;
	case LINE_PEPPER:
		return &keys->pepper;
	case LINE_DISPLAY:
		return &keys->display_key;
	case LINE_PUBLIC:
		break;
	}
	return NULL;
}

void
keys_clear(struct keys *keys)
{
	secret_clear(&keys->gateway_private);
	secret_clear(&keys->link_key);
	secret_clear(&keys->pepper);
	secret_clear(&keys->display_key);
	sodium_memzero(keys, sizeof(*keys));
}

/* --- reading --- */

/* The next line without its end; false at the end, or when the last line is cut off. */
static bool
next_line(struct slice *rest, struct slice *line_out)
{
	size_t end = slice_find_byte(*rest, '\n', 0);

	if (end == SLICE_NONE)
		return false;
	*line_out = slice_part(*rest, 0, end);
	*rest = slice_part(*rest, end + 1, rest->size);
	return true;
}

/* Take the value of `line` when it is "name hex"; each name stands once. */
static bool
take_key(struct slice line, enum keyfile_role role, struct keys *keys, bool seen[LINE_COUNT])
{
	size_t blank = slice_find_byte(line, ' ', 0);
	struct slice name = slice_part(line, 0, blank);
	struct slice hex = slice_part(line, blank == SLICE_NONE ? line.size : blank + 1, line.size);

	for (enum line i = 0; i < LINE_COUNT; i++) {
		struct secret *secret = secret_of(keys, i);

		if (!lines[i].in_role[role] || seen[i] ||
		    !slice_equal(name, slice_from_text(lines[i].name)))
			continue;
		seen[i] = true;
		if (secret == NULL)
			return decode_hex(hex, keys->gateway_public, PAIR_PUBLIC_SIZE);
		secret_init(secret, KEY_SIZE);
		return decode_hex(hex, secret->data, KEY_SIZE);
	}
	return false;
}

/* A courier whose halves do not belong together would accept mail it can never open. */
static bool
halves_match(const struct keys *keys)
{
	struct pair pair;
	bool match;

	if (keys->gateway_private.data == NULL)
		return true;
	if (pair_from_private(secret_slice(&keys->gateway_private), &pair) != STATUS_OK)
		return false;
	match = memcmp(pair.public, keys->gateway_public, PAIR_PUBLIC_SIZE) == 0;
	pair_clear(&pair);
	return match;
}

static bool
parse_into(struct slice rest, enum keyfile_role role, struct keys *keys)
{
	bool seen[LINE_COUNT] = {false};
	struct slice line;

	if (!next_line(&rest, &line) || !slice_equal(line, SLICE(FIRST_LINE)))
		return false;
	if (!next_line(&rest, &line) || slice_find(line, SLICE("role "), 0) != 0 ||
	    !slice_equal(slice_part(line, 5, line.size), slice_from_text(role_names[role])))
		return false;
	while (rest.size > 0)
		if (!next_line(&rest, &line) || !take_key(line, role, keys, seen))
			return false;
	for (enum line i = 0; i < LINE_COUNT; i++)
		if (lines[i].in_role[role] && !seen[i])
			return false;
	return halves_match(keys);
}

enum status
keyfile_parse(struct slice text, enum keyfile_role role, struct keys *keys_out)
{
	struct keys keys = {.role = role};

	if (text.size > KEYFILE_SIZE_MAX || !parse_into(text, role, &keys)) {
		keys_clear(&keys);
		return STATUS_INVALID;
	}
	*keys_out = keys;
	return STATUS_OK;
}

/*
 * Closed to everybody but its owner, who must be us, or it could not have been
 * opened.  A credential that systemd hands over belongs to root, and its access
 * list for our user shows as the group's read bit: that one form is taken too.
 */
static bool
is_private(const struct stat *info)
{
	if ((info->st_mode & 077) == 0)
		return true;
	return info->st_uid == 0 && info->st_gid == 0 && (info->st_mode & 07777) == 0440;
}

static enum status
read_whole(int fd, struct secret *text)
{
	size_t size = 0;

	secret_init(text, KEYFILE_SIZE_MAX + 1);
	while (size < text->size) {
		ssize_t got = read(fd, text->data + size, text->size - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			secret_clear(text);
			return STATUS_UNAVAILABLE;
		}
		if (got == 0)
			break;
		size += (size_t)got;
	}
	/* Over the bound stays over it, for the parser to refuse. */
	text->size = size;
	return STATUS_OK;
}

enum status
keyfile_load(const char *path, enum keyfile_role role, struct keys *keys_out)
{
	/* Not blocking: a FIFO in the place of a key file must not hang the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct secret text;
	struct stat info;
	enum status status;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return STATUS_NOT_FOUND;
		return errno == EACCES || errno == EPERM ? STATUS_DENIED : STATUS_UNAVAILABLE;
	}
	if (fstat(fd, &info) != 0)
		status = STATUS_UNAVAILABLE;
	else if (!S_ISREG(info.st_mode))
		status = STATUS_INVALID;
	else if (!is_private(&info))
		status = STATUS_DENIED;
	else
		status = read_whole(fd, &text);
	close(fd);
	if (status != STATUS_OK)
		return status;
	status = keyfile_parse(secret_slice(&text), role, keys_out);
	secret_clear(&text);
	return status;
}

/* --- making --- */

struct writer {
	struct secret memory;
	size_t size;
};

static void
put(struct writer *writer, const char *text)
{
	size_t size = strlen(text);

	if (size > writer->memory.size - writer->size)
		return;
	memcpy(writer->memory.data + writer->size, text, size);
	writer->size += size;
}

static void
put_key(struct writer *writer, const char *name, struct slice key)
{
	struct secret hex;

	secret_init(&hex, HEX_LENGTH(key.size) + 1);
	encode_hex(key, (char *)hex.data);
	put(writer, name);
	put(writer, " ");
	put(writer, (const char *)hex.data);
	put(writer, "\n");
	secret_clear(&hex);
}

static void
format_role(struct keys *all, enum keyfile_role role, struct writer *writer)
{
	secret_init(&writer->memory, KEYFILE_SIZE_MAX);
	writer->size = 0;
	put(writer, FIRST_LINE "\nrole ");
	put(writer, role_names[role]);
	put(writer, "\n");
	for (enum line i = 0; i < LINE_COUNT; i++) {
		const struct secret *secret = secret_of(all, i);

		if (lines[i].in_role[role])
			put_key(writer, lines[i].name,
				secret == NULL ? slice_of(all->gateway_public, PAIR_PUBLIC_SIZE)
					       : secret_slice(secret));
	}
}

static enum status
failure(void)
{
	if (errno == EEXIST)
		return STATUS_CONFLICT;
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return STATUS_DENIED;
	return errno == ENOSPC || errno == EDQUOT ? STATUS_FULL : STATUS_UNAVAILABLE;
}

/* Write one role's file; on failure none is left behind. */
static enum status
write_role(int folder, struct keys *all, enum keyfile_role role, const char *name)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum status status = STATUS_OK;
	struct writer writer;

	if (fd < 0)
		return failure();
	format_role(all, role, &writer);
	if (fchmod(fd, 0600) != 0 ||
	    !file_write_all(fd, slice_of(writer.memory.data, writer.size)) || fsync(fd) != 0)
		status = failure();
	secret_clear(&writer.memory);
	if (close(fd) != 0 && status == STATUS_OK)
		status = failure();
	if (status != STATUS_OK)
		unlinkat(folder, name, 0);
	return status;
}

static const char *const file_names[ROLE_COUNT + 1] = {[KEYFILE_INGEST] = "ingest.keys",
						       [KEYFILE_COURIER] = "courier.keys",
						       [KEYFILE_PORTAL] = "portal.keys"};

static enum status
write_roles(int folder, struct keys *all)
{
	enum status status = STATUS_OK;
	int written = 0;

	for (int role = KEYFILE_INGEST; role <= ROLE_COUNT; role++)
		if (faccessat(folder, file_names[role], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return STATUS_CONFLICT;
	while (written < ROLE_COUNT && status == STATUS_OK) {
		int role = KEYFILE_INGEST + written;

		status = write_role(folder, all, (enum keyfile_role)role, file_names[role]);
		if (status == STATUS_OK)
			written++;
	}
	if (status == STATUS_OK && fsync(folder) != 0)
		status = failure();
	/* Half a set is no set. */
	if (status != STATUS_OK)
		while (written-- > 0)
			unlinkat(folder, file_names[KEYFILE_INGEST + written], 0);
	return status;
}

/* A new folder is kept only when the one above it is written as well. */
static enum status
make_folder(const char *folder, int *fd_out)
{
	bool made = mkdir(folder, 0700) == 0;
	int fd, parent;

	if (!made && errno != EEXIST)
		return failure();
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failure();
	parent = made ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (parent >= 0) {
		fsync(parent);
		close(parent);
	}
	*fd_out = fd;
	return STATUS_OK;
}

enum status
keyfile_create(const char *folder)
{
	struct keys all = {.role = KEYFILE_COURIER};
	struct pair gateway;
	int fd = -1;
	enum status status = make_folder(folder, &fd);

	if (status != STATUS_OK)
		return status;
	pair_new(&gateway);
	memcpy(all.gateway_public, gateway.public, PAIR_PUBLIC_SIZE);
	secret_move(&all.gateway_private, &gateway.private);
	secret_random(&all.link_key, KEY_SIZE);
	secret_random(&all.pepper, KEY_SIZE);
	secret_random(&all.display_key, KEY_SIZE);
	status = write_roles(fd, &all);
	keys_clear(&all);
	close(fd);
	return status;
}

/* --- showing --- */

static void
print_fingerprint(const char *name, const struct secret *secret, FILE *out)
{
	unsigned char hash[HASH_SIZE];
	char hex[HEX_LENGTH(HASH_SIZE) + 1];

	if (secret->data == NULL)
		return;
	hash_purpose(secret_slice(secret), "fingerprint", slice_from_text(name), hash);
	encode_hex(slice_of(hash, 8), hex);
	fprintf(out, "%s fingerprint %s\n", name, hex);
}

void
keyfile_print(const struct keys *keys, FILE *out)
{
	char hex[HEX_LENGTH(PAIR_PUBLIC_SIZE) + 1];

	encode_hex(slice_of(keys->gateway_public, PAIR_PUBLIC_SIZE), hex);
	fprintf(out, "role %s\ngateway-public %s\n", role_names[keys->role], hex);
	print_fingerprint("gateway-private", &keys->gateway_private, out);
	print_fingerprint("link-key", &keys->link_key, out);
	print_fingerprint("pepper", &keys->pepper, out);
	print_fingerprint("display-key", &keys->display_key, out);
}
