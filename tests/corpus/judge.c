/*
 * What crypto/ makes of certificates and signatures, for tests/corpus/certificates.py.
 *
 *	judge encrypt|sign AT ROOTS OTHERS CRL FILE...
 *
 * says for each certificate of each file "FILE NUMBER REASON ADDRESS..." ("odd" behind them where
 * names are), or "FILE - STATUS" where there is none.  ROOTS and OTHERS are in PEM, CRL in DER; "-"
 * stands for none.
 *
 *	judge verify SIGNATURE CONTENT|-
 *
 * says "STATUS SIGNERS CERTIFICATES weak|strong".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cms.h"
#include "crypto/trust.h"

#define FILE_MAX ((size_t)16777216)

struct judge {
	struct arena *arena;
	struct trust_store *store;
	struct trust_question question;
};

static struct slice
load(const char *path, struct arena *arena)
{
	struct slice bytes = {NULL, 0};
	unsigned char *room;
	FILE *file;

	if (strcmp(path, "-") == 0)
		return bytes;
	file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		exit(2);
	}
	room = malloc(FILE_MAX);
	if (room != NULL)
		bytes = arena_copy(arena, slice_of(room, fread(room, 1, FILE_MAX, file)));
	free(room);
	fclose(file);
	return bytes;
}

static void
judge_one(const struct judge *judge, const char *name, size_t number, struct slice der)
{
	struct trust_question question = judge->question;
	struct certificate facts;
	struct trust_answer answer;
	enum status status;

	question.certificate = der;
	status = trust_ask(judge->store, &question, judge->arena, &answer);
	if (status == STATUS_OK)
		status = certificate_parse(der, judge->arena, &facts);
	if (status != STATUS_OK) {
		printf("%s %zu %s\n", name, number, status_text(status));
		return;
	}
	printf("%s %zu %s", name, number, trust_reason_text(answer.reason));
	for (size_t i = 0; i < facts.address_count; i++)
		printf(" %s", facts.addresses[i]);
	printf("%s\n", facts.odd_names ? " odd" : "");
}

static int
judge_files(char **words, int count)
{
	struct judge judge = {.arena = arena_new()};
	struct slice *roots = NULL, *others = NULL, crl = load(words[4], judge.arena);
	size_t root_count = 0, refused;

	if (certificate_find_all(load(words[2], judge.arena), judge.arena, &roots, &root_count) !=
	    STATUS_OK)
		root_count = 0;
	if (certificate_find_all(load(words[3], judge.arena), judge.arena, &others,
				 &judge.question.other_count) != STATUS_OK)
		judge.question.other_count = 0;
	judge.store = trust_store_new(roots, root_count, judge.arena, &refused);
	judge.question.others = others;
	judge.question.crls = &crl;
	judge.question.crl_count = 1;
	judge.question.at = strtoll(words[1], NULL, 10);
	judge.question.use = strcmp(words[0], "sign") == 0 ? TRUST_TO_SIGN : TRUST_TO_ENCRYPT;
	judge.question.revocation = TRUST_REVOCATION_SOFT;
	for (int i = 5; i < count; i++) {
		struct slice *found;
		size_t found_count;
		enum status status = certificate_find_all(load(words[i], judge.arena), judge.arena,
							  &found, &found_count);

		if (status != STATUS_OK)
			printf("%s - %s\n", words[i], status_text(status));
		for (size_t j = 0; status == STATUS_OK && j < found_count; j++)
			judge_one(&judge, words[i], j, found[j]);
	}
	arena_free(judge.arena);
	return 0;
}

static int
verify(char **words)
{
	struct arena *arena = arena_new();
	struct slice bytes = load(words[1], arena);
	struct source content = source_from_slice(&bytes);
	struct cms_signatures found = {.signer_count = 0};
	bool weak = false;
	enum status status = cms_verify(
	    load(words[0], arena), strcmp(words[1], "-") == 0 ? NULL : &content, arena, &found);

	for (size_t i = 0; status == STATUS_OK && i < found.signer_count; i++)
		weak |= found.signers[i].weak_digest;
	printf("%s %zu %zu %s\n", status_text(status), found.signer_count, found.certificate_count,
	       weak ? "weak" : "strong");
	arena_free(arena);
	return 0;
}

int
main(int count, char **words)
{
	secret_prepare_process();
	if (count == 4 && strcmp(words[1], "verify") == 0)
		return verify(words + 2);
	if (count > 6)
		return judge_files(words + 1, count - 1);
	fprintf(
	    stderr,
	    "usage: judge encrypt|sign AT ROOTS OTHERS CRL FILE... | verify SIGNATURE CONTENT\n");
	return 2;
}
