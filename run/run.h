/*
 * `postern run`: ingest, courier and portal under one supervisor, for the first
 * five minutes and for small installations.  A daemon that ends is started
 * again, with a rising delay; SIGTERM or SIGINT stops all.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

/* `program` is the path of this executable.  Returns the exit status of the process. */
int run_main(const char *program, const char *config_path);

#endif
