// The last word on a socket: what the kernel says of it when it is destroyed (sock_diag(7), SKNLGRP_INET*_DESTROY).
#pragma once

#include <mutex>
#include <vector>

#include "netlink-socket.hh"

namespace tidewatch {

// Ended sockets that may wait for JavaScript; one that finds no place is counted.
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

struct EndedSocketCounters {
  uint64_t seen = 0;
  uint64_t refused = 0;
  uint64_t losses = 0;
};

class EndedSockets {
 public:
  // Throws std::system_error: EPERM without CAP_NET_ADMIN.
  EndedSockets();

  int descriptor() const { return socket_.descriptor(); }
  void Drain();

  // From any thread.
  std::vector<EndedSocket> Take();
  EndedSocketCounters Counters();

 private:
  void Keep(const uint8_t* bytes, size_t size);

  NetlinkSocket socket_;
  std::mutex mutex_;
  std::vector<EndedSocket> waiting_;
  EndedSocketCounters counters_;
};

}  // namespace tidewatch
