#include "flow_table.hh"

#include <algorithm>
#include <atomic>

#include "limits.hh"

namespace tidewatch {
namespace {

// Twice as many places as flows, a power of two.
uint32_t slotsFor(uint32_t flows) {
  uint32_t slots = 16;
  while (slots < flows * 2) slots *= 2;
  return slots;
}

// Places to begin with: 32 KiB, enough for a desktop.
constexpr uint32_t firstSlots = 4096;

// One row of numbers for all tables: captures of several interfaces run at once, each on its own thread, and what
// leaves them is told apart by this number alone.
std::atomic<uint64_t> nextFlowId{1};

uint64_t takeFlowId() { return nextFlowId.fetch_add(1, std::memory_order_relaxed); }

constexpr uint32_t foldClasses = 256 * 2 * 3;

uint32_t foldClass(const FlowKey& key) {
  return key.protocol + 256u * (key.family == 6 ? 1 : 0) + 512u * static_cast<uint32_t>(key.layer);
}

bool bothSent(const Flow& flow) { return flow.tcp.knowsNext[0] && flow.tcp.knowsNext[1]; }

int64_t silenceAllowed(const Flow& flow) {
  if (flow.tcp.closed()) return closedSilence;
  switch (flow.key.protocol) {
    case ip_protocol::tcp:
      return bothSent(flow) ? tcpSilence : otherSilence;
    case ip_protocol::sctp:
      return tcpSilence;
    case ip_protocol::udp:
      return udpSilence;
    default:
      return otherSilence;
  }
}

// Ended connections go first, then whoever has been silent for longest.
bool goesBefore(const Flow& left, const Flow& right) {
  if (left.tcp.closed() != right.tcp.closed()) return left.tcp.closed();
  return left.lastSeen < right.lastSeen;
}

void forgetReported(Flow& flow) {
  flow.sums = Sums{};
  flow.retransmits = 0;
  flow.unreported = false;
}

}  // namespace

FlowTable::FlowTable(uint32_t maximumFlows, uint32_t maximumDeparted)
    : maximumFlows_(maximumFlows),
      maximumDeparted_(maximumDeparted),
      largestMask_(slotsFor(maximumFlows) - 1),
      mask_(std::min(largestMask_, firstSlots - 1)),
      window_(std::min(probeWindow, mask_ + 1)),
      slots_(mask_ + 1) {}

Flow* FlowTable::find(const DirectedKey& directed, uint64_t hash) {
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (uint32_t step = 0; step < window_; ++step) {
    const Slot& slot = slots_[place(hash, step)];
    if (slot.tag != tag || slot.flow == 0) continue;
    Flow& flow = flows_[slot.flow - 1];
    if (flow.key == directed.key) return &flow;
  }
  return nullptr;
}

uint32_t FlowTable::freeSlotNear(uint64_t hash) const {
  for (uint32_t step = 0; step < window_; ++step) {
    const uint32_t at = place(hash, step);
    if (slots_[at].flow == 0) return at;
  }
  return noSlot;
}

uint32_t FlowTable::freeSlot(uint64_t hash) {
  const uint32_t at = freeSlotNear(hash);
  if (at != noSlot) return at;
  Flow& victim = longestSilent(hash);
  const uint32_t vacated = victim.slot;
  ++evicted_;
  retire(victim);
  return vacated;
}

// Puts every flow to its place among twice as many.
void FlowTable::grow() {
  mask_ = mask_ * 2 + 1;
  slots_.assign(mask_ + 1, Slot{});
  for (uint32_t index = 0; index < flows_.size(); ++index) {
    Flow& flow = flows_[index];
    if (!flow.used) continue;
    const uint64_t hash = hashOf(flow.key, secret_);
    flow.slot = freeSlot(hash);
    slots_[flow.slot] = Slot{static_cast<uint32_t>(hash >> 32), index + 1};
  }
}

// Within the window; where it is empty although the table is full, among the flows at a hand that goes round.
Flow& FlowTable::longestSilent(uint64_t hash) {
  Flow* best = nullptr;
  for (uint32_t step = 0; step < window_; ++step) {
    const Slot& slot = slots_[place(hash, step)];
    if (slot.flow == 0) continue;
    Flow& flow = flows_[slot.flow - 1];
    if (best == nullptr || goesBefore(flow, *best)) best = &flow;
  }
  while (best == nullptr) {
    hand_ = (hand_ + 1) % flows_.size();
    if (flows_[hand_].used) best = &flows_[hand_];
  }
  return *best;
}

Flow& FlowTable::begin(const DirectedKey& directed, uint64_t hash, int64_t now) {
  if (used_ == maximumFlows_) {
    ++evicted_;
    retire(longestSilent(hash));
  }
  while (canGrow() && (used_ * 2 > mask_ || freeSlotNear(hash) == noSlot)) grow();
  const uint32_t slot = freeSlot(hash);
  Flow& flow = flows_.take();
  const bool listed = flow.listed;
  const uint32_t index = flow.index;
  flow = Flow{};
  flow.index = index;
  flow.key = directed.key;
  flow.id = takeFlowId();
  flow.firstSeen = now;
  flow.lastSeen = now;
  flow.aIsLow = directed.fromLow;
  flow.slot = slot;
  flow.used = true;
  flow.listed = listed;
  slots_[slot] = Slot{static_cast<uint32_t>(hash >> 32), index + 1};
  ++used_;
  return flow;
}

void FlowTable::retire(Flow& flow) {
  if (departed_.flows() < maximumDeparted_) {
    departed_.addFlow(flow, flow_flag::closed);
  } else {
    fold(flow);
  }
  slots_[flow.slot] = Slot{};
  flows_.giveBack(flow);
  flow.used = false;
  --used_;
}

void FlowTable::fold(const Flow& flow) {
  if (folded_.empty()) folded_.resize(foldClasses);
  Flow& sum = folded_[foldClass(flow.key)];
  if (!sum.used) {
    sum = Flow{};
    sum.used = true;
    sum.id = takeFlowId();
    sum.key.protocol = flow.key.protocol;
    sum.key.family = flow.key.family;
    sum.key.layer = flow.key.layer;
    sum.firstSeen = flow.firstSeen;
    sum.lastSeen = flow.lastSeen;
  }
  for (int direction = 0; direction < 2; ++direction) {
    sum.sums.bytes[direction] += flow.sums.bytes[direction];
    sum.sums.packets[direction] += flow.sums.packets[direction];
  }
  sum.retransmits += flow.retransmits;
  sum.firstSeen = std::min(sum.firstSeen, flow.firstSeen);
  sum.lastSeen = std::max(sum.lastSeen, flow.lastSeen);
  ++foldedFlows_;
}

void FlowTable::expire(int64_t now) {
  const uint32_t places = flows_.size();
  for (uint32_t step = 0; step < std::min(places, sweepPerDrain); ++step) {
    hand_ = hand_ + 1 < places ? hand_ + 1 : 0;
    Flow& flow = flows_[hand_];
    if (flow.used && now - flow.lastSeen > silenceAllowed(flow)) retire(flow);
  }
}

void FlowTable::drain(DrainBuffer& buffer, Counters& counters) {
  buffer.reserve(departed_.flows() + changed_.size());
  buffer.addRecords(departed_);
  for (const uint32_t index : changed_) {
    Flow& flow = flows_[index];
    flow.listed = false;
    if (!flow.used) continue;
    buffer.addFlow(flow, 0);
    forgetReported(flow);
  }
  changed_.clear();
  for (Flow& sum : folded_) {
    if (sum.used) buffer.addFlow(sum, flow_flag::closed | flow_flag::folded);
    sum.used = false;
  }
  counters.evictedFlows += evicted_;
  counters.foldedFlows += foldedFlows_;
  evicted_ = 0;
  foldedFlows_ = 0;
}

}  // namespace tidewatch
