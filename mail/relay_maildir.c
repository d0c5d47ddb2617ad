#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "mail/relay_part.h"

#define FOLDER_NAME_MAX ((size_t)255)

/* The address as a folder's name, which leads nowhere else. */
static const char *
folder_name(const char *address, struct arena *arena)
{
	char *name = arena_copy_text(arena, address);

	for (char *at = name; *at != '\0'; at++)
		if (*at == '/' || (unsigned char)*at < 0x21 || *at == 0x7f)
			*at = '_';
	if (name[0] == '.')
		name[0] = '_';
	return name;
}

static enum status
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return STATUS_UNAVAILABLE;
	result = fsync(fd);
	close(fd);
	return result == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* Make a folder that may be there; new ones are on disk before they are used. */
static enum status
make_folder(const char *parent, const char *path)
{
	if (mkdir(path, 0700) == 0)
		return sync_folder(parent);
	return errno == EEXIST ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum status
make_maildir(const char *root, const char *folder, struct arena *arena)
{
	static const char *const parts[] = {"tmp", "new", "cur"};
	enum status status = STATUS_OK;

	if (mkdir(root, 0700) != 0 && errno != EEXIST)
		return STATUS_UNAVAILABLE;
	status = make_folder(root, folder);
	for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
		status = make_folder(folder, arena_printf(arena, "%s/%s", folder, parts[i]));
	return status;
}

/* Whether a file of that name, flags behind ":" apart, is in the folder. */
static bool
holds(const char *folder, const char *name)
{
	DIR *entries = opendir(folder);
	size_t size = strlen(name);
	bool found = false;

	if (entries == NULL)
		return false;
	for (struct dirent *entry = readdir(entries); entry != NULL && !found;
	     entry = readdir(entries))
		found = strncmp(entry->d_name, name, size) == 0 &&
			(entry->d_name[size] == '\0' || entry->d_name[size] == ':');
	closedir(entries);
	return found;
}

static enum status
write_to_file(void *context, struct slice bytes)
{
	const int *fd = context;

	while (bytes.size > 0) {
		ssize_t written = write(*fd, bytes.data, bytes.size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return errno == ENOSPC || errno == EDQUOT ? STATUS_FULL
								  : STATUS_UNAVAILABLE;
		bytes = slice_part(bytes, (size_t)written, bytes.size);
	}
	return STATUS_OK;
}

static enum status
write_letter(const struct relay_sending *sending, const char *recipient, const char *path)
{
	const struct relay_letter *letter = sending->letter;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct sink sink = {&fd, write_to_file};
	enum status status;

	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? STATUS_FULL : STATUS_UNAVAILABLE;
	status = sink_write(&sink, slice_from_text(arena_printf(
				       sending->arena, "Return-Path: <%s>\r\nDelivered-To: %s\r\n",
				       letter->sender, recipient)));
	if (status == STATUS_OK)
		status = source_copy(letter->source, 0, letter->source->size, &sink);
	if (status == STATUS_OK && letter->making != NULL)
		status = letter->making->make(letter->making->context, &sink);
	if (status == STATUS_OK && fsync(fd) != 0)
		status = STATUS_UNAVAILABLE;
	if (close(fd) != 0 && status == STATUS_OK)
		status = STATUS_UNAVAILABLE;
	return status;
}

static enum status
deliver(struct relay *relay, struct relay_sending *sending, const char *recipient)
{
	const struct relay_letter *letter = sending->letter;
	struct arena *arena = sending->arena;
	const char *root = relay->settings.maildir;
	const char *folder = arena_printf(arena, "%s/%s", root, folder_name(recipient, arena));
	const char *fresh = arena_printf(arena, "%s/new", folder);
	const char *temporary = arena_printf(arena, "%s/tmp/%s.%ld.%p.%lu", folder, letter->id,
					     (long)getpid(), (void *)relay, relay->written++);
	enum status status = make_maildir(root, folder, arena);

	if (status != STATUS_OK)
		return status;
	/* Readers only move from new/ to cur/: looked at in this order, nothing is missed. */
	if (holds(fresh, letter->id) || holds(arena_printf(arena, "%s/cur", folder), letter->id))
		return STATUS_OK;
	/* Left by a process that died with this number and place. */
	unlink(temporary);
	status = write_letter(sending, recipient, temporary);
	if (status == STATUS_OK &&
	    link(temporary, arena_printf(arena, "%s/%s", fresh, letter->id)) != 0 &&
	    errno != EEXIST)
		status = STATUS_UNAVAILABLE;
	unlink(temporary);
	return status == STATUS_OK ? sync_folder(fresh) : status;
}

enum status
relay_maildir_send(struct relay *relay, struct relay_sending *sending)
{
	const struct relay_letter *letter = sending->letter;

	for (size_t i = 0; i < letter->count; i++) {
		struct relay_recipient *recipient = &letter->recipients[i];
		enum status status;

		if (recipient->status != NULL)
			continue;
		if (strlen(recipient->address) > FOLDER_NAME_MAX) {
			recipient->outcome = RELAY_REFUSED;
			recipient->status = "5.1.3";
			recipient->reply = "this address is too long for a Maildir";
			continue;
		}
		status = deliver(relay, sending, recipient->address);
		if (status == STATUS_OK) {
			recipient->outcome = RELAY_SENT;
			recipient->status = "2.0.0";
			recipient->reply = "delivered to its Maildir";
			continue;
		}
		log_warning("maildir-failed", LOG_TEXT("letter", letter->id),
			    LOG_TEXT("status", status_text(status)));
		/* Damage of the letter itself is the caller's to know. */
		if (status != STATUS_UNAVAILABLE && status != STATUS_FULL)
			return status;
		recipient->outcome = RELAY_LATER;
		recipient->status = status == STATUS_FULL ? "4.2.2" : "4.3.0";
		recipient->reply = "the Maildir could not be written";
	}
	return STATUS_OK;
}
