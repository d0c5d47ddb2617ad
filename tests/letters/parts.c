/*
 * A letter as GMime reads it, for tests in other languages: for each leaf in order a
 * line "TYPE SIZE HEX-OF-FILE-NAME" ("-" for none), then SIZE decoded bytes.
 *
 *	parts < LETTER
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

static void
put_leaf(GMimeObject *parent, GMimeObject *object, gpointer context)
{
	GMimeStream *stream;
	GByteArray *bytes;
	const char *name;
	char *type;

	(void)parent;
	(void)context;
	if (!GMIME_IS_PART(object))
		return;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	name = g_mime_part_get_filename(GMIME_PART(object));
	type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	printf("%s %u ", type, bytes->len);
	if (name == NULL)
		printf("-");
	for (const char *at = name; at != NULL && *at != '\0'; at++)
		printf("%02x", (unsigned char)*at);
	printf("\n");
	if (bytes->len > 0)
		fwrite(bytes->data, 1, bytes->len, stdout);
	g_free(type);
	g_object_unref(stream);
}

int
main(void)
{
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;

	g_mime_init();
	stream = g_mime_stream_pipe_new(0);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	if (message == NULL) {
		fprintf(stderr, "no letter\n");
		return 1;
	}
	g_mime_message_foreach(message, put_leaf, NULL);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return 0;
}
