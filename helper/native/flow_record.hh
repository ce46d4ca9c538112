// The layouts in which flows and counters cross to JavaScript (helper/native/records.ts reads them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "flow.hh"

namespace tidewatch {

// Since the previous drain.
struct Counters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0;
  uint64_t interfaceDropped = 0;
  uint64_t malformed = 0;
  uint64_t otherFrames = 0;
  uint64_t evictedFlows = 0;
  uint64_t refusedClues = 0;
  uint64_t foldedFlows = 0;
};

constexpr size_t countersLength = 128;
constexpr size_t flowRecordLength = 104;

// Bits of a flow record's flags.
namespace flow_flag {
constexpr uint16_t opened = 1;
constexpr uint16_t closed = 2;
constexpr uint16_t hasPorts = 4;
constexpr uint16_t inner = 8;
constexpr uint16_t carrying = 16;
constexpr uint16_t folded = 32;
}  // namespace flow_flag

// One buffer: counters first, then flow records one after the other.
class DrainBuffer {
 public:
  DrainBuffer() : bytes_(countersLength) {}

  void reserve(size_t flows) { bytes_.reserve(bytes_.size() + flows * flowRecordLength); }
  void addFlow(const Flow& flow, uint16_t flags);
  // Takes records that were written earlier, and leaves `records` empty.
  void addRecords(DrainBuffer& records);
  void setCounters(const Counters& counters);
  size_t flows() const { return (bytes_.size() - countersLength) / flowRecordLength; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace tidewatch
