/* io_uring(7) without a library: one request at a time, but handed over by shared memory as always. */
#include "traffic.h"

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
	int descriptor;
	struct io_uring_params parameters;
	uint8_t *submissions;
	uint8_t *completions;
	struct io_uring_sqe *entries;
};

static void *map(int descriptor, size_t size, off_t at)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, at);
	must(mapped != MAP_FAILED, "mmap");
	return mapped;
}

static struct ring open_ring(void)
{
	struct ring ring = { 0 };
	ring.descriptor = (int)syscall(SYS_io_uring_setup, 4, &ring.parameters);
	if (ring.descriptor < 0)
		not_here("io_uring");
	struct io_sqring_offsets *sq = &ring.parameters.sq_off;
	struct io_cqring_offsets *cq = &ring.parameters.cq_off;
	ring.submissions = map(ring.descriptor, sq->array + ring.parameters.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	ring.completions = map(ring.descriptor, cq->cqes + ring.parameters.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring.entries = map(ring.descriptor, ring.parameters.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	return ring;
}

static int32_t run(struct ring *ring, uint8_t operation, int descriptor, void *bytes, uint32_t size)
{
	struct io_sqring_offsets *sq = &ring->parameters.sq_off;
	struct io_cqring_offsets *cq = &ring->parameters.cq_off;
	_Atomic uint32_t *tail = (_Atomic uint32_t *)(ring->submissions + sq->tail);
	uint32_t at = atomic_load(tail) & (ring->parameters.sq_entries - 1);
	memset(&ring->entries[at], 0, sizeof(ring->entries[at]));
	ring->entries[at].opcode = operation;
	ring->entries[at].fd = descriptor;
	ring->entries[at].addr = (uint64_t)(uintptr_t)bytes;
	ring->entries[at].len = size;
	((uint32_t *)(ring->submissions + sq->array))[at] = at;
	atomic_fetch_add(tail, 1);
	must(syscall(SYS_io_uring_enter, ring->descriptor, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0, "io_uring_enter");
	_Atomic uint32_t *head = (_Atomic uint32_t *)(ring->completions + cq->head);
	struct io_uring_cqe *done = (struct io_uring_cqe *)(ring->completions + cq->cqes);
	int32_t result = done[atomic_load(head) & (ring->parameters.cq_entries - 1)].res;
	atomic_fetch_add(head, 1);
	return result;
}

void ring_send(struct task *task)
{
	static char chunk[CHUNK_BYTES];
	struct ring ring = open_ring();
	int descriptor = stream(task, task->bytes, 1);
	for (uint64_t left = task->bytes; left > 0;) {
		int32_t done = run(&ring, IORING_OP_SEND, descriptor, chunk, left < sizeof(chunk) ? (uint32_t)left : sizeof(chunk));
		must(done > 0, "io_uring send");
		pause_microseconds(CHUNK_REST_MICROSECONDS);
		left -= (uint64_t)done;
		task->totals.sent += (uint64_t)done;
	}
	read_all(descriptor, 1, &task->totals.received);
	close(descriptor);
}

void ring_receive(struct task *task)
{
	static char chunk[CHUNK_BYTES];
	struct ring ring = open_ring();
	int descriptor = stream(task, 0, task->bytes);
	for (uint64_t left = task->bytes; left > 0;) {
		int32_t done = run(&ring, IORING_OP_RECV, descriptor, chunk, left < sizeof(chunk) ? (uint32_t)left : sizeof(chunk));
		must(done > 0, "io_uring receive");
		left -= (uint64_t)done;
		task->totals.received += (uint64_t)done;
	}
	close(descriptor);
}
