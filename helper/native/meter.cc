#include "meter.hh"

#include <algorithm>

#include "clue.hh"
#include "limits.hh"
#include "tcp.hh"
#include "tunnel.hh"

namespace tidewatch {
namespace {

// Live, JavaScript empties the buffer of departed flows every second and pays for each; a file's are taken once.
uint32_t maximumDeparted(const Meter::Options& options) {
  return options.source == Meter::Source::live ? std::max(options.maximumFlows / 4, 1u) : options.maximumFlows;
}

ClueQueue::Bounds clueBounds(const Meter::Options& options) {
  if (options.source == Meter::Source::live) return {options.clueQueueBytes, maximumWaitingClues, maximumWaitingOpened};
  return {options.clueQueueBytes, UINT32_MAX, UINT32_MAX};
}

// Reads the TCP header where there is one; null where there is none.
const Segment* segmentOf(const Datagram& datagram, Segment& segment) {
  const bool tcp = datagram.protocol == ip_protocol::tcp && datagram.fragment.offset == 0;
  return tcp && readSegment(datagram, segment) ? &segment : nullptr;
}

}  // namespace

Meter::Meter(const Options& options)
    : source_(options.source),
      questions_(options.questions),
      table_(options.maximumFlows, maximumDeparted(options)),
      clues_(clueBounds(options)) {}

void Meter::count(int linkType, Slice frame, int64_t now) {
  ++counters_.packets;
  ++allPackets_;
  if (__builtin_expect(headers_ != nullptr, 0)) frame_ = frame;
  const NetworkPacket packet = packetInFrame(linkType, frame);
  if (packet.network == Network::none) {
    ++counters_.otherFrames;
    return;
  }
  Datagram datagram;
  if (!readDatagram(packet, datagram)) {
    ++counters_.otherFrames;
    ++counters_.malformed;
    return;
  }
  if (datagram.malformed) ++counters_.malformed;
  counters_.bytes += datagram.length;
  countDatagram(datagram, now);
}

void Meter::countDatagram(Datagram& datagram, int64_t now) {
  const FirstFragment* first = nullptr;
  if (datagram.fragment.offset != 0) {
    first = fragments_.find(datagram, now);
    if (first != nullptr) {
      datagram.hasPorts = first->hasPorts;
      datagram.sourcePort = first->sourcePort;
      datagram.destinationPort = first->destinationPort;
    }
  }
  const bool tunnelled = source_ == Source::file && countTunnelled(datagram, first, now);
  if (!tunnelled) countInnermost(datagram, Layer::outer, now);
  if (datagram.fragment.offset == 0 && datagram.fragment.more) fragments_.remember(datagram, tunnelled, now);
}

// Counts a packet that carries another one, on the outer flow and on the inner one. A later fragment of such a packet
// has no inner header: its inner flow is what the outer header tells, without ports.
bool Meter::countTunnelled(const Datagram& outer, const FirstFragment* first, int64_t now) {
  Datagram innermost;
  if (first != nullptr && first->carrying) {
    innermost = outer;
    innermost.hasPorts = false;
    innermost.sourcePort = 0;
    innermost.destinationPort = 0;
  } else if (!readInnermost(outer, innermost)) {
    return false;
  }
  accountCarrying(outer, now);
  if (first == nullptr || !first->carrying) {
    countInnermost(innermost, Layer::inner, now);
  } else {
    account(innermost, Layer::inner, nullptr, now);
  }
  return true;
}

// The outer flow, and the part of it that carried something: a flow with the number and the ends of the outer one.
void Meter::accountCarrying(const Datagram& outer, int64_t now) {
  const Passage whole = account(outer, Layer::outer, nullptr, now);
  const uint64_t id = whole.flow.id;
  const bool aIsLow = whole.flow.aIsLow;
  const Passage part = passage(outer, Layer::carrying, nullptr, now);
  part.flow.id = id;
  part.flow.aIsLow = aIsLow;
  add({part.flow, whole.direction, part.begun}, outer.length, now);
}

void Meter::countInnermost(const Datagram& datagram, Layer layer, int64_t now) {
  Segment parsed;
  const Segment* segment = segmentOf(datagram, parsed);
  const Passage passed = account(datagram, layer, segment, now);
  if (__builtin_expect(headers_ != nullptr, 0)) keepHeadersOf(passed.flow, datagram, now);
  if (segment != nullptr) followSegment(passed.flow, passed.direction, *segment, now);
  const bool offered = offer(passed, datagram, segment, now);
  if (!datagram.fragment.whole()) assemble(passed, datagram, offered, now);
}

Meter::Passage Meter::passage(const Datagram& datagram, Layer layer, const Segment* segment, int64_t now) {
  const DirectedKey directed = keyOf(datagram, layer);
  const uint64_t hash = table_.hash(directed.key);
  Flow* flow = table_.find(directed, hash);
  if (flow != nullptr && source_ == Source::live && segment != nullptr && beginsAnew(*flow, *segment)) {
    table_.retire(*flow);
    flow = nullptr;
  }
  const bool begun = flow == nullptr;
  Flow& found = begun ? table_.begin(directed, hash, now) : *flow;
  return {found, directed.fromLow == found.aIsLow ? Direction::ab : Direction::ba, begun};
}

Meter::Passage Meter::account(const Datagram& datagram, Layer layer, const Segment* segment, int64_t now) {
  const Passage passed = passage(datagram, layer, segment, now);
  if (passed.begun) clues_.offerOpened(passed.flow, now);
  add(passed, datagram.length, now);
  return passed;
}

void Meter::add(const Passage& passed, uint32_t length, int64_t now) {
  passed.flow.sums.add(passed.direction, length);
  passed.flow.lastSeen = std::max(passed.flow.lastSeen, now);
  passed.flow.firstSeen = std::min(passed.flow.firstSeen, now);
  table_.changed(passed.flow);
}

// Puts the packet's payload into the queue where it may hold a name; true where it may.
bool Meter::offer(const Passage& passed, const Datagram& datagram, const Segment* segment, int64_t now) {
  if (datagram.fragment.offset != 0) return false;
  if (segment != nullptr) {
    if (!isClue(passed.flow, passed.direction, *segment)) return false;
    const uint32_t sequence = segment->payloadSequence();
    const uint32_t taken = clues_.offerPayload(
        passed.flow, now, {passed.direction, sequence, segment->syn(), datagram.hopLimit, segment->payload});
    handedOn(passed.flow, passed.direction, sequence, taken);
    return true;
  }
  Slice payload;
  if (datagram.protocol != ip_protocol::udp || !readUdpPayload(datagram, payload)) return false;
  if (!isClue(passed.flow, passed.direction, payload) || (!questions_ && isQuestion(passed.flow, payload))) return false;
  clues_.offerPayload(passed.flow, now, {passed.direction, 0, false, datagram.hopLimit, payload});
  return true;
}

// Keeps a fragment whose datagram is wanted: its first fragment was a clue, or is still to come.
void Meter::assemble(const Passage& passed, const Datagram& datagram, bool wanted, int64_t now) {
  const bool first = datagram.fragment.offset == 0;
  if (first && !wanted) {
    assembler_.drop(datagram);
    return;
  }
  const bool transport = datagram.protocol == ip_protocol::udp || datagram.protocol == ip_protocol::tcp;
  const bool early = !first && !datagram.hasPorts && transport;
  if (!wanted && !early && !assembler_.holds(datagram)) return;
  const Slice whole = assembler_.add(datagram, now);
  if (whole.captured == 0) return;
  Datagram complete = datagram;
  complete.fragment = Fragment{};
  complete.transport = whole;
  Segment parsed;
  const Segment* segment = segmentOf(complete, parsed);
  offer(passed, complete, segment, now);
}

// Out of the way of the many packets whose headers nobody wants.
__attribute__((noinline, cold)) void Meter::keepHeadersOf(const Flow& flow, const Datagram& datagram, int64_t now) {
  headers_->add(flow.id, frame_, datagram, now);
}

void Meter::age(int64_t now) {
  if (source_ == Source::live) table_.expire(now);
  if (headers_ != nullptr) headers_->expire(now);
}

void Meter::drain(DrainBuffer& buffer, Counters& counters) {
  counters_.refusedClues += clues_.takeRefused();
  counters = counters_;
  table_.drain(buffer, counters);
  counters_ = Counters{};
}

}  // namespace tidewatch
