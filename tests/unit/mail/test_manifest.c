/* A manifest reads back as written, and nothing else reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/manifest.h"

static struct mailbox mailboxes[] = {{"A", "a@x"}, {"", "b@x"}};
static struct part parts[] = {
    {.number = 0,
     .parent = 0,
     .role = PART_CONTAINER,
     .encoding = PART_IDENTITY,
     .type = "multipart/mixed",
     .charset = "",
     .name = "",
     .content_id = "",
     .offset = 10,
     .size = 100,
     .decoded_size = 100},
    {.number = 1,
     .parent = 0,
     .role = PART_FILE,
     .encoding = PART_BASE64,
     .type = "application/pdf",
     .charset = "utf-8",
     .name = "\xc3\xbc.pdf",
     .content_id = "i@x",
     .offset = 20,
     .size = 40,
     .decoded_size = 30,
     .sha256 = {1, 2, 3},
     .flowed = true,
     .delete_space = true},
};
static struct edit edits[] = {{1, 2, SLICE("x")}, {3, 0, SLICE("a\r\nb")}};

static struct manifest
sample(void)
{
	return (struct manifest){
	    .subject = "subject",
	    .from = {"F", "f@x"},
	    .to = mailboxes,
	    .to_count = 2,
	    .cc = mailboxes,
	    .cc_count = 1,
	    .date = "today",
	    .message_id = "<1@x>",
	    .in_reply_to = "",
	    .references = "<0@x>",
	    .receipt_to = "r@x",
	    .auto_submitted = "",
	    .truncated = true,
	    .parts = parts,
	    .part_count = 2,
	    .edits = {edits, 2},
	};
}

static void
test_reads_back(void **state)
{
	struct arena *arena = arena_new();
	struct manifest manifest = sample(), read;
	struct slice bytes, again;

	(void)state;
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	assert_int_equal(manifest_read(bytes, arena, &read), STATUS_OK);
	assert_string_equal(read.subject, "subject");
	assert_string_equal(read.from.address, "f@x");
	assert_int_equal(read.to_count, 2);
	assert_string_equal(read.to[1].address, "b@x");
	assert_int_equal(read.reply_to_count, 0);
	assert_string_equal(read.references, "<0@x>");
	assert_true(read.truncated);
	assert_int_equal(read.part_count, 2);
	assert_int_equal(read.parts[1].number, 1);
	assert_string_equal(read.parts[1].name, "\xc3\xbc.pdf");
	assert_int_equal(read.parts[1].decoded_size, 30);
	assert_memory_equal(read.parts[1].sha256, parts[1].sha256, 32);
	assert_true(read.parts[1].flowed && read.parts[1].delete_space);
	assert_int_equal(read.edits.count, 2);
	assert_true(slice_equal(read.edits.list[1].replacement, SLICE("a\r\nb")));
	assert_int_equal(manifest_write(&read, arena, &again), STATUS_OK);
	assert_true(slice_equal(bytes, again));
	arena_free(arena);
}

/* Whatever byte is changed: refused, or read as something that is written the same way. */
static void
test_changed_bytes(void **state)
{
	static const unsigned char values[] = {0, 1, 2, 4, 0x7f, 0x80, 0xff, '\n'};
	struct arena *arena = arena_new();
	struct manifest manifest = sample();
	struct slice bytes;

	(void)state;
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	for (size_t i = 0; i < bytes.size; i++)
		for (size_t j = 0; j < sizeof(values); j++) {
			struct arena *scratch = arena_new();
			unsigned char *copy = (unsigned char *)arena_text_from(scratch, bytes);
			struct slice changed = slice_of(copy, bytes.size), again;
			struct manifest read;

			copy[i] = values[j];
			if (manifest_read(changed, scratch, &read) == STATUS_OK) {
				assert_int_equal(manifest_write(&read, scratch, &again), STATUS_OK);
				/* The first version is read too, and written as the present one. */
				if (i == 3)
					copy[i] = 2;
				assert_true(slice_equal(changed, again));
			}
			arena_free(scratch);
		}
	for (size_t size = 0; size < bytes.size; size++) {
		struct arena *scratch = arena_new();
		struct manifest read;

		assert_int_equal(manifest_read(slice_part(bytes, 0, size), scratch, &read),
				 STATUS_DAMAGED);
		arena_free(scratch);
	}
	arena_free(arena);
}

static void
expect_damaged(const char *claim, const struct manifest *manifest)
{
	struct arena *arena = arena_new();
	struct manifest read;
	struct slice bytes;

	assert_int_equal(manifest_write(manifest, arena, &bytes), STATUS_OK);
	if (manifest_read(bytes, arena, &read) != STATUS_DAMAGED)
		fail_msg("%s", claim);
	arena_free(arena);
}

static void
test_believes_nothing(void **state)
{
	struct part changed[2];
	struct edit wrong[2] = {{5, 3, {NULL, 0}}, {6, 1, {NULL, 0}}};
	struct manifest manifest = sample();

	(void)state;
	manifest.subject = "a\r\nBcc: b";
	expect_damaged("line end in a text", &manifest);
	manifest.subject = "a\xff";
	expect_damaged("broken UTF-8", &manifest);
	manifest.subject = "a\xe2\x80\xae";
	expect_damaged("bidi override", &manifest);
	manifest = sample();
	manifest.edits = (struct edits){wrong, 2};
	expect_damaged("edits overlap", &manifest);
	manifest = sample();
	manifest.parts = changed;
	memcpy(changed, parts, sizeof(changed));
	changed[1].parent = 1;
	expect_damaged("parent of itself", &manifest);
	changed[1].parent = 0;
	changed[0].role = PART_HTML;
	expect_damaged("parent that holds nothing", &manifest);
	changed[0].role = PART_CONTAINER;
	changed[1].offset = UINT64_MAX;
	expect_damaged("range that wraps", &manifest);
	changed[1].offset = 0;
	changed[1].role = (enum part_role)6;
	expect_damaged("unknown role", &manifest);
	changed[1].role = PART_TEXT;
	changed[1].encoding = (enum part_encoding)0;
	expect_damaged("unknown encoding", &manifest);
}

/* What lies in a part is read from its bytes, and belongs to the letter that it is. */
static void
test_layers(void **state)
{
	struct arena *arena = arena_new();
	struct part deep[MANIFEST_LAYERS_MAX + 2];
	struct manifest manifest = sample(), read;
	struct slice bytes;

	(void)state;
	for (size_t i = 0; i < MANIFEST_LAYERS_MAX + 2; i++) {
		deep[i] = parts[1];
		deep[i].parent = i == 0 ? 0 : (uint32_t)i - 1;
		deep[i].letter = i == 1;
	}
	manifest.parts = deep;
	manifest.part_count = MANIFEST_LAYERS_MAX + 1;
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	assert_int_equal(manifest_read(bytes, arena, &read), STATUS_OK);
	assert_null(read.parts[0].inside);
	assert_ptr_equal(read.parts[2].inside, &read.parts[1]);
	assert_null(manifest_letter(&read, &read.parts[1]));
	assert_ptr_equal(manifest_letter(&read, &read.parts[2]), &read.parts[1]);
	assert_ptr_equal(manifest_letter(&read, &read.parts[5]), &read.parts[1]);
	manifest.part_count++;
	expect_damaged("too many layers", &manifest);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_back),
	    cmocka_unit_test(test_changed_bytes),
	    cmocka_unit_test(test_layers),
	    cmocka_unit_test(test_believes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
