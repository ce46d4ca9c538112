#include "tcp.hh"

#include <algorithm>

#include "limits.hh"

namespace tidewatch {
namespace {

int32_t distance(uint32_t from, uint32_t to) { return static_cast<int32_t>(to - from); }

// The handshake has two halves: SYN to SYN-ACK, SYN-ACK to ACK. On the client's machine the second takes no time, on
// the server's the first; so the longer of the two is the round trip, wherever this machine stands.
void measure(Flow& flow, Direction answering, int64_t now) {
  TcpState& tcp = flow.tcp;
  const int64_t waited = now - tcp.handshakeTime;
  if (!tcp.handshakeWaits || tcp.handshakeSender == answering || waited < 0 || waited > 60 * second) return;
  const auto microseconds = static_cast<uint32_t>(std::max<int64_t>(waited / 1000, 1));
  flow.roundTripMicroseconds = std::max(flow.roundTripMicroseconds, microseconds);
}

void followHandshake(Flow& flow, Direction direction, const Segment& segment, int64_t now) {
  TcpState& tcp = flow.tcp;
  if (segment.syn()) {
    if (segment.ack()) measure(flow, direction, now);
    tcp.handshakeTime = now;
    tcp.handshakeWaits = true;
    tcp.handshakeSender = direction;
  } else if (segment.ack() && tcp.handshakeWaits && tcp.handshakeSender != direction) {
    measure(flow, direction, now);
    tcp.handshakeWaits = false;
  }
}

// A SYN with another sequence number: the ends are used again (in files that stays one flow), and all that was known
// of the connection before is void.
void forgetEarlierConnection(TcpState& tcp, const Segment& segment) {
  if (!segment.syn() || segment.ack() || segment.sequence == tcp.synSequence) return;
  tcp = TcpState{};
  tcp.synSequence = segment.sequence;
}

// A probe of one old byte, or none, asks whether the peer is alive (RFC 9293 3.8.4).
bool isKeepAlive(const TcpState& tcp, int side, const Segment& segment) {
  return segment.payload.wire <= 1 && !segment.syn() && segment.sequence == tcp.next[side] - 1;
}

void followSequence(Flow& flow, int side, const Segment& segment) {
  TcpState& tcp = flow.tcp;
  const uint32_t marks = (segment.syn() ? 1u : 0u) + (segment.fin() ? 1u : 0u);
  const uint32_t end = segment.sequence + segment.payload.wire + marks;
  const bool ahead = !tcp.knowsNext[side] || distance(tcp.next[side], end) > 0;
  const bool carries = segment.payload.wire > 0 || segment.syn();
  if (!ahead && carries && !isKeepAlive(tcp, side, segment)) ++flow.retransmits;
  if (!ahead) return;
  tcp.next[side] = end;
  tcp.knowsNext[side] = true;
}

void setBase(TcpState& tcp, int side, uint32_t base) {
  if (tcp.knowsBase[side] && tcp.base[side] == base) return;
  tcp.base[side] = base;
  tcp.handedOn[side] = base;
  tcp.knowsBase[side] = true;
}

void followBase(TcpState& tcp, int side, const Segment& segment) {
  if (segment.syn()) {
    setBase(tcp, side, segment.payloadSequence());
  } else if (!tcp.knowsBase[side] && segment.payload.wire > 0) {
    setBase(tcp, side, segment.sequence);
  }
}

}  // namespace

bool beginsAnew(const Flow& flow, const Segment& segment) {
  return flow.tcp.closed() && segment.syn() && !segment.ack() && segment.sequence != flow.tcp.synSequence;
}

void followSegment(Flow& flow, Direction direction, const Segment& segment, int64_t now) {
  const int side = static_cast<int>(direction);
  forgetEarlierConnection(flow.tcp, segment);
  followHandshake(flow, direction, segment, now);
  followSequence(flow, side, segment);
  followBase(flow.tcp, side, segment);
  if (segment.fin()) flow.tcp.fin[side] = true;
  if (segment.reset()) flow.tcp.reset = true;
}

}  // namespace tidewatch
