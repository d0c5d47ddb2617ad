#include "mail/reading_channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum status
channel_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0
		   ? STATUS_OK
		   : STATUS_UNAVAILABLE;
}

void
frame_put(unsigned char *at, uint64_t number, size_t bytes)
{
	while (bytes-- > 0) {
		at[bytes] = (unsigned char)number;
		number >>= 8;
	}
}

uint64_t
frame_get(const unsigned char *at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

static void
put_header(unsigned char *at, enum frame_kind kind, unsigned flag, size_t size)
{
	at[0] = FRAME_VERSION;
	at[1] = (unsigned char)kind;
	at[2] = (unsigned char)flag;
	at[3] = 0;
	frame_put(at + 4, size, 4);
}

static enum status
status_of_errno(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK ? STATUS_BUSY : STATUS_UNAVAILABLE;
}

enum status
channel_send(struct channel *channel, enum frame_kind kind, unsigned flag, struct slice payload)
{
	ssize_t sent;

	if (payload.size > FRAME_PAYLOAD_MAX)
		return STATUS_INTERNAL;
	put_header(channel->room, kind, flag, payload.size);
	if (payload.size > 0 && payload.data != channel->room + FRAME_HEADER)
		memcpy(channel->room + FRAME_HEADER, payload.data, payload.size);
	do
		sent =
		    send(channel->socket, channel->room, FRAME_HEADER + payload.size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? status_of_errno() : STATUS_OK;
}

enum status
channel_send_all(struct channel *channel, enum frame_kind kind, unsigned last_flag,
		 struct slice bytes)
{
	enum status status = STATUS_OK;

	while (bytes.size > FRAME_PAYLOAD_MAX && status == STATUS_OK) {
		status = channel_send(channel, kind, 0, slice_part(bytes, 0, FRAME_PAYLOAD_MAX));
		bytes = slice_part(bytes, FRAME_PAYLOAD_MAX, bytes.size);
	}
	return status == STATUS_OK ? channel_send(channel, kind, FRAME_LAST | last_flag, bytes)
				   : status;
}

enum status
frame_parse(struct slice packet, struct frame *frame_out)
{
	if (packet.size < FRAME_HEADER || packet.size > FRAME_MAX ||
	    packet.data[0] != FRAME_VERSION || packet.data[1] < FRAME_READY ||
	    packet.data[1] > FRAME_SIZE || packet.data[3] != 0 ||
	    frame_get(packet.data + 4, 4) != packet.size - FRAME_HEADER)
		return STATUS_INVALID;
	*frame_out = (struct frame){(enum frame_kind)packet.data[1], packet.data[2],
				    slice_part(packet, FRAME_HEADER, packet.size)};
	return STATUS_OK;
}

enum status
channel_receive(struct channel *channel, struct frame *frame_out)
{
	bool reset = false;
	ssize_t got;

	/* MSG_TRUNC: the true size of a packet that is too large, which is then no frame.  Who
	 * ended without reading all it was sent leaves ECONNRESET, once, before its last words. */
	for (;;) {
		got = recv(channel->socket, channel->room, FRAME_MAX, MSG_TRUNC);
		if (got >= 0 || (errno != EINTR && (errno != ECONNRESET || reset)))
			break;
		reset = reset || errno == ECONNRESET;
	}
	if (got < 0)
		return status_of_errno();
	if (got == 0)
		return STATUS_UNAVAILABLE;
	return frame_parse(slice_of(channel->room, (size_t)got), frame_out);
}

/* Room for one descriptor beside the bytes. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

enum status
channel_send_start(int socket, const struct frame_start *start, int descriptor)
{
	unsigned char bytes[FRAME_HEADER + FRAME_START_SIZE];
	union control control = {.bytes = {0}};
	struct iovec piece = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &piece,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t sent;

	put_header(bytes, FRAME_START, 0, FRAME_START_SIZE);
	bytes[FRAME_HEADER] = start->task;
	frame_put(bytes + FRAME_HEADER + 1, start->cpu_seconds, 4);
	frame_put(bytes + FRAME_HEADER + 5, start->wall_ms, 4);
	frame_put(bytes + FRAME_HEADER + 9, start->size, 8);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(descriptor));
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? STATUS_UNAVAILABLE : STATUS_OK;
}

enum status
channel_receive_start(int socket, struct frame_start *start_out, int *descriptor_out)
{
	unsigned char bytes[FRAME_HEADER + FRAME_START_SIZE];
	union control control;
	struct iovec piece = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &piece,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	const struct cmsghdr *header;
	struct frame frame;
	ssize_t got;

	*descriptor_out = -1;
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return STATUS_UNAVAILABLE;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(descriptor_out, CMSG_DATA(header), sizeof(*descriptor_out));
	if (frame_parse(slice_of(bytes, (size_t)got), &frame) != STATUS_OK ||
	    frame.kind != FRAME_START || frame.payload.size != FRAME_START_SIZE)
		return STATUS_INVALID;
	*start_out = (struct frame_start){
	    .task = frame.payload.data[0],
	    .cpu_seconds = (unsigned)frame_get(frame.payload.data + 1, 4),
	    .wall_ms = (unsigned)frame_get(frame.payload.data + 5, 4),
	    .size = frame_get(frame.payload.data + 9, 8),
	};
	return STATUS_OK;
}
