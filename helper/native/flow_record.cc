#include "flow_record.hh"

#include "writer.hh"

namespace tidewatch {
namespace {

uint16_t flagsOf(const Flow& flow) {
  uint16_t flags = 0;
  if (flow.unreported) flags |= flow_flag::opened;
  if (flow.key.hasPorts) flags |= flow_flag::hasPorts;
  if (flow.key.layer == Layer::inner) flags |= flow_flag::inner;
  if (flow.key.layer == Layer::carrying) flags |= flow_flag::carrying;
  return flags;
}

}  // namespace

void DrainBuffer::addFlow(const Flow& flow, uint16_t flags) {
  const size_t offset = bytes_.size();
  bytes_.resize(offset + flowRecordLength);
  Writer writer{bytes_.data() + offset};
  writer.number(flow.id);
  writer.number(flow.sums.bytes[0]);
  writer.number(flow.sums.bytes[1]);
  writer.number(flow.sums.packets[0]);
  writer.number(flow.sums.packets[1]);
  writer.milliseconds(flow.firstSeen);
  writer.milliseconds(flow.lastSeen);
  writer.word(flow.roundTripMicroseconds);
  writer.word(flow.retransmits);
  writer.byte(flow.key.protocol);
  writer.byte(flow.key.family);
  writer.half(static_cast<uint16_t>(flags | flagsOf(flow)));
  writer.ends(flow);
}

void DrainBuffer::addRecords(DrainBuffer& records) {
  if (records.flows() == 0) return;
  bytes_.insert(bytes_.end(), records.bytes_.begin() + countersLength, records.bytes_.end());
  records = DrainBuffer();
}

void DrainBuffer::setCounters(const Counters& counters) {
  Writer writer{bytes_.data()};
  writer.number(counters.packets);
  writer.number(counters.bytes);
  writer.number(counters.dropped);
  writer.number(counters.interfaceDropped);
  writer.number(counters.malformed);
  writer.number(counters.otherFrames);
  writer.number(counters.evictedFlows);
  writer.number(counters.refusedClues);
  writer.number(counters.foldedFlows);
}

}  // namespace tidewatch
