/*
 * What the organisation has decided, read once from the configuration.
 */
#ifndef MESSENGER_POLICY_H
#define MESSENGER_POLICY_H

#include "base/config.h"
#include "mail/marks.h"
#include "messenger/appearance.h"
#include "messenger/ladder.h"
#include "messenger/mailbox_rules.h"
#include "messenger/phone.h"
#include "messenger/tls_pins.h"

/* Whose own key signs what leaves encrypted. */
enum sign_policy {
	SIGN_OFF,
	SIGN_GATEWAY, /* the organisation's */
	SIGN_SENDER,
	SIGN_EITHER, /* the sender's where there is one, else the organisation's */
};

struct policy {
	const char *organisation; /* name in pages and mails */
	const char *language;	  /* code of the organisation's own */
	struct appearance appearance;
	const char *portal_url;	    /* "https://portal.example.org", no slash at the end */
	const char *portal_host;    /* its host part */
	const char *system_address; /* From of what Postern writes */
	const char *host_name;	    /* in Received, Message-ID and reports */
	const char *const *own_domains;
	size_t own_domain_count;
	struct mark_rules marks;
	bool mark_whole_message; /* mark_scope = message */
	bool always;		 /* mode = always: every outside recipient is secured */
	struct ladders ladders;	 /* ways to secure */
	struct tls_pins tls_pins;
	bool hide_subject; /* of encrypted messages: their outer header does not tell it */
	enum sign_policy sign;
	bool protect_replies; /* written in the portal: encrypted to who gets them, where known */
	bool allow_rescue;
	int64_t hold_seconds; /* for its sender to finish */
	int default_lifetime_days;
	int longest_lifetime_days;
	uint32_t lock_ops;
	uint32_t lock_memory_kib;
	int tries_before_wait;	  /* wrong passphrases without delay */
	int tries_before_suspend; /* wrong passphrases until the link is suspended */
	int network_tries;	  /* wrong tries of one network in an hour */
	int64_t session_idle_seconds;
	int64_t session_seconds;
	int64_t
	    retry_seconds; /* first delay of a relay that said "later"; doubles up to four hours */
	int64_t give_up_seconds;       /* age at which a queued mail bounces */
	int64_t delay_warning_seconds; /* age at which its sender is told that it waits; 0: never */
	int64_t finish_reminder_seconds; /* a held message's sender is reminded after; 0: never */
	int64_t last_call_seconds;	 /* before the end, of sender or recipient; 0: never */
	int remind_days;		 /* offered to the sender for an unread message; 0: never */
	int pair_mails; /* last reminders, questions, requests of machines a day, for a pair */
	int64_t receipt_seconds; /* files taken within this time share a receipt */
	bool follow_threads;	 /* what answers a secured message is held when it bears no mark */
	int64_t thread_seconds;	 /* how long a conversation is remembered */
	int64_t least_guesses;	 /* a passphrase that needs fewer tries is refused */
	int64_t least_pdf_guesses; /* likewise, of one that opens a PDF */
	bool always_factor;	   /* every recipient shows a second factor */
	struct phone_way phone;	   /* how codes get to phones */
	struct mailbox_rules mailboxes;
	int64_t mailbox_messages; /* in one mailbox; more come as to who has none */
	int64_t mailbox_bytes;
	bool always_desk_factor;    /* everybody who signs in at the desk has a second factor */
	bool always_mailbox_factor; /* and everybody who signs in to a mailbox */
	int64_t reset_seconds;	    /* before administrators can take factors away that are lost */
	int64_t mailbox_wait_seconds; /* between the beginning of its end and that end */
	int sign_in_codes;	      /* codes mailed to one address in an hour */
	int sign_in_network;	      /* codes that one network asks for in an hour */
	int most_templates;	      /* of one sender */
	int most_locks;		      /* passphrases in one import */
};

extern const struct config_option policy_options[];

/* Borrows the configuration.  STATUS_INVALID after writing what is wrong to `faults`. */
enum status policy_from_config(const struct config *config, FILE *faults,
			       struct policy **policy_out) MUST_CHECK;
void policy_free(struct policy *policy);

/* Say only what is wrong. */
enum status policy_check(const struct config *config, FILE *faults) MUST_CHECK;

/* Days for which what comes into the mailbox of this address is kept, where its sender chose none.
 */
int policy_mailbox_days(const struct policy *policy, struct slice address);

/* Is the domain of this address one of the organisation's own (or below one)? */
bool policy_is_own(const struct policy *policy, struct slice address);

#endif
