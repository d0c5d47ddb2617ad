/*
 * Things by name, the most recently used one first: what a bounded memory needs.  Nodes lie inside
 * of what is kept; the table owns nothing, counts nothing but nodes, and takes no lock.  Names come
 * from outside, so they are hashed with a key of the process's own.
 */
#ifndef KEYS_TABLE_H
#define KEYS_TABLE_H

#include <stddef.h>

#define TABLE_BUCKETS 1024
#define TABLE_KEY_SIZE 16

struct table_node {
	const char *name; /* stays while the node is in the table */
	struct table_node *next;
	struct table_node *newer, *older;
};

struct table {
	struct table_node *buckets[TABLE_BUCKETS];
	struct table_node *newest, *oldest;
	size_t count;
	unsigned char key[TABLE_KEY_SIZE];
};

/* Empty, with a new key. */
void table_init(struct table *table);

/* NULL when there is none; what is found becomes the newest. */
struct table_node *table_find(struct table *table, const char *name);

/* As the newest; the name is not there yet. */
void table_add(struct table *table, struct table_node *node);

void table_remove(struct table *table, struct table_node *node);

#endif
