#include "ended-sockets.hh"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <cstring>

namespace tidewatch {
namespace {

constexpr uint32_t GroupMask(unsigned group) { return 1U << (group - 1); }

constexpr uint32_t kGroups = GroupMask(SKNLGRP_INET_TCP_DESTROY) | GroupMask(SKNLGRP_INET_UDP_DESTROY) |
                             GroupMask(SKNLGRP_INET6_TCP_DESTROY) | GroupMask(SKNLGRP_INET6_UDP_DESTROY);

// tcp_info grows with the kernel: a shorter one than ours is no error, it only tells less.
void ReadTcpInfo(const rtattr* attribute, EndedSocket* socket) {
  tcp_info info = {};
  std::memcpy(&info, RTA_DATA(attribute), std::min(sizeof(info), static_cast<size_t>(RTA_PAYLOAD(attribute))));
  socket->round_trip_microseconds = info.tcpi_rtt;
  socket->retransmits = info.tcpi_total_retrans;
  socket->congestion_window = info.tcpi_snd_cwnd;
}

bool Parse(const nlmsghdr* header, EndedSocket* socket) {
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return false;
  inet_diag_msg message;
  std::memcpy(&message, NLMSG_DATA(header), sizeof(message));
  socket->family = message.idiag_family;
  socket->local_port = ntohs(message.id.idiag_sport);
  socket->remote_port = ntohs(message.id.idiag_dport);
  std::memcpy(socket->local, message.id.idiag_src, sizeof(socket->local));
  std::memcpy(socket->remote, message.id.idiag_dst, sizeof(socket->remote));
  socket->cookie = message.id.idiag_cookie[0] | static_cast<uint64_t>(message.id.idiag_cookie[1]) << 32;
  const size_t head = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(inet_diag_msg)));
  if (header->nlmsg_len < head) return true;
  int left = static_cast<int>(header->nlmsg_len - head);
  const auto* attribute = reinterpret_cast<const rtattr*>(reinterpret_cast<const uint8_t*>(header) + head);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == INET_DIAG_PROTOCOL && RTA_PAYLOAD(attribute) >= 1) {
      socket->protocol = *static_cast<const uint8_t*>(RTA_DATA(attribute));
    }
    if (attribute->rta_type == INET_DIAG_INFO) ReadTcpInfo(attribute, socket);
  }
  return true;
}

void AddSockets(const uint8_t* bytes, size_t size, std::vector<EndedSocket>* sockets) {
  int left = static_cast<int>(size);
  const auto* header = reinterpret_cast<const nlmsghdr*>(bytes);
  for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    EndedSocket socket;
    if (Parse(header, &socket)) sockets->push_back(socket);
  }
}

}  // namespace

EndedSockets::EndedSockets() : socket_(NETLINK_SOCK_DIAG, kGroups, std::string()) {}

std::vector<EndedSocket> EndedSockets::Take() {
  std::vector<EndedSocket> taken;
  alignas(nlmsghdr) uint8_t bytes[8192];
  while (taken.size() < kMaximumEndedSockets) {
    const long size = socket_.Receive(bytes, sizeof(bytes));
    if (size == 0) break;
    if (size > 0) AddSockets(bytes, static_cast<size_t>(size), &taken);
    else losses_ += 1;
  }
  return taken;
}

}  // namespace tidewatch
