#include "portal/program.h"

#define LOOKED_AT ((size_t)512)

/* The first that is found: programs also name those that they want to be taken for. */
struct sign {
	const char *found;
	const char *word;
};

static const struct sign names[] = {
    {"Edg/", "Edge"},
    {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},
    {"OPR/", "Opera"},
    {"Vivaldi/", "Vivaldi"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"},
    {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {"Lynx/", "Lynx"},
    {"w3m/", "w3m"},
    {"ELinks", "ELinks"},
    {"Links ", "Links"},
    {NULL, ""},
};

static const struct sign systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},   {"Windows", "Windows"},
    {"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}, {"FreeBSD", "FreeBSD"},
    {"OpenBSD", "OpenBSD"}, {"NetBSD", "NetBSD"}, {NULL, ""},
};

static const char *
look_up(const struct sign *signs, struct slice text)
{
	while (signs->found != NULL &&
	       slice_find(text, slice_from_text(signs->found), 0) == SLICE_NONE)
		signs++;
	return signs->word;
}

struct program
program_guess(struct slice user_agent)
{
	struct slice text = slice_part(user_agent, 0, LOOKED_AT);

	return (struct program){look_up(names, text), look_up(systems, text)};
}
