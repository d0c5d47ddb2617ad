/*
 * The frames that a program and its reader exchange: one packet each, a version, a kind, a flag,
 * and a length that must fit the packet.  Both directions are bounded; nobody believes
 * more of a frame than this header says.
 *
 *	program -> reader	START, with a socket for one task
 *	program -> task		REQUEST pieces, then DATA for every READ; AGAIN for one more
 *	task -> program		FIRST pieces, READ, RESULT pieces, SIZE before those of a long one
 *	reader -> program	READY once; ENDED when a task's process ended by itself
 */
#ifndef MAIL_READING_CHANNEL_H
#define MAIL_READING_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "base/status.h"

#define FRAME_VERSION 1
#define FRAME_HEADER ((size_t)8)
#define FRAME_PAYLOAD_MAX ((size_t)65536)
#define FRAME_MAX (FRAME_HEADER + FRAME_PAYLOAD_MAX)

enum frame_kind {
	FRAME_READY = 1, /* which fonts it has: a bit for each, in two bytes */
	FRAME_START,	 /* struct frame_start */
	FRAME_REQUEST,	 /* flag FRAME_LAST on the last piece */
	FRAME_FIRST,	 /* the same */
	FRAME_READ,	 /* offset in eight bytes, size in four */
	FRAME_DATA,	 /* bytes from there; fewer at the message's end only */
	FRAME_RESULT,	 /* flag FRAME_LAST, and the status, on the last piece */
	FRAME_ENDED,	 /* struct frame_ended */
	FRAME_AGAIN,	 /* one more task about the same message: its number in one byte */
	FRAME_SIZE,	 /* of the RESULT that follows, in eight bytes: it gets its room at once */
};

#define FRAME_LAST 0x80U
#define FRAME_STATUS 0x7fU /* the rest of the flag: enum status, of a RESULT's last piece */

struct frame_start {
	unsigned char task;
	unsigned cpu_seconds;
	unsigned wall_ms;
	uint64_t size; /* of the message */
};
#define FRAME_START_SIZE ((size_t)17)

enum frame_end {
	FRAME_END_EXIT = 1, /* its process went away without a word */
	FRAME_END_SIGNAL,   /* it died of a signal: a fault, a limit, the sandbox */
	FRAME_END_LATE,	    /* it was stopped because its time was over */
	FRAME_END_NONE,	    /* no process could be made */
};

struct frame_ended {
	enum frame_end end;
	unsigned char number; /* signal, or exit status */
};
#define FRAME_ENDED_SIZE ((size_t)2)
#define FRAME_READY_SIZE ((size_t)2)

struct frame {
	enum frame_kind kind;
	unsigned char flag;
	struct slice payload;
};

/* An end of a socket, and room for one frame (FRAME_MAX). */
struct channel {
	int socket;
	unsigned char *room;
};

/* A pair of sockets whose packets are frames, closed on exec.  STATUS_UNAVAILABLE. */
enum status channel_pair(int ends[2]) MUST_CHECK;

/* One frame; `payload` may lie in room behind the header.  STATUS_UNAVAILABLE: nobody is at the
 * other end; STATUS_BUSY: the socket's time limit is over. */
enum status channel_send(struct channel *channel, enum frame_kind kind, unsigned flag,
			 struct slice payload) MUST_CHECK;

/* All of `bytes` in pieces, the last of them flagged. */
enum status channel_send_all(struct channel *channel, enum frame_kind kind, unsigned last_flag,
			     struct slice bytes) MUST_CHECK;

/* The next frame, which lies in room.  STATUS_UNAVAILABLE: nobody is at the other end;
 * STATUS_BUSY: the time limit is over; STATUS_INVALID: that is no frame. */
enum status channel_receive(struct channel *channel, struct frame *frame_out) MUST_CHECK;

/* What stands in a packet.  STATUS_INVALID. */
enum status frame_parse(struct slice packet, struct frame *frame_out) MUST_CHECK;

/* Hand a socket over with START, and receive both; *descriptor_out is -1 when none came along.
 * STATUS_UNAVAILABLE: nobody is at the other end. */
enum status
channel_send_start(int socket, const struct frame_start *start, int descriptor) MUST_CHECK;
enum status
channel_receive_start(int socket, struct frame_start *start_out, int *descriptor_out) MUST_CHECK;

/* Big-endian numbers. */
void frame_put(unsigned char *at, uint64_t number, size_t bytes);
uint64_t frame_get(const unsigned char *at, size_t bytes);

#endif
