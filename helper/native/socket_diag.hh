// The kernel's sockets, through NETLINK_SOCK_DIAG (sock_diag(7), linux/inet_diag.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidewatch {

// An address is in network order: 4 bytes and zeros behind, or 16.
struct SocketQuery {
  uint8_t family = 4;
  uint8_t protocol = 0;
  uint8_t localAddress[16] = {};
  uint8_t remoteAddress[16] = {};
  uint16_t localPort = 0;
  uint16_t remotePort = 0;
};

constexpr size_t socketRecordLength = 112;

struct SocketDiagResult {
  // errno of what failed; 0 where all went well.
  int error = 0;
  // The step that failed.
  std::string step;
  // Records of socketRecordLength bytes (helper/native/sockets.ts reads them).
  std::vector<uint8_t> records;
};

// All sockets of one protocol and family in this network namespace, in every state.
SocketDiagResult dumpSockets(uint8_t protocol, uint8_t family);

// The socket that the kernel would deliver to: none (no record, no error) where there is none.
SocketDiagResult findSocket(const SocketQuery& query);

}  // namespace tidewatch
