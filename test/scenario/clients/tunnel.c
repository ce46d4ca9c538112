/*
 * A VPN of our own for the tests: packets of a tun device, each with a header and not readable, over UDP to the other side.
 *
 *     tunnel DEVICE LOCAL-ADDRESS LOCAL-PORT REMOTE-ADDRESS REMOTE-PORT
 *
 * It makes the device, says "ready" and carries packets until it is killed. It encrypts nothing worth the name.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { header = 16, longest = 65536, key = 0x5a };

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
  if (count != 6) {
    fprintf(stderr, "usage: tunnel DEVICE LOCAL-ADDRESS LOCAL-PORT REMOTE-ADDRESS REMOTE-PORT\n");
    return 2;
  }
  static unsigned char packet[header + longest];
  struct pollfd ends[2] = {{.fd = open_device(words[1]), .events = POLLIN}, {.fd = open_socket(words + 2), .events = POLLIN}};
  puts("ready");
  fflush(stdout);
  while (poll(ends, 2, -1) >= 0) {
    if (ends[0].revents & POLLIN) {
      ssize_t length = read(ends[0].fd, packet + header, longest);
      if (length < 0) fail("read");
      veil(packet + header, length);
      send(ends[1].fd, packet, (size_t)length + header, 0);
    }
    /* An error of an earlier datagram (the other side is not there yet) is no reason to end. */
    if (ends[1].revents & (POLLIN | POLLERR)) {
      ssize_t length = recv(ends[1].fd, packet, sizeof packet, 0);
      if (length <= header) continue;
      veil(packet + header, length - header);
      if (write(ends[0].fd, packet + header, (size_t)(length - header)) < 0) perror("write");
    }
  }
  return 1;
}
