// The newer capture file (https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/): sections of either byte order,
// interfaces of differing link types and time resolutions, enhanced, simple and obsolete packet blocks.
#pragma once

#include <vector>

#include "file_format.hh"

namespace tidewatch {

// Whether a file that begins with these four bytes is one: the type of a section header block.
bool isPcapng(const uint8_t* magic);

class PcapngFile final : public FileFormat {
 public:
  Step step(const uint8_t* data, size_t length, FrameReceiver& receiver, FileStatus& status) override;

 private:
  struct Interface {
    int linkType = 0;
    uint32_t snapLength = 0;
    // Units of a timestamp in one second, and the seconds to add to each.
    uint64_t unitsPerSecond = 1'000'000;
    int64_t offsetSeconds = 0;
  };

  // A block between its type and length in front and its length again behind.
  struct Block {
    uint32_t type;
    const uint8_t* body;
    uint32_t length;
  };

  uint16_t half(const uint8_t* at) const { return bigEndian_ ? big16(at) : little16(at); }
  uint32_t word(const uint8_t* at) const { return bigEndian_ ? big32(at) : little32(at); }
  bool beginSection(const uint8_t* data, FileStatus& status);
  void readBlock(const Block& block, FrameReceiver& receiver, FileStatus& status);
  void readInterface(const Block& block, FileStatus& status);
  void readOption(uint16_t code, const uint8_t* value, uint16_t length, Interface& interface) const;
  void readPacket(const Block& block, uint32_t interface, FrameReceiver& receiver, FileStatus& status);
  void readSimplePacket(const Block& block, FrameReceiver& receiver, FileStatus& status);

  bool inSection_ = false;
  bool bigEndian_ = false;
  std::vector<Interface> interfaces_;
  // A simple packet block has no time: that of the packet before it stands.
  int64_t lastTime_ = 0;
};

}  // namespace tidewatch
