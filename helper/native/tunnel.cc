#include "tunnel.hh"

#include "limits.hh"

namespace tidewatch {
namespace {

bool usesPort(const Datagram& datagram, uint16_t port) {
  return datagram.sourcePort == port || datagram.destinationPort == port;
}

// Protocol types that GRE uses beside EtherTypes (RFC 2784 2.4, RFC 2637 4.1, RFC 7637 3.2).
constexpr uint16_t grePpp = 0x880b;
constexpr uint16_t greEthernet = 0x6558;
constexpr uint16_t greErspan = 0x88be;

// RFC 2784 and 2890 (version 0), RFC 2637 (version 1, PPTP): optional fields in a fixed order behind four bytes.
NetworkPacket packetInGre(Slice slice) {
  if (slice.captured < 4) return {};
  const uint8_t flags = slice.data[0];
  const int version = slice.data[1] & 7;
  const uint16_t type = big16(slice.data + 2);
  const bool routing = (flags & 0x40) != 0;
  const bool sequence = (flags & 0x10) != 0;
  const bool acknowledgment = version == 1 && (slice.data[1] & 0x80) != 0;
  if (version > 1 || routing) return {};
  uint32_t length = 4;
  if ((flags & 0x80) != 0) length += 4;
  if ((flags & 0x20) != 0) length += 4;
  if (sequence) length += 4;
  if (acknowledgment) length += 4;
  if (!slice.skip(length)) return {};
  if (type == grePpp) return packetInPpp(slice);
  if (type == greEthernet) return packetInEthernet(slice);
  if (type == greErspan) return !sequence || slice.skip(8) ? packetInEthernet(slice) : NetworkPacket{};
  return packetOfEtherType(type, slice);
}

// RFC 7348 5: only the flag that marks the network identifier as valid is set.
NetworkPacket packetInVxlan(Slice slice) {
  if (slice.captured < 8 || (slice.data[0] & 0x08) == 0) return {};
  slice.skip(8);
  return packetInEthernet(slice);
}

// RFC 8926 3.4: version 0, options in words of four bytes.
NetworkPacket packetInGeneve(Slice slice) {
  if (slice.captured < 8 || slice.data[0] >> 6 != 0) return {};
  const uint32_t options = (slice.data[0] & 0x3f) * 4u;
  const uint16_t type = big16(slice.data + 2);
  if (!slice.skip(8 + options)) return {};
  return type == greEthernet ? packetInEthernet(slice) : packetOfEtherType(type, slice);
}

// 3GPP TS 29.281 5.2: extension headers, each with its length in words of four bytes and the next one's type last.
bool skipGtpExtensions(Slice& slice, uint8_t next) {
  for (int header = 0; header < maximumExtensionHeaders && next != 0; ++header) {
    if (slice.captured < 1 || slice.data[0] == 0) return false;
    const uint32_t length = slice.data[0] * 4u;
    if (slice.captured < length) return false;
    next = slice.data[length - 1];
    slice.skip(length);
  }
  return next == 0;
}

// 3GPP TS 29.281 5.1: version 1, protocol type GTP, message 255 (G-PDU) carries a user's packet.
NetworkPacket packetInGtp(Slice slice) {
  if (slice.captured < 8 || (slice.data[0] & 0xf0) != 0x30 || slice.data[1] != 255) return {};
  const uint8_t flags = slice.data[0] & 7;
  slice.skip(8);
  if (flags == 0) return packetByVersion(slice);
  if (slice.captured < 4) return {};
  const uint8_t next = (flags & 4) != 0 ? slice.data[3] : uint8_t{0};
  slice.skip(4);
  return skipGtpExtensions(slice, next) ? packetByVersion(slice) : NetworkPacket{};
}

// RFC 4380 5.1.1: an authentication and an origin indication may come before the IPv6 packet.
NetworkPacket packetInTeredo(Slice slice) {
  if (slice.captured >= 4 && big16(slice.data) == 0x0001) {
    if (!slice.skip(13u + slice.data[2] + slice.data[3])) return {};
  }
  if (slice.captured >= 8 && big16(slice.data) == 0x0000) slice.skip(8);
  if (slice.captured < 40 || slice.data[0] >> 4 != 6 || big16(slice.data + 4) + 40u > slice.wire) return {};
  return {Network::ipv6, slice};
}

// RFC 2661 3.1: version 2, a data message (T is 0), with the fields that its flags name; then PPP.
NetworkPacket packetInL2tp(Slice slice) {
  if (slice.captured < 6) return {};
  const uint16_t flags = big16(slice.data);
  if ((flags & 0x8000) != 0 || (flags & 0x000f) != 2) return {};
  uint32_t length = 6;
  if ((flags & 0x4000) != 0) length += 2;
  if ((flags & 0x0800) != 0) length += 4;
  if ((flags & 0x0200) != 0) {
    if (slice.captured < length + 2) return {};
    length += 2u + big16(slice.data + length);
  }
  return slice.skip(length) ? packetInPpp(slice) : NetworkPacket{};
}

NetworkPacket packetInUdp(const Datagram& datagram) {
  Slice payload;
  if (!readUdpPayload(datagram, payload)) return {};
  if (datagram.destinationPort == 4789 || datagram.destinationPort == 8472) return packetInVxlan(payload);
  if (datagram.destinationPort == 6081) return packetInGeneve(payload);
  if (usesPort(datagram, 2152)) return packetInGtp(payload);
  if (usesPort(datagram, 3544)) return packetInTeredo(payload);
  if (usesPort(datagram, 1701)) return packetInL2tp(payload);
  return {};
}

NetworkPacket packetInside(const Datagram& datagram) {
  if (datagram.fragment.offset != 0) return {};
  switch (datagram.protocol) {
    case ip_protocol::ipv4:
      return {Network::ipv4, datagram.transport};
    case ip_protocol::ipv6:
      return {Network::ipv6, datagram.transport};
    case ip_protocol::gre:
      return packetInGre(datagram.transport);
    case ip_protocol::etherIp: {
      Slice slice = datagram.transport;
      return slice.skip(2) ? packetInEthernet(slice) : NetworkPacket{};
    }
    case ip_protocol::mpls:
      return packetInMpls(datagram.transport);
    case ip_protocol::udp:
      return packetInUdp(datagram);
    default:
      return {};
  }
}

// A first fragment holds only a part of the packet inside: that one's own header says how long it is.
void wireAsClaimed(NetworkPacket& packet) { packet.slice.wire = maximumWireLength; }

}  // namespace

bool readInnermost(const Datagram& outer, Datagram& innermost) {
  bool found = false;
  Datagram around = outer;
  for (int layer = 0; layer < maximumTunnelLayers; ++layer) {
    NetworkPacket packet = packetInside(around);
    if (packet.network == Network::none) break;
    if (around.fragment.more) wireAsClaimed(packet);
    Datagram inside;
    if (!readDatagram(packet, inside)) break;
    innermost = inside;
    around = inside;
    found = true;
  }
  return found;
}

}  // namespace tidewatch
