// What the machine's address translation (conntrack) made of a flow that it forwards.
#pragma once

#include <netinet/in.h>

#include <optional>

#include "netlink-socket.hh"

namespace tidewatch {

// Ends of a flow; addresses are 16 bytes, IPv4 as IPv4-mapped IPv6; ports in host byte order.
struct FlowEnds {
  uint8_t protocol = 0;
  uint8_t local[16] = {};
  uint8_t remote[16] = {};
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
};

class Translations {
 public:
  // Throws std::system_error.
  Translations();

  // The ends as the forwarded machine or container behind us knows them, its own end being the local one. Nothing where the
  // flow is not translated, or the kernel does not say.
  std::optional<FlowEnds> Behind(const FlowEnds& seen);

 private:
  struct Tuple;
  bool Ask(const FlowEnds& seen, uint16_t direction, Tuple* original, Tuple* reply);

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace tidewatch
