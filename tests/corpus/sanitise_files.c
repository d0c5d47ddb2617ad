/*
 * sanitise_files OUT FILE...: sanitise every file, check that the result is a
 * fixed point, write it to OUT/NAME for other readers to look at, and print counts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mail/html_sanitise.h"
#include "mail/html_text.h"
#include "mail/html_tree.h"

static struct slice
read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes = malloc(HTML_SIZE_MAX * 2);
	size_t size = file == NULL || bytes == NULL ? 0 : fread(bytes, 1, HTML_SIZE_MAX * 2, file);

	if (file != NULL)
		fclose(file);
	return slice_of(bytes, size);
}

static void
write_whole(const char *folder, const char *path, struct slice bytes)
{
	const char *slash = strrchr(path, '/');
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", folder, slash == NULL ? path : slash + 1);
	file = fopen(name, "wb");
	if (file == NULL)
		return;
	if (bytes.size > 0)
		fwrite(bytes.data, 1, bytes.size, file);
	fclose(file);
}

int
main(int count, char **arguments)
{
	unsigned long good = 0, refused = 0, unstable = 0;
	double slowest = 0;

	if (count < 3)
		return 2;
	for (int i = 2; i < count; i++) {
		struct slice html = read_whole(arguments[i]);
		clock_t start = clock();
		struct text once, twice, text;
		double seconds;

		text_init(&once, HTML_SIZE_MAX * 4);
		text_init(&twice, HTML_SIZE_MAX * 4);
		text_init(&text, HTML_SIZE_MAX * 4);
		if (html_sanitise(html, NULL, NULL, &once) != STATUS_OK ||
		    html_to_text(html, &text, NULL) != STATUS_OK) {
			refused++;
			printf("refused %s\n", arguments[i]);
		} else if (html_sanitise(text_slice(&once), NULL, NULL, &twice) != STATUS_OK ||
			   !slice_equal(text_slice(&once), text_slice(&twice))) {
			unstable++;
			printf("no fixed point %s\n", arguments[i]);
		} else {
			good++;
			write_whole(arguments[1], arguments[i], text_slice(&once));
		}
		seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		slowest = seconds > slowest ? seconds : slowest;
		text_clear(&once);
		text_clear(&twice);
		text_clear(&text);
		free((void *)(uintptr_t)html.data);
	}
	printf("%lu good, %lu refused, %lu without fixed point; slowest %.3f s\n", good, refused,
	       unstable, slowest);
	return unstable == 0 ? 0 : 1;
}
