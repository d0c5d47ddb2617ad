/*
 * The limit of opening a message: Argon2id alone.
 *
 *	argon PASSES KIB
 *
 * For each line on standard input, one hash; prints its milliseconds.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int
main(int count, char **arguments)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char out[32];
	int byte;

	if (count != 3 || sodium_init() < 0) {
		fprintf(stderr, "usage: argon PASSES KIB\n");
		return 2;
	}
	while ((byte = getchar()) != EOF) {
		double began = milliseconds();

		if (byte != '\n')
			continue;
		if (crypto_pwhash(out, sizeof(out), "three grey herons", 17, salt,
				  strtoull(arguments[1], NULL, 10),
				  strtoull(arguments[2], NULL, 10) * 1024,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
			return 1;
		printf("%.3f\n", milliseconds() - began);
		fflush(stdout);
	}
	return 0;
}
