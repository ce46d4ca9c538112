/*
 * A VPN of our own for the tests: packets of a tun device, each with a header and not readable, over UDP to the other side.
 *
 *     tunnel DEVICE LOCAL-ADDRESS LOCAL-PORT REMOTE-ADDRESS REMOTE-PORT [MILLISECONDS]
 *
 * It makes the device, says "ready" and carries packets until it is killed. It encrypts nothing worth the name. What it sends
 * waits MILLISECONDS, and eight times as long from SIGUSR1 on: a way that is longer than a link between two namespaces.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { header = 16, longest = 65536, key = 0x5a, waiting_most = 4096, waiting_longest = 2048 };

struct waiting {
  long due;
  size_t length;
  unsigned char bytes[waiting_longest];
};

static struct waiting queue[waiting_most];
static unsigned long first, next;
static volatile sig_atomic_t wait_ms;

static void lengthen(int signal) {
  (void)signal;
  wait_ms *= 8;
}

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Sends at once what need not wait; what finds no place is lost, as on any way. */
static void send_later(int carrier, const unsigned char *bytes, size_t length) {
  if (wait_ms == 0) send(carrier, bytes, length, 0);
  else if (next - first < waiting_most && length <= waiting_longest) {
    struct waiting *place = &queue[next++ % waiting_most];
    place->due = now_ms() + wait_ms;
    place->length = length;
    memcpy(place->bytes, bytes, length);
  }
}

/* Sends what is due. Milliseconds until the next is; -1 where nothing waits. */
static int send_due(int carrier) {
  for (; first != next; first++) {
    struct waiting *one = &queue[first % waiting_most];
    long left = one->due - now_ms();
    if (left > 0) return (int)left;
    send(carrier, one->bytes, one->length, 0);
  }
  return -1;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_device(const char *name) {
  int device = open("/dev/net/tun", O_RDWR);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  return device;
}

static struct sockaddr_in address_of(const char *address, const char *port) {
  struct sockaddr_in end = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  if (inet_pton(AF_INET, address, &end.sin_addr) != 1) fail(address);
  return end;
}

static int open_socket(char **ends) {
  int carrier = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in local = address_of(ends[0], ends[1]), remote = address_of(ends[2], ends[3]);
  int room = 4 << 20;
  setsockopt(carrier, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(carrier, (struct sockaddr *)&local, sizeof local) < 0) fail("bind");
  if (connect(carrier, (struct sockaddr *)&remote, sizeof remote) < 0) fail("connect");
  return carrier;
}

static void veil(unsigned char *bytes, ssize_t length) {
  for (ssize_t at = 0; at < length; at++) bytes[at] ^= key;
}

int main(int count, char **words) {
  if (count != 6 && count != 7) {
    fprintf(stderr, "usage: tunnel DEVICE LOCAL-ADDRESS LOCAL-PORT REMOTE-ADDRESS REMOTE-PORT [MILLISECONDS]\n");
    return 2;
  }
  wait_ms = count == 7 ? atoi(words[6]) : 0;
  signal(SIGUSR1, lengthen);
  static unsigned char packet[header + longest];
  struct pollfd ends[2] = {{.fd = open_device(words[1]), .events = POLLIN}, {.fd = open_socket(words + 2), .events = POLLIN}};
  puts("ready");
  fflush(stdout);
  for (;;) {
    /* A signal ends the wait early, and nothing else. */
    if (poll(ends, 2, send_due(ends[1].fd)) < 0) continue;
    if (ends[0].revents & POLLIN) {
      ssize_t length = read(ends[0].fd, packet + header, longest);
      if (length < 0) fail("read");
      veil(packet + header, length);
      send_later(ends[1].fd, packet, (size_t)length + header);
    }
    /* An error of an earlier datagram (the other side is not there yet) is no reason to end. */
    if (ends[1].revents & (POLLIN | POLLERR)) {
      ssize_t length = recv(ends[1].fd, packet, sizeof packet, 0);
      if (length <= header) continue;
      veil(packet + header, length - header);
      if (write(ends[0].fd, packet + header, (size_t)(length - header)) < 0) perror("write");
    }
  }
}
