// IP and transport headers: what a packet is, how many bytes it counts, and where its payload lies.
#pragma once

#include <cstdint>

#include "bytes.hh"
#include "link_layer.hh"

namespace tidewatch {

// Numbers of IANA's "Assigned Internet Protocol Numbers".
namespace ip_protocol {
constexpr uint8_t hopByHop = 0;
constexpr uint8_t icmp = 1;
constexpr uint8_t ipv4 = 4;
constexpr uint8_t tcp = 6;
constexpr uint8_t udp = 17;
constexpr uint8_t dccp = 33;
constexpr uint8_t ipv6 = 41;
constexpr uint8_t routing = 43;
constexpr uint8_t fragment = 44;
constexpr uint8_t gre = 47;
constexpr uint8_t authentication = 51;
constexpr uint8_t icmpv6 = 58;
constexpr uint8_t none = 59;
constexpr uint8_t destinationOptions = 60;
constexpr uint8_t etherIp = 97;
constexpr uint8_t sctp = 132;
constexpr uint8_t udpLite = 136;
constexpr uint8_t mpls = 137;
}  // namespace ip_protocol

// An IPv4 address in the first four bytes and zeros behind, or an IPv6 address; in network order.
struct Address {
  uint64_t words[2] = {0, 0};
};

inline bool operator==(const Address& left, const Address& right) {
  return left.words[0] == right.words[0] && left.words[1] == right.words[1];
}

// What a fragment says of itself (RFC 791 3.2, RFC 8200 4.5). Not a fragment: offset 0 and nothing more to come.
struct Fragment {
  uint32_t id = 0;
  uint32_t offset = 0;
  bool more = false;

  bool whole() const { return offset == 0 && !more; }
};

struct Datagram {
  Address source;
  Address destination;
  uint8_t family = 0;
  uint8_t protocol = 0;
  uint8_t hopLimit = 0;
  // The length was beyond reason and has been clamped.
  bool malformed = false;
  bool hasPorts = false;
  uint16_t sourcePort = 0;
  uint16_t destinationPort = 0;
  // IP bytes: header included, link layer excluded.
  uint32_t length = 0;
  Fragment fragment;
  // From the transport header on; cut to what the IP header says, so padding is no part of it.
  Slice transport;
};

// Reads the IP header (with its extension headers) and the ports. False where there is no valid IP header.
bool readDatagram(const NetworkPacket& packet, Datagram& datagram);

// A TCP segment's own fields (RFC 9293 3.1).
struct Segment {
  uint32_t sequence = 0;
  uint32_t acknowledgment = 0;
  uint8_t flags = 0;
  Slice payload;

  bool fin() const { return (flags & 0x01) != 0; }
  bool syn() const { return (flags & 0x02) != 0; }
  bool reset() const { return (flags & 0x04) != 0; }
  bool ack() const { return (flags & 0x10) != 0; }
  // Of the first byte of the payload: SYN takes a number of its own.
  uint32_t payloadSequence() const { return sequence + (syn() ? 1 : 0); }
};

// Reads the TCP header of a datagram that is whole or a first fragment. False where it is cut or wrong.
bool readSegment(const Datagram& datagram, Segment& segment);

// The payload behind an 8-byte UDP header. False where it is cut.
bool readUdpPayload(const Datagram& datagram, Slice& payload);

}  // namespace tidewatch
