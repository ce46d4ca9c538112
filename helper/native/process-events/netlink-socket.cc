#include "netlink-socket.hh"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace tidewatch {
namespace {

int OpenHere(int protocol) { return socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol); }

// A thread of its own goes there, opens the socket, which stays there, and ends: this process never leaves its namespace.
int OpenElsewhere(int protocol, const std::string& network_namespace) {
  int descriptor = -1;
  int error = 0;
  std::thread visitor([&] {
    const int space = open(network_namespace.c_str(), O_RDONLY | O_CLOEXEC);
    if (space >= 0 && setns(space, CLONE_NEWNET) == 0) descriptor = OpenHere(protocol);
    error = errno;
    if (space >= 0) close(space);
  });
  visitor.join();
  errno = error;
  return descriptor;
}

[[noreturn]] void Fail(int error, const char* step) { throw std::system_error(error, std::generic_category(), step); }

}  // namespace

NetlinkSocket::NetlinkSocket(int protocol, uint32_t groups, const std::string& network_namespace)
    : descriptor_(network_namespace.empty() ? OpenHere(protocol) : OpenElsewhere(protocol, network_namespace)) {
  int error = errno;
  if (descriptor_ < 0) Fail(error, "socket");
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    error = errno;
    close(descriptor_);
    Fail(error, "bind");
  }
  // Without CAP_NET_ADMIN the smaller, usual buffer has to do.
  if (setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof(kReceiveBytes)) != 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof(kReceiveBytes));
  }
}

NetlinkSocket::~NetlinkSocket() { close(descriptor_); }

void NetlinkSocket::Filter(const std::vector<sock_filter>& program) {
  sock_fprog attached = {static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  if (setsockopt(descriptor_, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof(attached)) != 0) Fail(errno, "filter");
}

void NetlinkSocket::Send(const void* bytes, size_t size) {
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = sendto(descriptor_, bytes, size, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof(kernel));
  if (sent < 0) Fail(errno, "send");
}

long NetlinkSocket::Receive(void* bytes, size_t size) {
  for (;;) {
    sockaddr_nl sender = {};
    socklen_t length = sizeof(sender);
    const ssize_t got = recvfrom(descriptor_, bytes, size, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&sender), &length);
    if (got < 0 && errno == ENOBUFS) return -1;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    if (sender.nl_pid == 0) return got;
  }
}

}  // namespace tidewatch
