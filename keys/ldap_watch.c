#include "keys/ldap_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* libldap has connected, and next comes TLS.  From here on the socket blocks: what waits for bytes
 * then sleeps, and the watch wakes it. */
static int
connected(LDAP *connection, Sockbuf *socket, LDAPURLDesc *server, struct sockaddr *address,
	  struct ldap_conncb *callback)
{
	struct ldap_watch *watch = (struct ldap_watch *)callback;
	ber_socket_t fd = -1;

	(void)server, (void)address;
	if (ber_sockbuf_ctrl(socket, LBER_SB_OPT_GET_FD, &fd) != 1 || fd < 0)
		return -1;
	ldap_set_option(connection, LDAP_OPT_NETWORK_TIMEOUT, NULL);
	pthread_mutex_lock(&watch->lock);
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (watch->fired && watch->fd >= 0)
		shutdown(watch->fd, SHUT_RDWR);
	pthread_mutex_unlock(&watch->lock);
	return watch->fd < 0 ? -1 : 0;
}

static void
closed(LDAP *connection, Sockbuf *socket, struct ldap_conncb *callback)
{
	(void)connection, (void)socket, (void)callback;
}

static void *
wait_for_the_end(void *argument)
{
	struct ldap_watch *watch = argument;

	pthread_mutex_lock(&watch->lock);
	while (!watch->over && !watch->fired)
		watch->fired = !clock_wait(&watch->changed, &watch->lock, watch->deadline);
	if (watch->fired && watch->fd >= 0)
		shutdown(watch->fd, SHUT_RDWR);
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

enum status
ldap_watch_begin(struct ldap_watch *watch, LDAP *connection, int64_t deadline)
{
	*watch = (struct ldap_watch){
	    .callback = {.lc_add = connected, .lc_del = closed}, .deadline = deadline, .fd = -1};
	pthread_mutex_init(&watch->lock, NULL);
	clock_prepare_condition(&watch->changed);
	if (ldap_set_option(connection, LDAP_OPT_CONNECT_CB, &watch->callback) == 0 &&
	    pthread_create(&watch->thread, NULL, wait_for_the_end, watch) == 0)
		return STATUS_OK;
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
	return STATUS_UNAVAILABLE;
}

bool
ldap_watch_end(struct ldap_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->over = true;
	pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	if (watch->fd >= 0)
		close(watch->fd);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
	return watch->fired;
}
