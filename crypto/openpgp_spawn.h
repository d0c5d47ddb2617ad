/*
 * Programs of GnuPG that GPGME does not start.  For crypto/openpgp*.c only.
 */
#ifndef CRYPTO_OPENPGP_SPAWN_H
#define CRYPTO_OPENPGP_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/* Start a program by its path, with `stream` as its input and output (-1: nothing), and nothing for
 * what it complains of.  False, logged, when it can not be started. */
bool openpgp_spawn(char *const arguments[], int stream, pid_t *pid_out);

/* Wait for its end, that long; then end it. */
void openpgp_await(pid_t pid, int patience_ms);

/* Both. */
void openpgp_run_program(char *const arguments[], int patience_ms);

#endif
