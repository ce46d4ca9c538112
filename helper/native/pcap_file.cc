#include "pcap_file.hh"

#include "limits.hh"
#include "link_layer.hh"

namespace tidewatch {
namespace {

constexpr size_t headerLength = 24;
constexpr uint32_t magicMicroseconds = 0xa1b2c3d4;
constexpr uint32_t magicNanoseconds = 0xa1b23c4d;
constexpr uint32_t magicModified = 0xa1b2cd34;

bool isMagic(uint32_t value) {
  return value == magicMicroseconds || value == magicNanoseconds || value == magicModified;
}

// What is captured cannot be more than what was sent, nor either of them without end.
Slice sliceOf(const uint8_t* data, uint32_t captured, uint32_t original) {
  return {data, captured, original > captured ? original : captured};
}

}  // namespace

bool isPcap(const uint8_t* magic) { return isMagic(big32(magic)) || isMagic(little32(magic)); }

Step PcapFile::readHeader(const uint8_t* data, size_t length, FileStatus& status) {
  if (length < headerLength) return {0, 0, headerLength};
  bigEndian_ = isMagic(big32(data));
  const uint32_t magic = word(data);
  if (magic == magicNanoseconds) unit_ = 1;
  if (magic == magicModified) recordHeader_ = 24;
  // The upper half tells of a frame check sequence, not of the type.
  linkType_ = static_cast<int>(word(data + 20) & 0xffff);
  if (!knowsLinkType(linkType_)) {
    status = {FileStatus::Code::unsupported, "link type " + std::to_string(linkType_) + " carries no IP that can be read"};
  }
  headerRead_ = true;
  return {headerLength, 0, 0};
}

Step PcapFile::step(const uint8_t* data, size_t length, FrameReceiver& receiver, FileStatus& status) {
  if (!headerRead_) return readHeader(data, length, status);
  if (length < recordHeader_) return {0, 0, recordHeader_};
  const uint32_t captured = word(data + 8);
  if (captured > maximumFileRecord) {
    status = {FileStatus::Code::damaged, "a record claims " + std::to_string(captured) + " captured bytes"};
    return {};
  }
  const size_t total = recordHeader_ + captured;
  if (length < total) return {0, 0, total};
  const int64_t now = static_cast<int64_t>(word(data)) * second + static_cast<int64_t>(word(data + 4)) * unit_;
  receiver.frame(linkType_, sliceOf(data + recordHeader_, captured, word(data + 12)), now);
  return {total, 0, 0};
}

}  // namespace tidewatch
