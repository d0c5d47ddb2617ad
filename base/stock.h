/*
 * Buffers of one size that are used again.  A fresh one of some hundred KiB costs more in page
 * faults, and in unmapping it afterwards, than sealing what it holds; a used one costs nothing.
 * At most STOCK_SPARES wait for their next use, what is over goes back to the system.
 *
 * Thread-safe.  The stock knows nothing of what was in a buffer: who gives one back has wiped
 * what nobody else may see.
 */
#ifndef BASE_STOCK_H
#define BASE_STOCK_H

#include <pthread.h>
#include <stddef.h>

#define STOCK_SPARES 16

struct stock {
	pthread_mutex_t mutex;
	size_t size; /* bytes of each buffer */
	size_t count;
	void *spares[STOCK_SPARES];
};

/* What a static stock is set to. */
#define STOCK_OF(bytes)                                                                            \
	{                                                                                          \
		.mutex = PTHREAD_MUTEX_INITIALIZER, .size = (bytes)                                \
	}

/* A buffer with anything in it; NULL when memory is short.  The caller owns it. */
void *stock_take(struct stock *stock);

/* Give back what stock_take gave; NULL is fine. */
void stock_give(struct stock *stock, void *buffer);

/* Free the spares; whoever takes afterwards begins anew. */
void stock_release(struct stock *stock);

#endif
