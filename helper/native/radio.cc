#include "radio.hh"

namespace tidewatch {
namespace {

// https://www.radiotap.org: the flags of the Flags field that change the length of a frame.
constexpr uint8_t radiotapFcsAtEnd = 0x10;
constexpr uint8_t radiotapPadding = 0x20;

// The Flags field: behind all present-words and, if bit 0 is set, the 8 aligned bytes of TSFT. 0 where there is none.
uint8_t radiotapFlags(const uint8_t* header, uint32_t length) {
  uint32_t offset = 8;
  const uint32_t present = little32(header + 4);
  for (uint32_t word = present; (word & 0x80000000u) != 0; offset += 4) {
    if (offset + 4 > length) return 0;
    word = little32(header + offset);
  }
  if ((present & 2) == 0) return 0;
  if ((present & 1) != 0) offset = ((offset + 7) & ~7u) + 8;
  return offset < length ? header[offset] : uint8_t{0};
}

// IEEE 802.11-2020 9.2.4: 24 bytes, a fourth address between access points, QoS control, HT control.
uint32_t radioHeaderLength(const uint8_t* frame) {
  const bool fourAddresses = (frame[1] & 3) == 3;
  const bool quality = (frame[0] & 0x80) != 0;
  const bool order = (frame[1] & 0x80) != 0;
  return 24 + (fourAddresses ? 6 : 0) + (quality ? 2 : 0) + (quality && order ? 4 : 0);
}

// A-MSDU: several packets in one frame (9.3.2.2); the first is read.
bool isAggregate(const uint8_t* frame) {
  const bool fourAddresses = (frame[1] & 3) == 3;
  return (frame[0] & 0x80) != 0 && (frame[fourAddresses ? 30 : 24] & 0x80) != 0;
}

enum class Padding { none, toFourBytes };

NetworkPacket packetInData(Slice frame, Padding padding) {
  if (frame.captured < 24) return {};
  const bool data = (frame.data[0] & 0x0c) == 0x08 && (frame.data[0] & 0x40) == 0;
  const bool encrypted = (frame.data[1] & 0x40) != 0;
  if (!data || encrypted) return {};
  uint32_t length = radioHeaderLength(frame.data);
  if (frame.captured < length) return {};
  if (isAggregate(frame.data)) length += 14;
  if (padding == Padding::toFourBytes) length = (length + 3) & ~3u;
  return frame.skip(length) ? packetInLlc(frame) : NetworkPacket{};
}

}  // namespace

NetworkPacket packetInLlc(Slice slice) {
  if (slice.captured < 3) return {};
  if (slice.data[0] == 0x06 && slice.data[1] == 0x06 && slice.data[2] == 0x03) {
    slice.skip(3);
    return packetByVersion(slice);
  }
  const bool snap = slice.captured >= 8 && slice.data[0] == 0xaa && slice.data[1] == 0xaa && slice.data[2] == 0x03;
  if (!snap) return {};
  const uint16_t type = big16(slice.data + 6);
  slice.skip(8);
  if (type < 0x0600) return {};
  return packetOfEtherType(type, slice);
}

NetworkPacket packetInRadioFrame(Slice frame) { return packetInData(frame, Padding::none); }

NetworkPacket packetInRadiotap(Slice frame) {
  if (frame.captured < 8) return {};
  const uint32_t length = little16(frame.data + 2);
  if (length < 8 || frame.captured < length) return {};
  const uint8_t flags = radiotapFlags(frame.data, length);
  frame.skip(length);
  if ((flags & radiotapFcsAtEnd) != 0 && frame.wire >= 4) frame.limit(frame.wire - 4);
  return packetInData(frame, (flags & radiotapPadding) != 0 ? Padding::toFourBytes : Padding::none);
}

}  // namespace tidewatch
