/*
 * What libraries load on first use, loaded before there is nothing to load from any more;
 * each task's process then has it from the start.
 */
#ifndef READER_WARM_H
#define READER_WARM_H

void warm_up(void);

#endif
