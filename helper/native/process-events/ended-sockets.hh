// The last word on a socket: what the kernel says of it when it is destroyed (sock_diag(7), SKNLGRP_INET*_DESTROY).
#pragma once

#include <vector>

#include "netlink-socket.hh"

namespace tidewatch {

// Ended sockets that are taken at one time; the rest is taken the next time.
constexpr size_t kMaximumEndedSockets = 16384;

struct EndedSocket {
  uint8_t family = 0;    // AF_INET or AF_INET6
  uint8_t protocol = 0;  // IPPROTO_TCP or IPPROTO_UDP
  uint8_t local[16] = {};
  uint8_t remote[16] = {};
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint64_t cookie = 0;
  uint32_t round_trip_microseconds = 0;  // smoothed; 0 where unknown
  uint32_t retransmits = 0;
  uint32_t congestion_window = 0;  // segments; 0 where unknown
};

class EndedSockets {
 public:
  // Throws std::system_error: EPERM without CAP_NET_ADMIN.
  EndedSockets();

  // What has ended since the last call.
  std::vector<EndedSocket> Take();

  // How often the kernel had to drop some because nobody took those before.
  uint64_t Losses() const { return losses_; }

 private:
  NetlinkSocket socket_;
  uint64_t losses_ = 0;
};

}  // namespace tidewatch
