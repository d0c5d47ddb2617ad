#include "ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "mail/utf8.h"
#include "messenger/would.h"

#define SUBJECT_MAX ((size_t)998)
#define WAIT_MS 20000
#define PAUSE_US 50000

static const struct {
	const char *reason;
	const char *words;
} reasons[] = {
    {"address-mark", "the address bears the mark"},
    {"subject-mark", "the subject bears a mark"},
    {"header-mark", "a header field marks it"},
    {"always", "the policy secures every outside recipient"},
    {"message-mark", "another recipient of it bears the mark"},
    {"address-near-miss", "the address bears what is nearly the mark"},
    {"subject-near-miss", "the subject bears what is nearly a mark"},
    {"header-near-miss", "a header field is nearly a mark"},
    {"unreadable-header", "its header cannot be read safely, so that it may bear a mark"},
    {"own-domain", "the recipient is one of our own"},
    {"not-marked", "nothing marks it"},
    {"marked-by-outsider", "it is marked, and its sender is none of our own"},
    {"marked-without-sender", "it is marked, and has no sender"},
    {"no-key", "it is marked, and no key of the recipient was found"},
    {"no-secure-way", "it is marked, and no way to secure it for the recipient was found"},
};

static const char *
words_of_reason(const char *reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			return reasons[i].words;
	return reason;
}

/* Stable words, and what they mean. */
struct outcome {
	const char *word;
	const char *words;
};

static struct outcome
outcome_of(const struct would_view *view)
{
	if (view->decision.route == ROUTE_PLAIN)
		return (struct outcome){"plain", "relayed as an ordinary mail"};
	if (view->decision.route == ROUTE_SMIME)
		return (struct outcome){"smime", "encrypted by S/MIME"};
	if (view->decision.route == ROUTE_OPENPGP)
		return (struct outcome){"openpgp", "encrypted by OpenPGP"};
	if (view->decision.route == ROUTE_TLS)
		return (struct outcome){
		    "tls", "sent as it is, to a mail server that is verified; else the next way"};
	if (view->decision.route == ROUTE_REFUSE)
		return (struct outcome){"refuse", "not relayed; its sender gets a bounce"};
	if (view->by_mailbox)
		return (struct outcome){
		    "mailbox", "put into the recipient's mailbox at once; they get a notice"};
	if (view->held)
		return (struct outcome){"held", "waits until its sender sets clue and passphrase"};
	switch (view->pdf) {
	case PDF_PASSPHRASE:
		return (struct outcome){
		    "pdf", "sent at once as a PDF that the template's passphrase opens"};
	case PDF_GENERATED:
		return (struct outcome){
		    "pdf", "sent at once as a PDF whose password is mailed to the sender"};
	case PDF_PHONE:
		return (struct outcome){
		    "pdf", "sent at once as a PDF whose password goes to the recipient's phone"};
	case PDF_SHEET:
		return (struct outcome){
		    "pdf", "sent at once as a PDF that the next password of a sheet opens"};
	case PDF_NONE:
		break;
	}
	return (struct outcome){"portal", "secured at once; the recipient gets a notice"};
}

static const char *
words_of_template(const struct would_view *view, struct arena *arena)
{
	const char *recipient = view->template.recipient;

	if (view->by_template && view->by_mailbox)
		return arena_printf(arena, "that for %s, used at once, but for its passphrase",
				    recipient);
	if (view->by_template)
		return arena_printf(arena, "that for %s, used at once", recipient);
	if (!view->prepared)
		return "";
	if (!view->template.settled)
		return arena_printf(arena, "that for %s, which waits for a passphrase", recipient);
	return arena_printf(arena, "that for %s, but its sender is asked first", recipient);
}

static void
show(struct administrator *administrator, const struct would_view *view)
{
	static const struct output_column columns[] = {
	    {"sender", "sender", OUTPUT_TEXT, 0},   {"recipient", "recipient", OUTPUT_TEXT, 0},
	    {"outcome", "outcome", OUTPUT_TEXT, 0}, {NULL, "that is", OUTPUT_TEXT, 0},
	    {"reason", "reason", OUTPUT_TEXT, 0},   {NULL, "that is", OUTPUT_TEXT, 0},
	    {NULL, "template", OUTPUT_TEXT, 0},	    {"by_template", NULL, OUTPUT_FLAG, 0},
	    {"template", NULL, OUTPUT_TEXT, 0},	    {"template_recipient", NULL, OUTPUT_TEXT, 0},
	    {"fingerprint", "key", OUTPUT_TEXT, 0}, {"source", "found", OUTPUT_TEXT, 0},
	    {"looking", NULL, OUTPUT_FLAG, 0},
	};
	bool templated = view->by_template || view->prepared;
	struct outcome outcome = outcome_of(view);
	char id[ID_TEXT_SIZE];
	const struct output_cell cells[] = {
	    output_text(view->sender),
	    output_text(view->decision.recipient),
	    output_text(outcome.word),
	    output_text(outcome.words),
	    output_text(view->decision.reason),
	    output_text(words_of_reason(view->decision.reason)),
	    output_text(words_of_template(view, administrator->arena)),
	    output_number(view->by_template),
	    output_text(templated ? id_text(view->template.id, id) : ""),
	    output_text(templated ? view->template.recipient : ""),
	    output_text(view->evidence.fingerprint),
	    output_text(view->evidence.source),
	    output_number(view->looking),
	};

	_Static_assert(sizeof(cells) / sizeof(cells[0]) == sizeof(columns) / sizeof(columns[0]),
		       "a cell per column");
	output_record(administrator->output, columns, sizeof(columns) / sizeof(columns[0]), cells);
	if (view->looking)
		output_note(
		    administrator->output,
		    "No courier has looked for keys and policies: with one, it would go that way.");
}

/* A running courier is waited for, if it has to look for keys. */
static enum status
ask(struct administrator *administrator, const char *const words[2], const char *subject,
    struct would_view *view)
{
	int64_t until = clock_monotonic_ms() + WAIT_MS;

	for (;;) {
		enum status status =
		    messenger_would(&administrator->messenger, words[0], slice_from_text(words[1]),
				    subject, clock_now(), administrator->arena, view);

		if (status != STATUS_OK || !view->looking || clock_monotonic_ms() > until)
			return status;
		usleep(PAUSE_US);
	}
}

int
ctl_route_test(const struct ctl_call *call)
{
	const char *subject = "";
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--subject", .text = &subject},
	    {.name = "--json", .flag = &json},
	};
	const char *words[2];
	struct administrator administrator;
	struct would_view view;
	enum status status;

	if (!arguments_read(call, options, 2, words, 2))
		return 2;
	/* As SMTP writes "no sender". */
	if (strcmp(words[0], "<>") == 0)
		words[0] = "";
	if ((*words[0] != '\0' && !arguments_address(call, words[0])) ||
	    !arguments_address(call, words[1]))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	subject = utf8_clean_line(slice_from_text(subject), SUBJECT_MAX, administrator.arena);
	status = ask(&administrator, words, subject, &view);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	show(&administrator, &view);
	return administrator_close(&administrator, 0);
}
