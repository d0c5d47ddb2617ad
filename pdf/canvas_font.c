#include "pdf/canvas_font.h"

#include <stdio.h>
#include <string.h>

#include "pdf/canvas.h"

static HPDF_STATUS
read_font(HPDF_Stream stream, HPDF_BYTE *bytes, HPDF_UINT *size)
{
	struct canvas_font *font = stream->attr;
	size_t left = font->bytes.size - font->at;
	HPDF_UINT wanted = *size;

	if (wanted > left)
		*size = (HPDF_UINT)left;
	memcpy(bytes, font->bytes.data + font->at, *size);
	font->at += *size;
	return *size == wanted ? HPDF_OK : HPDF_STREAM_EOF;
}

static HPDF_STATUS
seek_font(HPDF_Stream stream, HPDF_INT position, HPDF_WhenceMode mode)
{
	struct canvas_font *font = stream->attr;
	int64_t at = position;

	if (mode == HPDF_SEEK_CUR)
		at += (int64_t)font->at;
	else if (mode == HPDF_SEEK_END)
		at = (int64_t)font->bytes.size - position;
	if (at < 0 || (uint64_t)at > font->bytes.size)
		return HPDF_INVALID_PARAMETER;
	font->at = (size_t)at;
	return HPDF_OK;
}

static HPDF_INT32
tell_font(HPDF_Stream stream)
{
	const struct canvas_font *font = stream->attr;

	return (HPDF_INT32)font->at;
}

static HPDF_UINT32
size_font(HPDF_Stream stream)
{
	const struct canvas_font *font = stream->attr;

	return (HPDF_UINT32)font->bytes.size;
}

/* As HPDF_LoadTTFontFromFile does it, with the parts of it that the library lets others use. */
void
canvas_font_open(HPDF_Doc document, size_t number, struct slice bytes, struct canvas_font *font)
{
	/* A subset of a font has a name of its own (ISO 32000-1, 9.6.4). */
	char tag[HPDF_TTF_FONT_TAG_LEN + 1] = "POSTRA";
	HPDF_TTFontDefAttr attributes;
	HPDF_Stream stream;

	*font = (struct canvas_font){.tried = true, .bytes = bytes};
	tag[HPDF_TTF_FONT_TAG_LEN - 1] = (char)('A' + number);
	stream = HPDF_CallbackReader_New(document->mmgr, read_font, seek_font, tell_font, size_font,
					 font);
	if (stream == NULL)
		return;
	/* Takes the stream, also when it fails. */
	font->definition = HPDF_TTFontDef_Load(document->mmgr, stream, HPDF_TRUE);
	if (font->definition == NULL)
		return;
	/* It is known by its name, and two files may have the same: with the tag they differ. */
	HPDF_TTFontDef_SetTagName(font->definition, tag);
	attributes = font->definition->attr;
	snprintf(font->definition->base_font, sizeof(font->definition->base_font), "%s",
		 attributes->base_font);
	/* Takes the definition, also when it fails. */
	if (HPDF_Doc_RegisterFontDef(document, font->definition) == HPDF_OK)
		font->font = HPDF_GetFont(document, font->definition->base_font, "UTF-8");
}

static void
note_failure(HPDF_STATUS error, HPDF_STATUS detail, void *nothing)
{
	(void)error;
	(void)detail;
	(void)nothing;
}

const char *
canvas_font_fault(struct slice file)
{
	HPDF_Doc document = HPDF_New(note_failure, NULL);
	struct canvas_font font = {.font = NULL};
	const char *fault = NULL;

	if (document == NULL)
		return "found no memory";
	if (HPDF_UseUTFEncodings(document) != HPDF_OK)
		fault = "found no memory";
	else
		canvas_font_open(document, 0, file, &font);
	if (fault == NULL && font.font == NULL)
		fault = HPDF_GetError(document) == HPDF_TTF_CANNOT_EMBEDDING_FONT
			    ? "forbids to be embedded in a file"
			    : "lacks what drawing needs";
	HPDF_Free(document);
	return fault;
}
