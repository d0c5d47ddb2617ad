#include "pdf/password.h"

#include <sodium.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

/* What is longer when it is typed is not looked at. */
#define TYPED_MAX ((size_t)1024)
#define UNITS_MAX (TYPED_MAX * 4)

/* What is prepared, on its way; wiped when it is over. */
struct preparing {
	UChar typed[TYPED_MAX + 1];
	UChar prepared[UNITS_MAX];
	char utf8[PDF_PASSWORD_MAX + 1];
};

static unsigned
prepare(struct slice typed, struct preparing *room, int32_t *size_out)
{
	UErrorCode error = U_ZERO_ERROR;
	UStringPrepProfile *profile;
	int32_t size = 0;

	u_strFromUTF8(room->typed, (int32_t)TYPED_MAX, &size, (const char *)typed.data,
		      (int32_t)typed.size, &error);
	if (U_FAILURE(error))
		return PDF_PASSWORD_NOT_TEXT;
	profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &error);
	if (U_FAILURE(error))
		return PDF_PASSWORD_NOT_TEXT;
	/* Characters younger than the profile, such as emoji, are taken as they are. */
	size = usprep_prepare(profile, room->typed, size, room->prepared, (int32_t)UNITS_MAX,
			      USPREP_ALLOW_UNASSIGNED, NULL, &error);
	usprep_close(profile);
	if (U_FAILURE(error))
		return PDF_PASSWORD_NOT_TEXT;
	if (size == 0)
		return PDF_PASSWORD_MISSING;
	u_strToUTF8(room->utf8, sizeof(room->utf8), size_out, room->prepared, size, &error);
	if (error == U_BUFFER_OVERFLOW_ERROR || *size_out > (int32_t)PDF_PASSWORD_MAX)
		return PDF_PASSWORD_TOO_LONG;
	return U_FAILURE(error) ? PDF_PASSWORD_NOT_TEXT : 0;
}

unsigned
pdf_password_prepare(struct slice typed, struct slice again, struct secret *password_out)
{
	struct secret room;
	unsigned faults;
	int32_t size = 0;

	if (typed.size == 0 && again.size == 0)
		return PDF_PASSWORD_MISSING;
	if (!slice_equal(typed, again))
		return PDF_PASSWORDS_DIFFER;
	if (typed.size > TYPED_MAX)
		return PDF_PASSWORD_TOO_LONG;
	secret_init(&room, sizeof(struct preparing));
	faults = prepare(typed, (struct preparing *)(void *)room.data, &size);
	if (faults == 0)
		secret_copy(password_out,
			    slice_of(((struct preparing *)(void *)room.data)->utf8, (size_t)size));
	secret_clear(&room);
	return faults;
}
