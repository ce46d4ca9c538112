// Reading numbers out of packets, and the piece of a packet that is still to be read.
#pragma once

#include <cstdint>
#include <cstring>

namespace tidewatch {

inline uint16_t big16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

inline uint32_t big32(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) << 24 | static_cast<uint32_t>(at[1]) << 16 |
         static_cast<uint32_t>(at[2]) << 8 | at[3];
}

inline uint16_t little16(const uint8_t* at) { return static_cast<uint16_t>(at[1] << 8 | at[0]); }

inline uint32_t little32(const uint8_t* at) {
  return static_cast<uint32_t>(at[3]) << 24 | static_cast<uint32_t>(at[2]) << 16 |
         static_cast<uint32_t>(at[1]) << 8 | at[0];
}

// What is left of a packet: `captured` bytes can be read, `wire` bytes were sent. captured <= wire, always.
struct Slice {
  const uint8_t* data = nullptr;
  uint32_t captured = 0;
  uint32_t wire = 0;

  // Leaves `count` bytes behind. False, and nothing done, where the capture does not hold them.
  bool skip(uint32_t count) {
    if (captured < count) return false;
    data += count;
    captured -= count;
    wire -= count;
    return true;
  }

  // Cuts what lies beyond `count` wire bytes (padding, trailers).
  void limit(uint32_t count) {
    if (wire > count) wire = count;
    if (captured > wire) captured = wire;
  }
};

}  // namespace tidewatch
