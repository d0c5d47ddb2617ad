/*
 * A password from whoever runs the command: typed twice without being shown where there is a
 * terminal, else the first line of standard input.
 */
#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

#include <stdbool.h>

#include "base/secret.h"

/* False after one clear line to stderr: nothing came, too much, or two different ones. */
bool password_ask(const char *prompt, struct secret *password_out);

/* The same for a password that something has already: typed once. */
bool password_ask_known(const char *prompt, struct secret *password_out);

/* The first line of a file. */
bool password_from_file(const char *path, struct secret *password_out);

#endif
