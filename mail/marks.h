/*
 * The marks by which a sender asks for security, and what merely looks like
 * one.  Knows letters only: what a mark leads to is decided elsewhere.
 */
#ifndef MAIL_MARKS_H
#define MAIL_MARKS_H

#include "mail/edit.h"
#include "mail/header.h"

struct mark_rules {
	const char *address_prefix;	       /* "secure-" */
	const char *const *address_exceptions; /* real mailboxes that begin so */
	size_t address_exception_count;
	const char *const *subject_marks; /* "[secure]" */
	size_t subject_mark_count;
	const char *const *header_marks; /* "X-Secure: yes", "Sensitivity: company-confidential" */
	size_t header_mark_count;
};

enum mark { MARK_NONE, MARK_FOUND, MARK_NEAR };

/* Look at an envelope address.  MARK_FOUND: *clean_out is the address without the
 * mark (prefix taken off once: secure-secure-x is secure-x).  MARK_NEAR: the local
 * part begins with something that was probably meant as the mark (edit distance 1 or a
 * transposition: "secuer-", "secur-", "Secure_", "secure.", look-alike or full-width letters).
 * Otherwise *clean_out is the address as it is. */
enum mark mark_address(const struct mark_rules *rules, struct slice address, struct arena *arena,
		       const char **clean_out);

struct mark_findings {
	enum mark subject;
	enum mark header;
	bool address; /* a To, Cc or Bcc field held a marked address */
	const char
	    *detail; /* which, in a stable word for the log and the sender: "subject-mark",
			"header-mark", "subject-near-miss", "header-near-miss"; "" when none */
	struct edits
	    edits; /* takes subject and address marks out of Subject, To, Cc (and Resent-), and
		      Bcc as a whole: nobody is to learn who else got it (RFC 5322 section 3.6.3) */
};

/* Look at every Subject, To, Cc and mark field of the block (every field of a name that
 * occurs twice).  Subject marks count anywhere in the decoded text (RFC 2047), any case; a
 * mark in plain bytes is cut as bytes together with one neighbouring blank, one inside an
 * encoded word makes that field be written anew.  Near misses in a subject:
 * "[secuer]", "(secure)", "{secure}", "secure:" or "secure]" at the start or in brackets,
 * full-width or look-alike letters. */
enum status marks_find(const struct mark_rules *rules, const struct header_block *block,
		       struct arena *arena, struct mark_findings *findings_out) MUST_CHECK;

#endif
