/*
 * Who owns which flow, told by the kernel itself.
 *
 * 1. A socket's owner is kept in the socket's own storage, so it needs no bound and dies with the socket. socket()
 *    makes its caller the owner; connecting, sending and receiving make their caller the owner, because sockets are
 *    inherited and passed on; accept() takes over what is known of the listening socket.
 * 2. Each packet of a socket writes {ends -> owner} into a bounded map, which user space reads once a second. The
 *    entry outlives the socket and the process: that is what names traffic of processes that are gone.
 * 3. Only programs that run in the context of a process ask who is current; packets may arrive in anybody's time.
 * 4. The programs never refuse, change or delay anything: each returns "go on".
 *
 * The programs in "cgroup" sections use nothing but the stable contexts of linux/bpf.h. Those in "tp_btf" sections need
 * the kernel's type information (/sys/kernel/btf/vmlinux) and are optional: see README.md for what is lost without.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "owner-map.h"

/* Some helpers are for programs under the GPL; the whole is offered under either licence. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define GO_ON 1
#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define SOCK_RAW 3
#define NANOSECONDS_PER_SECOND 1000000000ULL

/* Set by the loader where cgroup_skb programs may ask for the network namespace (Linux 6.16). */
const volatile __u8 packets_tell_namespace = 0;

struct socket_state {
	struct tidewatch_owner owner;
	__u64 netns;
	struct tidewatch_flow_key last_flow;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct socket_state);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TIDEWATCH_MAXIMUM_FLOWS);
	__type(key, struct tidewatch_flow_key);
	__type(value, struct tidewatch_flow);
} flows SEC(".maps");

/* When each process was last announced. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TIDEWATCH_MAXIMUM_PROCESSES);
	__type(key, __u32);
	__type(value, __u64);
} announced SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TIDEWATCH_MAXIMUM_PROCESSES);
	__type(key, __u32);
	__type(value, struct tidewatch_executable);
} executables SEC(".maps");

/* A path is too large for a program's stack: each processor has one place to build it in. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tidewatch_executable);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TIDEWATCH_RING_BYTES);
} announcements SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TIDEWATCH_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);
	if (value)
		*value += 1;
}

static __always_inline __u32 current_process(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/*
 * Announces the current process at most once a second: a pid is not used again that soon, and an exec in between
 * withdraws the entry (see process_executes).
 */
static __always_inline void announce(__u32 tgid, __u64 now, __u64 netns)
{
	__u64 *before = bpf_map_lookup_elem(&announced, &tgid);
	if (before && now - *before < NANOSECONDS_PER_SECOND)
		return;
	struct tidewatch_announcement *announcement =
		bpf_ringbuf_reserve(&announcements, sizeof(*announcement), 0);
	if (!announcement) {
		count(TIDEWATCH_ANNOUNCEMENTS_LOST);
		return;
	}
	announcement->time = now;
	announcement->netns = netns;
	announcement->tgid = tgid;
	announcement->uid = (__u32)bpf_get_current_uid_gid();
	struct tidewatch_executable *executable = bpf_map_lookup_elem(&executables, &tgid);
	announcement->executed = executable ? executable->time : 0;
	announcement->group = executable ? executable->group : 0;
	if (executable)
		__builtin_memcpy(announcement->executable, executable->path, TIDEWATCH_PATH_BYTES);
	else
		announcement->executable[0] = 0;
	bpf_ringbuf_submit(announcement, 0);
	bpf_map_update_elem(&announced, &tgid, &now, BPF_ANY);
}

/* Makes the current process the owner. The generation is written last: a packet copies the owner when it differs. */
static __always_inline void own(struct socket_state *state, __u64 cookie, __u8 evidence)
{
	struct tidewatch_owner *owner = &state->owner;
	__u32 tgid = current_process();
	__u64 now = bpf_ktime_get_boot_ns();

	announce(tgid, now, state->netns);
	if (evidence == TIDEWATCH_USED && owner->evidence == TIDEWATCH_USED)
		owner->shared = 1;
	owner->cookie = cookie;
	owner->since = now;
	owner->tgid = tgid;
	owner->uid = (__u32)bpf_get_current_uid_gid();
	owner->evidence = evidence;
	asm volatile("" ::: "memory");
	owner->generation += 1;
}

/* The socket's latest packet may have gone out before its sender was known: its entry is put right. */
static __always_inline void correct_last_flow(struct socket_state *state)
{
	struct tidewatch_flow *flow = bpf_map_lookup_elem(&flows, &state->last_flow);
	if (flow && flow->owner.cookie == state->owner.cookie)
		flow->owner = state->owner;
}

static __always_inline int used_by_current(struct socket_state *state, __u64 cookie)
{
	struct tidewatch_owner *owner = &state->owner;
	if (owner->evidence == TIDEWATCH_USED && owner->tgid == current_process() && owner->cookie == cookie)
		return GO_ON;
	if (owner->cookie != cookie) {
		owner->evidence = TIDEWATCH_NOBODY; /* an accepted socket: what it has is its listener's */
		owner->shared = 0;
	}
	own(state, cookie, TIDEWATCH_USED);
	correct_last_flow(state);
	return GO_ON;
}

SEC("cgroup/sock_create")
int socket_created(struct bpf_sock *socket)
{
	struct socket_state *state = bpf_sk_storage_get(&sockets, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return GO_ON;
	state->netns = bpf_get_netns_cookie(socket);
	own(state, bpf_get_socket_cookie(socket), TIDEWATCH_CREATED);
	return GO_ON;
}

static __always_inline int address_used(struct bpf_sock_addr *context)
{
	struct bpf_sock *socket = context->sk;
	if (!socket)
		return GO_ON;
	struct socket_state *state = bpf_sk_storage_get(&sockets, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return GO_ON;
	state->netns = bpf_get_netns_cookie(context);
	return used_by_current(state, bpf_get_socket_cookie(context));
}

SEC("cgroup/connect4")
int connects4(struct bpf_sock_addr *context)
{
	return address_used(context);
}

SEC("cgroup/connect6")
int connects6(struct bpf_sock_addr *context)
{
	return address_used(context);
}

SEC("cgroup/sendmsg4")
int sends4(struct bpf_sock_addr *context)
{
	return address_used(context);
}

SEC("cgroup/sendmsg6")
int sends6(struct bpf_sock_addr *context)
{
	return address_used(context);
}

SEC("cgroup/recvmsg4")
int receives4(struct bpf_sock_addr *context)
{
	return address_used(context);
}

SEC("cgroup/recvmsg6")
int receives6(struct bpf_sock_addr *context)
{
	return address_used(context);
}

/* One packet's ends as the wire has them. */
struct packet_ends {
	__u8 source[16] __attribute__((aligned(8)));
	__u8 destination[16] __attribute__((aligned(8)));
	__u16 source_port;
	__u16 destination_port;
	__u32 protocol;
};

static __always_inline int has_ports(__u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE || protocol == IPPROTO_DCCP;
}

static __always_inline void map_ipv4(__u8 address[16], __be32 ipv4)
{
	__u32 *words = (__u32 *)address;
	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = ipv4;
}

static __always_inline int read_ipv4(struct __sk_buff *packet, struct packet_ends *ends, __u32 *offset)
{
	__u8 header[20] __attribute__((aligned(8)));
	if (bpf_skb_load_bytes(packet, 0, header, sizeof(header)) < 0)
		return -1;
	ends->protocol = header[9];
	map_ipv4(ends->source, *(__be32 *)(header + 12));
	map_ipv4(ends->destination, *(__be32 *)(header + 16));
	*offset = (header[0] & 0x0f) * 4;
	return 0;
}

/* Extension headers that may stand between the IPv6 header and the ports (RFC 8200 4.1); more than four is no traffic. */
static __always_inline int read_ipv6(struct __sk_buff *packet, struct packet_ends *ends, __u32 *offset)
{
	__u8 header[40] __attribute__((aligned(8)));
	__u8 extension[2];
	if (bpf_skb_load_bytes(packet, 0, header, sizeof(header)) < 0)
		return -1;
	__u8 next = header[6];
	__builtin_memcpy(ends->source, header + 8, 16);
	__builtin_memcpy(ends->destination, header + 24, 16);
	*offset = sizeof(header);
#pragma unroll
	for (int depth = 0; depth < 4; depth++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
		    next != IPPROTO_FRAGMENT)
			break;
		if (bpf_skb_load_bytes(packet, *offset, extension, sizeof(extension)) < 0)
			return -1;
		*offset += next == IPPROTO_FRAGMENT ? 8 : (extension[1] + 1) * 8;
		next = extension[0];
	}
	ends->protocol = next;
	return 0;
}

static __always_inline int read_ends(struct __sk_buff *packet, struct packet_ends *ends)
{
	__u32 offset = 0;
	__be16 ports[2];
	int failed = packet->protocol == bpf_htons(0x86dd) ? read_ipv6(packet, ends, &offset) :
							    read_ipv4(packet, ends, &offset);
	if (failed)
		return -1;
	if (!has_ports(ends->protocol))
		return 0;
	if (bpf_skb_load_bytes(packet, offset, ports, sizeof(ports)) < 0)
		return -1;
	ends->source_port = bpf_ntohs(ports[0]);
	ends->destination_port = bpf_ntohs(ports[1]);
	return 0;
}

/*
 * Another socket with the same ends keeps the name of the one before: the flow may be partly the other's.
 * A raw socket overhears what is meant for others, so only what it sends makes the flow its own.
 */
static __always_inline void write_flow(struct tidewatch_flow_key *key, struct tidewatch_owner *owner, __u64 now,
				       __u8 overheard)
{
	struct tidewatch_flow fresh = {};
	struct tidewatch_flow *flow = bpf_map_lookup_elem(&flows, key);
	if (flow && flow->owner.cookie == owner->cookie && flow->owner.generation == owner->generation &&
	    flow->owner.tgid == owner->tgid) {
		flow->last = now;
		return;
	}
	if (overheard)
		return;
	fresh.owner = *owner;
	fresh.last = now;
	if (flow) {
		__u8 same = flow->owner.tgid == owner->tgid || !flow->owner.tgid ||
			    (owner->cookie && flow->owner.cookie == owner->cookie);
		fresh.previous_tgid = same ? flow->previous_tgid : flow->owner.tgid;
		fresh.previous_until = same ? flow->previous_until : bpf_ktime_get_boot_ns();
	} else {
		count(TIDEWATCH_FLOWS_ADDED);
	}
	bpf_map_update_elem(&flows, key, &fresh, BPF_ANY);
}

static __always_inline struct socket_state *state_of(struct __sk_buff *packet, struct bpf_sock *socket)
{
	struct socket_state *state = bpf_sk_storage_get(&sockets, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return 0;
	__u64 cookie = bpf_get_socket_cookie(packet);
	if (state->owner.cookie != cookie) {
		/* Accepted: its storage is a copy of the listener's. Or open before the programs were: nobody's. */
		state->owner.cookie = cookie;
		state->owner.shared = 0;
		state->owner.evidence = state->owner.tgid ? TIDEWATCH_ACCEPTED : TIDEWATCH_NOBODY;
		state->owner.generation += 1;
	}
	if (!state->netns && packets_tell_namespace)
		state->netns = bpf_get_netns_cookie(packet);
	return state;
}

static __always_inline int note_packet(struct __sk_buff *packet, __u8 outgoing)
{
	struct packet_ends ends = {};
	struct bpf_sock *socket = packet->sk;
	if (!socket)
		return GO_ON;
	socket = bpf_sk_fullsock(socket);
	if (!socket)
		return GO_ON;
	struct socket_state *state = state_of(packet, socket);
	if (!state || read_ends(packet, &ends))
		return GO_ON;
	struct tidewatch_flow_key *key = &state->last_flow;
	key->netns = state->netns;
	key->protocol = ends.protocol;
	__builtin_memcpy(key->local, outgoing ? ends.source : ends.destination, 16);
	__builtin_memcpy(key->remote, outgoing ? ends.destination : ends.source, 16);
	key->local_port = outgoing ? ends.source_port : ends.destination_port;
	key->remote_port = outgoing ? ends.destination_port : ends.source_port;
	write_flow(key, &state->owner, bpf_ktime_get_coarse_ns(), !outgoing && socket->type == SOCK_RAW);
	return GO_ON;
}

SEC("cgroup_skb/egress")
int packet_leaves(struct __sk_buff *packet)
{
	return note_packet(packet, 1);
}

SEC("cgroup_skb/ingress")
int packet_arrives(struct __sk_buff *packet)
{
	return note_packet(packet, 0);
}

/* The few fields of kernel structures that the optional programs read; libbpf finds their places at load time. */
struct socket {
	void *file;
} __attribute__((preserve_access_index));

struct sock_common {
	unsigned short skc_family;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
} __attribute__((preserve_access_index));

struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

struct net_device {
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

struct sk_buff {
	struct sock *sk;
	struct net_device *dev;
	unsigned char *head;
	__u16 network_header;
	__be16 protocol;
} __attribute__((preserve_access_index));

struct linux_binprm {
	const char *interp;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

/*
 * Whoever moved data over a socket used it; a call that moved none (nothing to read, an error) proves nothing. A socket
 * without file is the kernel's own (NFS, iSCSI): it runs in the time of whoever waits for it, who did not send.
 */
static __always_inline int data_moved(struct sock *socket, int length)
{
	if (length <= 0)
		return 0;
	struct socket_state *state = bpf_sk_storage_get(&sockets, socket, 0, 0);
	if (!state || !socket->sk_socket || !socket->sk_socket->file)
		return 0;
	used_by_current(state, bpf_get_socket_cookie(socket));
	return 0;
}

SEC("tp_btf/sock_send_length")
int data_sent(__u64 *arguments)
{
	return data_moved((struct sock *)arguments[0], (int)arguments[1]);
}

SEC("tp_btf/sock_recv_length")
int data_received(__u64 *arguments)
{
	return data_moved((struct sock *)arguments[0], (int)arguments[1]);
}

static __always_inline int read_frame(struct sk_buff *frame, struct packet_ends *ends)
{
	__u8 header[40] __attribute__((aligned(8)));
	const unsigned char *at = frame->head + frame->network_header;
	__be16 ports[2];

	if (frame->protocol == bpf_htons(0x86dd)) {
		if (bpf_probe_read_kernel(header, 40, at) < 0)
			return -1;
		ends->protocol = header[6];
		__builtin_memcpy(ends->source, header + 8, 16);
		__builtin_memcpy(ends->destination, header + 24, 16);
		at += 40;
	} else if (frame->protocol == bpf_htons(0x0800)) {
		if (bpf_probe_read_kernel(header, 20, at) < 0)
			return -1;
		ends->protocol = header[9];
		map_ipv4(ends->source, *(__be32 *)(header + 12));
		map_ipv4(ends->destination, *(__be32 *)(header + 16));
		at += (header[0] & 0x0f) * 4;
	} else {
		return -1;
	}
	if (!has_ports(ends->protocol))
		return 0;
	if (bpf_probe_read_kernel(ports, sizeof(ports), at) < 0)
		return -1;
	ends->source_port = bpf_ntohs(ports[0]);
	ends->destination_port = bpf_ntohs(ports[1]);
	return 0;
}

/*
 * A frame of a process's own making (AF_PACKET) passes no socket that has ends; it is sent in the sender's own call. Its
 * socket has no storage: the owner is written straight to the flow.
 */
SEC("tp_btf/net_dev_queue")
int frame_queued(__u64 *arguments)
{
	struct sk_buff *frame = (struct sk_buff *)arguments[0];
	struct sock *socket = frame->sk;
	if (!socket || socket->__sk_common.skc_family != AF_PACKET)
		return 0;
	struct packet_ends ends = {};
	if (read_frame(frame, &ends))
		return 0;
	struct tidewatch_flow_key key = { .netns = frame->dev->nd_net.net->net_cookie, .protocol = ends.protocol };
	__builtin_memcpy(key.local, ends.source, 16);
	__builtin_memcpy(key.remote, ends.destination, 16);
	key.local_port = ends.source_port;
	key.remote_port = ends.destination_port;
	struct tidewatch_owner owner = {
		.tgid = current_process(),
		.uid = (__u32)bpf_get_current_uid_gid(),
		.evidence = TIDEWATCH_USED,
	};
	struct tidewatch_flow *flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow || flow->owner.tgid != owner.tgid || flow->owner.cookie) {
		owner.since = bpf_ktime_get_boot_ns();
		announce(owner.tgid, owner.since, key.netns);
	} else {
		owner.since = flow->owner.since;
	}
	write_flow(&key, &owner, bpf_ktime_get_ns(), 0);
	return 0;
}

/* The executable's path, while the process is surely there. `interp` is what runs, also where `filename` is a script. */
SEC("tp_btf/sched_process_exec")
int process_executes(__u64 *arguments)
{
	struct linux_binprm *program = (struct linux_binprm *)arguments[2];
	__u32 tgid = current_process();
	__u32 zero = 0;
	struct tidewatch_executable *executable = bpf_map_lookup_elem(&scratch, &zero);

	bpf_map_delete_elem(&announced, &tgid);
	if (!executable)
		return 0;
	long length = bpf_probe_read_kernel_str(executable->path, sizeof(executable->path), program->interp);
	if (length <= 0 || length >= TIDEWATCH_PATH_BYTES)
		executable->path[0] = 0;
	executable->time = bpf_ktime_get_boot_ns();
	executable->group = bpf_get_current_cgroup_id();
	bpf_map_update_elem(&executables, &tgid, executable, BPF_ANY);
	return 0;
}

/*
 * A child runs what its parent runs until it calls exec; many never do (servers that fork, subshells), and may be gone
 * before anybody reads /proc. Threads of the same process are not asked for.
 */
SEC("tp_btf/sched_process_fork")
int process_forks(__u64 *arguments)
{
	struct task_struct *parent = (struct task_struct *)arguments[0];
	struct task_struct *child = (struct task_struct *)arguments[1];
	__u32 parent_tgid = parent->tgid;
	__u32 tgid = child->tgid;

	if (child->pid != (int)tgid)
		return 0;
	struct tidewatch_executable *executable = bpf_map_lookup_elem(&executables, &parent_tgid);
	if (executable)
		bpf_map_update_elem(&executables, &tgid, executable, BPF_ANY);
	else
		bpf_map_delete_elem(&executables, &tgid);
	return 0;
}

/* A pid may be another process's soon: what is kept by pid goes with the process (its last thread's leader). */
SEC("raw_tp/sched_process_exit")
int process_exits(__u64 *arguments)
{
	__u64 identity = bpf_get_current_pid_tgid();
	__u32 tgid = identity >> 32;
	if ((__u32)identity != tgid)
		return 0;
	bpf_map_delete_elem(&announced, &tgid);
	bpf_map_delete_elem(&executables, &tgid);
	return 0;
}
