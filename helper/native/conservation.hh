// The properties that must hold for any bytes: what the counters say is the sum over the flows; headers are headers, and bounded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "file_decoder.hh"
#include "header_ring.hh"
#include "limits.hh"

namespace tidewatch {

struct Conservation {
  double packets = 0;
  double bytes = 0;
  size_t flows = 0;
  bool conserved = false;
};

inline double numberAt(const uint8_t* at) {
  double value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Adds up the outer flows of a drain and compares them with its counters (layouts: flow_record.cc).
inline Conservation conservationOf(const DrainBuffer& buffer) {
  const uint8_t* bytes = buffer.bytes().data();
  double flowBytes = 0;
  double flowPackets = 0;
  for (size_t flow = 0; flow < buffer.flows(); ++flow) {
    const uint8_t* record = bytes + countersLength + flow * flowRecordLength;
    uint16_t flags;
    std::memcpy(&flags, record + 66, sizeof flags);
    if ((flags & (flow_flag::inner | flow_flag::carrying)) != 0) continue;
    flowBytes += numberAt(record + 8) + numberAt(record + 16);
    flowPackets += numberAt(record + 24) + numberAt(record + 32);
  }
  Conservation result{numberAt(bytes), numberAt(bytes + 8), buffer.flows(), false};
  const double otherFrames = numberAt(bytes + 40);
  result.conserved = result.bytes == flowBytes && result.packets - otherFrames == flowPackets;
  return result;
}

// Whether each record of headers is as long as it says, and none longer than headers may be (layout: header_ring.cc).
inline bool headersBounded(const std::vector<uint8_t>& records) {
  size_t at = 0;
  while (at + headerRecordLength <= records.size()) {
    const uint32_t kept = little16(records.data() + at + 20);
    const uint32_t length = little16(records.data() + at + 22);
    if (kept == 0 || kept > maximumHeaderBytes || length < headerRecordLength + kept || length % 8 != 0) return false;
    at += length;
  }
  return at == records.size();
}

// Takes headers as they come from a ring of two blocks, so that most give way; what is held is bounded, too.
inline bool takesHeaders(HeaderRing& ring) {
  std::vector<uint8_t> fresh;
  std::vector<uint8_t> held;
  ring.fresh(fresh);
  ring.held(held);
  return held.size() <= 2 * headerBlockBytes && headersBounded(fresh) && headersBounded(held);
}

// Decodes a file that comes in pieces of one length.
inline Conservation decodeInPieces(const uint8_t* data, size_t length, size_t piece, uint32_t maximumFlows) {
  FileDecoder decoder(maximumFlows);
  decoder.keepHeaders(std::make_unique<HeaderRing>(HeaderRing::Bounds{2 * headerBlockBytes, 60 * second}));
  for (size_t offset = 0; offset < length; offset += piece) {
    if (!decoder.push(data + offset, std::min(piece, length - offset)).fine()) break;
    decoder.takeClues();
  }
  DrainBuffer buffer;
  decoder.drain(buffer);
  Conservation result = conservationOf(buffer);
  result.conserved = takesHeaders(*decoder.headers()) && result.conserved;
  return result;
}

}  // namespace tidewatch
