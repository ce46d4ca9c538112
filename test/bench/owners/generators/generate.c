/*
 * Makes one kind of traffic and says how much payload it moved.
 *   generate KIND ADDRESS BYTES [EXTRA]
 * Prints {"sent":…,"received":…}. Exit code 77: this kernel has no such traffic.
 */
#include "traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	kind_function run;
} kinds[] = {
	{ "tcp-up", tcp_up },
	{ "tcp-down", tcp_down },
	{ "tcp-both", tcp_both },
	{ "tcp-slow", tcp_slow },
	{ "tcp-many", tcp_many },
	{ "tcp-burst", tcp_burst },
	{ "tcp-sendfile", tcp_sendfile },
	{ "tcp-splice", tcp_splice },
	{ "tcp-brief", tcp_brief },
	{ "sctp-up", sctp_up },
	{ "udp-up", udp_up },
	{ "udp-down", udp_down },
	{ "udp-quic", udp_quic },
	{ "udp-dns", udp_dns },
	{ "udp-flood", udp_flood },
	{ "udp-sendmmsg", udp_sendmmsg },
	{ "udp-recvmmsg", udp_recvmmsg },
	{ "icmp-echo", icmp_echo },
	{ "raw-protocol", raw_protocol },
	{ "packet-frames", packet_frames },
	{ "loopback", loopback },
	{ "ring-send", ring_send },
	{ "ring-receive", ring_receive },
};

int main(int count, char **words)
{
	must(count >= 4, "usage: generate KIND ADDRESS BYTES [EXTRA]");
	struct task task = { .address = words[2], .bytes = strtoull(words[3], NULL, 10), .extra = count > 4 ? words[4] : "" };
	for (size_t index = 0; index < sizeof(kinds) / sizeof(kinds[0]); index++) {
		if (strcmp(kinds[index].name, words[1]) != 0)
			continue;
		kinds[index].run(&task);
		printf("{\"sent\":%llu,\"received\":%llu}\n", (unsigned long long)task.totals.sent,
		       (unsigned long long)task.totals.received);
		return 0;
	}
	fprintf(stderr, "no such kind: %s\n", words[1]);
	return 2;
}
