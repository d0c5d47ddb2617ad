/* crypto/keyfile: making, reading and refusing key files. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/keyfile.h"
#include "tests/unit/crypto/given.h"

static char root[] = "/tmp/postern-keys-XXXXXX";

static const char *
path_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", root, name);
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = {"made/ingest.keys",
					    "made/courier.keys",
					    "made/portal.keys",
					    "made",
					    "taken/portal.keys",
					    "taken",
					    "one",
					    "fifo"};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(path_of(arena, names[i]));
	arena_free(arena);
	return rmdir(root);
}

static unsigned
mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 07777;
}

static void
each_role_gets_its_keys_and_no_others(void **state)
{
	struct arena *arena = arena_new();
	const char *folder = path_of(arena, "made");
	struct keys ingest, courier, portal;
	mode_t before = umask(0);
	struct pair pair;

	(void)state;
	assert_int_equal(keyfile_create(folder), STATUS_OK);
	umask(before);
	assert_int_equal(mode_of(folder), 0700);
	assert_int_equal(mode_of(path_of(arena, "made/ingest.keys")), 0600);
	assert_int_equal(mode_of(path_of(arena, "made/courier.keys")), 0600);
	assert_int_equal(mode_of(path_of(arena, "made/portal.keys")), 0600);
	assert_int_equal(keyfile_load(path_of(arena, "made/ingest.keys"), KEYFILE_INGEST, &ingest),
			 STATUS_OK);
	assert_int_equal(
	    keyfile_load(path_of(arena, "made/courier.keys"), KEYFILE_COURIER, &courier),
	    STATUS_OK);
	assert_int_equal(keyfile_load(path_of(arena, "made/portal.keys"), KEYFILE_PORTAL, &portal),
			 STATUS_OK);
	assert_memory_equal(ingest.gateway_public, courier.gateway_public, PAIR_PUBLIC_SIZE);
	assert_memory_equal(ingest.gateway_public, portal.gateway_public, PAIR_PUBLIC_SIZE);
	assert_null(ingest.gateway_private.data);
	assert_null(ingest.link_key.data);
	assert_null(ingest.pepper.data);
	assert_null(ingest.display_key.data);
	assert_null(courier.pepper.data);
	assert_null(portal.gateway_private.data);
	assert_null(portal.link_key.data);
	assert_int_equal(pair_from_private(secret_slice(&courier.gateway_private), &pair),
			 STATUS_OK);
	assert_memory_equal(pair.public, courier.gateway_public, PAIR_PUBLIC_SIZE);
	pair_clear(&pair);
	assert_slice_equal(secret_slice(&courier.display_key), secret_slice(&portal.display_key));
	assert_int_equal(courier.link_key.size, 32);
	assert_int_equal(portal.pepper.size, 32);
	assert_memory_not_equal(portal.pepper.data, portal.display_key.data, 32);
	assert_memory_not_equal(courier.link_key.data, portal.display_key.data, 32);
	assert_int_equal(keyfile_load(path_of(arena, "made/portal.keys"), KEYFILE_COURIER, &portal),
			 STATUS_INVALID);
	keys_clear(&ingest);
	keys_clear(&courier);
	keys_clear(&portal);
	keys_clear(&portal);
	arena_free(arena);
}

static void
what_is_there_is_never_touched(void **state)
{
	struct arena *arena = arena_new();
	const char *left = path_of(arena, "taken/portal.keys");
	struct stat info;
	int fd;

	(void)state;
	/* Made by the test before. */
	assert_int_equal(keyfile_create(path_of(arena, "made")), STATUS_CONFLICT);
	assert_int_equal(mkdir(path_of(arena, "taken"), 0700), 0);
	fd = open(left, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(keyfile_create(path_of(arena, "taken")), STATUS_CONFLICT);
	assert_int_equal(stat(left, &info), 0);
	assert_int_equal(info.st_size, 0);
	assert_int_equal(access(path_of(arena, "taken/ingest.keys"), F_OK), -1);
	assert_int_equal(access(path_of(arena, "taken/courier.keys"), F_OK), -1);
	/* A link that leads nowhere stands in the way as well. */
	unlink(left);
	assert_int_equal(symlink("nowhere", left), 0);
	assert_int_equal(keyfile_create(path_of(arena, "taken")), STATUS_CONFLICT);
	assert_int_equal(access(path_of(arena, "taken/nowhere"), F_OK), -1);
	assert_int_not_equal(keyfile_create("/proc/no/such/folder"), STATUS_OK);
	arena_free(arena);
}

static const char *
ingest_text(struct arena *arena)
{
	return arena_printf(arena, "postern-keys 1\nrole ingest\ngateway-public %s\n",
			    VECTOR_GATEWAY_PUBLIC);
}

static void
a_file_that_others_may_use_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		enum status status;
	} rows[] = {
	    {0600, STATUS_OK},	   {0400, STATUS_OK},	  {0700, STATUS_OK},
	    {0640, STATUS_DENIED}, {0604, STATUS_DENIED}, {0620, STATUS_DENIED},
	    {0602, STATUS_DENIED}, {0610, STATUS_DENIED}, {0601, STATUS_DENIED},
	    {0644, STATUS_DENIED}, {0444, STATUS_DENIED}, {0660, STATUS_DENIED},
	};
	struct arena *arena = arena_new();
	const char *path = path_of(arena, "one");
	FILE *file = fopen(path, "w");
	struct keys keys;

	(void)state;
	assert_non_null(file);
	fputs(ingest_text(arena), file);
	assert_int_equal(fclose(file), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %04o\n", (unsigned)rows[i].mode);
		assert_int_equal(chmod(path, rows[i].mode), 0);
		assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), rows[i].status);
		if (rows[i].status == STATUS_OK)
			keys_clear(&keys);
	}
	/* As systemd hands a credential over: root's, with an access list. */
	assert_int_equal(chmod(path, 0440), 0);
	if (geteuid() == 0 && getegid() == 0) {
		assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), STATUS_OK);
		keys_clear(&keys);
		assert_int_equal(chown(path, 0, 65534), 0);
		assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), STATUS_DENIED);
		/* Somebody else's file, whatever its mode, seen without root's rights. */
		assert_int_equal(chown(path, 65533, 65533), 0);
		assert_int_equal(chmod(path, 0400), 0);
		assert_int_equal(chmod(root, 0755), 0);
		assert_int_equal(seteuid(65534), 0);
		assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), STATUS_DENIED);
		assert_int_equal(seteuid(0), 0);
	} else {
		assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), STATUS_DENIED);
	}
	arena_free(arena);
}

static void
what_is_no_file_is_refused_at_once(void **state)
{
	struct arena *arena = arena_new();
	struct keys keys;

	(void)state;
	assert_int_equal(keyfile_load(path_of(arena, "none"), KEYFILE_INGEST, &keys),
			 STATUS_NOT_FOUND);
	assert_int_equal(keyfile_load(root, KEYFILE_INGEST, &keys), STATUS_INVALID);
	assert_int_equal(mkfifo(path_of(arena, "fifo"), 0600), 0);
	assert_int_equal(keyfile_load(path_of(arena, "fifo"), KEYFILE_INGEST, &keys),
			 STATUS_INVALID);
	arena_free(arena);
}

#define HEX64 "30313233343536373839303132333435363738393031323334353637383930ab"
#define PUBLIC "gateway-public " VECTOR_GATEWAY_PUBLIC "\n"
#define PRIVATE "gateway-private " VECTOR_GATEWAY_PRIVATE "\n"
#define LINK "link-key " HEX64 "\n"
#define PEPPER "pepper " HEX64 "\n"
#define DISPLAY "display-key " HEX64 "\n"
#define COURIER "postern-keys 1\nrole courier\n"
#define PORTAL "postern-keys 1\nrole portal\n"
#define INGEST "postern-keys 1\nrole ingest\n"

static void
only_a_whole_file_of_that_role_is_one(void **state)
{
	static const struct {
		const char *claim;
		enum keyfile_role role;
		struct slice text;
		enum status status;
	} rows[] = {
	    {"ingest", KEYFILE_INGEST, SLICE(INGEST PUBLIC), STATUS_OK},
	    {"courier", KEYFILE_COURIER, SLICE(COURIER PUBLIC PRIVATE LINK DISPLAY), STATUS_OK},
	    {"portal", KEYFILE_PORTAL, SLICE(PORTAL PUBLIC PEPPER DISPLAY), STATUS_OK},
	    {"another order", KEYFILE_PORTAL, SLICE(PORTAL DISPLAY PEPPER PUBLIC), STATUS_OK},
	    {"nothing", KEYFILE_INGEST, SLICE(""), STATUS_INVALID},
	    {"another version", KEYFILE_INGEST, SLICE("postern-keys 2\nrole ingest\n" PUBLIC),
	     STATUS_INVALID},
	    {"no role", KEYFILE_INGEST, SLICE("postern-keys 1\n" PUBLIC), STATUS_INVALID},
	    {"another role", KEYFILE_INGEST, SLICE(PORTAL PUBLIC PEPPER DISPLAY), STATUS_INVALID},
	    {"a role with more behind", KEYFILE_INGEST,
	     SLICE("postern-keys 1\nrole ingestor\n" PUBLIC), STATUS_INVALID},
	    {"a key missing", KEYFILE_COURIER, SLICE(COURIER PUBLIC PRIVATE LINK), STATUS_INVALID},
	    {"a key twice", KEYFILE_PORTAL, SLICE(PORTAL PUBLIC PEPPER PEPPER DISPLAY),
	     STATUS_INVALID},
	    {"a key that the role may not hold", KEYFILE_PORTAL,
	     SLICE(PORTAL PUBLIC PEPPER DISPLAY LINK), STATUS_INVALID},
	    {"a pepper for the courier", KEYFILE_COURIER,
	     SLICE(COURIER PUBLIC PRIVATE LINK DISPLAY PEPPER), STATUS_INVALID},
	    {"a key nobody knows", KEYFILE_INGEST, SLICE(INGEST PUBLIC "other-key " HEX64 "\n"),
	     STATUS_INVALID},
	    {"a blank line", KEYFILE_INGEST, SLICE(INGEST "\n" PUBLIC), STATUS_INVALID},
	    {"cut off in its last line", KEYFILE_INGEST,
	     SLICE(INGEST "gateway-public " VECTOR_GATEWAY_PUBLIC), STATUS_INVALID},
	    {"a digit short", KEYFILE_PORTAL,
	     SLICE(PORTAL PUBLIC DISPLAY "pepper 0"
					 "\n"),
	     STATUS_INVALID},
	    {"a letter that is no digit", KEYFILE_PORTAL,
	     SLICE(PORTAL PUBLIC DISPLAY
		   "pepper z"
		   "0313233343536373839303132333435363738393031323334353637383930ab\n"),
	     STATUS_INVALID},
	    {"two blanks", KEYFILE_PORTAL, SLICE(PORTAL PUBLIC DISPLAY "pepper  " HEX64 "\n"),
	     STATUS_INVALID},
	    {"a name alone", KEYFILE_PORTAL, SLICE(PORTAL PUBLIC DISPLAY "pepper\n"),
	     STATUS_INVALID},
	    {"line ends of another system", KEYFILE_INGEST,
	     SLICE("postern-keys 1\r\nrole ingest\r\n" PUBLIC), STATUS_INVALID},
	    {"halves of two pairs", KEYFILE_COURIER,
	     SLICE(COURIER "gateway-public " HEX64 "\n" PRIVATE LINK DISPLAY), STATUS_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keys keys;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(keyfile_parse(rows[i].text, rows[i].role, &keys), rows[i].status);
		if (rows[i].status == STATUS_OK)
			keys_clear(&keys);
	}
}

static void
a_file_without_end_is_refused(void **state)
{
	struct arena *arena = arena_new();
	char *large = arena_alloc(arena, KEYFILE_SIZE_MAX + 1);
	const char *path = path_of(arena, "one");
	struct keys keys;
	FILE *file;

	(void)state;
	memset(large, '\n', KEYFILE_SIZE_MAX + 1);
	memcpy(large, INGEST PUBLIC, strlen(INGEST PUBLIC));
	assert_int_equal(
	    keyfile_parse(slice_of(large, KEYFILE_SIZE_MAX + 1), KEYFILE_INGEST, &keys),
	    STATUS_INVALID);
	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(chmod(path, 0600), 0);
	for (int i = 0; i < 100; i++)
		fwrite(large, 1, KEYFILE_SIZE_MAX, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(keyfile_load(path, KEYFILE_INGEST, &keys), STATUS_INVALID);
	arena_free(arena);
}

static void
printing_shows_no_secret(void **state)
{
	struct slice text = SLICE(COURIER PUBLIC PRIVATE LINK DISPLAY);
	char shown[2048] = "";
	FILE *out = fmemopen(shown, sizeof(shown), "w");
	struct keys keys;

	(void)state;
	assert_non_null(out);
	assert_int_equal(keyfile_parse(text, KEYFILE_COURIER, &keys), STATUS_OK);
	keyfile_print(&keys, out);
	assert_int_equal(fclose(out), 0);
	keys_clear(&keys);
	assert_non_null(strstr(shown, "role courier\n"));
	assert_non_null(strstr(shown, PUBLIC));
	assert_non_null(strstr(shown, "link-key fingerprint "));
	assert_null(strstr(shown, "pepper"));
	/* No eight digits of a secret in a row. */
	for (size_t at = 0; at + 8 <= 64; at++) {
		char part[9] = "";

		memcpy(part, &HEX64[at], 8);
		assert_null(strstr(shown, part));
		memcpy(part, &VECTOR_GATEWAY_PRIVATE[at], 8);
		assert_null(strstr(shown, part));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_role_gets_its_keys_and_no_others),
	    cmocka_unit_test(what_is_there_is_never_touched),
	    cmocka_unit_test(a_file_that_others_may_use_is_refused),
	    cmocka_unit_test(what_is_no_file_is_refused_at_once),
	    cmocka_unit_test(only_a_whole_file_of_that_role_is_one),
	    cmocka_unit_test(a_file_without_end_is_refused),
	    cmocka_unit_test(printing_shows_no_secret),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
