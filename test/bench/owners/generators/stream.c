/* TCP in all its ways, and SCTP. */
#define _GNU_SOURCE
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

void tcp_up(struct task *task)
{
	int descriptor = stream(task, task->bytes, 1);
	write_resting(descriptor, task->bytes, &task->totals.sent);
	read_all(descriptor, 1, &task->totals.received);
	close(descriptor);
}

void tcp_down(struct task *task)
{
	int descriptor = stream(task, 0, task->bytes);
	read_all(descriptor, task->bytes, &task->totals.received);
	close(descriptor);
}

struct writer {
	int descriptor;
	uint64_t bytes;
	uint64_t sent;
};

static void *write_beside(void *argument)
{
	struct writer *writer = argument;
	write_resting(writer->descriptor, writer->bytes, &writer->sent);
	return NULL;
}

void tcp_both(struct task *task)
{
	pthread_t thread;
	struct writer writer = { stream(task, task->bytes, task->bytes), task->bytes, 0 };
	must(pthread_create(&thread, NULL, write_beside, &writer) == 0, "pthread_create");
	read_all(writer.descriptor, task->bytes, &task->totals.received);
	pthread_join(thread, NULL);
	task->totals.sent += writer.sent;
	close(writer.descriptor);
}

/* A hundred bytes every twenty milliseconds. */
void tcp_slow(struct task *task)
{
	int descriptor = stream(task, task->bytes, 1);
	for (uint64_t left = task->bytes; left > 0; left -= left < 100 ? left : 100) {
		write_all(descriptor, left < 100 ? left : 100, &task->totals.sent);
		pause_microseconds(20000);
	}
	read_all(descriptor, 1, &task->totals.received);
	close(descriptor);
}

/* One connection after the other, two kilobytes each. */
void tcp_many(struct task *task)
{
	for (uint64_t left = task->bytes; left >= 2048; left -= 2048) {
		int descriptor = stream(task, 2048, 1);
		write_all(descriptor, 2048, &task->totals.sent);
		read_all(descriptor, 1, &task->totals.received);
		close(descriptor);
		pause_microseconds(10000);
	}
}

#define BURST 32

static void *burst_one(void *argument)
{
	struct task *task = argument;
	int descriptor = stream(task, task->bytes, 1);
	write_all(descriptor, task->bytes, &task->totals.sent);
	read_all(descriptor, 1, &task->totals.received);
	close(descriptor);
	return NULL;
}

/* Connections all at once, each in a thread of its own. */
void tcp_burst(struct task *task)
{
	pthread_t threads[BURST];
	struct task parts[BURST];
	for (int index = 0; index < BURST; index++) {
		parts[index] = (struct task){ .address = task->address, .bytes = task->bytes / BURST };
		must(pthread_create(&threads[index], NULL, burst_one, &parts[index]) == 0, "pthread_create");
	}
	for (int index = 0; index < BURST; index++) {
		pthread_join(threads[index], NULL);
		task->totals.sent += parts[index].totals.sent;
		task->totals.received += parts[index].totals.received;
	}
}

static int file_of(uint64_t bytes)
{
	int file = memfd_create("sent", MFD_CLOEXEC);
	must(file >= 0 && ftruncate(file, (off_t)bytes) == 0, "memfd_create");
	return file;
}

void tcp_sendfile(struct task *task)
{
	int descriptor = stream(task, task->bytes, 1);
	int file = file_of(task->bytes);
	for (uint64_t left = task->bytes; left > 0;) {
		ssize_t done = sendfile(descriptor, file, NULL, left < CHUNK_BYTES ? left : CHUNK_BYTES);
		must(done > 0, "sendfile");
		pause_microseconds(CHUNK_REST_MICROSECONDS);
		left -= (uint64_t)done;
		task->totals.sent += (uint64_t)done;
	}
	read_all(descriptor, 1, &task->totals.received);
	close(descriptor);
}

static void splice_all(int from, int to, uint64_t bytes, uint64_t *moved)
{
	int ends[2];
	must(pipe(ends) == 0, "pipe");
	while (bytes > 0) {
		ssize_t held = splice(from, NULL, ends[1], NULL, bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES, SPLICE_F_MOVE);
		must(held > 0, "splice");
		bytes -= (uint64_t)held;
		pause_microseconds(CHUNK_REST_MICROSECONDS / 4);
		for (ssize_t left = held; left > 0;) {
			ssize_t done = splice(ends[0], NULL, to, NULL, (size_t)left, SPLICE_F_MOVE);
			must(done > 0, "splice");
			left -= done;
			*moved += (uint64_t)done;
		}
	}
}

/* From the network to a file, and from a file to the network. */
void tcp_splice(struct task *task)
{
	int descriptor = stream(task, task->bytes, task->bytes);
	int null = open("/dev/null", O_WRONLY);
	splice_all(file_of(task->bytes), descriptor, task->bytes, &task->totals.sent);
	splice_all(descriptor, null, task->bytes, &task->totals.received);
	close(descriptor);
}

/* What a short-lived process does: its bytes to a port of its app's own, then it stays until its time is over. */
void tcp_brief(struct task *task)
{
	struct stream_request request = { task->bytes, 0 };
	int descriptor = connected(task->address, SOCK_STREAM, atoi(task->extra));
	must(send(descriptor, &request, sizeof(request), 0) == sizeof(request), "send");
	task->totals.sent += sizeof(request);
	write_all(descriptor, task->bytes, &task->totals.sent);
	pause_microseconds(45000);
	close(descriptor);
}

void sctp_up(struct task *task)
{
	int probe = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	if (probe < 0)
		not_here("SCTP");
	union address address;
	socklen_t length = read_address(task->address, STREAM_PORT, &address);
	struct stream_request request = { task->bytes, 1 };
	must(connect(probe, &address.any, length) == 0, "connect");
	must(send(probe, &request, sizeof(request), 0) == sizeof(request), "send");
	write_all(probe, task->bytes, &task->totals.sent);
	read_all(probe, 1, &task->totals.received);
	close(probe);
}
