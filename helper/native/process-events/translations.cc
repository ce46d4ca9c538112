#include "translations.hh"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include <cstring>
#include <string>
#include <vector>

namespace tidewatch {
namespace {

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const uint8_t address[16]) { return std::memcmp(address, kMappedPrefix, sizeof(kMappedPrefix)) == 0; }

// Attributes one after the other (netlink(7)); those that hold others are written with their length at the end.
class Writer {
 public:
  void Put(uint16_t type, const void* bytes, size_t size) {
    const nlattr header = {static_cast<uint16_t>(sizeof(nlattr) + size), type};
    Append(&header, sizeof(header));
    Append(bytes, size);
    bytes_.resize(NLA_ALIGN(bytes_.size()));
  }
  size_t Begin(uint16_t type) {
    const size_t at = bytes_.size();
    const nlattr header = {0, static_cast<uint16_t>(type | NLA_F_NESTED)};
    Append(&header, sizeof(header));
    return at;
  }
  void End(size_t at) {
    const auto size = static_cast<uint16_t>(bytes_.size() - at);
    std::memcpy(bytes_.data() + at, &size, sizeof(size));
  }
  void Append(const void* bytes, size_t size) {
    const auto* first = static_cast<const uint8_t*>(bytes);
    bytes_.insert(bytes_.end(), first, first + size);
  }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Calls `visit(type, bytes, size)` for each attribute; stops at one that does not fit.
template <typename Visit>
void EachAttribute(const uint8_t* bytes, size_t size, const Visit& visit) {
  size_t at = 0;
  while (at + sizeof(nlattr) <= size) {
    nlattr header;
    std::memcpy(&header, bytes + at, sizeof(header));
    if (header.nla_len < sizeof(nlattr) || at + header.nla_len > size) return;
    visit(header.nla_type & NLA_TYPE_MASK, bytes + at + sizeof(nlattr), header.nla_len - sizeof(nlattr));
    at += NLA_ALIGN(header.nla_len);
  }
}

void PutAddress(Writer* writer, bool four, uint16_t type_four, uint16_t type_six, const uint8_t address[16]) {
  if (four) writer->Put(type_four, address + 12, 4);
  else writer->Put(type_six, address, 16);
}

void PutPort(Writer* writer, uint16_t type, uint16_t port) {
  const uint16_t network_order = htons(port);
  writer->Put(type, &network_order, sizeof(network_order));
}

}  // namespace

struct Translations::Tuple {
  bool found = false;
  uint8_t source[16] = {};
  uint8_t destination[16] = {};
  uint16_t source_port = 0;
  uint16_t destination_port = 0;

  void Read(const uint8_t* bytes, size_t size) {
    found = true;
    EachAttribute(bytes, size, [&](uint16_t type, const uint8_t* inner, size_t inner_size) {
      if (type == CTA_TUPLE_IP) ReadAddresses(inner, inner_size);
      if (type == CTA_TUPLE_PROTO) ReadPorts(inner, inner_size);
    });
  }

 private:
  static void ReadAddress(const uint8_t* bytes, size_t size, uint8_t address[16]) {
    if (size == 16) std::memcpy(address, bytes, 16);
    if (size != 4) return;
    std::memcpy(address, kMappedPrefix, sizeof(kMappedPrefix));
    std::memcpy(address + 12, bytes, 4);
  }
  void ReadAddresses(const uint8_t* bytes, size_t size) {
    EachAttribute(bytes, size, [&](uint16_t type, const uint8_t* value, size_t length) {
      if (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC) ReadAddress(value, length, source);
      if (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST) ReadAddress(value, length, destination);
    });
  }
  void ReadPorts(const uint8_t* bytes, size_t size) {
    EachAttribute(bytes, size, [&](uint16_t type, const uint8_t* value, size_t length) {
      if (length != 2) return;
      const auto port = static_cast<uint16_t>(value[0] << 8 | value[1]);
      if (type == CTA_PROTO_SRC_PORT) source_port = port;
      if (type == CTA_PROTO_DST_PORT) destination_port = port;
    });
  }
};

Translations::Translations() : socket_(NETLINK_NETFILTER, 0, std::string()) {}

// Asks for the connection in which a packet from the remote end to the local one is the original or the reply (`direction`).
bool Translations::Ask(const FlowEnds& seen, uint16_t direction, Tuple* original, Tuple* reply) {
  const bool four = IsMapped(seen.local);
  Writer writer;
  nlmsghdr header = {};
  header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
  header.nlmsg_flags = NLM_F_REQUEST;
  header.nlmsg_seq = ++sequence_;
  const nfgenmsg family = {static_cast<uint8_t>(four ? AF_INET : AF_INET6), NFNETLINK_V0, 0};
  writer.Append(&header, sizeof(header));
  writer.Append(&family, sizeof(family));
  const size_t tuple = writer.Begin(direction);
  const size_t addresses = writer.Begin(CTA_TUPLE_IP);
  PutAddress(&writer, four, CTA_IP_V4_SRC, CTA_IP_V6_SRC, seen.remote);
  PutAddress(&writer, four, CTA_IP_V4_DST, CTA_IP_V6_DST, seen.local);
  writer.End(addresses);
  const size_t ports = writer.Begin(CTA_TUPLE_PROTO);
  writer.Put(CTA_PROTO_NUM, &seen.protocol, sizeof(seen.protocol));
  PutPort(&writer, CTA_PROTO_SRC_PORT, seen.remote_port);
  PutPort(&writer, CTA_PROTO_DST_PORT, seen.local_port);
  writer.End(ports);
  writer.End(tuple);
  header.nlmsg_len = static_cast<uint32_t>(writer.bytes().size());
  std::memcpy(writer.bytes().data(), &header, sizeof(header));
  socket_.Send(writer.bytes().data(), writer.bytes().size());

  uint8_t answer[8192];
  // The kernel answers within the sending; an answer to an earlier question is passed over.
  for (;;) {
    const long size = socket_.Receive(answer, sizeof(answer));
    if (size < static_cast<long>(sizeof(nlmsghdr) + sizeof(nfgenmsg))) return false;
    std::memcpy(&header, answer, sizeof(header));
    if (header.nlmsg_seq != sequence_) continue;
    if (header.nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)) return false;
    const size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
    const size_t length = std::min(static_cast<size_t>(size), static_cast<size_t>(header.nlmsg_len));
    if (length < head) return false;
    EachAttribute(answer + head, length - head, [&](uint16_t type, const uint8_t* bytes, size_t inner) {
      if (type == CTA_TUPLE_ORIG) original->Read(bytes, inner);
      if (type == CTA_TUPLE_REPLY) reply->Read(bytes, inner);
    });
    return original->found && reply->found;
  }
}

std::optional<FlowEnds> Translations::Behind(const FlowEnds& seen) {
  Tuple original;
  Tuple reply;
  FlowEnds behind;
  behind.protocol = seen.protocol;
  // Begun behind us: what comes back to our address is the reply, and the original has the true source.
  if (Ask(seen, CTA_TUPLE_REPLY, &original, &reply)) {
    if (std::memcmp(original.source, seen.local, 16) == 0) return std::nullopt;
    std::memcpy(behind.local, original.source, 16);
    std::memcpy(behind.remote, original.destination, 16);
    behind.local_port = original.source_port;
    behind.remote_port = original.destination_port;
    return behind;
  }
  // Begun outside, for a published port: the reply has the true source.
  if (Ask(seen, CTA_TUPLE_ORIG, &original, &reply)) {
    if (std::memcmp(reply.source, seen.local, 16) == 0) return std::nullopt;
    std::memcpy(behind.local, reply.source, 16);
    std::memcpy(behind.remote, reply.destination, 16);
    behind.local_port = reply.source_port;
    behind.remote_port = reply.destination_port;
    return behind;
  }
  return std::nullopt;
}

}  // namespace tidewatch
