#include "ingest/users.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

struct users {
	struct arena *arena;
	struct user *list;
	size_t count;
};

/* What invented salts hang on.  Reading the file again must not change them. */
static unsigned char invention_key[SCRAM_KEY_SIZE];
static pthread_once_t invention_once = PTHREAD_ONCE_INIT;

static void
make_invention_key(void)
{
	randombytes_buf(invention_key, sizeof(invention_key));
}

/* Up to `byte`, which is taken off with it, or all. */
static struct slice
take_part(struct slice *rest, unsigned char byte)
{
	size_t end = slice_find_byte(*rest, byte, 0);
	struct slice part = slice_part(*rest, 0, end);

	*rest = slice_part(*rest, end == SLICE_NONE ? rest->size : end + 1, rest->size);
	return part;
}

static bool
is_domain(struct slice domain)
{
	for (size_t i = 0; i < domain.size; i++)
		if (domain.data[i] <= ' ' || domain.data[i] == 0x7f || domain.data[i] == '@' ||
		    domain.data[i] == ':')
			return false;
	return domain.size > 0 && domain.size <= 255;
}

static bool
take_domains(struct arena *arena, struct slice rest, struct user *user)
{
	const char **domains;
	size_t most = 1;

	for (size_t i = 0; i < rest.size; i++)
		most += rest.data[i] == ',';
	if (most > USERS_DOMAINS_MAX)
		return false;
	domains = arena_alloc_many(arena, most, sizeof(*domains));
	while (rest.size > 0) {
		struct slice domain = slice_trim(take_part(&rest, ','));

		if (!is_domain(domain))
			return false;
		domains[user->domain_count++] = arena_text_from(arena, domain);
	}
	user->domains = domains;
	return true;
}

/* A name is looked for in its prepared form, so it has to stand there in that form. */
static bool
is_prepared(struct slice name)
{
	struct secret prepared;
	bool same;

	if (name.size > SCRAM_NAME_MAX || scram_prepare(name, true, &prepared) != STATUS_OK)
		return false;
	same = slice_equal(name, secret_slice(&prepared));
	secret_clear(&prepared);
	return same;
}

/* The verifier has two colons of its own. */
static bool
read_user(struct arena *arena, struct slice line, struct user *user)
{
	struct slice rest = line;
	struct slice name = take_part(&rest, ':');
	struct slice from = rest;
	struct slice verifier;

	if (!is_prepared(name))
		return false;
	for (int colon = 0; colon < 3; colon++)
		(void)take_part(&rest, ':');
	verifier = slice_part(from, 0, from.size - rest.size);
	/* With something behind it, the verifier ends before its third colon. */
	if (verifier.size > 0 && verifier.data[verifier.size - 1] == ':') {
		verifier = slice_part(verifier, 0, verifier.size - 1);
		if (rest.size == 0)
			return false;
	}
	*user = (struct user){.name = arena_text_from(arena, name)};
	return scram_verifier_read(verifier, &user->verifier) && take_domains(arena, rest, user);
}

static size_t
count_lines(struct slice text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

static enum status
parse_into(struct users *users, struct slice text, size_t *line_out)
{
	size_t lines = count_lines(text);

	if (lines > 2 * USERS_MAX)
		return STATUS_TOO_LARGE;
	users->list = arena_alloc_many(users->arena, lines, sizeof(*users->list));
	for (*line_out = 1; text.size > 0; ++*line_out) {
		struct slice line = slice_trim(take_part(&text, '\n'));
		struct user *user = &users->list[users->count];

		if (line.size == 0 || line.data[0] == '#')
			continue;
		if (!read_user(users->arena, line, user) ||
		    users_find(users, slice_from_text(user->name)) != NULL)
			return STATUS_INVALID;
		if (++users->count > USERS_MAX)
			return STATUS_TOO_LARGE;
	}
	return STATUS_OK;
}

enum status
users_parse(struct slice text, struct users **users_out, size_t *line_out)
{
	struct arena *arena = arena_new();
	struct users *users = arena_alloc(arena, sizeof(*users));
	size_t line = 0;
	enum status status;

	pthread_once(&invention_once, make_invention_key);
	users->arena = arena;
	status = parse_into(users, text, &line);
	if (status != STATUS_OK) {
		*line_out = line;
		users_free(users);
		return status;
	}
	*users_out = users;
	return STATUS_OK;
}

static enum status
failure(void)
{
	if (errno == ENOENT)
		return STATUS_NOT_FOUND;
	return errno == EACCES || errno == EPERM ? STATUS_DENIED : STATUS_UNAVAILABLE;
}

/* What is in it is worth a guess of each password. */
static enum status
read_file(int fd, struct secret *text_out)
{
	struct stat about;
	size_t got = 0;

	if (fstat(fd, &about) != 0)
		return failure();
	if (!S_ISREG(about.st_mode) || (about.st_mode & (S_IROTH | S_IWOTH)) != 0)
		return STATUS_DENIED;
	if (about.st_size < 0 || (uintmax_t)about.st_size > USERS_FILE_MAX)
		return STATUS_TOO_LARGE;
	secret_init(text_out, (size_t)about.st_size + 1);
	while (got < (size_t)about.st_size) {
		ssize_t more = read(fd, text_out->data + got, (size_t)about.st_size - got);

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0) {
			secret_clear(text_out);
			return STATUS_UNAVAILABLE;
		}
		got += (size_t)more;
	}
	return STATUS_OK;
}

enum status
users_load(const char *path, struct users **users_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status status = fd < 0 ? failure() : STATUS_OK;
	struct secret text;
	size_t line = 0;

	if (status == STATUS_OK)
		status = read_file(fd, &text);
	if (fd >= 0)
		close(fd);
	if (status == STATUS_OK) {
		status = users_parse(slice_of(text.data, text.size - 1), users_out, &line);
		secret_clear(&text);
	}
	if (status != STATUS_OK)
		log_error("users-failed", LOG_TEXT("path", path), LOG_NUMBER("line", line),
			  LOG_TEXT("status", status_text(status)));
	return status;
}

void
users_free(struct users *users)
{
	if (users != NULL)
		arena_free(users->arena);
}

size_t
users_count(const struct users *users)
{
	return users == NULL ? 0 : users->count;
}

const struct user *
users_find(const struct users *users, struct slice name)
{
	for (size_t i = 0; i < users->count; i++)
		if (slice_equal(name, slice_from_text(users->list[i].name)))
			return &users->list[i];
	return NULL;
}

void
users_invent(const struct users *users, struct slice name, struct scram_verifier *verifier_out)
{
	struct scram_verifier verifier = {.iterations = SCRAM_ITERATIONS,
					  .salt_size = SCRAM_SALT_SIZE};
	unsigned char salt[SCRAM_KEY_SIZE];

	if (users->count > 0) {
		verifier.iterations = users->list[0].verifier.iterations;
		if (users->list[0].verifier.salt_size <= sizeof(salt))
			verifier.salt_size = users->list[0].verifier.salt_size;
	}
	scram_hmac(slice_of(invention_key, sizeof(invention_key)), name, salt);
	memcpy(verifier.salt, salt, verifier.salt_size);
	randombytes_buf(verifier.stored_key, sizeof(verifier.stored_key));
	randombytes_buf(verifier.server_key, sizeof(verifier.server_key));
	*verifier_out = verifier;
}
