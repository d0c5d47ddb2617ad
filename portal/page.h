/*
 * The pages.  Each handler reads the request, calls one function of
 * messenger/, and answers; the row of the route table that leads to it has seen to
 * method, body, token and session before.
 */
#ifndef PORTAL_PAGE_H
#define PORTAL_PAGE_H

#include "messenger/passkey.h"
#include "portal/answer.h"
#include "portal/multipart.h"
#include "portal/request.h"
#include "portal/route.h"

/* What every page needs: organisation, portal_host, demo, the language it is in, those it could be
 * in, and the token for its forms. */
struct template_values *page_values(const struct request *request, enum csrf_kind kind);

/* The same for a page of the desk: who is signed in, and until when. */
struct template_values *page_desk_values(const struct request *request);

/* The same for a page of a sender, who may be at the desk or have a link only. */
struct template_values *page_sender_values(const struct request *request);

/* The same for a page of a mailbox. */
struct template_values *page_box_values(const struct request *request);

/* The same for a page of an account, of whichever of the two. */
struct template_values *page_account_values(const struct request *request);

/* Times as people read them, "" for 0; sizes as "12.3 MB". */
void page_put_time(struct template_values *values, const char *name, int64_t time);
void page_put_size(struct template_values *values, const char *name, uint64_t size);

/* Which code is asked for besides the passphrase: one of `factor_mail`, `factor_phone`,
 * `factor_sheet`. */
void page_put_factor(struct template_values *values, enum factor factor);

/* Until when the session lasts without another request, at most, and for the script how many
 * seconds are left: what the partial `stay` shows. */
void page_put_stay(const struct request *request, struct template_values *values);

/* Render templates/pages/NAME.  A form that is shown again because it is stale or we
 * are crowded leaves with 403 or 503 instead of 200. */
void page_show(const struct request *request, struct answer *answer, int http_status,
	       const char *name, struct template_values *values);

/* The error page for an HTTP status, and for a result. */
void page_error(const struct request *request, struct answer *answer, int http_status);
void page_failure(const struct request *request, struct answer *answer, enum status status);

/* The file that N of the path names; NULL when there is none. */
const struct part *page_find_file(const struct request *request);

/* When the answer's stream has gone to its end, these are taken: whatever range was asked for, who
 * has the end has the files, or what they wanted of them. */
void page_watch_files(struct request *request, struct answer *answer,
		      const struct part *const *parts, size_t count);

/* Its reader has seen all of this file: as good as taken. */
void page_note_taken(const struct request *request, const struct part *part);

/* The clue page of a visitor whose session is over, or who has none. */
void page_session_over(struct request *request, struct answer *answer);

/* Into the message, with a session that begins. */
void page_let_in(struct request *request, struct answer *answer, const struct secret *token);
/* The same for the desk. */
void page_desk_let_in(struct request *request, struct answer *answer, const struct secret *session);
/* The same for a mailbox, or for the factor that is owed for it; `next` is where it goes on. */
void page_box_let_in(struct request *request, struct answer *answer, const struct secret *token,
		     bool owes, const char *next);
/* /desk/account or /box/account with something to say: a flag of its template, and recovery codes
 * that are shown this once; either may be NULL. */
void page_account_say(struct request *request, struct answer *answer, int http_status,
		      const char *flag, const struct account_recovery *recovery);

/* The passkeys of an owner, and what the script asks the browser of this token with. */
enum status
page_put_passkeys(const struct request *request, struct template_values *values,
		  struct slice owner_index, enum passkey_use use, struct slice token) MUST_CHECK;
/* A factor as the form shows it: `code`, or what the script filled in; and the flag that says what
 * was wrong with it. */
struct account_proof page_proof(const struct request *request, struct slice token);
const char *page_proof_fault(const struct account_proof *proof);

/* Out of the desk, or of a mailbox: the session is ended already. */
void page_signed_out(const struct request *request, struct answer *answer);
/* A change of what signing in takes was tried: with STATUS_OK the session goes on under the token
 * of its keeper, which is cleared anyway, and so do the forms of the answer. */
void page_account_go_on(struct request *request, struct answer *answer, enum status status,
			struct session_keeper *keeper);
/* The forms to sign in, and to show a factor: with a flag up (NULL: none), and the time up to which
 * nothing is tried (0: none). */
void page_sign_in_show(const struct request *request, struct answer *answer, int http_status,
		       const char *name, const char *flag, int64_t retry_at);
/* What there is to say to who comes to such a form by itself, or in place of a page: NULL, a note
 * of how the last session ended. */
const char *page_sign_in_ended(const struct request *request, enum route_session session);
/* From where the visitor signs in, and in which language. */
struct place page_place(const struct request *request);
struct mailbox_visitor page_mailbox_visitor(const struct request *request);
/* Where somebody is signed in, and whether their second factors are about to be taken away: what
 * the partials `sessions` and `reset` show. */
enum status
page_put_sessions(const struct request *request, struct template_values *values) MUST_CHECK;
/* That somebody's second factors are about to be taken away, for the partial `reset`, whose button
 * is below `base` ("/desk", "/box"). */
enum status page_put_reset(const struct request *request, struct template_values *values,
			   struct slice owner_index, const char *base) MUST_CHECK;
/* That the mailbox of this owner is about to be given up, or their second factors to be taken away:
 * what the partial `ways_back` shows. */
enum status page_put_ways_back(const struct request *request, struct template_values *values,
			       struct slice owner_index) MUST_CHECK;
/* The passphrase was right, but no more codes are asked for before then; or none at all. */
void page_code_busy(struct request *request, struct answer *answer, enum factor factor,
		    int64_t retry_at);
void page_code_none(struct request *request, struct answer *answer, enum factor factor);

/* A sender's link that was replaced. */
void page_sender_gone(const struct request *request, struct answer *answer);

page_handler page_home, page_home_pick_up;
page_handler page_sender, page_sender_secure;
page_handler page_act, page_act_do;
page_handler page_clue, page_clue_unlock;
page_handler page_code, page_code_enter;
page_handler page_forgotten, page_forgotten_tell;
page_handler page_message, page_attached, page_message_close, page_message_destroy;
page_handler page_file, page_file_message, page_files, page_picture;
page_handler page_view;
page_handler page_pdf, page_pdf_make;
page_handler page_original, page_original_content;
page_handler page_reply, page_reply_send, page_reply_again, page_reply_sent;
page_handler page_forward, page_forward_send, page_forward_again;
page_handler page_stay;
page_handler page_desk, page_desk_message;
page_handler page_desk_factor, page_desk_factor_enter;
page_handler page_account, page_account_begin, page_account_offer, page_account_confirm;
page_handler page_account_change;
page_handler page_passkey, page_passkey_add;
page_handler page_sessions_end, page_reset_stop;
page_handler page_desk_sign_in, page_desk_ask, page_desk_code, page_desk_enter, page_desk_leave;
page_handler page_box, page_box_sign_in, page_box_enter, page_box_leave;
page_handler page_box_write, page_box_sent, page_box_export, page_box_export_file;
page_handler page_box_factor, page_box_factor_enter;
page_handler page_box_passphrase, page_box_passphrase_change;
page_handler page_box_close, page_box_close_sure;
page_handler page_box_lost, page_box_lost_ask, page_box_lost_link, page_box_lost_begin;
page_handler page_box_keep;
page_handler page_factor_lost, page_factor_lost_say, page_factor_lost_link, page_factor_lost_agree;
page_handler page_mailbox, page_mailbox_make;
page_handler page_templates, page_templates_export;
page_handler page_template, page_template_save, page_template_delete, page_template_delete_sure;
page_handler page_sheet, page_sheet_make;
page_handler page_clue_letter;
page_handler page_import, page_import_take;
page_handler page_would;
page_handler page_static;
page_handler page_health_alive, page_health_ready;
page_handler page_demo, page_demo_mail;

/* The files of a reply as they arrive; called only behind a right token.  Failures are kept in
 * request->upload, so that the rest of the request is still read. */
void page_reply_file_begin(struct request *request, const struct multipart_part *part);
void page_reply_file_write(struct request *request, struct slice bytes);
void page_reply_file_end(struct request *request);

#endif
