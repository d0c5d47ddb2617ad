#include "pdf/enclose.h"

#include <openssl/evp.h>
#include <qpdf/qpdf-c.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define OWNER_BYTES ((size_t)32)
#define OWNER_TEXT (OWNER_BYTES * 2 + 1)
#define KEY_MAX 160
#define TIME_MAX 32

struct enclosing {
	struct arena *arena;
	qpdf_data qpdf;
	qpdf_oh names; /* of /EmbeddedFiles */
	unsigned files;
};

static void
close_qpdf(void *argument)
{
	struct enclosing *enclosing = argument;

	qpdf_cleanup(&enclosing->qpdf);
}

static void
set(struct enclosing *enclosing, qpdf_oh dictionary, const char *key, qpdf_oh value)
{
	qpdf_oh_replace_key(enclosing->qpdf, dictionary, key, value);
}

static void
set_name(struct enclosing *enclosing, qpdf_oh dictionary, const char *key, const char *name)
{
	set(enclosing, dictionary, key, qpdf_oh_new_name(enclosing->qpdf, name));
}

static void
set_text(struct enclosing *enclosing, qpdf_oh dictionary, const char *key, const char *text)
{
	set(enclosing, dictionary, key, qpdf_oh_new_unicode_string(enclosing->qpdf, text));
}

static void
set_time(struct enclosing *enclosing, qpdf_oh dictionary, const char *key, int64_t time)
{
	time_t seconds = (time_t)time;
	char text[TIME_MAX];
	struct tm parts;

	if (time <= 0 || gmtime_r(&seconds, &parts) == NULL ||
	    strftime(text, sizeof(text), "D:%Y%m%d%H%M%SZ", &parts) == 0)
		return;
	set(enclosing, dictionary, key, qpdf_oh_new_string(enclosing->qpdf, text));
}

static enum status
result(const struct enclosing *enclosing)
{
	return qpdf_has_error(enclosing->qpdf) != 0 ? STATUS_INVALID : STATUS_OK;
}

/* What programs show: title, author, language. */
static void
describe(struct enclosing *enclosing, const struct document_head *head)
{
	qpdf_data qpdf = enclosing->qpdf;
	qpdf_oh info = qpdf_oh_get_key(qpdf, qpdf_get_trailer(qpdf), "/Info");
	qpdf_oh root = qpdf_get_root(qpdf), preferences = qpdf_oh_new_dictionary(qpdf);

	if (qpdf_oh_is_dictionary(qpdf, info) == 0) {
		info = qpdf_make_indirect_object(qpdf, qpdf_oh_new_dictionary(qpdf));
		set(enclosing, qpdf_get_trailer(qpdf), "/Info", info);
	}
	set_text(enclosing, info, "/Title", head->title);
	set_text(enclosing, info, "/Author", head->author);
	set_text(enclosing, info, "/Creator", "Postern");
	set_time(enclosing, info, "/CreationDate", head->made_at);
	set_time(enclosing, info, "/ModDate", head->made_at);
	set_text(enclosing, root, "/Lang", head->language);
	set(enclosing, preferences, "/DisplayDocTitle", qpdf_oh_new_bool(qpdf, 1));
	if (head->rtl)
		set_name(enclosing, preferences, "/Direction", "/R2L");
	set(enclosing, root, "/ViewerPreferences", preferences);
}

enum status
enclosing_begin(struct slice drawn, const struct document_head *head, struct arena *arena,
		struct enclosing **enclosing_out)
{
	struct enclosing *enclosing = arena_alloc(arena, sizeof(*enclosing));

	enclosing->arena = arena;
	enclosing->qpdf = qpdf_init();
	arena_defer(arena, close_qpdf, enclosing);
	qpdf_silence_errors(enclosing->qpdf);
	qpdf_set_suppress_warnings(enclosing->qpdf, 1);
	if ((qpdf_read_memory(enclosing->qpdf, "drawn", (const char *)drawn.data, drawn.size,
			      NULL) &
	     QPDF_ERRORS) != 0)
		return STATUS_INVALID;
	describe(enclosing, head);
	*enclosing_out = enclosing;
	return result(enclosing);
}

/* The tree of names, whose keys are sorted: each begins with its number. */
static void
begin_names(struct enclosing *enclosing)
{
	qpdf_data qpdf = enclosing->qpdf;
	qpdf_oh root = qpdf_get_root(qpdf), tree = qpdf_oh_new_dictionary(qpdf),
		all = qpdf_oh_get_key(qpdf, root, "/Names");

	enclosing->names = qpdf_oh_new_array(qpdf);
	set(enclosing, tree, "/Names", enclosing->names);
	if (qpdf_oh_is_dictionary(qpdf, all) == 0)
		all = qpdf_oh_new_dictionary(qpdf);
	set(enclosing, all, "/EmbeddedFiles", qpdf_make_indirect_object(qpdf, tree));
	set(enclosing, root, "/Names", all);
	/* Who opens it sees that there are files. */
	set_name(enclosing, root, "/PageMode", "/UseAttachments");
}

/* A name in ASCII, for programs that know no other. */
static void
write_plain(const char *name, char plain[KEY_MAX])
{
	size_t at = 0;

	for (; *name != '\0' && at + 1 < KEY_MAX; name++) {
		bool shown = *name >= ' ' && *name < 0x7f && strchr("()\\/", *name) == NULL;

		/* One for each character. */
		if (((unsigned char)*name & 0xc0U) == 0x80U)
			continue;
		plain[at++] = '_';
		if (shown)
			plain[at - 1] = *name;
	}
	plain[at] = '\0';
}

static qpdf_oh
make_parameters(struct enclosing *enclosing, const struct enclosed_file *file)
{
	qpdf_data qpdf = enclosing->qpdf;
	qpdf_oh parameters = qpdf_oh_new_dictionary(qpdf);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	set(enclosing, parameters, "/Size", qpdf_oh_new_integer(qpdf, (long long)file->bytes.size));
	/* The standard wants this one; it only finds accidents. */
	if (EVP_Digest(file->bytes.data, file->bytes.size, digest, &size, EVP_md5(), NULL) == 1)
		set(enclosing, parameters, "/CheckSum",
		    qpdf_oh_new_binary_string(qpdf, (const char *)digest, size));
	set_time(enclosing, parameters, "/CreationDate", file->time);
	set_time(enclosing, parameters, "/ModDate", file->time);
	return parameters;
}

static qpdf_oh
make_stream(struct enclosing *enclosing, const struct enclosed_file *file)
{
	qpdf_data qpdf = enclosing->qpdf;
	qpdf_oh stream = qpdf_oh_new_stream(qpdf), dictionary;

	qpdf_oh_replace_stream_data(qpdf, stream, file->bytes.data, file->bytes.size,
				    qpdf_oh_new_null(qpdf), qpdf_oh_new_null(qpdf));
	dictionary = qpdf_oh_get_dict(qpdf, stream);
	set_name(enclosing, dictionary, "/Type", "/EmbeddedFile");
	set_name(enclosing, dictionary, "/Subtype",
		 arena_printf(enclosing->arena, "/%s", file->type));
	set(enclosing, dictionary, "/Params", make_parameters(enclosing, file));
	return stream;
}

enum status
enclosing_add(struct enclosing *enclosing, const struct enclosed_file *file)
{
	qpdf_data qpdf = enclosing->qpdf;
	qpdf_oh stream = make_stream(enclosing, file), specification, streams;
	char plain[KEY_MAX], key[KEY_MAX + 16];

	if (enclosing->files == 0)
		begin_names(enclosing);
	streams = qpdf_oh_new_dictionary(qpdf);
	set(enclosing, streams, "/F", stream);
	set(enclosing, streams, "/UF", stream);
	specification = qpdf_oh_new_dictionary(qpdf);
	write_plain(file->name, plain);
	set_name(enclosing, specification, "/Type", "/Filespec");
	set(enclosing, specification, "/F", qpdf_oh_new_string(qpdf, plain));
	set_text(enclosing, specification, "/UF", file->name);
	set(enclosing, specification, "/EF", streams);
	snprintf(key, sizeof(key), "%04u %s", ++enclosing->files, plain);
	qpdf_oh_append_item(qpdf, enclosing->names, qpdf_oh_new_string(qpdf, key));
	qpdf_oh_append_item(qpdf, enclosing->names, qpdf_make_indirect_object(qpdf, specification));
	return result(enclosing);
}

/* Nobody knows the owner's password; without one, the user's would be it. */
static void
encrypt(qpdf_data qpdf, struct arena *arena, const struct secret *password)
{
	struct secret *user = arena_alloc(arena, sizeof(*user));
	struct secret *owner = arena_alloc(arena, sizeof(*owner));
	struct secret random;

	secret_init_in(user, arena, password->size + 1);
	memcpy(user->data, password->data, password->size);
	secret_init_in(owner, arena, OWNER_TEXT);
	secret_random(&random, OWNER_BYTES);
	sodium_bin2hex((char *)owner->data, owner->size, random.data, random.size);
	secret_clear(&random);
	qpdf_set_r6_encryption_parameters2(qpdf, (const char *)user->data,
					   (const char *)owner->data, 1, 1, 1, 1, 1, 1,
					   qpdf_r3p_full, 1);
}

enum status
enclosing_finish(struct enclosing *enclosing, const struct secret *password, struct slice *pdf_out)
{
	qpdf_data qpdf = enclosing->qpdf;

	if ((qpdf_init_write_memory(qpdf) & QPDF_ERRORS) != 0)
		return STATUS_INVALID;
	/* Pages are compressed already, and so are most files that people send. */
	qpdf_set_compress_streams(qpdf, 0);
	qpdf_set_decode_level(qpdf, qpdf_dl_none);
	qpdf_set_object_stream_mode(qpdf, qpdf_o_disable);
	qpdf_set_minimum_pdf_version(qpdf, "1.7");
	if (password->size > 0)
		encrypt(qpdf, enclosing->arena, password);
	if ((qpdf_write(qpdf) & QPDF_ERRORS) != 0)
		return STATUS_INVALID;
	*pdf_out = slice_of(qpdf_get_buffer(qpdf), qpdf_get_buffer_length(qpdf));
	return result(enclosing);
}
