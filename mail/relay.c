#include "mail/relay.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "mail/address.h"
#include "mail/relay_part.h"

#define PASSWORD_MAX 1024

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void
prepare_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
}

/* The first line of the file. */
static enum status
read_password(const char *path, struct secret *password)
{
	unsigned char buffer[PASSWORD_MAX];
	FILE *file = fopen(path, "re");
	size_t size;

	if (file == NULL)
		return STATUS_INVALID;
	/* The stream must keep no copy of its own. */
	setvbuf(file, NULL, _IONBF, 0);
	size = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	for (size_t i = 0; i < size; i++)
		if (buffer[i] == '\n' || buffer[i] == '\r' || buffer[i] == '\0')
			size = i;
	if (size > 0 && size < sizeof(buffer)) {
		secret_init(password, size + 1);
		memcpy(password->data, buffer, size);
	}
	explicit_bzero(buffer, sizeof(buffer));
	return password->size > 0 ? STATUS_OK : STATUS_INVALID;
}

static const char *
copy(struct arena *arena, const char *text)
{
	return arena_copy_text(arena, text == NULL ? "" : text);
}

static void
copy_fingerprints(struct relay *relay, const struct relay_settings *settings)
{
	const char **list =
	    arena_alloc_many(relay->arena, settings->fingerprint_count + 1, sizeof(*list));

	for (size_t i = 0; i < settings->fingerprint_count; i++)
		list[i] = copy(relay->arena, settings->fingerprints[i]);
	relay->settings.fingerprints = list;
}

static void
copy_records(struct relay *relay, const struct relay_settings *settings)
{
	struct relay_tlsa *list =
	    arena_alloc_many(relay->arena, settings->record_count + 1, sizeof(*list));

	for (size_t i = 0; i < settings->record_count; i++) {
		list[i] = settings->records[i];
		list[i].data = arena_copy(relay->arena, settings->records[i].data);
	}
	relay->settings.records = list;
	relay->settings.next_hop = copy(relay->arena, settings->next_hop);
}

static bool
is_host_name(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 0x7f || strchr("/@?#%<>\"\\", *at) != NULL)
			return false;
	return *text != '\0';
}

static bool
has_fingerprints(const struct relay_settings *settings)
{
	for (size_t i = 0; i < settings->fingerprint_count; i++)
		if (!relay_is_fingerprint(settings->fingerprints[i]))
			return false;
	return settings->fingerprint_count > 0;
}

static enum status
check_settings(struct relay *relay)
{
	const struct relay_settings *settings = &relay->settings;
	enum status status = STATUS_OK;

	if (*settings->maildir != '\0')
		return STATUS_OK;
	if (!is_host_name(settings->host) || !is_host_name(settings->helo_name) ||
	    settings->port == 0 || settings->port > 65535 || settings->timeout_seconds == 0 ||
	    (*settings->name != '\0' && !is_host_name(settings->name)) ||
	    (settings->tls == RELAY_TLS_FINGERPRINT && !has_fingerprints(settings)) ||
	    (settings->tls == RELAY_TLS_DANE &&
	     (settings->record_count == 0 || *settings->name == '\0')))
		status = STATUS_INVALID;
	else if (*settings->user != '\0')
		status = read_password(settings->password_file, &relay->password);
	if (status != STATUS_OK)
		log_error("relay-settings", LOG_TEXT("host", settings->host),
			  LOG_TEXT("password_file", settings->password_file));
	return status;
}

enum status
relay_open(const struct relay_settings *settings, struct relay **relay_out)
{
	struct arena *arena = arena_new();
	struct relay *relay = arena_alloc(arena, sizeof(*relay));
	enum status status;

	relay->arena = arena;
	relay->settings = *settings;
	relay->settings.maildir = copy(arena, settings->maildir);
	relay->settings.host = copy(arena, settings->host);
	relay->settings.ca_file = copy(arena, settings->ca_file);
	relay->settings.name = copy(arena, settings->name);
	copy_fingerprints(relay, settings);
	copy_records(relay, settings);
	relay->settings.user = copy(arena, settings->user);
	relay->settings.password_file = copy(arena, settings->password_file);
	relay->settings.helo_name = copy(arena, settings->helo_name);
	if (*relay->settings.user != '\0' && settings->tls == RELAY_TLS_MAY)
		relay->settings.tls = RELAY_TLS_ENCRYPT;
	text_init_in(&relay->received, arena, REPLY_SIZE_MAX * 2);
	pthread_once(&curl_once, prepare_curl);
	status = check_settings(relay);
	if (status == STATUS_OK)
		*relay_out = relay;
	else
		relay_close(relay);
	return status;
}

void
relay_close(struct relay *relay)
{
	if (relay == NULL)
		return;
	/* Politeness, as far as it goes at once. */
	if (relay->curl != NULL && relay->clean) {
		size_t sent;

		(void)curl_easy_send(relay->curl, "QUIT\r\n", 6, &sent);
	}
	relay_disconnect(relay);
	secret_clear(&relay->password);
	arena_free(relay->arena);
}

void
relay_settle(struct relay_sending *sending, enum relay_outcome outcome, const char *status,
	     const char *reply)
{
	for (size_t i = 0; i < sending->letter->count; i++) {
		struct relay_recipient *recipient = &sending->letter->recipients[i];

		if (recipient->status != NULL)
			continue;
		recipient->outcome = outcome;
		recipient->status = arena_copy_text(sending->arena, status);
		recipient->reply = arena_copy_text(sending->arena, reply);
	}
}

bool
relay_address_is_safe(const char *address)
{
	size_t size = strlen(address);

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)address[i];

		if (byte < 0x21 || byte == 0x7f || byte == '<' || byte == '>')
			return false;
	}
	return size > 0 && size <= ADDRESS_MAX;
}

static bool
is_letter_id(const char *id)
{
	size_t size = strlen(id);

	for (size_t i = 0; i < size; i++)
		if (!(id[i] >= '0' && id[i] <= '9') && !(id[i] >= 'a' && id[i] <= 'z') &&
		    !(id[i] >= 'A' && id[i] <= 'Z') && strchr("-_.", id[i]) == NULL)
			return false;
	return size > 0 && size <= 128 && id[0] != '.';
}

/* What look_through has seen so far. */
struct look {
	unsigned char last;
	bool body; /* the empty line was seen */
	bool clean;
};

static void
look_at(struct relay_sending *sending, struct look *look, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = bytes[i];

		if ((byte == '\n') != (look->last == '\r'))
			look->clean = false;
		if (byte == '\r' && look->last == '\n')
			look->body = true;
		if (byte >= 0x80) {
			sending->eight_bit = true;
			sending->utf8_header |= !look->body;
		}
		look->last = byte;
	}
}

/* Read the letter once before anything is said of it: does it need 8 bits, may it leave at all? */
static enum status
look_through(struct relay_sending *sending, bool *clean_out)
{
	const struct source *source = sending->letter->source;
	struct look look = {.last = 0, .clean = true};
	unsigned char piece[65536];

	for (uint64_t at = 0; at < source->size;) {
		size_t size =
		    source->size - at < sizeof(piece) ? (size_t)(source->size - at) : sizeof(piece);
		enum status status = source_read_exactly(source, at, piece, size);

		if (status != STATUS_OK)
			return status;
		/* A letter that begins with an empty line has no header. */
		if (at == 0)
			look.body = piece[0] == '\r';
		look_at(sending, &look, piece, size);
		at += size;
	}
	*clean_out = look.clean && look.last != '\r';
	return STATUS_OK;
}

/* Refuse what no server could be told safely. */
static void
refuse_unsafe(struct relay_sending *sending)
{
	const struct relay_letter *letter = sending->letter;

	if (*letter->sender != '\0' && !relay_address_is_safe(letter->sender))
		relay_settle(sending, RELAY_REFUSED, "5.1.7",
			     "the sender's address cannot be sent");
	for (size_t i = 0; i < letter->count; i++) {
		struct relay_recipient *recipient = &letter->recipients[i];

		if (recipient->status == NULL && !relay_address_is_safe(recipient->address)) {
			recipient->outcome = RELAY_REFUSED;
			recipient->status = "5.1.3";
			recipient->reply = "this address cannot be sent";
		}
	}
}

static void
forget_outcomes(const struct relay_letter *letter)
{
	for (size_t i = 0; i < letter->count; i++) {
		letter->recipients[i].outcome = RELAY_LATER;
		letter->recipients[i].status = NULL;
		letter->recipients[i].reply = NULL;
		letter->recipients[i].host = "";
		letter->recipients[i].told = false;
	}
}

enum status
relay_send(struct relay *relay, const struct relay_letter *letter, struct arena *arena)
{
	struct relay_sending sending = {
	    .letter = letter,
	    .host = arena_copy_text(arena, relay->settings.host),
	    .arena = arena,
	};
	bool clean = false;
	enum status status;

	relay->elsewhere = false;
	relay->unverified = false;
	relay->unclear = false;
	forget_outcomes(letter);
	status = is_letter_id(letter->id) ? look_through(&sending, &clean) : STATUS_INVALID;
	if (status == STATUS_OK) {
		if (!clean && !letter->binary)
			relay_settle(&sending, RELAY_REFUSED, "5.6.0",
				     "the letter holds a bare CR or LF");
		refuse_unsafe(&sending);
		status = *relay->settings.maildir != '\0' ? relay_maildir_send(relay, &sending)
							  : relay_smtp_send(relay, &sending);
	}
	if (status != STATUS_OK)
		for (size_t i = 0; i < letter->count; i++)
			letter->recipients[i].outcome = RELAY_LATER;
	relay_settle(&sending, RELAY_LATER, "4.3.0", "the letter could not be read");
	return status;
}

bool
relay_may_go_elsewhere(const struct relay *relay)
{
	return relay->elsewhere;
}

bool
relay_is_connected(const struct relay *relay)
{
	return relay->curl != NULL;
}

const struct relay_proof *
relay_proof(const struct relay *relay)
{
	return relay->proved ? &relay->proof : NULL;
}

bool
relay_is_unverified(const struct relay *relay)
{
	return relay->unverified;
}

bool
relay_is_unclear(const struct relay *relay)
{
	return relay->unclear;
}
