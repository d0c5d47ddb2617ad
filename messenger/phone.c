#include "messenger/phone.h"

#include <string.h>

#include "mail/utf8.h"

#define COMMAND_MAX 32 /* path and arguments */

static bool
is_gap(uint32_t code)
{
	return code == ' ' || code == '\t' || code == 0xa0 || code == 0x202f || code == '-' ||
	       code == 0x2010 || code == 0x2011 || code == 0x2013 || code == '.' || code == '/' ||
	       code == '(' || code == ')';
}

const char *
phone_read(struct slice typed, struct arena *arena)
{
	char number[PHONE_DIGITS_MOST + 2] = "+";
	size_t digits = 0, at = 1;
	bool opened = false;

	typed = slice_trim(typed);
	if (typed.size == 0 || typed.data[0] != '+')
		return NULL;
	while (at < typed.size) {
		uint32_t code = utf8_next(typed, &at);

		if (is_gap(code)) {
			opened = code == '(' || (opened && code != ')');
			continue;
		}
		if (code < '0' || code > '9' || digits == PHONE_DIGITS_MOST ||
		    (opened && code == '0'))
			return NULL;
		opened = false;
		number[++digits] = (char)code;
	}
	/* No country's number begins with 0. */
	if (digits < PHONE_DIGITS_LEAST || number[1] == '0')
		return NULL;
	return arena_copy_text(arena, number);
}

#define GSM_MOST 160
#define UCS2_MOST 70

/* Places that a sign takes in GSM's alphabet; 0: it is not there. */
static size_t
gsm_places(uint32_t code)
{
	static const uint32_t basic[] = {
	    '\n',  '\r',  0xa1,	 0xa3,	0xa4,  0xa5,  0xa7,  0xbf, 0xc4, 0xc5,	0xc6,
	    0xc7,  0xc9,  0xd1,	 0xd6,	0xd8,  0xdc,  0xdf,  0xe0, 0xe4, 0xe5,	0xe6,
	    0xe8,  0xe9,  0xec,	 0xf1,	0xf2,  0xf6,  0xf8,  0xf9, 0xfc, 0x393, 0x394,
	    0x398, 0x39b, 0x39e, 0x3a0, 0x3a3, 0x3a6, 0x3a8, 0x3a9};

	if (code >= ' ' && code <= '~' && code != '`')
		return strchr("[\\]^{|}~", (int)code) != NULL ? 2 : 1;
	if (code == 0x20ac)
		return 2;
	for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
		if (code == basic[i])
			return 1;
	return 0;
}

bool
phone_is_one_message(const char *text)
{
	struct slice bytes = slice_from_text(text);
	size_t at = 0, places = 0, units = 0;
	bool gsm = true;

	while (at < bytes.size) {
		uint32_t code = utf8_next(bytes, &at);

		gsm = gsm && gsm_places(code) > 0;
		places += gsm_places(code);
		units += code > 0xffff ? 2 : 1;
	}
	return gsm ? places <= GSM_MOST : units <= UCS2_MOST;
}

/* Digits of the country's own number: 1 and 7 stand alone, these take two, all others three
 * (ITU-T E.164, list of assigned codes). */
static size_t
country_digits(const char *digits)
{
	static const char twos[] = "20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 "
				   "53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 83 84 86 89 90 91 "
				   "92 93 94 95 98";
	char two[] = {digits[0], digits[1], '\0'};

	if (*digits == '1' || *digits == '7')
		return 1;
	return strstr(twos, two) != NULL ? 2 : 3;
}

const char *
phone_mask(const char *number, struct arena *arena)
{
	size_t length = strlen(number);

	if (length <= PHONE_DIGITS_LEAST)
		return "";
	return arena_printf(arena, "+%.*s ... %s", (int)country_digits(number + 1), number + 1,
			    number + length - 3);
}

bool
phone_way_read(const struct config *config, FILE *faults, struct phone_way *way_out)
{
	struct phone_way way = {
	    .url = config_text(config, "phone.url"),
	    .token_file = config_text(config, "phone.token_file"),
	    .ca_file = config_text(config, "phone.ca_file"),
	    .timeout_seconds = (unsigned)config_number(config, "phone.timeout"),
	};
	bool good = true;

	way.command = config_list(config, "phone.command", &way.command_count);
	if (way.command_count > 0 &&
	    (way.command[0][0] != '/' || way.command_count > COMMAND_MAX)) {
		config_fault(config, "phone.command", faults,
			     "expects the full path of a program, and its arguments");
		good = false;
	}
	if (*way.url != '\0' && strncmp(way.url, "https://", 8) != 0) {
		config_fault(config, "phone.url", faults, "expects https://...");
		good = false;
	}
	if (*way.url != '\0' && way.command_count > 0) {
		config_fault(config, "phone.url", faults, "is set, and phone.command too");
		good = false;
	}
	way.is_set = way.command_count > 0 || *way.url != '\0';
	*way_out = way;
	return good;
}
