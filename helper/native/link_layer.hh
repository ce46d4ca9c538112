// Link-layer headers: from a frame to the IP packet in it.
#pragma once

#include <cstdint>

#include "bytes.hh"

namespace tidewatch {

// Link-layer types as capture files number them (https://www.tcpdump.org/linktypes.html). libpcap's DLT numbers on
// Linux differ only for RAW (12).
namespace link_type {
constexpr int null = 0;
constexpr int ethernet = 1;
constexpr int ppp = 9;
constexpr int rawLinux = 12;
constexpr int rawOpenBsd = 14;
constexpr int pppSerial = 50;
constexpr int pppEthernet = 51;
constexpr int raw = 101;
constexpr int ciscoHdlc = 104;
constexpr int ieee80211 = 105;
constexpr int loop = 108;
constexpr int linuxSll = 113;
constexpr int ieee80211Radiotap = 127;
constexpr int pppPppd = 166;
constexpr int pppDirection = 204;
constexpr int ipv4 = 228;
constexpr int ipv6 = 229;
constexpr int linuxSll2 = 276;
}  // namespace link_type

enum class Network : uint8_t { none, ipv4, ipv6 };

// An IP packet as the link layer delivered it, perhaps with padding behind.
struct NetworkPacket {
  Network network = Network::none;
  Slice slice;
};

// Whether frames of this type can be read at all.
bool knowsLinkType(int linkType);

// The IP packet in a frame; `none` where it carries something else, or is cut before the IP header.
NetworkPacket packetInFrame(int linkType, Slice frame);

// The IP packet behind an EtherType (VLAN tags, MPLS, PPPoE and LLC/SNAP are followed), or behind PPP's header.
NetworkPacket packetOfEtherType(uint16_t etherType, Slice slice);
NetworkPacket packetInEthernet(Slice frame);
NetworkPacket packetInPpp(Slice slice);
NetworkPacket packetInMpls(Slice slice);

// The IP packet that begins here, by its version field alone.
NetworkPacket packetByVersion(Slice slice);

}  // namespace tidewatch
