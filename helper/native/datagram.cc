#include "datagram.hh"

#include <algorithm>

#include "limits.hh"

namespace tidewatch {
namespace {

bool portsComeFirst(uint8_t protocol) {
  return protocol == ip_protocol::tcp || protocol == ip_protocol::udp || protocol == ip_protocol::sctp ||
         protocol == ip_protocol::dccp || protocol == ip_protocol::udpLite;
}

void readPorts(Datagram& datagram) {
  if (datagram.fragment.offset != 0 || !portsComeFirst(datagram.protocol) || datagram.transport.captured < 4) return;
  datagram.hasPorts = true;
  datagram.sourcePort = big16(datagram.transport.data);
  datagram.destinationPort = big16(datagram.transport.data + 2);
}

// The bytes to count: what the header claims, unless the wire cannot have carried it. `least` is the header itself.
uint32_t countedLength(uint32_t claimed, uint32_t wire, uint32_t least, bool& malformed) {
  if (claimed >= least && claimed <= wire) return claimed;
  malformed = true;
  return std::clamp(claimed, least, std::max(wire, least));
}

// An offloaded super-packet has no length in its header: then all that the wire carried is counted.
uint32_t offloadedLength(uint32_t wire, bool& malformed) {
  if (wire > maximumWireLength) malformed = true;
  return std::min(wire, maximumWireLength);
}

// RFC 4302 2.2: the length counts 32-bit words, less 2.
bool skipAuthentication(Datagram& datagram) {
  if (datagram.transport.captured < 2) return false;
  const uint8_t next = datagram.transport.data[0];
  if (!datagram.transport.skip((datagram.transport.data[1] + 2u) * 4)) return false;
  datagram.protocol = next;
  return true;
}

bool readIpv4(Slice slice, Datagram& datagram) {
  if (slice.captured < 20 || slice.data[0] >> 4 != 4) return false;
  const uint8_t* header = slice.data;
  const uint32_t headerLength = (header[0] & 15) * 4u;
  if (headerLength < 20) return false;
  datagram.family = 4;
  datagram.hopLimit = header[8];
  datagram.protocol = header[9];
  std::memcpy(datagram.source.words, header + 12, 4);
  std::memcpy(datagram.destination.words, header + 16, 4);
  const uint32_t total = big16(header + 2);
  datagram.length = total == 0 ? offloadedLength(slice.wire, datagram.malformed)
                               : countedLength(total, slice.wire, headerLength, datagram.malformed);
  const uint16_t fragment = big16(header + 6);
  datagram.fragment.id = big16(header + 4);
  datagram.fragment.more = (fragment & 0x2000) != 0;
  datagram.fragment.offset = (fragment & 0x1fff) * 8u;
  slice.limit(datagram.length);
  if (!slice.skip(headerLength)) slice = Slice{slice.data, 0, 0};
  datagram.transport = slice;
  if (datagram.protocol == ip_protocol::authentication && datagram.fragment.offset == 0) skipAuthentication(datagram);
  return true;
}

bool isExtension(uint8_t protocol) {
  return protocol == ip_protocol::hopByHop || protocol == ip_protocol::routing || protocol == ip_protocol::fragment ||
         protocol == ip_protocol::destinationOptions || protocol == ip_protocol::authentication;
}

// RFC 2675 2: the jumbo option (194) of the hop-by-hop header holds the length that 16 bits cannot. 0 where absent.
uint32_t jumboLength(Slice options) {
  if (options.captured < 8) return 0;
  const uint32_t end = std::min<uint32_t>(options.captured, (options.data[1] + 1u) * 8);
  for (uint32_t offset = 2; offset + 6 <= end;) {
    const uint8_t type = options.data[offset];
    if (type == 194 && options.data[offset + 1] == 4) return big32(options.data + offset + 2);
    offset += type == 0 ? 1 : 2 + options.data[offset + 1];
  }
  return 0;
}

uint32_t ipv6Length(Slice slice, Datagram& datagram) {
  const uint32_t payload = big16(slice.data + 4);
  const uint8_t next = slice.data[6];
  if (payload != 0) return countedLength(40 + payload, slice.wire, 40, datagram.malformed);
  if (next == ip_protocol::none) return 40;
  const uint32_t jumbo = next == ip_protocol::hopByHop ? jumboLength({slice.data + 40, slice.captured - 40, 0}) : 0;
  if (jumbo == 0) return offloadedLength(slice.wire, datagram.malformed);
  const uint32_t sane = std::min(jumbo, maximumWireLength);
  if (sane != jumbo) datagram.malformed = true;
  return countedLength(40 + sane, std::min(slice.wire, maximumWireLength), 40, datagram.malformed);
}

void readFragmentHeader(const uint8_t* header, Fragment& fragment) {
  const uint16_t field = big16(header + 2);
  fragment.offset = field & 0xfff8u;
  fragment.more = (field & 1) != 0;
  fragment.id = big32(header + 4);
}

// Follows the extension headers (RFC 8200 4) to the transport header. A later fragment ends the walk: what follows
// its fragment header is the middle of something. Where the capture is cut, the last header's number stands.
void skipExtensions(Datagram& datagram) {
  Slice& slice = datagram.transport;
  for (int header = 0; header < maximumExtensionHeaders && isExtension(datagram.protocol); ++header) {
    if (slice.captured < 8) return;
    const uint8_t next = slice.data[0];
    uint32_t length = (slice.data[1] + 1u) * 8;
    if (datagram.protocol == ip_protocol::fragment) {
      readFragmentHeader(slice.data, datagram.fragment);
      length = 8;
    } else if (datagram.protocol == ip_protocol::authentication) {
      length = (slice.data[1] + 2u) * 4;
    }
    if (!slice.skip(length)) return;
    datagram.protocol = next;
    if (datagram.fragment.offset != 0) return;
  }
}

bool readIpv6(Slice slice, Datagram& datagram) {
  if (slice.captured < 40 || slice.data[0] >> 4 != 6) return false;
  datagram.family = 6;
  datagram.hopLimit = slice.data[7];
  datagram.protocol = slice.data[6];
  std::memcpy(datagram.source.words, slice.data + 8, 16);
  std::memcpy(datagram.destination.words, slice.data + 24, 16);
  datagram.length = ipv6Length(slice, datagram);
  slice.limit(datagram.length);
  slice.skip(40);
  datagram.transport = slice;
  skipExtensions(datagram);
  return true;
}

}  // namespace

bool readDatagram(const NetworkPacket& packet, Datagram& datagram) {
  const bool valid = packet.network == Network::ipv4 ? readIpv4(packet.slice, datagram)
                                                     : packet.network == Network::ipv6 && readIpv6(packet.slice, datagram);
  if (valid) readPorts(datagram);
  return valid;
}

bool readSegment(const Datagram& datagram, Segment& segment) {
  segment.payload = datagram.transport;
  if (segment.payload.captured < 20) return false;
  const uint8_t* header = segment.payload.data;
  segment.sequence = big32(header + 4);
  segment.acknowledgment = big32(header + 8);
  segment.flags = header[13];
  const uint32_t headerLength = (header[12] >> 4) * 4u;
  return headerLength >= 20 && segment.payload.skip(headerLength);
}

bool readUdpPayload(const Datagram& datagram, Slice& payload) {
  payload = datagram.transport;
  if (payload.captured < 8) return false;
  const uint32_t length = big16(payload.data + 4);
  payload.skip(8);
  if (length < 8) return true;
  // A first fragment holds a part of what the UDP header announces.
  if (datagram.fragment.more) payload.wire = std::max(payload.captured, length - 8);
  if (datagram.fragment.whole()) payload.limit(length - 8);
  return true;
}

}  // namespace tidewatch
