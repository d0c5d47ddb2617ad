/*
 * Reading the Maildirs of the demonstration: which mails lie there, newest
 * first, and one of them as a source.
 */
#ifndef PORTAL_MAILDIR_H
#define PORTAL_MAILDIR_H

#include "base/arena.h"
#include "base/stream.h"

#define MAILDIR_LISTED_MAX ((size_t)100)
#define MAILDIR_SEEN_MAX ((size_t)10000)
#define MAILDIR_MAIL_MAX ((uint64_t)268435456)

struct maildir_entry {
	uint64_t number; /* inode: stays while the mail is there */
	int64_t time;
	const char *path;
};

/* The newest MAILDIR_LISTED_MAX mails in `new` and `cur` of every Maildir at most three folders
 * below `root`.  A missing folder is an empty one. */
void maildir_list(const char *root, struct arena *arena, struct maildir_entry **entries_out,
		  size_t *count_out);

/* One mail as a source; closed with the arena. */
enum status
maildir_open(const char *path, struct arena *arena, struct source *source_out) MUST_CHECK;

#endif
