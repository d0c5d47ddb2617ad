/*
 * OpenSSL makes the key, hides it for the recipient and writes the description; the
 * content goes through a copy of its cipher, kept at its beginning so that the
 * message can be read again.  The lengths around it are written here, since OpenSSL
 * itself streams with indefinite ones, whose size nobody knows beforehand.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/text.h"
#include "crypto/cms.h"

#define PIECE ((size_t)65536)
#define BLOCK ((size_t)16)
#define TAG_SIZE ((size_t)16)
#define HEAD_MAX ((size_t)65536)
/* AES-GCM hides no more under one nonce (NIST SP 800-38D section 5.2.1.1). */
#define PLAIN_MAX ((UINT64_C(1) << 36) - 64)

#define DER_SEQUENCE 0x30
#define DER_OCTET_STRING 0x04
#define DER_EXPLICIT_0 0xa0
#define DER_IMPLICIT_0 0x80

struct sealing {
	const struct source *plain;
	EVP_CIPHER_CTX *start; /* the cipher as it was before the first byte */
	EVP_CIPHER_CTX *run;
	bool authenticated;
	bool ended;	     /* nothing comes behind the piece */
	uint64_t plain_next; /* offset of the next plain byte */
	struct slice head;   /* DER before the content */
	uint64_t content;    /* its size */
	uint64_t size;	     /* of everything */

	unsigned char in[PIECE];
	unsigned char piece[PIECE + BLOCK + 2 + TAG_SIZE]; /* of what follows the head */
	size_t piece_size;
	uint64_t piece_at; /* its offset behind the head */
};

/* --- the description --- */

static bool
choose_transport(CMS_RecipientInfo *recipient, const struct cms_choices *choices)
{
	EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(recipient);

	switch (CMS_RecipientInfo_type(recipient)) {
	case CMS_RECIPINFO_TRANS:
		if (choices->transport == CMS_PKCS1)
			return true;
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
	case CMS_RECIPINFO_AGREE:
		/* OpenSSL would derive by SHA-1; the kind of KDF it sets itself. */
		return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
	default:
		return false;
	}
}

static CMS_ContentInfo *
describe(X509 *x509, const struct cms_choices *choices)
{
	const EVP_CIPHER *cipher =
	    choices->cipher == CMS_AES_GCM ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_STREAM;
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, cipher, flags);
	CMS_RecipientInfo *recipient =
	    cms == NULL ? NULL : CMS_add1_recipient_cert(cms, x509, CMS_KEY_PARAM);

	/* Detached: the content is not OpenSSL's to write. */
	if (recipient == NULL || !choose_transport(recipient, choices) ||
	    CMS_set_detached(cms, 1) != 1) {
		CMS_ContentInfo_free(cms);
		return NULL;
	}
	return cms;
}

/* Let OpenSSL make and hide the key; keep the cipher with it. */
static bool
take_cipher(CMS_ContentInfo *cms, EVP_CIPHER_CTX *start)
{
	BIO *nowhere = BIO_new(BIO_s_null());
	BIO *chain = nowhere == NULL ? NULL : CMS_dataInit(cms, nowhere);
	EVP_CIPHER_CTX *cipher = NULL;
	bool taken = chain != NULL && BIO_get_cipher_ctx(chain, &cipher) == 1 &&
		     EVP_CIPHER_CTX_copy(start, cipher) == 1;

	if (chain == NULL)
		BIO_free(nowhere);
	else
		BIO_free_all(chain);
	return taken;
}

/* --- lengths --- */

static size_t
length_bytes(uint64_t length)
{
	size_t bytes = 0;

	for (; length >= 0x80 || (bytes > 0 && length > 0); length >>= 8)
		bytes++;
	return bytes;
}

/* Bytes of the tag and length in front of `length` bytes. */
static uint64_t
header_size(uint64_t length)
{
	return 2 + length_bytes(length);
}

static void
put_header(struct text *out, unsigned char tag, uint64_t length)
{
	size_t bytes = length_bytes(length);

	text_append_byte(out, tag);
	text_append_byte(out, (unsigned char)(bytes == 0 ? length : 0x80 | bytes));
	for (size_t i = bytes; i > 0; i--)
		text_append_byte(out, (unsigned char)(length >> (8 * (i - 1))));
}

/* Go into the element at the beginning of `rest`: its content; what is behind it stays in `rest`.
 */
static bool
enter(struct slice *rest, int wanted_tag, struct slice *content_out)
{
	const unsigned char *at = rest->data;
	int tag, class;
	long length;
	int form = ASN1_get_object(&at, &length, &tag, &class, (long)rest->size);
	size_t from = (size_t)(at - rest->data);

	if ((form & 0x80) != 0 || (form & 1) != 0 || tag != wanted_tag)
		return false;
	*content_out = slice_part(*rest, from, from + (size_t)length);
	*rest = slice_part(*rest, from + (size_t)length, rest->size);
	return true;
}

/* The pieces of what OpenSSL wrote without the content. */
struct outline {
	struct slice type;	 /* OBJECT IDENTIFIER of the whole */
	struct slice recipients; /* version and recipients */
	struct slice described;	 /* type of the content and its cipher */
};

static bool
read_outline(struct slice der, struct outline *outline)
{
	struct slice all, type, wrapped, inner, part, at;

	if (!enter(&der, V_ASN1_SEQUENCE, &all) || der.size != 0)
		return false;
	at = all;
	if (!enter(&at, V_ASN1_OBJECT, &type))
		return false;
	outline->type = slice_part(all, 0, all.size - at.size);
	if (!enter(&at, 0, &wrapped) || at.size != 0 || !enter(&wrapped, V_ASN1_SEQUENCE, &inner) ||
	    wrapped.size != 0)
		return false;
	at = inner;
	if (!enter(&at, V_ASN1_INTEGER, &part) || !enter(&at, V_ASN1_SET, &part))
		return false;
	outline->recipients = slice_part(inner, 0, inner.size - at.size);
	return enter(&at, V_ASN1_SEQUENCE, &outline->described);
}

/* Everything before the content, and the size of all. */
static void
frame(const struct outline *outline, struct sealing *sealing, struct text *head)
{
	uint64_t content = header_size(sealing->content) + sealing->content;
	uint64_t described = outline->described.size + content;
	uint64_t inner = outline->recipients.size + header_size(described) + described +
			 (sealing->authenticated ? 2 + TAG_SIZE : 0);
	uint64_t wrapped = header_size(inner) + inner;
	uint64_t all = outline->type.size + header_size(wrapped) + wrapped;

	put_header(head, DER_SEQUENCE, all);
	text_append(head, outline->type);
	put_header(head, DER_EXPLICIT_0, wrapped);
	put_header(head, DER_SEQUENCE, inner);
	text_append(head, outline->recipients);
	put_header(head, DER_SEQUENCE, described);
	text_append(head, outline->described);
	put_header(head, DER_IMPLICIT_0, sealing->content);
	sealing->head = text_slice(head);
	sealing->size = header_size(all) + all;
}

/* --- the content --- */

static bool
begin(struct sealing *sealing)
{
	sealing->plain_next = 0;
	sealing->piece_at = 0;
	sealing->piece_size = 0;
	sealing->ended = false;
	return EVP_CIPHER_CTX_copy(sealing->run, sealing->start) == 1;
}

/* The last block, and behind it the tag where there is one. */
static bool
finish(struct sealing *sealing, size_t *size)
{
	int rest;

	if (EVP_EncryptFinal_ex(sealing->run, sealing->piece + *size, &rest) != 1)
		return false;
	*size += (size_t)rest;
	sealing->ended = true;
	if (!sealing->authenticated)
		return true;
	sealing->piece[*size] = DER_OCTET_STRING;
	sealing->piece[*size + 1] = TAG_SIZE;
	if (EVP_CIPHER_CTX_ctrl(sealing->run, EVP_CTRL_AEAD_GET_TAG, (int)TAG_SIZE,
				sealing->piece + *size + 2) != 1)
		return false;
	*size += 2 + TAG_SIZE;
	return true;
}

/* Encrypt the next piece.  When the plain source fails nothing has moved. */
static enum status
advance(struct sealing *sealing)
{
	uint64_t left = sealing->plain->size - sealing->plain_next;
	size_t want = left < PIECE ? (size_t)left : PIECE;
	enum status status =
	    source_read_exactly(sealing->plain, sealing->plain_next, sealing->in, want);
	size_t size = 0;
	int made = 0;

	if (status != STATUS_OK)
		return status;
	if (want > 0 &&
	    EVP_EncryptUpdate(sealing->run, sealing->piece, &made, sealing->in, (int)want) != 1)
		return STATUS_INTERNAL;
	size = (size_t)made;
	sealing->plain_next += want;
	if (want == left && !finish(sealing, &size))
		return STATUS_INTERNAL;
	sealing->piece_at += sealing->piece_size;
	sealing->piece_size = size;
	return STATUS_OK;
}

static enum status
read_body(struct sealing *sealing, uint64_t at, unsigned char *bytes, size_t room, size_t *size_out)
{
	size_t inside;

	if (at < sealing->piece_at && !begin(sealing))
		return STATUS_INTERNAL;
	while (at >= sealing->piece_at + sealing->piece_size) {
		enum status status = sealing->ended ? STATUS_INTERNAL : advance(sealing);

		if (status != STATUS_OK)
			return status;
	}
	inside = (size_t)(at - sealing->piece_at);
	if (room > sealing->piece_size - inside)
		room = sealing->piece_size - inside;
	memcpy(bytes, sealing->piece + inside, room);
	*size_out = room;
	return STATUS_OK;
}

static enum status
read_sealed(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct sealing *sealing = context;

	if (offset >= sealing->size || room == 0) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (offset >= sealing->head.size)
		return read_body(sealing, offset - sealing->head.size, bytes, room, size_out);
	if (room > sealing->head.size - (size_t)offset)
		room = sealing->head.size - (size_t)offset;
	memcpy(bytes, sealing->head.data + offset, room);
	*size_out = room;
	return STATUS_OK;
}

/* --- all of it --- */

static void
free_cipher(void *argument)
{
	EVP_CIPHER_CTX_free(argument);
}

static EVP_CIPHER_CTX *
new_cipher(struct arena *arena)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

	/* Freeing wipes the key. */
	arena_defer(arena, free_cipher, cipher);
	return cipher;
}

static enum status
prepare(CMS_ContentInfo *cms, struct sealing *sealing, struct arena *arena)
{
	struct outline outline;
	unsigned char *der = NULL;
	struct text *head;
	bool read;
	int size;

	sealing->start = new_cipher(arena);
	sealing->run = new_cipher(arena);
	if (sealing->start == NULL || sealing->run == NULL || !take_cipher(cms, sealing->start) ||
	    !begin(sealing))
		return STATUS_INVALID;
	size = i2d_CMS_ContentInfo(cms, &der);
	head = text_new_in(arena, HEAD_MAX);
	read = size > 0 && read_outline(slice_of(der, (size_t)size), &outline);
	if (read)
		frame(&outline, sealing, head);
	OPENSSL_free(der);
	return read && text_ok(head) ? STATUS_OK : STATUS_INTERNAL;
}

enum status
cms_encrypt(const struct source *plain, struct slice certificate, const struct cms_choices *choices,
	    struct arena *arena, struct source *der_out)
{
	struct sealing *sealing = arena_alloc(arena, sizeof(*sealing));
	const unsigned char *at = certificate.data;
	enum status status = STATUS_INVALID;
	CMS_ContentInfo *cms = NULL;
	X509 *x509;

	if (plain->size > PLAIN_MAX || certificate.size > CERTIFICATE_SIZE_MAX)
		return STATUS_TOO_LARGE;
	sealing->plain = plain;
	sealing->authenticated = choices->cipher == CMS_AES_GCM;
	sealing->content = sealing->authenticated ? plain->size : (plain->size / BLOCK + 1) * BLOCK;
	x509 = d2i_X509(NULL, &at, (long)certificate.size);
	if (x509 != NULL)
		cms = describe(x509, choices);
	if (cms != NULL)
		status = prepare(cms, sealing, arena);
	CMS_ContentInfo_free(cms);
	X509_free(x509);
	ERR_clear_error();
	if (status == STATUS_OK)
		*der_out = (struct source){sealing, sealing->size, read_sealed};
	return status;
}
