#include "pcapng_file.hh"

#include <algorithm>

#include "limits.hh"

namespace tidewatch {
namespace {

constexpr uint32_t blockSection = 0x0a0d0d0a;
constexpr uint32_t blockInterface = 1;
constexpr uint32_t blockObsoletePacket = 2;
constexpr uint32_t blockSimplePacket = 3;
constexpr uint32_t blockEnhancedPacket = 6;
constexpr uint32_t byteOrderMagic = 0x1a2b3c4d;
constexpr uint16_t optionTimeResolution = 9;
constexpr uint16_t optionTimeOffset = 14;

FileStatus damaged(std::string message) { return {FileStatus::Code::damaged, std::move(message)}; }

bool isRead(uint32_t type) {
  return type == blockSection || type == blockInterface || type == blockObsoletePacket || type == blockSimplePacket ||
         type == blockEnhancedPacket;
}

// if_tsresol: a power of ten, or of two where the top bit is set. What cannot be counted in 64 bits is taken as µs.
uint64_t unitsPerSecond(uint8_t resolution) {
  const int exponent = resolution & 0x7f;
  if ((resolution & 0x80) != 0) return exponent < 63 ? uint64_t{1} << exponent : 1'000'000;
  if (exponent > 18) return 1'000'000;
  uint64_t units = 1;
  for (int power = 0; power < exponent; ++power) units *= 10;
  return units;
}

int64_t nanoseconds(uint64_t stamp, uint64_t units, int64_t offsetSeconds) {
  const auto whole = static_cast<__int128>(stamp) * second / units + static_cast<__int128>(offsetSeconds) * second;
  return whole < 0 || whole > INT64_MAX ? 0 : static_cast<int64_t>(whole);
}

}  // namespace

bool isPcapng(const uint8_t* magic) { return big32(magic) == blockSection; }

bool PcapngFile::beginSection(const uint8_t* data, FileStatus& status) {
  if (little32(data + 8) == byteOrderMagic) {
    bigEndian_ = false;
  } else if (big32(data + 8) == byteOrderMagic) {
    bigEndian_ = true;
  } else {
    status = damaged("a section header has no byte order");
    return false;
  }
  interfaces_.clear();
  inSection_ = true;
  return true;
}

Step PcapngFile::step(const uint8_t* data, size_t length, FrameReceiver& receiver, FileStatus& status) {
  if (length < 12) return {0, 0, 12};
  if (isPcapng(data) && !beginSection(data, status)) return {};
  if (!inSection_) {
    status = damaged("a block comes before the section header");
    return {};
  }
  const uint32_t type = word(data);
  const uint32_t total = word(data + 4);
  if (total < 12 || total % 4 != 0) {
    status = damaged("a block claims a length of " + std::to_string(total));
    return {};
  }
  if (!isRead(type)) return {0, total, 0};
  if (total > maximumFileRecord) {
    status = damaged("a block of packets claims " + std::to_string(total) + " bytes");
    return {};
  }
  if (length < total) return {0, 0, total};
  if (word(data + total - 4) != total) {
    status = damaged("a block's two lengths differ");
    return {};
  }
  readBlock({type, data + 8, total - 12}, receiver, status);
  return {total, 0, 0};
}

void PcapngFile::readBlock(const Block& block, FrameReceiver& receiver, FileStatus& status) {
  switch (block.type) {
    case blockInterface:
      return readInterface(block, status);
    case blockSimplePacket:
      return readSimplePacket(block, receiver, status);
    case blockEnhancedPacket:
      if (block.length >= 20) return readPacket(block, word(block.body), receiver, status);
      status = damaged("a packet block is too short");
      return;
    case blockObsoletePacket:
      if (block.length >= 20) return readPacket(block, half(block.body), receiver, status);
      status = damaged("a packet block is too short");
      return;
    default:
      return;
  }
}

void PcapngFile::readInterface(const Block& block, FileStatus& status) {
  if (block.length < 8) {
    status = damaged("an interface block is too short");
    return;
  }
  if (interfaces_.size() >= maximumFileInterfaces) {
    status = {FileStatus::Code::unsupported, "more than " + std::to_string(maximumFileInterfaces) + " interfaces"};
    return;
  }
  Interface interface;
  interface.linkType = half(block.body);
  interface.snapLength = word(block.body + 4);
  for (uint32_t offset = 8; offset + 4 <= block.length;) {
    const uint16_t code = half(block.body + offset);
    const uint16_t length = half(block.body + offset + 2);
    if (code == 0 || offset + 4 + length > block.length) break;
    readOption(code, block.body + offset + 4, length, interface);
    offset += 4 + ((length + 3u) & ~3u);
  }
  interfaces_.push_back(interface);
}

void PcapngFile::readOption(uint16_t code, const uint8_t* value, uint16_t length, Interface& interface) const {
  if (code == optionTimeResolution && length >= 1) interface.unitsPerSecond = unitsPerSecond(value[0]);
  if (code == optionTimeOffset && length >= 8) {
    const uint64_t first = word(value);
    const uint64_t last = word(value + 4);
    interface.offsetSeconds = static_cast<int64_t>(bigEndian_ ? first << 32 | last : last << 32 | first);
  }
}

void PcapngFile::readPacket(const Block& block, uint32_t index, FrameReceiver& receiver, FileStatus& status) {
  const uint32_t captured = word(block.body + 12);
  const uint32_t original = word(block.body + 16);
  if (index >= interfaces_.size() || captured > block.length - 20) {
    status = damaged(index >= interfaces_.size() ? "a packet names an interface that was never described"
                                                 : "a packet is longer than its block");
    return;
  }
  const Interface& interface = interfaces_[index];
  const uint64_t stamp = static_cast<uint64_t>(word(block.body + 4)) << 32 | word(block.body + 8);
  lastTime_ = nanoseconds(stamp, interface.unitsPerSecond, interface.offsetSeconds);
  receiver.frame(interface.linkType, {block.body + 20, captured, std::max(captured, original)}, lastTime_);
}

// Its interface is the section's first, and its captured length is what that one's snap length left.
void PcapngFile::readSimplePacket(const Block& block, FrameReceiver& receiver, FileStatus& status) {
  if (block.length < 4 || interfaces_.empty()) {
    status = damaged("a simple packet without length or interface");
    return;
  }
  const Interface& interface = interfaces_.front();
  const uint32_t original = word(block.body);
  uint32_t captured = std::min(original, block.length - 4);
  if (interface.snapLength != 0) captured = std::min(captured, interface.snapLength);
  receiver.frame(interface.linkType, {block.body + 4, captured, original}, lastTime_);
}

}  // namespace tidewatch
