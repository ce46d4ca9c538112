// A netlink socket that only listens (netlink(7)).
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidewatch {

// What the kernel may hold back for us while this process does not run: 0.1 s of the fastest forking there is.
constexpr int kReceiveBytes = 4 * 1024 * 1024;

class NetlinkSocket {
 public:
  // Throws std::system_error with errno. `groups` is a mask of multicast groups; `network_namespace` the path of the one
  // to open it in, empty for our own.
  NetlinkSocket(int protocol, uint32_t groups, const std::string& network_namespace);
  ~NetlinkSocket();
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;

  int descriptor() const { return descriptor_; }

  // Lets through only what the classic filter accepts; the rest never wakes this process.
  void Filter(const std::vector<sock_filter>& program);

  // Wants the kernel's acknowledgement as little as any other message. Throws std::system_error.
  void Send(const void* bytes, size_t size);

  // One datagram, without waiting: its size, 0 where there is none, -1 where the kernel had to drop some (ENOBUFS).
  // Datagrams that do not come from the kernel are passed over.
  long Receive(void* bytes, size_t size);

 private:
  int descriptor_ = -1;
};

}  // namespace tidewatch
