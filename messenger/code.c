#include "messenger/code.h"

#include <string.h>

struct slice
code_without_gaps(struct slice typed, struct arena *arena)
{
	unsigned char *code = arena_alloc(arena, typed.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < typed.size; i++)
		if (typed.data[i] == '\0' || strchr(" -\t\r\n", typed.data[i]) == NULL)
			code[size++] = typed.data[i];
	return slice_of(code, size);
}
