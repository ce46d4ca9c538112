/*
 * A generator of small UDP packets with a rate that is kept, and a process whose sockets take them and that never reads.
 *
 *   flood send INTERFACE DESTINATION_MAC SOURCE_IP DESTINATION_IP DESTINATION_PORT PACKETS_PER_SECOND FLOWS SECONDS
 *   flood sink ADDRESS PORT PEER FLOWS
 *
 * `send` writes 60-byte Ethernet frames (64 on the wire with the check sequence) through a packet socket, as batches of
 * sendmmsg(2), past the queueing discipline (PACKET_QDISC_BYPASS, packet(7)). FLOWS different source ports are used in
 * turn. PACKETS_PER_SECOND 0 means as fast as it goes. At the end it prints how many frames the kernel took.
 * `sink` opens one connected socket for each flow, so that every packet has an owner that can be looked up. It
 * prints a line when all are open.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  batch_size = 64,   /* frames for each system call: more adds nothing but bursts */
  frame_size = 60,   /* the shortest Ethernet frame, without its check sequence */
  ip_offset = 14,
  udp_offset = 34,
  first_port = 10000 /* source ports count up from here */
};

struct plan {
  const char *interface;
  uint8_t destination_mac[6];
  struct in_addr source, destination;
  uint16_t port;
  uint64_t rate, flows, seconds;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void sleep_until(uint64_t nanoseconds) {
  struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) continue;
}

static void put16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

/* RFC 1071 over the 20 bytes of an IPv4 header whose checksum field is zero. */
static uint16_t ip_checksum(const uint8_t *header) {
  uint32_t sum = 0;
  for (int index = 0; index < 20; index += 2) sum += (uint32_t)(header[index] << 8 | header[index + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static void write_frame(uint8_t *frame, const struct plan *plan, const uint8_t *source_mac) {
  memset(frame, 0, frame_size);
  memcpy(frame, plan->destination_mac, 6);
  memcpy(frame + 6, source_mac, 6);
  put16(frame + 12, ETH_P_IP);
  uint8_t *ip = frame + ip_offset;
  ip[0] = 0x45;
  put16(ip + 2, frame_size - ip_offset);
  ip[8] = 64;
  ip[9] = IPPROTO_UDP;
  memcpy(ip + 12, &plan->source, 4);
  memcpy(ip + 16, &plan->destination, 4);
  put16(ip + 10, ip_checksum(ip));
  put16(frame + udp_offset + 2, plan->port);
  put16(frame + udp_offset + 4, frame_size - udp_offset); /* checksum 0: none (RFC 768) */
}

static int open_socket(const char *interface, uint8_t *source_mac) {
  int handle = socket(AF_PACKET, SOCK_RAW, 0); /* protocol 0: it receives nothing */
  if (handle < 0) fail("socket");
  struct ifreq request = {0};
  strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (ioctl(handle, SIOCGIFHWADDR, &request) < 0) fail("SIOCGIFHWADDR");
  memcpy(source_mac, request.ifr_hwaddr.sa_data, 6);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
  if (bind(handle, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  int on = 1;
  if (setsockopt(handle, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0) fail("PACKET_QDISC_BYPASS");
  return handle;
}

static int send_flood(const struct plan *plan) {
  static uint8_t frames[batch_size][frame_size];
  struct iovec pieces[batch_size];
  struct mmsghdr messages[batch_size] = {0};
  uint8_t source_mac[6];
  int handle = open_socket(plan->interface, source_mac);
  for (int index = 0; index < batch_size; index += 1) {
    write_frame(frames[index], plan, source_mac);
    pieces[index] = (struct iovec){.iov_base = frames[index], .iov_len = frame_size};
    messages[index].msg_hdr.msg_iov = &pieces[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
  uint64_t sent = 0, flow = 0, attempts = 0;
  const uint64_t begin = now_nanoseconds(), end = begin + plan->seconds * 1000000000u;
  for (uint64_t now = begin; now < end; now = now_nanoseconds()) {
    if (plan->rate != 0) {
      const uint64_t due = begin + attempts * 1000000000u / plan->rate;
      if (due > now) sleep_until(due);
    }
    for (int index = 0; index < batch_size; index += 1) {
      put16(frames[index] + udp_offset, (uint16_t)(first_port + flow));
      flow = flow + 1 == plan->flows ? 0 : flow + 1;
    }
    const int taken = sendmmsg(handle, messages, batch_size, 0);
    if (taken < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR) fail("sendmmsg");
    if (taken > 0) sent += (uint64_t)taken;
    attempts += batch_size;
  }
  printf("%llu\n", (unsigned long long)sent);
  return 0;
}

/* A socket bound to `local` and connected to `peer`. Several share the local port: each has another peer. */
static void open_sink(const struct sockaddr_in *local, const struct sockaddr_in *peer) {
  int handle = socket(AF_INET, SOCK_DGRAM, 0);
  if (handle < 0) fail("socket");
  int least = 1; /* the kernel raises it to its own minimum: what does not fit is dropped, cheaply */
  if (setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &least, sizeof least) < 0) fail("SO_RCVBUF");
  int on = 1;
  if (setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) fail("SO_REUSEADDR");
  if (bind(handle, (const struct sockaddr *)local, sizeof *local) < 0) fail("bind");
  if (connect(handle, (const struct sockaddr *)peer, sizeof *peer) < 0) fail("connect");
}

static int keep_open(char **words) {
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(words[1], NULL, 10))};
  struct sockaddr_in peer = {.sin_family = AF_INET};
  if (inet_pton(AF_INET, words[0], &local.sin_addr) != 1) fail("address");
  if (inet_pton(AF_INET, words[2], &peer.sin_addr) != 1) fail("peer");
  const unsigned long flows = strtoul(words[3], NULL, 10);
  const struct rlimit handles = {.rlim_cur = flows + 16, .rlim_max = flows + 16};
  if (setrlimit(RLIMIT_NOFILE, &handles) < 0) fail("setrlimit");
  for (unsigned long flow = 0; flow < flows; flow += 1) {
    peer.sin_port = htons((uint16_t)(first_port + flow));
    open_sink(&local, &peer);
  }
  puts("open");
  fflush(stdout);
  while (pause() < 0) continue; /* until a signal ends it */
  return 0;
}

static int read_plan(struct plan *plan, char **words) {
  unsigned int mac[6];
  plan->interface = words[0];
  if (sscanf(words[1], "%x:%x:%x:%x:%x:%x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6) return -1;
  for (int index = 0; index < 6; index += 1) plan->destination_mac[index] = (uint8_t)mac[index];
  if (inet_pton(AF_INET, words[2], &plan->source) != 1 || inet_pton(AF_INET, words[3], &plan->destination) != 1) return -1;
  plan->port = (uint16_t)strtoul(words[4], NULL, 10);
  plan->rate = strtoull(words[5], NULL, 10);
  plan->flows = strtoull(words[6], NULL, 10);
  plan->seconds = strtoull(words[7], NULL, 10);
  return plan->flows >= 1 && plan->flows <= 50000 ? 0 : -1;
}

int main(int count, char **words) {
  struct plan plan;
  if (count == 10 && strcmp(words[1], "send") == 0 && read_plan(&plan, words + 2) == 0) return send_flood(&plan);
  if (count == 6 && strcmp(words[1], "sink") == 0) return keep_open(words + 2);
  fputs("usage: flood send INTERFACE MAC SOURCE DESTINATION PORT RATE FLOWS SECONDS | flood sink ADDRESS PORT PEER FLOWS\n", stderr);
  return 2;
}
