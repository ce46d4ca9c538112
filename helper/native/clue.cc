#include "clue.hh"

#include "limits.hh"

namespace tidewatch {
namespace {

constexpr uint16_t dns = 53;
constexpr uint16_t netbiosNames = 137;
constexpr uint16_t multicastDns = 5353;
constexpr uint16_t linkLocalNames = 5355;

// The smallest QUIC packet that can be decrypted: 1 + 4 + 1 + 1 bytes of header, and a sample (RFC 9001 5.4.2).
constexpr uint32_t leastLongHeader = 21;

bool hasPort(const FlowKey& key, uint16_t port) { return key.lowPort == port || key.highPort == port; }

bool namesHosts(const FlowKey& key) {
  return hasPort(key, dns) || hasPort(key, multicastDns) || hasPort(key, linkLocalNames) || hasPort(key, netbiosNames);
}

constexpr uint32_t fourLetters(const char (&text)[5]) {
  return static_cast<uint32_t>(text[0]) << 24 | static_cast<uint32_t>(text[1]) << 16 |
         static_cast<uint32_t>(text[2]) << 8 | static_cast<uint32_t>(text[3]);
}

// A request on a connection that is kept alive may name another host at any time, so each is a clue. This compare of
// four bytes is a concession: nothing else here reads payload but `isQuestion`.
bool mayBeHttp(const Slice& payload) {
  if (payload.captured < 4) return false;
  switch (big32(payload.data)) {
    case fourLetters("GET "):
    case fourLetters("PUT "):
    case fourLetters("POST"):
    case fourLetters("HEAD"):
    case fourLetters("DELE"):
    case fourLetters("OPTI"):
    case fourLetters("PATC"):
    case fourLetters("CONN"):
    case fourLetters("TRAC"):
    case fourLetters("HTTP"):
      return true;
    default:
      return false;
  }
}

// Near the first byte seen: a little before it too, since segments may come out of order.
bool isNearBeginning(const TcpState& tcp, int side, uint32_t sequence) {
  if (!tcp.knowsBase[side]) return false;
  const auto offset = static_cast<int32_t>(sequence - tcp.base[side]);
  constexpr auto bound = static_cast<int32_t>(clueBytesPerDirection);
  return offset > -bound && offset < bound;
}

bool wasHandedOn(const TcpState& tcp, int side, uint32_t sequence, uint32_t length) {
  if (!tcp.knowsBase[side]) return false;
  const auto start = static_cast<int32_t>(sequence - tcp.base[side]);
  return start >= 0 && static_cast<int32_t>(sequence + length - tcp.handedOn[side]) <= 0;
}

}  // namespace

bool isClue(const Flow& flow, Direction direction, const Segment& segment) {
  if (segment.payload.captured == 0) return false;
  const int side = static_cast<int>(direction);
  if (wasHandedOn(flow.tcp, side, segment.payloadSequence(), segment.payload.captured)) return false;
  return isNearBeginning(flow.tcp, side, segment.sequence) || hasPort(flow.key, dns) || mayBeHttp(segment.payload);
}

void handedOn(Flow& flow, Direction direction, uint32_t sequence, uint32_t length) {
  const int side = static_cast<int>(direction);
  uint32_t& until = flow.tcp.handedOn[side];
  const uint32_t end = sequence + length;
  const bool joins = static_cast<int32_t>(sequence - until) <= 0 && static_cast<int32_t>(end - until) > 0;
  if (flow.tcp.knowsBase[side] && joins) until = end;
}

bool isClue(Flow& flow, Direction direction, const Slice& payload) {
  if (payload.captured == 0) return false;
  if (namesHosts(flow.key)) return true;
  uint8_t& seen = flow.longHeaders[static_cast<int>(direction)];
  if ((payload.data[0] & 0xc0) != 0xc0 || payload.wire < leastLongHeader || seen >= longHeadersPerDirection) return false;
  ++seen;
  return true;
}

// One bit (RFC 1035 4.1.1 QR).
bool isQuestion(const Flow& flow, const Slice& payload) {
  return hasPort(flow.key, dns) && payload.captured > 2 && (payload.data[2] & 0x80) == 0;
}

}  // namespace tidewatch
