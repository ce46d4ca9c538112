/* Traffic that no TCP or UDP socket carries, and traffic that leaves no machine. */
#include "traffic.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static uint16_t checksum(const void *bytes, size_t size)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;
	for (size_t index = 0; index < size / 2; index++)
		sum += words[index];
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return (uint16_t)~sum;
}

/* One echo request after the other, each waits for its answer. */
void icmp_echo(struct task *task)
{
	struct {
		struct icmphdr header;
		char payload[DATAGRAM_BYTES];
	} request = { .header = { .type = ICMP_ECHO } };
	char answer[2048];
	struct timeval patience = { 0, 200000 };
	union address address;
	socklen_t length = read_address(task->address, 0, &address);
	int descriptor = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	must(descriptor >= 0, "socket");
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	request.header.un.echo.id = htons((uint16_t)getpid());
	for (uint64_t left = task->bytes; left >= DATAGRAM_BYTES; left -= DATAGRAM_BYTES) {
		request.header.checksum = 0;
		request.header.un.echo.sequence++;
		request.header.checksum = checksum(&request, sizeof(request));
		must(sendto(descriptor, &request, sizeof(request), 0, &address.any, length) > 0, "sendto");
		task->totals.sent += DATAGRAM_BYTES;
		if (recv(descriptor, answer, sizeof(answer), 0) > 0)
			task->totals.received += DATAGRAM_BYTES;
		pause_microseconds(4000);
	}
	close(descriptor);
}

void raw_protocol(struct task *task)
{
	static char payload[DATAGRAM_BYTES];
	union address address;
	socklen_t length = read_address(task->address, 0, &address);
	int descriptor = socket(AF_INET, SOCK_RAW, EXPERIMENTAL_PROTOCOL);
	must(descriptor >= 0, "socket");
	for (uint64_t left = task->bytes; left >= sizeof(payload); left -= sizeof(payload)) {
		must(sendto(descriptor, payload, sizeof(payload), 0, &address.any, length) > 0, "sendto");
		task->totals.sent += sizeof(payload);
		if (left / sizeof(payload) % DATAGRAMS_BETWEEN_RESTS == 0)
			pause_microseconds(DATAGRAM_REST_MICROSECONDS);
	}
	close(descriptor);
}

struct frame {
	struct ether_header link;
	struct iphdr ip;
	struct udphdr udp;
	char payload[DATAGRAM_BYTES];
} __attribute__((packed));

/* `extra`: INTERFACE HARDWARE-ADDRESS SOURCE-ADDRESS, separated by blanks. */
void packet_frames(struct task *task)
{
	char name[IF_NAMESIZE], source[64];
	unsigned hardware[6];
	struct frame frame = { .link.ether_type = htons(ETHERTYPE_IP) };
	must(sscanf(task->extra, "%15s %x:%x:%x:%x:%x:%x %63s", name, &hardware[0], &hardware[1], &hardware[2], &hardware[3],
		    &hardware[4], &hardware[5], source) == 8, "extra");
	for (int index = 0; index < 6; index++)
		frame.link.ether_dhost[index] = (uint8_t)hardware[index];
	frame.ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	frame.ip.tot_len = htons(sizeof(frame) - sizeof(frame.link));
	must(inet_pton(AF_INET, source, &frame.ip.saddr) == 1, "source");
	must(inet_pton(AF_INET, task->address, &frame.ip.daddr) == 1, "address");
	frame.ip.check = checksum(&frame.ip, sizeof(frame.ip));
	frame.udp.source = htons(40000);
	frame.udp.dest = htons(DATAGRAM_PORT);
	frame.udp.len = htons(sizeof(frame.udp) + sizeof(frame.payload));
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name), .sll_halen = 6 };
	int descriptor = socket(AF_PACKET, SOCK_RAW, 0);
	must(descriptor >= 0, "socket");
	for (uint64_t left = task->bytes; left >= DATAGRAM_BYTES; left -= DATAGRAM_BYTES) {
		must(sendto(descriptor, &frame, sizeof(frame), 0, (struct sockaddr *)&link, sizeof(link)) > 0, "sendto");
		task->totals.sent += DATAGRAM_BYTES;
		if (left / DATAGRAM_BYTES % DATAGRAMS_BETWEEN_RESTS == 0)
			pause_microseconds(DATAGRAM_REST_MICROSECONDS);
	}
	close(descriptor);
}

struct sink {
	int listener;
	uint64_t bytes;
	uint64_t received;
};

static void *read_beside(void *argument)
{
	struct sink *sink = argument;
	int accepted = accept(sink->listener, NULL, NULL);
	must(accepted >= 0, "accept");
	read_all(accepted, sink->bytes, &sink->received);
	close(accepted);
	return NULL;
}

/* A process that talks to itself. */
void loopback(struct task *task)
{
	union address address;
	socklen_t length = read_address("127.0.0.1", 0, &address);
	struct sink sink = { socket(AF_INET, SOCK_STREAM, 0), task->bytes, 0 };
	pthread_t thread;
	must(bind(sink.listener, &address.any, length) == 0 && listen(sink.listener, 1) == 0, "listen");
	must(getsockname(sink.listener, &address.any, &length) == 0, "getsockname");
	must(pthread_create(&thread, NULL, read_beside, &sink) == 0, "pthread_create");
	int descriptor = connected("127.0.0.1", SOCK_STREAM, ntohs(address.four.sin_port));
	write_resting(descriptor, task->bytes, &task->totals.sent);
	close(descriptor);
	pthread_join(thread, NULL);
	task->totals.received += sink.received;
}
