/*
 * What the kernel part (owner-map.bpf.c) and the loader (owner-map.cc) share. Fixed-size, no padding left implicit:
 * both sides are compiled by different compilers.
 */
#ifndef TIDEWATCH_OWNER_MAP_H
#define TIDEWATCH_OWNER_MAP_H

#include <linux/types.h>

/*
 * Flows remembered at one time, the longest silent one displaced first. More than a desktop opens in an hour;
 * a flow needs its place only until user space has looked it up, once a second. About 12 MB of kernel memory.
 */
#define TIDEWATCH_MAXIMUM_FLOWS 65536

/* Processes whose executable is remembered from their exec, and processes that have been announced. */
#define TIDEWATCH_MAXIMUM_PROCESSES 8192

/* Announcements under way to user space: some 800 of them. What does not fit is counted as lost. */
#define TIDEWATCH_RING_BYTES (256 * 1024)

/* Bytes of an executable's path, with its end; a longer one is left out, not cut. */
#define TIDEWATCH_PATH_BYTES 256

/* How the owner of a socket became known; a later one beats an earlier one. */
enum tidewatch_evidence {
	TIDEWATCH_NOBODY = 0,   /* open before the programs were attached, or the kernel's own */
	TIDEWATCH_ACCEPTED = 1, /* what is known of the listening socket, taken over by accept() */
	TIDEWATCH_CREATED = 2,  /* the process called socket() */
	TIDEWATCH_USED = 3,     /* the process connected, sent or received */
};

/* Addresses are 16 bytes, IPv4 as IPv4-mapped IPv6. Ports are in host byte order, 0 where the protocol has none. */
struct tidewatch_flow_key {
	__u64 netns; /* cookie of the network namespace (SO_NETNS_COOKIE), 0 where the kernel does not tell */
	__u8 local[16] __attribute__((aligned(8)));
	__u8 remote[16] __attribute__((aligned(8)));
	__u16 local_port;
	__u16 remote_port;
	__u32 protocol;
};

struct tidewatch_owner {
	__u64 cookie; /* of the socket (SO_COOKIE); 0 for frames sent through AF_PACKET */
	__u64 since;  /* when this process became the owner: CLOCK_BOOTTIME, nanoseconds */
	__u32 tgid;   /* in the initial pid namespace; 0 where evidence is NOBODY */
	__u32 uid;
	__u32 generation; /* grows with each change of the owner */
	__u8 evidence;
	__u8 shared; /* more than one process has used the socket */
	__u8 unused[2];
};

struct tidewatch_flow {
	struct tidewatch_owner owner;
	__u64 last; /* latest packet: CLOCK_MONOTONIC, nanoseconds */
	/* The owner before this one, where another socket had the same ends, and when that ended (CLOCK_BOOTTIME). */
	__u64 previous_until;
	__u32 previous_tgid;
	__u32 unused;
};

/* What a process runs: the path that its latest exec named, its own or that of who it was forked from. */
struct tidewatch_executable {
	__u64 time; /* of that exec: CLOCK_BOOTTIME, nanoseconds; 0 where it was before the programs were attached */
	__u64 group; /* number of the control group (version 2) it was in then; 0 where that is not known */
	char path[TIDEWATCH_PATH_BYTES] __attribute__((aligned(8)));
};

/* Announces that a process has begun to own sockets, so that user space reads what /proc tells while it lives. */
struct tidewatch_announcement {
	__u64 time; /* CLOCK_BOOTTIME, nanoseconds */
	__u64 netns;
	__u64 executed; /* when it last called exec, as far as that was seen; else 0 */
	__u64 group;    /* its control group then; 0 where that is not known */
	__u32 tgid;
	__u32 uid;
	char executable[TIDEWATCH_PATH_BYTES] __attribute__((aligned(8))); /* empty where the exec was not seen, or its path is too long */
};

/* Indices of the counters map. All only grow. */
enum tidewatch_counter {
	TIDEWATCH_FLOWS_ADDED = 0,
	TIDEWATCH_ANNOUNCEMENTS_LOST = 1,
	TIDEWATCH_COUNTERS = 2,
};

#endif
