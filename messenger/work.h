/*
 * The courier's part before sending: every received message is opened, parsed
 * and each of its recipients routed alone; held ones get sealed to their lock
 * when their sender has finished; suspended links are renewed; what is over is
 * destroyed.  Each function does a bounded piece of work and tells whether
 * there was any, so that the courier loops until all say no.
 */
#ifndef MESSENGER_WORK_H
#define MESSENGER_WORK_H

#include "messenger/messenger.h"

/* Route received messages. */
enum status
messenger_route_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Seal what is securing; write the notice. */
enum status
messenger_seal_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* New links for suspended ones. */
enum status
messenger_relink_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Close what has expired: bounce what was never finished, tell of what was never read. */
enum status
messenger_expire_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Remind senders of what they have not finished, recipients of what they have not read. */
enum status
messenger_remind_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Destroy the bytes of messages whose deliveries are all over. */
enum status
messenger_clear_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* End mailboxes that are given up, when their time has come. */
enum status
messenger_give_up_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Take away second factors that a sender said are lost, when their owner had time to stop it. */
enum status
messenger_reset_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Look for keys that the portal or the administrator ask for. */
enum status
messenger_find_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Look at one message for keys that it brings. */
enum status
messenger_harvest_some(const struct messenger *messenger, int64_t now, bool *worked_out) MUST_CHECK;

/* Fetch lists of revoked certificates before those that are there are over. */
enum status messenger_revocation_some(const struct messenger *messenger, int64_t now,
				      bool *worked_out) MUST_CHECK;

/* Sessions, throttles, uploads and keys that are over; about once a minute. */
enum status messenger_sweep(const struct messenger *messenger, int64_t now) MUST_CHECK;

#endif
