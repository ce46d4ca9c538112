// Writing the little-endian records that JavaScript reads.
#pragma once

#include <cstdint>
#include <cstring>

#include "flow.hh"

namespace tidewatch {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little-endian, and written as memory holds them");

// Writes one field after the other; the caller has made sure of the room.
struct Writer {
  uint8_t* at;

  template <typename Field>
  void field(Field value) {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }

  // A count crosses as a double, exact up to 2^53: JavaScript's own number, and quicker to read than a BigInt.
  void number(uint64_t value) { field(static_cast<double>(value)); }
  void milliseconds(int64_t nanoseconds) { field(static_cast<double>(nanoseconds) / 1e6); }
  void word(uint32_t value) { field(value); }
  void half(uint16_t value) { field(value); }
  void byte(uint8_t value) { field(value); }

  // Ports of a and b, then their addresses in 16 bytes each.
  void ends(const Flow& flow) {
    const FlowKey& key = flow.key;
    half(flow.aIsLow ? key.lowPort : key.highPort);
    half(flow.aIsLow ? key.highPort : key.lowPort);
    field(flow.aIsLow ? key.low : key.high);
    field(flow.aIsLow ? key.high : key.low);
  }
};

}  // namespace tidewatch
