#include "keys/table.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

_Static_assert(TABLE_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is SipHash's");

void
table_init(struct table *table)
{
	memset(table, 0, sizeof(*table));
	randombytes_buf(table->key, sizeof(table->key));
}

static struct table_node **
bucket_of(struct table *table, const char *name)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t number;

	crypto_shorthash(hash, (const unsigned char *)name, strlen(name), table->key);
	memcpy(&number, hash, sizeof(number));
	return &table->buckets[number % TABLE_BUCKETS];
}

static void
put_first(struct table *table, struct table_node *node)
{
	node->newer = NULL;
	node->older = table->newest;
	if (table->newest != NULL)
		table->newest->newer = node;
	else
		table->oldest = node;
	table->newest = node;
}

static void
take_out(struct table *table, struct table_node *node)
{
	if (node->newer != NULL)
		node->newer->older = node->older;
	else
		table->newest = node->older;
	if (node->older != NULL)
		node->older->newer = node->newer;
	else
		table->oldest = node->newer;
}

struct table_node *
table_find(struct table *table, const char *name)
{
	struct table_node *node = *bucket_of(table, name);

	while (node != NULL && strcmp(node->name, name) != 0)
		node = node->next;
	if (node != NULL) {
		take_out(table, node);
		put_first(table, node);
	}
	return node;
}

void
table_add(struct table *table, struct table_node *node)
{
	struct table_node **bucket = bucket_of(table, node->name);

	node->next = *bucket;
	*bucket = node;
	put_first(table, node);
	table->count++;
}

void
table_remove(struct table *table, struct table_node *node)
{
	struct table_node **at = bucket_of(table, node->name);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	take_out(table, node);
	table->count--;
}
