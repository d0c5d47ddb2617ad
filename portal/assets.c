#include "portal/assets.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/encode.h"
#include "crypto/hash.h"

struct assets {
	struct arena *arena;
	struct asset entries[ASSETS_MAX];
	size_t count;
};

static const struct {
	const char *ending;
	const char *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".js", "text/javascript; charset=utf-8"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *
type_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	return NULL;
}

const char *
asset_tag(struct slice bytes, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	char text[HEX_LENGTH(16) + 1];

	hash_purpose(slice_of(NULL, 0), "asset", bytes, hash);
	encode_hex(slice_of(hash, 16), text);
	return arena_printf(arena, "\"%s\"", text);
}

static enum status
load(struct assets *assets, const char *folder, const char *name, const char *type, FILE *faults)
{
	const char *path = arena_printf(assets->arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	struct asset *asset;
	struct text *bytes = arena_alloc(assets->arena, sizeof(*bytes));
	size_t got = 0;

	if (file == NULL) {
		fprintf(faults, "%s: %s\n", path, strerror(errno));
		return STATUS_NOT_FOUND;
	}
	text_init_in(bytes, assets->arena, ASSET_SIZE_MAX);
	do {
		unsigned char piece[4096];

		got = fread(piece, 1, sizeof(piece), file);
		text_append(bytes, slice_of(piece, got));
	} while (got > 0);
	fclose(file);
	if (!text_ok(bytes) || assets->count == ASSETS_MAX) {
		fprintf(faults, "%s: too large, or too many files\n", path);
		return STATUS_TOO_LARGE;
	}
	asset = &assets->entries[assets->count++];
	asset->name = arena_copy_text(assets->arena, name);
	asset->type = type;
	asset->bytes = text_slice(bytes);
	asset->tag = asset_tag(asset->bytes, assets->arena);
	return STATUS_OK;
}

enum status
assets_load(const char *folder, FILE *faults, struct assets **assets_out)
{
	DIR *directory = opendir(folder);
	struct arena *arena;
	struct assets *assets;
	struct dirent *entry;
	enum status status = STATUS_OK;

	if (directory == NULL) {
		fprintf(faults, "%s: %s\n", folder, strerror(errno));
		return STATUS_NOT_FOUND;
	}
	arena = arena_new();
	assets = arena_alloc(arena, sizeof(*assets));
	assets->arena = arena;
	while (status == STATUS_OK && (entry = readdir(directory)) != NULL) {
		const char *type = type_of(entry->d_name);

		if (type != NULL)
			status = load(assets, folder, entry->d_name, type, faults);
	}
	closedir(directory);
	if (status != STATUS_OK) {
		assets_free(assets);
		return status;
	}
	*assets_out = assets;
	return STATUS_OK;
}

void
assets_free(struct assets *assets)
{
	if (assets != NULL)
		arena_free(assets->arena);
}

const struct asset *
assets_among(const struct asset *entries, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(name, slice_from_text(entries[i].name)))
			return &entries[i];
	return NULL;
}

const struct asset *
assets_find(const struct assets *assets, struct slice name)
{
	return assets_among(assets->entries, assets->count, name);
}
