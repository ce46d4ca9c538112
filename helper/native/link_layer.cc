#include "link_layer.hh"

#include "limits.hh"
#include "radio.hh"

namespace tidewatch {
namespace {

constexpr uint16_t typeIpv4 = 0x0800;
constexpr uint16_t typeIpv6 = 0x86dd;
constexpr uint16_t typeMpls = 0x8847;
constexpr uint16_t typeMplsUpstream = 0x8848;
constexpr uint16_t typePppoeSession = 0x8864;

// 802.1Q, 802.1ad, and the older numbers of stacked tags.
bool isVlan(uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200; }

// Below 0x0600 the field is a length, and an LLC header follows (IEEE 802.3 3.2.6).
bool isLength(uint16_t type) { return type < 0x0600; }

NetworkPacket packetOfAddressFamily(uint32_t family, Slice slice) {
  switch (family) {
    case 2:
      return {Network::ipv4, slice};
    case 10:  // Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // Darwin
      return {Network::ipv6, slice};
    default:
      return {};
  }
}

// The four bytes are in the byte order of the machine that wrote them: a family is a small number in one of the two.
NetworkPacket packetInNull(Slice frame) {
  if (frame.captured < 4) return {};
  const uint32_t little = little32(frame.data);
  const uint32_t family = little <= 0xffff ? little : big32(frame.data);
  frame.skip(4);
  return packetOfAddressFamily(family, frame);
}

NetworkPacket packetInCooked(Slice frame, uint32_t headerLength, uint32_t protocolOffset) {
  if (frame.captured < headerLength) return {};
  const uint16_t protocol = big16(frame.data + protocolOffset);
  frame.skip(headerLength);
  return packetOfEtherType(protocol, frame);
}

// RFC 2516 4: version and type 1, code 0 (session data), session, length; then PPP.
NetworkPacket packetInPppoe(Slice slice) {
  if (slice.captured < 6 || slice.data[0] != 0x11 || slice.data[1] != 0) return {};
  const uint16_t length = big16(slice.data + 4);
  slice.skip(6);
  if (length != 0) slice.limit(length);
  return packetInPpp(slice);
}

NetworkPacket packetInCiscoHdlc(Slice slice) {
  if (slice.captured < 4) return {};
  const uint16_t type = big16(slice.data + 2);
  slice.skip(4);
  return packetOfEtherType(type, slice);
}

// Cisco's HDLC shares the serial link type with PPP: its first byte is 0x0f (unicast) or 0x8f (broadcast).
NetworkPacket packetInSerial(Slice slice) {
  if (slice.captured < 4) return {};
  if (slice.data[0] == 0x0f || slice.data[0] == 0x8f) return packetInCiscoHdlc(slice);
  return packetInPpp(slice);
}

}  // namespace

NetworkPacket packetByVersion(Slice slice) {
  if (slice.captured < 1) return {};
  const int version = slice.data[0] >> 4;
  if (version == 4) return {Network::ipv4, slice};
  if (version == 6) return {Network::ipv6, slice};
  return {};
}

// Labels up to the one with the bottom-of-stack bit (RFC 3032 2.1); what follows is known by its version only. An
// Ethernet pseudowire begins with a control word whose first nibble is 0 (RFC 4385 3).
NetworkPacket packetInMpls(Slice slice) {
  for (int label = 0; label < maximumLinkHeaders; ++label) {
    if (slice.captured < 4) return {};
    const bool bottom = (slice.data[2] & 1) != 0;
    slice.skip(4);
    if (!bottom) continue;
    if (slice.captured > 0 && slice.data[0] >> 4 == 0 && slice.skip(4)) return packetInEthernet(slice);
    return packetByVersion(slice);
  }
  return {};
}

// RFC 1661 2, RFC 1662 3.1: address and control may be left out, and a protocol below 256 may take one byte.
NetworkPacket packetInPpp(Slice slice) {
  if (slice.captured >= 2 && slice.data[0] == 0xff && slice.data[1] == 0x03) slice.skip(2);
  if (slice.captured < 2) return {};
  const bool compressed = (slice.data[0] & 1) != 0;
  const uint16_t protocol = compressed ? slice.data[0] : big16(slice.data);
  slice.skip(compressed ? 1 : 2);
  switch (protocol) {
    case 0x0021:
      return {Network::ipv4, slice};
    case 0x0057:
      return {Network::ipv6, slice};
    case 0x0281:
    case 0x0283:
      return packetInMpls(slice);
    default:
      return {};
  }
}

NetworkPacket packetOfEtherType(uint16_t type, Slice slice) {
  for (int header = 0; header < maximumLinkHeaders; ++header) {
    if (type == typeIpv4) return {Network::ipv4, slice};
    if (type == typeIpv6) return {Network::ipv6, slice};
    if (isVlan(type)) {
      if (slice.captured < 4) return {};
      type = big16(slice.data + 2);
      slice.skip(4);
    } else if (isLength(type)) {
      return packetInLlc(slice);
    } else if (type == typeMpls || type == typeMplsUpstream) {
      return packetInMpls(slice);
    } else if (type == typePppoeSession) {
      return packetInPppoe(slice);
    } else {
      return {};
    }
  }
  return {};
}

NetworkPacket packetInEthernet(Slice frame) {
  if (frame.captured < 14) return {};
  const uint16_t type = big16(frame.data + 12);
  frame.skip(14);
  return packetOfEtherType(type, frame);
}

NetworkPacket packetInFrame(int linkType, Slice frame) {
  switch (linkType) {
    case link_type::ethernet:
      return packetInEthernet(frame);
    case link_type::linuxSll:
      return packetInCooked(frame, 16, 14);
    case link_type::linuxSll2:
      return packetInCooked(frame, 20, 0);
    case link_type::raw:
    case link_type::rawLinux:
    case link_type::rawOpenBsd:
      return packetByVersion(frame);
    case link_type::ipv4:
      return {Network::ipv4, frame};
    case link_type::ipv6:
      return {Network::ipv6, frame};
    case link_type::null:
    case link_type::loop:
      return packetInNull(frame);
    case link_type::ppp:
    case link_type::pppSerial:
      return packetInSerial(frame);
    case link_type::pppPppd:
    case link_type::pppDirection:
      return frame.skip(1) ? packetInPpp(frame) : NetworkPacket{};
    case link_type::pppEthernet:
      return packetInPppoe(frame);
    case link_type::ciscoHdlc:
      return packetInCiscoHdlc(frame);
    case link_type::ieee80211:
      return packetInRadioFrame(frame);
    case link_type::ieee80211Radiotap:
      return packetInRadiotap(frame);
    default:
      return {};
  }
}

bool knowsLinkType(int linkType) {
  switch (linkType) {
    case link_type::ethernet:
    case link_type::linuxSll:
    case link_type::linuxSll2:
    case link_type::raw:
    case link_type::rawLinux:
    case link_type::rawOpenBsd:
    case link_type::ipv4:
    case link_type::ipv6:
    case link_type::null:
    case link_type::loop:
    case link_type::ppp:
    case link_type::pppSerial:
    case link_type::pppPppd:
    case link_type::pppDirection:
    case link_type::pppEthernet:
    case link_type::ciscoHdlc:
    case link_type::ieee80211:
    case link_type::ieee80211Radiotap:
      return true;
    default:
      return false;
  }
}

}  // namespace tidewatch
