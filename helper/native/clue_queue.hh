// Clues that wait for JavaScript: bounded in bytes and in number, and what does not fit is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "flow.hh"

namespace tidewatch {

constexpr size_t clueHeaderLength = 72;

// Not thread-safe: whoever holds it brings the lock.
class ClueQueue {
 public:
  struct Bounds {
    size_t bytes;
    uint32_t clues;
    uint32_t opened;
  };

  // A packet's payload, and what is known of the packet.
  struct Payload {
    Direction direction;
    uint32_t sequence;
    bool syn;
    uint8_t hopLimit;
    Slice bytes;
  };

  explicit ClueQueue(Bounds bounds) : bounds_(bounds) {}

  void offerOpened(const Flow& flow, int64_t now);
  // Returns how many bytes of the payload were taken; 0 where there was no room.
  uint32_t offerPayload(const Flow& flow, int64_t now, const Payload& payload);

  bool empty() const { return bytes_.empty(); }
  // Gives all records that wait, in order, for what `clues` held; the queue is empty afterwards, and uses that memory.
  void take(std::vector<uint8_t>& clues);
  // Clues refused since the last call.
  uint64_t takeRefused();

 private:
  bool admits(size_t length);

  Bounds bounds_;
  std::vector<uint8_t> bytes_;
  uint32_t clues_ = 0;
  uint32_t opened_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace tidewatch
