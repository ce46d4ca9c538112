// The classic capture file (https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/): both byte orders, micro- and
// nanoseconds, and the longer record header of Kuznetzov's patch.
#pragma once

#include "file_format.hh"

namespace tidewatch {

// Whether a file that begins with these four bytes is one.
bool isPcap(const uint8_t* magic);

class PcapFile final : public FileFormat {
 public:
  Step step(const uint8_t* data, size_t length, FrameReceiver& receiver, FileStatus& status) override;

 private:
  Step readHeader(const uint8_t* data, size_t length, FileStatus& status);
  uint32_t word(const uint8_t* at) const { return bigEndian_ ? big32(at) : little32(at); }

  bool headerRead_ = false;
  bool bigEndian_ = false;
  int64_t unit_ = 1000;
  size_t recordHeader_ = 16;
  int linkType_ = 0;
};

}  // namespace tidewatch
