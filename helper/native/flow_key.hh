// What tells one flow from another, the same for both directions.
#pragma once

#include <cstdint>

#include "datagram.hh"

namespace tidewatch {

// Which account a flow's bytes belong to. Only `outer` is part of the totals.
enum class Layer : uint8_t {
  outer,
  // The innermost 5-tuple of a tunnelled packet (files only).
  inner,
  // The part of an outer flow whose packets carried another IP layer (files only).
  carrying,
};

// The two ends in a fixed order, so that both directions have one key. 40 bytes, without gaps: compared as words.
struct FlowKey {
  Address low;
  Address high;
  uint16_t lowPort = 0;
  uint16_t highPort = 0;
  uint8_t protocol = 0;
  uint8_t family = 0;
  bool hasPorts = false;
  Layer layer = Layer::outer;
};

static_assert(sizeof(FlowKey) == 40);

enum class Direction : uint8_t { ab, ba };

// A key, and whether the packet it came from went from its low end to its high one.
struct DirectedKey {
  FlowKey key;
  bool fromLow = true;
};

DirectedKey keyOf(const Datagram& datagram, Layer layer);

inline bool operator==(const FlowKey& left, const FlowKey& right) { return std::memcmp(&left, &right, sizeof left) == 0; }

// Numbers nobody outside this process can know: without them one could send packets whose flows all fall together.
struct HashSecret {
  uint64_t words[5];

  static HashSecret random();
};

uint64_t hashOf(const FlowKey& key, const HashSecret& secret);

}  // namespace tidewatch
