/*
 * parse_folder [-l] FOLDER: parse every file in the folder as a message and
 * check what must hold of any: ranges within bounds, the manifest reads back
 * as written, parts decode to the size and digest that it says, from the start
 * and from the middle, and bodies show without failing.  -l lists what was found, to
 * be compared with another parser (compare.py), in columns:
 *
 *	H file subject sender-name sender-address truncated-or-not
 *	P file number role type size digest name parent letter-or-not
 *	T file number text in base64
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/encode.h"
#include "mail/body.h"
#include "mail/header.h"
#include "mail/marks.h"
#include "mail/parse.h"

#define TEXT_MAX ((size_t)16777216)

static struct {
	unsigned long files, refused, parts, truncated, faults;
	unsigned long roles[PART_INLINE + 1];
	unsigned long html_refused, html_shown, html_sanitised, texts;
	unsigned long long decoded;
	double slowest;
	char slowest_name[256];
} totals;

static const char *file_name;
static bool listing;

static void
fault(const char *what, unsigned long number)
{
	totals.faults++;
	fprintf(stderr, "%s: part %lu: %s\n", file_name, number, what);
}

static enum status
read_file(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	ssize_t got = pread(*(int *)context, bytes, room, (off_t)offset);

	if (got < 0)
		return STATUS_UNAVAILABLE;
	*size_out = (size_t)got;
	return STATUS_OK;
}

struct digesting {
	EVP_MD_CTX *context;
	uint64_t size;
};

static enum status
digest_bytes(void *context, struct slice bytes)
{
	struct digesting *digesting = context;

	digesting->size += bytes.size;
	return EVP_DigestUpdate(digesting->context, bytes.data, bytes.size) == 1 ? STATUS_OK
										 : STATUS_INTERNAL;
}

/* The same bytes wherever reading begins. */
static void
check_seek(const struct source *decoded, const struct part *part)
{
	unsigned char whole[4096], again[4096];
	uint64_t places[] = {part->decoded_size / 2, part->decoded_size / 3, 0};

	for (size_t i = 0; i < 3; i++) {
		uint64_t left = part->decoded_size - places[i];
		size_t size = left < sizeof(whole) ? (size_t)left : sizeof(whole);
		size_t middle = size / 2;

		if (source_read_exactly(decoded, places[i], whole, size) != STATUS_OK ||
		    source_read_exactly(decoded, 0, again, size < 16 ? size : 16) != STATUS_OK ||
		    source_read_exactly(decoded, places[i] + middle, again, size - middle) !=
			STATUS_OK)
			fault("seek failed", part->number);
		else if (memcmp(whole + middle, again, size - middle) != 0)
			fault("seek gives other bytes", part->number);
	}
}

static void
check_part(const struct source *source, const struct part *part)
{
	static const char roles[] = "?CTHFI";
	struct arena *arena = arena_new();
	struct digesting digesting = {EVP_MD_CTX_new(), 0};
	struct sink sink = {&digesting, digest_bytes};
	struct source holder, decoded;
	unsigned char digest[32];
	char hex[65];

	if (body_holder(source, part, arena, &holder) != STATUS_OK || part->offset > holder.size ||
	    part->size > holder.size - part->offset)
		fault("range outside", part->number);
	EVP_DigestInit_ex(digesting.context, EVP_sha256(), NULL);
	if (body_open(source, part, arena, &decoded) != STATUS_OK ||
	    source_copy(&decoded, 0, decoded.size, &sink) != STATUS_OK)
		fault("cannot be read", part->number);
	EVP_DigestFinal_ex(digesting.context, digest, NULL);
	EVP_MD_CTX_free(digesting.context);
	if (digesting.size != part->decoded_size)
		fault("decoded size differs", part->number);
	if ((part->role == PART_FILE || part->role == PART_INLINE) &&
	    memcmp(digest, part->sha256, sizeof(digest)) != 0)
		fault("digest differs", part->number);
	check_seek(&decoded, part);
	totals.roles[part->role]++;
	totals.decoded += part->role == PART_CONTAINER ? 0 : part->decoded_size;
	encode_hex(slice_of(digest, sizeof(digest)), hex);
	if (listing)
		printf("P\t%s\t%u\t%c\t%s\t%llu\t%s\t%s\t%u\t%s\n", file_name, part->number,
		       roles[part->role], part->type, (unsigned long long)part->decoded_size, hex,
		       part->name, part->parent, part->letter ? "letter" : "");
	arena_free(arena);
}

static const char *
keep_cid(void *context, const char *id)
{
	(void)context;
	(void)id;
	return "/picture";
}

static void
list_text(const struct part *part, struct slice text)
{
	size_t room = sodium_base64_encoded_len(text.size, sodium_base64_VARIANT_ORIGINAL);
	char *encoded = malloc(room);

	if (encoded == NULL)
		abort();
	sodium_bin2base64(encoded, room, text.data == NULL ? (const unsigned char *)"" : text.data,
			  text.size, sodium_base64_VARIANT_ORIGINAL);
	printf("T\t%s\t%u\t%s\n", file_name, part->number, encoded);
	free(encoded);
}

static void
check_body(const struct source *source, const struct part *part)
{
	struct text text;

	text_init(&text, TEXT_MAX);
	if (part->role == PART_TEXT) {
		if (body_text(source, part, &text) != STATUS_OK)
			fault("text fails", part->number);
		totals.texts++;
		if (listing)
			list_text(part, text_slice(&text));
	} else if (part->role == PART_HTML) {
		enum status status = body_html_to_text(source, part, &text, NULL);

		if (status == STATUS_OK) {
			totals.html_shown++;
			if (listing)
				list_text(part, text_slice(&text));
		} else if (status == STATUS_TOO_LARGE)
			totals.html_refused++;
		else
			fault("HTML fails", part->number);
		text_reset(&text);
		status = body_html_sanitise(source, part, keep_cid, NULL, &text);
		if (status == STATUS_OK)
			totals.html_sanitised++;
		else if (status != STATUS_TOO_LARGE)
			fault("sanitising fails", part->number);
	}
	text_clear(&text);
}

static void
check_manifest(const struct manifest *manifest, struct arena *arena)
{
	struct slice bytes, again;
	struct manifest read;

	if (manifest_write(manifest, arena, &bytes) != STATUS_OK) {
		fault("manifest cannot be written", 0);
		return;
	}
	if (manifest_read(bytes, arena, &read) != STATUS_OK)
		fault("manifest cannot be read", 0);
	else if (manifest_write(&read, arena, &again) != STATUS_OK || !slice_equal(bytes, again))
		fault("manifest changes", 0);
}

/* Those are taken out of every message, each by one edit. */
static size_t
count_blind(const struct header_block *block)
{
	static const char *const names[] = {"Bcc", "Resent-Bcc"};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (const struct header_field *field = header_find(block, names[i], 0);
		     field != NULL;
		     field = header_find(block, names[i], (size_t)(field - block->fields) + 1))
			count++;
	return count;
}

static void
check_marks(const struct source *source, struct arena *arena)
{
	static const char *const subjects[] = {"[secure]"};
	static const char *const headers[] = {"X-Secure: yes"};
	static const struct mark_rules rules = {"secure-", NULL, 0, subjects, 1, headers, 1};
	struct mark_findings findings;
	struct header_block block;
	struct source edited;

	if (header_read(source, arena, &block) != STATUS_OK)
		return;
	if (marks_find(&rules, &block, arena, &findings) != STATUS_OK ||
	    edit_source(source, &findings.edits, arena, &edited) != STATUS_OK)
		fault("marks", 0);
	else if (findings.subject != MARK_FOUND && !findings.address &&
		 findings.edits.count != count_blind(&block))
		fault("edits without marks", 0);
}

static void
check_file(const char *path)
{
	static const struct edits none;
	struct arena *arena = arena_new();
	int file = open(path, O_RDONLY | O_CLOEXEC);
	clock_t start = clock();
	struct manifest manifest;
	struct source source;
	struct stat facts;
	double seconds;

	if (file < 0 || fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		if (file >= 0)
			close(file);
		arena_free(arena);
		return;
	}
	source = (struct source){&file, (uint64_t)facts.st_size, read_file};
	totals.files++;
	if (mail_parse(&source, &none, arena, &manifest) != STATUS_OK) {
		totals.refused++;
		fprintf(stderr, "%s: refused\n", file_name);
	} else {
		totals.parts += manifest.part_count;
		totals.truncated += manifest.truncated ? 1 : 0;
		check_manifest(&manifest, arena);
		if (listing)
			printf("H\t%s\t%s\t%s\t%s\t%s\n", file_name, manifest.subject,
			       manifest.from.name, manifest.from.address,
			       manifest.truncated ? "truncated" : "");
		for (size_t i = 0; i < manifest.part_count; i++) {
			check_part(&source, &manifest.parts[i]);
			check_body(&source, &manifest.parts[i]);
		}
	}
	check_marks(&source, arena);
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	if (seconds > totals.slowest) {
		totals.slowest = seconds;
		snprintf(totals.slowest_name, sizeof(totals.slowest_name), "%s", file_name);
	}
	close(file);
	arena_free(arena);
}

int
main(int count, char **arguments)
{
	const char *folder = arguments[count - 1];
	struct dirent *entry;
	DIR *directory;

	listing = count == 3 && strcmp(arguments[1], "-l") == 0;
	directory = count == 2 || listing ? opendir(folder) : NULL;
	if (directory == NULL) {
		fprintf(stderr, "usage: parse_folder [-l] FOLDER\n");
		return 2;
	}
	mail_prepare();
	while ((entry = readdir(directory)) != NULL) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file_name = entry->d_name;
		check_file(path);
	}
	closedir(directory);
	fprintf(
	    stderr,
	    "%lu files (%lu refused, %lu truncated), %lu parts: %lu containers, %lu texts, "
	    "%lu HTML, %lu files, %lu inline; %llu bytes decoded; HTML %lu shown, %lu sanitised, "
	    "%lu refused; slowest %s %.2f s; %lu faults\n",
	    totals.files, totals.refused, totals.truncated, totals.parts,
	    totals.roles[PART_CONTAINER], totals.roles[PART_TEXT], totals.roles[PART_HTML],
	    totals.roles[PART_FILE], totals.roles[PART_INLINE], totals.decoded, totals.html_shown,
	    totals.html_sanitised, totals.html_refused, totals.slowest_name, totals.slowest,
	    totals.faults);
	return totals.faults == 0 ? 0 : 1;
}
