#include "socket_diag.hh"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "netlink_socket.hh"

namespace tidewatch {
namespace {

constexpr uint32_t allStates = 0xffffffff;

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

Request requestFor(uint8_t protocol, uint8_t family, uint16_t flags) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  request.body.sdiag_family = family == 6 ? AF_INET6 : AF_INET;
  request.body.sdiag_protocol = protocol;
  request.body.idiag_states = allStates;
  if (protocol == IPPROTO_TCP) request.body.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

template <typename Field>
void put(std::vector<uint8_t>& record, size_t offset, Field value) {
  std::memcpy(record.data() + offset, &value, sizeof value);
}

// Round-trip time, retransmissions, congestion window and counters from tcp_info, whose length differs between kernels.
void putTcpInfo(std::vector<uint8_t>& record, const uint8_t* payload, size_t length) {
  tcp_info info{};
  std::memcpy(&info, payload, std::min(sizeof info, length));
  put(record, 72, static_cast<uint32_t>(info.tcpi_rtt));
  put(record, 76, static_cast<uint32_t>(info.tcpi_total_retrans));
  put(record, 80, static_cast<uint32_t>(info.tcpi_snd_cwnd));
  put(record, 84, static_cast<uint32_t>(info.tcpi_segs_out));
  put(record, 88, static_cast<double>(info.tcpi_bytes_sent));
  put(record, 96, static_cast<double>(info.tcpi_bytes_received));
  put(record, 104, static_cast<uint32_t>(info.tcpi_segs_in));
}

// What the attributes behind a socket's message tell. Byte 47 of the record: 0 the kernel does not say, 1 an IPv6 socket
// that takes IPv4, too, 2 one that does not (IPV6_V6ONLY).
void putAttributes(std::vector<uint8_t>& record, const nlmsghdr& message) {
  size_t offset = NLMSG_LENGTH(sizeof(inet_diag_msg));
  const auto* bytes = reinterpret_cast<const uint8_t*>(&message);
  while (offset + sizeof(rtattr) <= message.nlmsg_len) {
    rtattr attribute;
    std::memcpy(&attribute, bytes + offset, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || offset + attribute.rta_len > message.nlmsg_len) return;
    const uint8_t* payload = bytes + offset + RTA_LENGTH(0);
    const size_t length = attribute.rta_len - RTA_LENGTH(0);
    if (attribute.rta_type == INET_DIAG_INFO && record[45] == IPPROTO_TCP) putTcpInfo(record, payload, length);
    if (attribute.rta_type == INET_DIAG_SKV6ONLY && length >= 1) put(record, 47, static_cast<uint8_t>(payload[0] == 0 ? 1 : 2));
    offset += RTA_ALIGN(attribute.rta_len);
  }
}

// One socket's record. Ports arrive in network order, and leave as numbers.
void addRecord(std::vector<uint8_t>& records, uint8_t protocol, const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return;
  inet_diag_msg socket;
  std::memcpy(&socket, reinterpret_cast<const uint8_t*>(&message) + NLMSG_LENGTH(0), sizeof socket);
  std::vector<uint8_t> record(socketRecordLength);
  put(record, 0, static_cast<uint64_t>(socket.id.idiag_cookie[1]) << 32 | socket.id.idiag_cookie[0]);
  std::memcpy(record.data() + 8, socket.id.idiag_src, 16);
  std::memcpy(record.data() + 24, socket.id.idiag_dst, 16);
  put(record, 40, ntohs(socket.id.idiag_sport));
  put(record, 42, ntohs(socket.id.idiag_dport));
  put(record, 44, uint8_t{socket.idiag_family == AF_INET6 ? uint8_t{6} : uint8_t{4}});
  put(record, 45, protocol);
  put(record, 46, socket.idiag_state);
  put(record, 48, socket.id.idiag_if);
  put(record, 52, socket.idiag_uid);
  put(record, 56, static_cast<double>(socket.idiag_inode));
  putAttributes(record, message);
  records.insert(records.end(), record.begin(), record.end());
}

SocketDiagResult ask(const Request& request, uint8_t protocol) {
  SocketDiagResult result;
  const NetlinkOutcome outcome = askNetlink(NETLINK_SOCK_DIAG, request.header, [&](const nlmsghdr& message) {
    if (message.nlmsg_type == SOCK_DIAG_BY_FAMILY) addRecord(result.records, protocol, message);
  });
  result.error = outcome.error;
  result.step = outcome.step;
  return result;
}

}  // namespace

SocketDiagResult dumpSockets(uint8_t protocol, uint8_t family) {
  return ask(requestFor(protocol, family, NLM_F_DUMP), protocol);
}

// For UDP the kernel takes source and destination the other way round ("swapped for historical reasons",
// net/ipv4/udp_diag.c): the remote end goes into the source.
SocketDiagResult findSocket(const SocketQuery& query) {
  Request request = requestFor(query.protocol, query.family, 0);
  inet_diag_sockid& id = request.body.id;
  const bool swapped = query.protocol == IPPROTO_UDP || query.protocol == IPPROTO_UDPLITE;
  std::memcpy(id.idiag_src, swapped ? query.remoteAddress : query.localAddress, 16);
  std::memcpy(id.idiag_dst, swapped ? query.localAddress : query.remoteAddress, 16);
  id.idiag_sport = htons(swapped ? query.remotePort : query.localPort);
  id.idiag_dport = htons(swapped ? query.localPort : query.remotePort);
  SocketDiagResult result = ask(request, query.protocol);
  if (result.error == ENOENT) return {};
  return result;
}

}  // namespace tidewatch
