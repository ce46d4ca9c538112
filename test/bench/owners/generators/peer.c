/*
 * The other end of every generator: takes streams on their ports and gives what is asked for, swallows datagrams and packets of
 * the experimental protocol, gives datagrams to who asks. Prints "ready" and runs until it is killed.
 */
#define _GNU_SOURCE
#include "traffic.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void *give(void *argument)
{
	struct task *task = argument;
	static char chunk[CHUNK_BYTES];
	for (uint64_t left = task->bytes; left > 0;) {
		ssize_t done = send((int)(intptr_t)task->extra, chunk, left < sizeof(chunk) ? left : sizeof(chunk), MSG_NOSIGNAL);
		if (done <= 0)
			break;
		left -= (uint64_t)done;
		if (left > 0)
			pause_microseconds(CHUNK_REST_MICROSECONDS);
	}
	return NULL;
}

/* Takes and gives at once, so that neither side waits for the other. One byte is wanted as a receipt: it is given last. */
static void *serve_stream(void *argument)
{
	int descriptor = (int)(intptr_t)argument;
	struct stream_request request;
	char chunk[65536];
	pthread_t giver;
	if (recv(descriptor, &request, sizeof(request), MSG_WAITALL) == sizeof(request)) {
		struct task task = { .bytes = request.wants, .extra = (char *)(intptr_t)descriptor };
		int receipt = request.wants == 1;
		if (!receipt)
			pthread_create(&giver, NULL, give, &task);
		for (uint64_t left = request.sends; left > 0;) {
			ssize_t done = read(descriptor, chunk, left < sizeof(chunk) ? left : sizeof(chunk));
			if (done <= 0)
				break;
			left -= (uint64_t)done;
		}
		if (receipt)
			give(&task);
		else
			pthread_join(giver, NULL);
		/* The client closes first: its port is not taken at the next trial. */
		while (read(descriptor, chunk, sizeof(chunk)) > 0) {
		}
	}
	close(descriptor);
	return NULL;
}

static int bound(int type, int protocol, int port)
{
	int descriptor = socket(AF_INET6, type, protocol);
	int off = 0, on = 1, size = 8 * 1024 * 1024;
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	if (descriptor < 0)
		return -1;
	setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	must(bind(descriptor, (struct sockaddr *)&any, sizeof(any)) == 0, "bind");
	return descriptor;
}

static void *accept_streams(void *argument)
{
	int listener = (int)(intptr_t)argument;
	for (;;) {
		pthread_t thread;
		int accepted = accept(listener, NULL, NULL);
		if (accepted < 0)
			continue;
		if (pthread_create(&thread, NULL, serve_stream, (void *)(intptr_t)accepted) == 0)
			pthread_detach(thread);
		else
			close(accepted);
	}
	return NULL;
}

/* Gives datagrams back from the address that was asked: of several, the kernel would choose another. */
static void give_datagrams(int descriptor, struct msghdr *question, uint64_t bytes)
{
	static __thread char payload[DATAGRAM_BYTES];
	struct iovec part = { payload, sizeof(payload) };
	struct msghdr answer = *question;
	uint64_t count = 0;
	answer.msg_iov = &part;
	answer.msg_flags = 0;
	for (; bytes >= sizeof(payload); bytes -= sizeof(payload)) {
		sendmsg(descriptor, &answer, 0);
		if (++count % DATAGRAMS_BETWEEN_RESTS == 0)
			pause_microseconds(DATAGRAM_REST_MICROSECONDS);
	}
}

static void *swallow(void *argument)
{
	int descriptor = (int)(intptr_t)argument;
	static __thread char payload[65536];
	struct datagram_request *request = (struct datagram_request *)payload;
	union address from;
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	for (;;) {
		struct iovec part = { payload, sizeof(payload) };
		struct msghdr question = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1,
					   .msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t size = recvmsg(descriptor, &question, 0);
		if (size == sizeof(*request) && request->magic == DATAGRAM_MAGIC)
			give_datagrams(descriptor, &question, request->wants);
	}
	return NULL;
}

static void start(void *(*function)(void *), int descriptor)
{
	pthread_t thread;
	must(pthread_create(&thread, NULL, function, (void *)(intptr_t)descriptor) == 0, "pthread_create");
}

static void listen_on(int protocol, int port)
{
	int listener = bound(SOCK_STREAM, protocol, port);
	if (listener < 0 && protocol == IPPROTO_SCTP)
		return;
	must(listener >= 0 && listen(listener, 1024) == 0, "listen");
	start(accept_streams, listener);
}

int main(void)
{
	const int datagram_ports[] = { DATAGRAM_PORT, QUIC_PORT, DNS_PORT };
	signal(SIGPIPE, SIG_IGN);
	listen_on(IPPROTO_TCP, STREAM_PORT);
	listen_on(IPPROTO_SCTP, STREAM_PORT);
	for (int index = 0; index < BRIEF_PORTS; index++)
		listen_on(IPPROTO_TCP, FIRST_BRIEF_PORT + index);
	for (size_t index = 0; index < sizeof(datagram_ports) / sizeof(datagram_ports[0]); index++)
		start(swallow, bound(SOCK_DGRAM, 0, datagram_ports[index]));
	start(swallow, socket(AF_INET, SOCK_RAW, EXPERIMENTAL_PROTOCOL));
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
