#include "traffic.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void must(int done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(1);
}

void not_here(const char *what)
{
	perror(what);
	exit(77);
}

socklen_t read_address(const char *text, int port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1) {
		address->six.sin6_family = AF_INET6;
		address->six.sin6_port = htons((uint16_t)port);
		return sizeof(address->six);
	}
	must(inet_pton(AF_INET, text, &address->four.sin_addr) == 1, "address");
	address->four.sin_family = AF_INET;
	address->four.sin_port = htons((uint16_t)port);
	return sizeof(address->four);
}

int connected(const char *text, int type, int port)
{
	union address address;
	socklen_t length = read_address(text, port, &address);
	int descriptor = socket(address.any.sa_family, type, 0);
	must(descriptor >= 0, "socket");
	must(connect(descriptor, &address.any, length) == 0, "connect");
	return descriptor;
}

/* A connection to the peer that has told what it is going to move. */
int stream(struct task *task, uint64_t sends, uint64_t wants)
{
	struct stream_request request = { sends, wants };
	int descriptor = connected(task->address, SOCK_STREAM, STREAM_PORT);
	must(send(descriptor, &request, sizeof(request), 0) == sizeof(request), "send");
	task->totals.sent += sizeof(request);
	return descriptor;
}

void write_all(int descriptor, uint64_t bytes, uint64_t *sent)
{
	static char chunk[CHUNK_BYTES];
	while (bytes > 0) {
		ssize_t done = write(descriptor, chunk, bytes < sizeof(chunk) ? bytes : sizeof(chunk));
		must(done > 0, "write");
		bytes -= (uint64_t)done;
		*sent += (uint64_t)done;
	}
}

void write_resting(int descriptor, uint64_t bytes, uint64_t *sent)
{
	while (bytes > 0) {
		uint64_t part = bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES;
		write_all(descriptor, part, sent);
		bytes -= part;
		pause_microseconds(CHUNK_REST_MICROSECONDS);
	}
}

void read_all(int descriptor, uint64_t bytes, uint64_t *received)
{
	char chunk[CHUNK_BYTES];
	while (bytes > 0) {
		ssize_t done = read(descriptor, chunk, bytes < sizeof(chunk) ? bytes : sizeof(chunk));
		must(done > 0, "read");
		bytes -= (uint64_t)done;
		*received += (uint64_t)done;
	}
}

void pause_microseconds(long microseconds)
{
	struct timespec time = { microseconds / 1000000, microseconds % 1000000 * 1000 };
	nanosleep(&time, NULL);
}
