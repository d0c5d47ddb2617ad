#include "base/stock.h"

#include <stdbool.h>
#include <stdlib.h>

void *
stock_take(struct stock *stock)
{
	void *buffer = NULL;

	pthread_mutex_lock(&stock->mutex);
	/* The last one given is the warmest. */
	if (stock->count > 0)
		buffer = stock->spares[--stock->count];
	pthread_mutex_unlock(&stock->mutex);
	return buffer != NULL ? buffer : malloc(stock->size);
}

void
stock_give(struct stock *stock, void *buffer)
{
	bool kept = false;

	if (buffer == NULL)
		return;
	pthread_mutex_lock(&stock->mutex);
	if (stock->count < STOCK_SPARES) {
		stock->spares[stock->count++] = buffer;
		kept = true;
	}
	pthread_mutex_unlock(&stock->mutex);
	if (!kept)
		free(buffer);
}

void
stock_release(struct stock *stock)
{
	pthread_mutex_lock(&stock->mutex);
	while (stock->count > 0)
		free(stock->spares[--stock->count]);
	pthread_mutex_unlock(&stock->mutex);
}
