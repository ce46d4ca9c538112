// All flows of one capture: bounded, and no byte is ever lost from it.
//
// Open addressing with a bounded window: a key lies within `probeWindow` places of its hash or nowhere. So a look-up
// has a fixed cost, removal leaves no marks behind, and whoever makes hashes collide only causes evictions. The places
// double as flows come, up to twice as many as there may be flows: each packet looks up one at random, and a few hundred
// KiB of them stay in the processor's cache.
// A flow that must go is written to the buffer of departed flows, which the next drain hands over; where that buffer
// is full, its sums are added to one flow without addresses per protocol, and counted as folded.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "flow.hh"
#include "flow_pool.hh"
#include "flow_record.hh"

namespace tidewatch {

class FlowTable {
 public:
  // Flows at one time: at least 1, at most 2^24.
  explicit FlowTable(uint32_t maximumFlows, uint32_t maximumDeparted);

  // The flow of this key, or null.
  Flow* find(const DirectedKey& directed, uint64_t hash);
  // Begins a flow that is not in the table; evicts the longest silent one nearby where there is no place.
  Flow& begin(const DirectedKey& directed, uint64_t hash, int64_t now);
  // Hands a flow on, with its last sums, and frees its place.
  void retire(Flow& flow);
  // Notes that a flow has something to hand over.
  void changed(Flow& flow) {
    if (flow.listed) return;
    flow.listed = true;
    changed_.push_back(flow.index);
  }
  // Retires flows that have been silent for too long, in a part of the table.
  void expire(int64_t now);
  // Writes what happened since the last drain, and adds evictions and folds to the counters.
  void drain(DrainBuffer& buffer, Counters& counters);

  uint64_t hash(const FlowKey& key) const { return hashOf(key, secret_); }
  uint32_t size() const { return used_; }

 private:
  struct Slot {
    uint32_t tag = 0;
    // Index of the flow plus one; 0 where the place is free.
    uint32_t flow = 0;
  };

  uint32_t place(uint64_t hash, uint32_t step) const { return (static_cast<uint32_t>(hash) + step) & mask_; }
  // Index of no place.
  static constexpr uint32_t noSlot = UINT32_MAX;

  uint32_t freeSlotNear(uint64_t hash) const;
  uint32_t freeSlot(uint64_t hash);
  bool canGrow() const { return mask_ < largestMask_; }
  void grow();
  Flow& longestSilent(uint64_t hash);
  void fold(const Flow& flow);

  HashSecret secret_ = HashSecret::random();
  uint32_t maximumFlows_;
  uint32_t maximumDeparted_;
  uint32_t largestMask_;
  uint32_t mask_;
  uint32_t window_;
  std::vector<Slot> slots_;
  FlowPool flows_;
  std::vector<uint32_t> changed_;
  DrainBuffer departed_;
  // By protocol, family and layer; made when the first flow is folded.
  std::vector<Flow> folded_;
  uint64_t evicted_ = 0;
  uint64_t foldedFlows_ = 0;
  uint32_t used_ = 0;
  uint32_t hand_ = 0;
};

}  // namespace tidewatch
