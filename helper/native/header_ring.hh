// The headers of the last packets, for whoever wants to look at them in another program: link, network and transport
// headers and never a byte behind them. Bounded in bytes and in time; the oldest give way.
//
// Records lie in blocks, so that age is looked at once per block and not once per packet, and what is not used is not held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "datagram.hh"

namespace tidewatch {

// Layout: add() in header_ring.cc. Read by frames.ts in core/packet.
constexpr size_t headerRecordLength = 24;

// How many bytes of a frame are its headers: at most `maximumHeaderBytes`. `frame` is where the datagram was read from.
uint32_t headerBytesOf(Slice frame, const Datagram& datagram);

// Not thread-safe: whoever holds it brings the lock.
class HeaderRing {
 public:
  struct Bounds {
    size_t bytes;
    // Nanoseconds; what is a tenth older may still be there.
    int64_t age;
  };

  explicit HeaderRing(Bounds bounds);

  // `now` is the packet's time in nanoseconds since 1970.
  void add(uint64_t flow, Slice frame, const Datagram& datagram, int64_t now);
  // Lets go what is too old.
  void expire(int64_t now);
  // All records, the oldest first.
  void held(std::vector<uint8_t>& records) const;
  // Records that no call before has given, the oldest first, some `freshBytesPerTake` at most. Returns how many gave way before they were taken.
  uint64_t fresh(std::vector<uint8_t>& records);

 private:
  struct Block {
    std::unique_ptr<uint8_t[]> bytes;
    size_t used = 0;
    int64_t begun = 0;
    int64_t newest = 0;
    uint32_t records = 0;
  };

  Block& blockFor(size_t length, int64_t now);
  void dropOldest();

  Bounds bounds_;
  std::deque<Block> blocks_;
  // What of the oldest blocks `fresh` has given: whole blocks, and a part of the next.
  size_t takenBlocks_ = 0;
  size_t takenBytes_ = 0;
  uint32_t takenRecords_ = 0;
  uint64_t missed_ = 0;
};

}  // namespace tidewatch
