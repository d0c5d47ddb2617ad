#include "portal/exchange.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "portal/dispatch.h"
#include "portal/figures.h"
#include "portal/page.h"

#define STREAM_BLOCK ((size_t)65536)

enum exchange_state {
	EXCHANGE_NEW,	/* header fields not seen yet */
	EXCHANGE_BODY,	/* waiting for the body's end */
	EXCHANGE_AWAY,	/* on a pool, the connection is suspended */
	EXCHANGE_READY, /* the answer is made */
	EXCHANGE_SENT,	/* and handed to the library */
};

struct exchange {
	struct exchange_host *host;
	struct MHD_Connection *connection;
	struct deadline *deadline;
	struct request request;
	struct answer answer;
	struct sending *sending;
	enum exchange_state state;
	struct slice target;
	unsigned owners; /* one thread at a time: that of the connection */
	int64_t began_ms;
	uint64_t streamed;
};

struct exchange *
exchange_new(struct exchange_host *host, const char *target, struct deadline *deadline)
{
	struct arena *arena = arena_new();
	struct exchange *exchange = arena_alloc(arena, sizeof(*exchange));

	exchange->host = host;
	exchange->deadline = deadline;
	exchange->owners = 1;
	exchange->began_ms = clock_monotonic_ms();
	exchange->target = slice_from_text(arena_copy_text(arena, target));
	exchange->request.arena = arena;
	exchange->request.site = atomic_load(&host->site);
	exchange->request.now = clock_now();
	answer_init(&exchange->answer, arena);
	deadline_enter(deadline, DEADLINE_HEADER);
	atomic_fetch_add(&host->active, 1);
	return exchange;
}

static void
release(void *argument)
{
	struct exchange *exchange = argument;

	if (--exchange->owners == 0)
		arena_free(exchange->request.arena);
}

/* The header fields, as the library's iterator hands them over. */
struct gathering {
	struct guard_header headers[GUARD_HEADERS_MAX + 1];
	size_t count;
};

static enum MHD_Result
gather(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
       const char *value, size_t value_size)
{
	struct gathering *gathering = context;

	(void)kind;
	if (gathering->count <= GUARD_HEADERS_MAX)
		gathering->headers[gathering->count++] =
		    (struct guard_header){slice_of(name, name_size), slice_of(value, value_size)};
	return MHD_YES;
}

static void
keep_headers(struct request *request, const struct gathering *gathering)
{
	struct request_headers *kept = &request->headers;
	const struct {
		const char *name;
		struct slice *place;
	} wanted[] = {
	    {"host", &kept->host},
	    {"origin", &kept->origin},
	    {"sec-fetch-site", &kept->fetch_site},
	    {"content-type", &kept->content_type},
	    {"cookie", &kept->cookie},
	    {"range", &kept->range},
	    {"if-range", &kept->if_range},
	    {"if-none-match", &kept->if_none_match},
	    {"accept-language", &kept->accept_language},
	    {"x-forwarded-for", &kept->forwarded_for},
	    {"user-agent", &kept->user_agent},
	};

	for (size_t i = 0; i < gathering->count; i++) {
		const struct guard_header *header = &gathering->headers[i];

		if (slice_equal_nocase(header->name, SLICE("expect")))
			kept->expects_continue = true;
		if (header->value.size > REQUEST_FIELD_MAX)
			continue;
		/* Of fields that may come twice the last holds: a proxy adds behind. */
		for (size_t j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
			if (slice_equal_nocase(header->name, slice_from_text(wanted[j].name)))
				*wanted[j].place = arena_copy(request->arena, header->value);
	}
}

static enum request_method
parse_method(const char *method)
{
	if (strcmp(method, "GET") == 0)
		return METHOD_GET;
	if (strcmp(method, "HEAD") == 0)
		return METHOD_HEAD;
	return strcmp(method, "POST") == 0 ? METHOD_POST : METHOD_OTHER;
}

static void
begin(struct exchange *exchange, const char *method)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct network_address peer = network_from_socket(info == NULL ? NULL : info->client_addr);
	struct gathering gathering = {.count = 0};
	struct guard_facts facts = {.has_body = false};
	enum status guarded;

	MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, gather, &gathering);
	guarded = guard_check(gathering.headers, gathering.count, &facts);
	if (guarded == STATUS_OK && exchange->target.size > REQUEST_TARGET_MAX)
		guarded = STATUS_TOO_LARGE;
	exchange->request.method = parse_method(method);
	if (guarded == STATUS_OK)
		keep_headers(&exchange->request, &gathering);
	request_read_headers(&exchange->request, &peer);
	dispatch_begin(&exchange->request, exchange->target, guarded, &facts, &exchange->answer,
		       &exchange->sending);
	exchange->state = exchange->answer.status != 0 ? EXCHANGE_READY : EXCHANGE_BODY;
	if (facts.has_body)
		deadline_enter(exchange->deadline, DEADLINE_BODY);
}

static void
run(struct exchange *exchange)
{
	dispatch_run(&exchange->request, exchange->sending, &exchange->answer);
	exchange->state = EXCHANGE_READY;
}

/* On a pool's thread.  Behind the resumption the exchange is no longer ours. */
static void
run_away(void *argument)
{
	struct exchange *exchange = argument;
	enum route_place place = exchange->request.route->place;
	int64_t began = clock_monotonic_ms();

	portal_pool_begins(place);
	run(exchange);
	portal_pool_ends(place, clock_monotonic_ms() - began);
	MHD_resume_connection(exchange->connection);
}

static void
send_away(struct exchange *exchange, enum route_place place)
{
	struct exchange_host *host = exchange->host;
	enum status status = STATUS_BUSY;
	struct pool *pool;

	/* In this order: the job may be done before we are. */
	exchange->state = EXCHANGE_AWAY;
	MHD_suspend_connection(exchange->connection);
	portal_pool_waits(place);
	pthread_mutex_lock(&host->lock);
	pool = place == PLACE_STRETCH ? host->stretch : host->read;
	if (pool != NULL)
		status = pool_submit(pool, run_away, exchange);
	pthread_mutex_unlock(&host->lock);
	if (status == STATUS_OK)
		return;
	portal_pool_refuses(place);
	dispatch_crowded(&exchange->request, exchange->sending, &exchange->answer);
	exchange->state = EXCHANGE_READY;
	MHD_resume_connection(exchange->connection);
}

static ssize_t
read_stream(void *context, uint64_t position, char *bytes, size_t room)
{
	struct exchange *exchange = context;
	const struct answer *answer = &exchange->answer;
	size_t size = 0;
	enum status status;

	if (position >= answer->stream_size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (room > answer->stream_size - position)
		room = (size_t)(answer->stream_size - position);
	status = answer->stream->read_at(answer->stream->context, answer->stream_from + position,
					 (unsigned char *)bytes, room, &size);
	if (status != STATUS_OK || size == 0) {
		log_error("stream-broken", LOG_TEXT("status", status_text(status)));
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	exchange->streamed += size;
	if (position + size == answer->stream_size && answer->done != NULL) {
		answer->done(answer->done_context);
		exchange->answer.done = NULL;
	}
	deadline_count(exchange->deadline, size);
	return (ssize_t)size;
}

static struct MHD_Response *
make_response(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;
	struct MHD_Response *response;

	if (answer->stream != NULL)
		response = MHD_create_response_from_callback(answer->stream_size, STREAM_BLOCK,
							     read_stream, exchange, release);
	else
		response = MHD_create_response_from_buffer_with_free_callback_cls(
		    answer->body.size, (void *)answer->body.data, release, exchange);
	if (response != NULL)
		exchange->owners++;
	return response;
}

static enum MHD_Result
queue(struct exchange *exchange)
{
	struct answer *answer = &exchange->answer;
	struct answer_header headers[ANSWER_HEADERS_MAX];
	size_t count = answer_headers(answer, headers);
	struct MHD_Response *response = make_response(exchange);
	enum MHD_Result result = MHD_YES;

	if (response == NULL)
		return MHD_NO;
	for (size_t i = 0; i < count && result == MHD_YES; i++)
		result = MHD_add_response_header(response, headers[i].name, headers[i].value);
	if (result == MHD_YES) {
		exchange->state = EXCHANGE_SENT;
		deadline_enter(exchange->deadline,
			       answer->stream != NULL ? DEADLINE_STREAM : DEADLINE_PAGE);
		result =
		    MHD_queue_response(exchange->connection, (unsigned)answer->status, response);
	}
	MHD_destroy_response(response);
	return result;
}

/* The end of the body, or its absence. */
static enum MHD_Result
finish(struct exchange *exchange)
{
	enum route_place place = exchange->request.route->place;

	deadline_enter(exchange->deadline, DEADLINE_WORK);
	if (place != PLACE_LOOP) {
		send_away(exchange, place);
		return MHD_YES;
	}
	run(exchange);
	return queue(exchange);
}

enum MHD_Result
exchange_handle(struct exchange *exchange, struct MHD_Connection *connection, const char *method,
		const char *piece, size_t *size)
{
	switch (exchange->state) {
	case EXCHANGE_NEW:
		exchange->connection = connection;
		begin(exchange, method);
		return exchange->state == EXCHANGE_READY ? queue(exchange) : MHD_YES;
	case EXCHANGE_BODY:
		if (*size == 0)
			return finish(exchange);
		deadline_count(exchange->deadline, *size);
		if (sending_take(exchange->sending, slice_of(piece, *size)) != STATUS_OK)
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	case EXCHANGE_READY:
		return queue(exchange);
	case EXCHANGE_AWAY:
	case EXCHANGE_SENT:
		break;
	}
	*size = 0;
	return MHD_YES;
}

static const char *
method_text(enum request_method method)
{
	switch (method) {
	case METHOD_GET:
		return "GET";
	case METHOD_HEAD:
		return "HEAD";
	case METHOD_POST:
		return "POST";
	case METHOD_OTHER:
		break;
	}
	return "-";
}

void
exchange_complete(struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	const struct answer *answer = &exchange->answer;
	bool sent = exchange->state == EXCHANGE_SENT;
	int64_t took = clock_monotonic_ms() - exchange->began_ms;

	portal_count_request(sent ? answer->status : 0, took);
	log_info(
	    "request", LOG_TEXT("method", method_text(request->method)),
	    LOG_TEXT("route", request->route == NULL ? "-" : request->route->name),
	    LOG_NUMBER("status", sent ? answer->status : 0),
	    LOG_NUMBER("bytes", answer->stream != NULL ? exchange->streamed : answer->body.size),
	    LOG_NUMBER("ms", took));
	deadline_enter(exchange->deadline, DEADLINE_KEPT);
	atomic_fetch_sub(&exchange->host->active, 1);
	release(exchange);
}
