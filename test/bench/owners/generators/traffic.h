/* What the generators and their peer share. */
#ifndef OWNERS_TRAFFIC_H
#define OWNERS_TRAFFIC_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define STREAM_PORT 5001
#define DATAGRAM_PORT 5004
#define QUIC_PORT 443
#define DNS_PORT 53
/* Ten ports more, so that the peer's counters tell the apps of the short-lived processes apart. */
#define FIRST_BRIEF_PORT 6000
#define BRIEF_PORTS 10

#define EXPERIMENTAL_PROTOCOL 253
#define DATAGRAM_BYTES 1200

/*
 * Whoever sends rests now and then, so that a kind takes about two seconds, as transfers do: programs that look once a second
 * are not measured by how they miss what is over at once (short-lived processes are a kind of their own).
 */
#define CHUNK_BYTES 65536
#define CHUNK_REST_MICROSECONDS 15000
#define DATAGRAMS_BETWEEN_RESTS 32
#define DATAGRAM_REST_MICROSECONDS 30000

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* A stream begins with it: how much the client is going to send, and how much it wants. */
struct stream_request {
	uint64_t sends;
	uint64_t wants;
};

/* A datagram that begins with it asks for datagrams back. */
#define DATAGRAM_MAGIC 0x6d617265
struct datagram_request {
	uint32_t magic;
	uint32_t padding;
	uint64_t wants;
};

/* Payload that this process has sent and received, printed at the end. */
struct totals {
	uint64_t sent;
	uint64_t received;
};

/* One kind of traffic: where to, how much, and what was moved. Ends the process where something fails. */
struct task {
	const char *address;
	uint64_t bytes;
	const char *extra; /* what one kind alone needs: an interface, a hardware address */
	struct totals totals;
};

typedef void (*kind_function)(struct task *task);

void must(int done, const char *what);
/* "Not on this kernel": ends the process with exit code 77. */
void not_here(const char *what);
socklen_t read_address(const char *text, int port, union address *address);
int connected(const char *address, int type, int port);
int stream(struct task *task, uint64_t sends, uint64_t wants);
void write_all(int descriptor, uint64_t bytes, uint64_t *sent);
void write_resting(int descriptor, uint64_t bytes, uint64_t *sent);
void read_all(int descriptor, uint64_t bytes, uint64_t *received);
void pause_microseconds(long microseconds);

/* stream.c */
void tcp_up(struct task *task);
void tcp_down(struct task *task);
void tcp_both(struct task *task);
void tcp_slow(struct task *task);
void tcp_many(struct task *task);
void tcp_burst(struct task *task);
void tcp_sendfile(struct task *task);
void tcp_splice(struct task *task);
void tcp_brief(struct task *task);
void sctp_up(struct task *task);
/* datagram.c */
void udp_up(struct task *task);
void udp_down(struct task *task);
void udp_quic(struct task *task);
void udp_dns(struct task *task);
void udp_flood(struct task *task);
void udp_sendmmsg(struct task *task);
void udp_recvmmsg(struct task *task);
/* unusual.c */
void icmp_echo(struct task *task);
void raw_protocol(struct task *task);
void packet_frames(struct task *task);
void loopback(struct task *task);
/* ring.c */
void ring_send(struct task *task);
void ring_receive(struct task *task);

#endif
