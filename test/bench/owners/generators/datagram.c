/* UDP in all its ways. */
#define _GNU_SOURCE
#include "traffic.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define BATCH 16

static void send_datagrams(struct task *task, int port, size_t size, long rest)
{
	static char payload[DATAGRAM_BYTES];
	union address address;
	socklen_t length = read_address(task->address, port, &address);
	int descriptor = socket(address.any.sa_family, SOCK_DGRAM, 0);
	must(descriptor >= 0, "socket");
	uint64_t count = 0;
	for (uint64_t left = task->bytes; left >= size; left -= size) {
		must(sendto(descriptor, payload, size, 0, &address.any, length) == (ssize_t)size, "sendto");
		task->totals.sent += size;
		if (++count % DATAGRAMS_BETWEEN_RESTS == 0 && rest > 0)
			pause_microseconds(rest);
	}
	close(descriptor);
}

void udp_up(struct task *task)
{
	send_datagrams(task, DATAGRAM_PORT, DATAGRAM_BYTES, DATAGRAM_REST_MICROSECONDS);
}

void udp_quic(struct task *task)
{
	send_datagrams(task, QUIC_PORT, DATAGRAM_BYTES, DATAGRAM_REST_MICROSECONDS);
}

void udp_dns(struct task *task)
{
	/* A flood: as fast as the peer's buffer takes it. */
	send_datagrams(task, DNS_PORT, 40, 1000);
}

/* As fast as it goes: what this costs is measured, not who it is. */
void udp_flood(struct task *task)
{
	send_datagrams(task, DNS_PORT, 40, 0);
}

/* What got lost on the way may be little. */
static void must_be_most(struct task *task)
{
	must(task->totals.received >= task->bytes / 10 * 9, "datagrams were lost");
}

/* Asks the peer for datagrams. What gets lost on the way ends the wait after half a second of silence. */
static int ask(struct task *task)
{
	struct datagram_request request = { DATAGRAM_MAGIC, 0, task->bytes };
	struct timeval patience = { 0, 500000 };
	int size = 4 * 1024 * 1024;
	int descriptor = connected(task->address, SOCK_DGRAM, DATAGRAM_PORT);
	setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	must(send(descriptor, &request, sizeof(request), 0) == sizeof(request), "send");
	task->totals.sent += sizeof(request);
	return descriptor;
}

void udp_down(struct task *task)
{
	char payload[DATAGRAM_BYTES];
	int descriptor = ask(task);
	while (task->totals.received < task->bytes) {
		ssize_t got = recv(descriptor, payload, sizeof(payload), 0);
		if (got < 0 && errno == EAGAIN)
			break;
		must(got >= 0, "recv");
		task->totals.received += (uint64_t)got;
	}
	must_be_most(task);
	close(descriptor);
}

static void prepare(struct mmsghdr messages[BATCH], struct iovec parts[BATCH], char payloads[BATCH][DATAGRAM_BYTES])
{
	memset(messages, 0, sizeof(struct mmsghdr) * BATCH);
	for (int index = 0; index < BATCH; index++) {
		parts[index] = (struct iovec){ payloads[index], DATAGRAM_BYTES };
		messages[index].msg_hdr.msg_iov = &parts[index];
		messages[index].msg_hdr.msg_iovlen = 1;
	}
}

void udp_sendmmsg(struct task *task)
{
	static char payloads[BATCH][DATAGRAM_BYTES];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int descriptor = connected(task->address, SOCK_DGRAM, DATAGRAM_PORT);
	prepare(messages, parts, payloads);
	while (task->totals.sent < task->bytes) {
		int done = sendmmsg(descriptor, messages, BATCH, 0);
		must(done > 0, "sendmmsg");
		task->totals.sent += (uint64_t)done * DATAGRAM_BYTES;
		pause_microseconds(DATAGRAM_REST_MICROSECONDS / 2);
	}
	close(descriptor);
}

void udp_recvmmsg(struct task *task)
{
	static char payloads[BATCH][DATAGRAM_BYTES];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int descriptor = ask(task);
	while (task->totals.received < task->bytes) {
		prepare(messages, parts, payloads);
		int done = recvmmsg(descriptor, messages, BATCH, MSG_WAITFORONE, NULL);
		if (done < 0 && errno == EAGAIN)
			break;
		must(done > 0, "recvmmsg");
		for (int index = 0; index < done; index++)
			task->totals.received += messages[index].msg_len;
	}
	must_be_most(task);
	close(descriptor);
}
