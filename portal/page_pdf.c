/*
 * /r/SECRET/pdf: the message as one PDF, to keep; /r/SECRET/pdf/N: a letter that is attached to
 * it.  The form asks for a password, which is used once and kept nowhere.
 */
#include "portal/page.h"

#include <pthread.h>

#include "mail/file_name.h"
#include "messenger/strength.h"
#include "pdf/password.h"
#include "portal/choices.h"
#include "portal/file_values.h"
#include "portal/letter.h"
#include "portal/pdf_answer.h"
#include "portal/pdf_letter.h"

#define FILES_SHOWN_MAX ((size_t)100)
/* Each is in memory until its reader has it, and takes seconds to draw. */
#define PLACES 8

/* Of which messages one is being made or fetched: one of each, so that nobody who has a message,
 * and fetches slowly or asks again and again, keeps out those who have another. */
static struct {
	pthread_mutex_t lock;
	bool taken[PLACES];
	struct id of[PLACES];
} places = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* How it went, for the form that comes again. */
struct outcome {
	int http_status;
	unsigned faults; /* enum pdf_password_fault */
	bool sure_missing;
	bool failed;
	const struct strength *strength;
};

/* The letter that N of the path names; false when there is none. */
static bool
find_letter(const struct request *request, const struct part **letter_out)
{
	const struct manifest *manifest = &request->opened->manifest;

	*letter_out = NULL;
	/* A whole message may be a letter, too: number 0. */
	if (!request->has_number)
		return true;
	if (request->number >= manifest->part_count || !manifest->parts[request->number].letter)
		return false;
	*letter_out = &manifest->parts[request->number];
	return true;
}

static const char *
path_of(const struct request *request, const char *what, const struct part *letter)
{
	const char *path = request_path(request, what);

	return letter == NULL ? path : arena_printf(request->arena, "%s/%u", path, letter->number);
}

static void
put_files(const struct request *request, const struct part *letter, struct template_values *values)
{
	struct template_list *list = template_put_list(values, "files");
	const struct part **parts;
	size_t count = file_values_list(request, letter, &parts);
	const bool *fits = pdf_files_fit(parts, count, request->arena);

	for (size_t i = 0; i < count && i < FILES_SHOWN_MAX; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "name",
				  file_name_or_default(parts[i]->name, parts[i]->type));
		page_put_size(item, "size_text", parts[i]->decoded_size);
		template_put_flag(item, "fits", fits[i]);
	}
	template_put_flag(values, "has_files", count > 0);
	template_put_flag(values, "more_files", count > FILES_SHOWN_MAX);
	template_put_flag(values, "with_files",
			  request->method != METHOD_POST ||
			      request_field_flag(request, "with_files"));
}

static void
put_faults(struct template_values *values, const struct outcome *outcome)
{
	static const struct {
		enum pdf_password_fault fault;
		const char *flag;
	} shown[] = {
	    {PDF_PASSWORD_MISSING, "password_missing"},
	    {PDF_PASSWORD_TOO_LONG, "password_too_long"},
	    {PDF_PASSWORD_NOT_TEXT, "password_not_text"},
	    {PDF_PASSWORDS_DIFFER, "passwords_differ"},
	};

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		template_put_flag(values, shown[i].flag,
				  (outcome->faults & (unsigned)shown[i].fault) != 0);
	template_put_flag(values, "password_wrong",
			  (outcome->faults & ~(unsigned)PDF_PASSWORDS_DIFFER) != 0);
	template_put_flag(values, "sure_missing", outcome->sure_missing);
	template_put_flag(values, "failed", outcome->failed);
	template_put_flag(values, "any_error",
			  outcome->faults != 0 || outcome->sure_missing || outcome->failed);
}

static void
show(struct request *request, struct answer *answer, const struct outcome *outcome)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	const struct part *letter;

	/* Shown again with a form that came too late, nothing is opened. */
	if (request->opened == NULL) {
		page_session_over(request, answer);
		return;
	}
	if (!find_letter(request, &letter)) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "back", path_of(request, "/message", letter));
	template_put_text(values, "action", path_of(request, "/pdf", letter));
	page_put_time(values, "until", request->opened->expires_at);
	template_put_flag(values, "no_fonts", !reader_has_fonts(request->site->messenger.reader));
	put_files(request, letter, values);
	choices_put_faults(request, values, 0, outcome->strength);
	put_faults(values, outcome);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	page_show(request, answer, outcome->http_status, "pages/pdf", values);
}

void
page_pdf(struct request *request, struct answer *answer)
{
	const struct outcome none = {.http_status = 200};

	show(request, answer, &none);
}

/* How guessable what was typed is, and nothing else. */
static void
show_strength(struct request *request, struct answer *answer)
{
	struct slice typed = form_value(&request->form, "password");
	struct outcome outcome = {.http_status = 200};
	const char **words =
	    arena_alloc_many(request->arena, STRENGTH_WORDS_MAX, sizeof(const char *));
	struct strength strength;
	size_t count = 0;

	strength_add_words(slice_from_text(request->opened->recipient), request->arena, words,
			   &count);
	strength_add_words(slice_from_text(request->opened->sender_address), request->arena, words,
			   &count);
	if (typed.size == 0)
		outcome.faults = PDF_PASSWORD_MISSING;
	else if (strength_estimate(LOCK_EXACT, typed, words, count, request->arena, &strength) ==
		 STATUS_OK)
		outcome.strength = &strength;
	else
		outcome.faults = PDF_PASSWORD_NOT_TEXT;
	if (outcome.faults != 0)
		outcome.http_status = 400;
	show(request, answer, &outcome);
}

static void
let_go(void *taken)
{
	pthread_mutex_lock(&places.lock);
	*(bool *)taken = false;
	pthread_mutex_unlock(&places.lock);
}

/* A place for this message, which it has until its answer is gone. */
static bool
take_place(const struct request *request)
{
	const struct id *delivery = &request->opened->delivery;
	size_t place = PLACES;

	pthread_mutex_lock(&places.lock);
	for (size_t i = 0; i < PLACES; i++) {
		if (!places.taken[i]) {
			place = i;
		} else if (id_equal(places.of[i], *delivery)) {
			place = PLACES;
			break;
		}
	}
	if (place < PLACES) {
		places.taken[place] = true;
		places.of[place] = *delivery;
	}
	pthread_mutex_unlock(&places.lock);
	if (place < PLACES)
		arena_defer(request->arena, let_go, &places.taken[place]);
	return place < PLACES;
}

/* The subject stands in the file's name, as the message's own page shows it. */
static void
give(struct request *request, struct answer *answer, const struct part *letter, struct slice pdf)
{
	const char *subject = "";

	if (letter_subject(request, letter, &subject) != STATUS_OK)
		subject = "";
	pdf_answer(request, answer, pdf_letter_name(request, subject), pdf);
}

/* Files that went along were taken. */
static void
watch(struct request *request, struct answer *answer, const struct pdf_wish *wish)
{
	const struct part **parts =
	    arena_alloc_many(request->arena, wish->file_count + 1, sizeof(const struct part *));

	for (size_t i = 0; i < wish->file_count; i++)
		parts[i] = wish->files[i].part;
	page_watch_files(request, answer, parts, wish->file_count);
}

static void
make(struct request *request, struct answer *answer, const struct part *letter,
     const struct secret *password)
{
	struct outcome outcome = {.http_status = 422};
	struct slice pdf = {NULL, 0};
	struct pdf_wish wish;
	enum status status =
	    pdf_letter_make(request, letter, request_field_flag(request, "with_files"), &wish);

	if (status == STATUS_OK) {
		wish.password = password;
		status = pdf_make(request->site->messenger.reader, &wish, request->arena, &pdf);
	}
	switch (status) {
	case STATUS_OK:
		give(request, answer, letter, pdf);
		watch(request, answer, &wish);
		break;
	case STATUS_INVALID:
	case STATUS_TOO_LARGE:
		outcome.failed = true;
		show(request, answer, &outcome);
		break;
	case STATUS_NOT_FOUND:
		/* The form says that there are no fonts. */
		outcome.http_status = 503;
		show(request, answer, &outcome);
		break;
	default:
		page_failure(request, answer, status);
	}
}

void
page_pdf_make(struct request *request, struct answer *answer)
{
	bool bare = request_field_flag(request, "bare");
	struct outcome outcome = {.http_status = 400};
	struct secret password = {NULL, 0};
	const struct part *letter;

	if (!find_letter(request, &letter)) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	if (choices_only_asked(request)) {
		show_strength(request, answer);
		return;
	}
	if (bare)
		outcome.sure_missing = !request_is_sure(request);
	else
		outcome.faults =
		    pdf_password_prepare(form_value(&request->form, "password"),
					 form_value(&request->form, "password_again"), &password);
	if (outcome.faults != 0 || outcome.sure_missing) {
		show(request, answer, &outcome);
		return;
	}
	if (take_place(request)) {
		make(request, answer, letter, bare ? NULL : &password);
	} else {
		request->crowded = true;
		outcome.http_status = 503;
		show(request, answer, &outcome);
	}
	secret_clear(&password);
}
