/*
 * One short-lived process that moves a little data in one way, says which ends it had, and is gone.
 *   traffic WAY ADDRESS PORT
 * Prints one JSON object a line: {"pid":…,"localPort":…,"remotePort":…}.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <net/ethernet.h>
#include <netinet/ip_icmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static void must(int done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(1);
}

static socklen_t read_address(const char *text, const char *port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1) {
		address->six.sin6_family = AF_INET6;
		address->six.sin6_port = htons((uint16_t)atoi(port));
		return sizeof(address->six);
	}
	must(inet_pton(AF_INET, text, &address->four.sin_addr) == 1, "address");
	address->four.sin_family = AF_INET;
	address->four.sin_port = htons((uint16_t)atoi(port));
	return sizeof(address->four);
}

static int port_of(union address *address)
{
	return ntohs(address->any.sa_family == AF_INET6 ? address->six.sin6_port : address->four.sin_port);
}

static void tell(int descriptor, int remote_port)
{
	union address local;
	socklen_t length = sizeof(local);
	must(getsockname(descriptor, &local.any, &length) == 0, "getsockname");
	printf("{\"pid\":%d,\"localPort\":%d,\"remotePort\":%d}\n", getpid(), port_of(&local), remote_port);
	fflush(stdout);
}

static void serve(union address *address, socklen_t length)
{
	int listener = socket(address->any.sa_family, SOCK_STREAM, 0);
	union address peer;
	socklen_t peer_length = sizeof(peer);
	char buffer[4096];
	must(bind(listener, &address->any, length) == 0 && listen(listener, 8) == 0, "listen");
	tell(listener, 0);
	int accepted = accept(listener, &peer.any, &peer_length);
	must(accepted >= 0, "accept");
	while (read(accepted, buffer, sizeof(buffer)) > 0) {
	}
	tell(accepted, port_of(&peer));
}

/* The parent opens the socket, the child sends on it: the traffic is the child's. */
static void inherit(union address *address, socklen_t length)
{
	int descriptor = socket(address->any.sa_family, SOCK_DGRAM, 0);
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child > 0) {
		waitpid(child, NULL, 0);
		return;
	}
	must(sendto(descriptor, "inherited", 9, 0, &address->any, length) == 9, "sendto");
	tell(descriptor, port_of(address));
	_exit(0);
}

/* The same, by a process that was there long before: it waits for SIGUSR1. */
static void inherit_later(union address *address, socklen_t length)
{
	sigset_t signals;
	int signal;
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &signals, NULL) == 0, "sigprocmask");
	printf("{\"pid\":%d,\"localPort\":0,\"remotePort\":0}\n", getpid());
	fflush(stdout);
	must(sigwait(&signals, &signal) == 0, "sigwait");
	inherit(address, length);
}

static void send_frame(const union address *address)
{
	int descriptor = socket(AF_PACKET, SOCK_DGRAM, 0);
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_halen = 6, .sll_protocol = htons(ETH_P_IP) };
	/* IPv4, protocol 253, from 192.0.2.1. */
	unsigned char frame[64] = { 0x45, 0, 0, 64, 0, 0, 0, 0, 64, 253, 0, 0, 192, 0, 2, 1 };
	memcpy(frame + 16, &address->four.sin_addr, 4);
	link.sll_ifindex = (int)if_nametoindex("lo");
	must(sendto(descriptor, frame, sizeof(frame), 0, (struct sockaddr *)&link, sizeof(link)) > 0, "sendto");
	printf("{\"pid\":%d,\"localPort\":0,\"remotePort\":0}\n", getpid());
}

/* Hears every ICMP packet of the namespace, as ping does, but sends none. */
static void overhear(void)
{
	char packet[2048];
	int descriptor = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	must(descriptor >= 0, "socket");
	printf("{\"pid\":%d,\"localPort\":0,\"remotePort\":0}\n", getpid());
	fflush(stdout);
	must(recv(descriptor, packet, sizeof(packet), 0) > 0, "recv");
}

static int open_socket(const char *way, int family)
{
	if (strcmp(way, "tcp") == 0)
		return socket(family, SOCK_STREAM, 0);
	if (strcmp(way, "raw") == 0)
		return socket(family, SOCK_RAW, 253);
	if (strcmp(way, "echo") == 0)
		return socket(family, SOCK_RAW, IPPROTO_ICMP);
	return socket(family, SOCK_DGRAM, 0);
}

int main(int count, char **words)
{
	union address address;
	must(count == 4, "usage: traffic WAY ADDRESS PORT");
	const char *way = words[1];
	socklen_t length = read_address(words[2], words[3], &address);
	if (strcmp(way, "serve") == 0)
		return serve(&address, length), 0;
	if (strcmp(way, "inherit") == 0)
		return inherit(&address, length), 0;
	if (strcmp(way, "inherit-later") == 0)
		return inherit_later(&address, length), 0;
	if (strcmp(way, "overhear") == 0)
		return overhear(), 0;
	if (strcmp(way, "frame") == 0)
		return send_frame(&address), 0;
	int descriptor = open_socket(way, address.any.sa_family);
	must(descriptor >= 0, "socket");
	struct icmphdr echo = { .type = ICMP_ECHO };
	if (strcmp(way, "tcp") == 0 || strcmp(way, "udp-connected") == 0) {
		must(connect(descriptor, &address.any, length) == 0, "connect");
		must(send(descriptor, "connected", 9, 0) == 9, "send");
	} else {
		must(sendto(descriptor, &echo, sizeof(echo), 0, &address.any, length) > 0, "sendto");
	}
	if (strcmp(way, "raw") == 0 || strcmp(way, "echo") == 0)
		printf("{\"pid\":%d,\"localPort\":0,\"remotePort\":0}\n", getpid());
	else
		tell(descriptor, port_of(&address));
	return 0;
}
