#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/text.h"
#include "crypto/certificate_part.h"

#define NAME_TEXT_MAX ((size_t)500)

struct names {
	struct arena *arena;
	const char **list;
	size_t count;
	bool odd;
};

/* One code point of UTF-8 at *at, which moves behind it; false when it is broken or overlong. */
static bool
next_point(struct slice text, size_t *at, unsigned long *point_out)
{
	int size = UTF8_getc(text.data + *at, (int)(text.size - *at), point_out);

	if (size <= 0 || *point_out > 0x10ffff || (*point_out >= 0xd800 && *point_out < 0xe000))
		return false;
	*at += (size_t)size;
	return true;
}

/* Controls, and what turns the direction of text or is not seen at all. */
static bool
is_unseen(unsigned long point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0x61c || point == 0xfeff ||
	       (point >= 0xfff0 && point <= 0xfffd) || (point & 0xfffe) == 0xfffe ||
	       (point >= 0xe0000 && point <= 0xe0fff);
}

/* An address that every reader sees the same: one "@" outside of quotes is keys/' to check. */
static bool
is_plain_address(struct slice text, bool ascii)
{
	if (text.size == 0 || text.size > CERTIFICATE_ADDRESS_SIZE_MAX ||
	    slice_find_byte(text, '@', 0) == SLICE_NONE)
		return false;
	for (size_t at = 0; at < text.size;) {
		unsigned long point;

		if (!next_point(text, &at, &point) || (ascii && point >= 0x80) ||
		    is_unseen(point) || point == ' ' || point == '<' || point == '>')
			return false;
	}
	return true;
}

static void
take_address(struct names *names, const ASN1_STRING *string, bool ascii)
{
	struct slice text =
	    slice_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));

	if (!is_plain_address(text, ascii) || names->count == CERTIFICATE_ADDRESSES_MAX) {
		names->odd = true;
		return;
	}
	names->list[names->count++] = arena_text_from(names->arena, text);
}

/* True when there was a mail name of whatever form: the subject says nothing then. */
static bool
take_alternative(struct names *names, const GENERAL_NAME *name)
{
	ASN1_OBJECT *type;
	ASN1_TYPE *value;

	if (name->type == GEN_EMAIL) {
		take_address(names, name->d.rfc822Name, true);
		return true;
	}
	if (GENERAL_NAME_get0_otherName(name, &type, &value) != 1 ||
	    OBJ_obj2nid(type) != NID_id_on_SmtpUTF8Mailbox)
		return false;
	if (value != NULL && value->type == V_ASN1_UTF8STRING)
		take_address(names, value->value.utf8string, false);
	else
		names->odd = true;
	return true;
}

static void
take_subject(struct names *names, const X509_NAME *subject)
{
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, at)) >= 0) {
		const ASN1_STRING *value =
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));

		if (ASN1_STRING_type(value) == V_ASN1_IA5STRING ||
		    ASN1_STRING_type(value) == V_ASN1_PRINTABLESTRING ||
		    ASN1_STRING_type(value) == V_ASN1_UTF8STRING)
			take_address(names, value, true);
		else
			names->odd = true;
	}
}

/* --- for people --- */

/* A clean copy on one line; what cannot be read becomes "?". */
static const char *
clean_text(struct slice bytes, struct arena *arena)
{
	struct text text;
	const char *copy;

	text_init(&text, NAME_TEXT_MAX);
	for (size_t at = 0; at < bytes.size;) {
		size_t from = at;
		unsigned long point;

		if (!next_point(bytes, &at, &point)) {
			text_append_byte(&text, '?');
			at = from + 1;
		} else if (!is_unseen(point)) {
			text_append(&text, slice_part(bytes, from, at));
		}
	}
	copy = arena_text_from(arena, text_slice(&text));
	text_clear(&text);
	return copy;
}

static const char *
name_text(const X509_NAME *name, struct arena *arena)
{
	BIO *memory = BIO_new(BIO_s_mem());
	const char *copy = "";
	char *bytes;
	long size;

	if (memory == NULL)
		return copy;
	/* Broken strings are no names; then the escaped form says what stands there. */
	if (X509_NAME_print_ex(memory, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0) {
		(void)BIO_reset(memory);
		X509_NAME_print_ex(memory, name, 0,
				   (XN_FLAG_ONELINE & ~ASN1_STRFLGS_UTF8_CONVERT) |
				       ASN1_STRFLGS_DUMP_ALL);
	}
	size = BIO_get_mem_data(memory, &bytes);
	if (size > 0)
		copy = clean_text(slice_of(bytes, (size_t)size), arena);
	BIO_free(memory);
	return copy;
}

void
certificate_read_names(X509 *x509, struct arena *arena, struct certificate *certificate)
{
	struct names names = {.arena = arena};
	int critical = -1;
	GENERAL_NAMES *all = X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, NULL);
	bool has_mail = false;

	names.list = arena_alloc_many(arena, CERTIFICATE_ADDRESSES_MAX, sizeof(*names.list));
	/* -1: there is none.  Else it is there and cannot be read, or is there twice. */
	if (all == NULL && critical != -1)
		names.odd = has_mail = true;
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++)
		has_mail |= take_alternative(&names, sk_GENERAL_NAME_value(all, i));
	if (!has_mail)
		take_subject(&names, X509_get_subject_name(x509));
	GENERAL_NAMES_free(all);
	certificate->addresses = names.list;
	certificate->address_count = names.count;
	certificate->odd_names = names.odd;
	certificate->subject = name_text(X509_get_subject_name(x509), arena);
	certificate->issuer = name_text(X509_get_issuer_name(x509), arena);
}

/* --- where to ask --- */

struct urls {
	const char **list;
	size_t count;
};

static void
take_url(struct urls *urls, const GENERAL_NAME *name, struct arena *arena)
{
	struct slice text;

	if (name->type != GEN_URI || urls->count == CERTIFICATE_URLS_MAX)
		return;
	text = slice_of(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
			(size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier));
	if (text.size == 0 || text.size > CERTIFICATE_URL_SIZE_MAX)
		return;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
			return;
	urls->list[urls->count++] = arena_text_from(arena, text);
}

static void
take_points(struct urls *urls, const DIST_POINT *point, struct arena *arena)
{
	/* A part of the reasons, or another's list, does not say that nothing is revoked. */
	if (point->distpoint == NULL || point->distpoint->type != 0 || point->reasons != NULL ||
	    point->CRLissuer != NULL)
		return;
	for (int i = 0; i < sk_GENERAL_NAME_num(point->distpoint->name.fullname); i++)
		take_url(urls, sk_GENERAL_NAME_value(point->distpoint->name.fullname, i), arena);
}

static struct urls
new_urls(struct arena *arena)
{
	return (struct urls){arena_alloc_many(arena, CERTIFICATE_URLS_MAX, sizeof(const char *)),
			     0};
}

void
certificate_read_urls(X509 *x509, struct arena *arena, struct certificate *certificate)
{
	struct urls crls = new_urls(arena), ocsp = new_urls(arena), issuers = new_urls(arena);
	CRL_DIST_POINTS *points = X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
	AUTHORITY_INFO_ACCESS *places = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);

	for (int i = 0; i < sk_DIST_POINT_num(points); i++)
		take_points(&crls, sk_DIST_POINT_value(points, i), arena);
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(places); i++) {
		const ACCESS_DESCRIPTION *place = sk_ACCESS_DESCRIPTION_value(places, i);

		if (OBJ_obj2nid(place->method) == NID_ad_OCSP)
			take_url(&ocsp, place->location, arena);
		else if (OBJ_obj2nid(place->method) == NID_ad_ca_issuers)
			take_url(&issuers, place->location, arena);
	}
	CRL_DIST_POINTS_free(points);
	AUTHORITY_INFO_ACCESS_free(places);
	certificate->crls = crls.list;
	certificate->crl_count = crls.count;
	certificate->ocsp = ocsp.list;
	certificate->ocsp_count = ocsp.count;
	certificate->issuers = issuers.list;
	certificate->issuer_count = issuers.count;
}
