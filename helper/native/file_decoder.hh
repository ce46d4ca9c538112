// A capture file's whole decoding: pieces in, clues and flows out.
#pragma once

#include <vector>

#include "capture_file.hh"
#include "meter.hh"

namespace tidewatch {

class FileDecoder final : private FrameReceiver {
 public:
  // Without questions, those to name servers are no clues (Meter::Options).
  enum class Questions { given, leftOut };

  explicit FileDecoder(uint32_t maximumFlows, Questions questions = Questions::given);

  // Decodes one piece; what it held stays countable whatever the status says.
  const FileStatus& push(const uint8_t* data, size_t length) { return file_.push(data, length); }
  // The clues since the last call; valid until the next.
  const std::vector<uint8_t>& takeClues() {
    meter_.clues().take(taken_);
    return taken_;
  }
  void drain(DrainBuffer& buffer);

  // Keeps headers as a live capture does: for the programs that the sanitizers and the fuzzer watch.
  void keepHeaders(std::unique_ptr<HeaderRing> ring) { meter_.keepHeaders(std::move(ring)); }
  HeaderRing* headers() { return meter_.headers(); }

  // Link types met, in order of first appearance.
  const std::vector<int>& linkTypes() const { return linkTypes_; }
  bool truncated() const { return file_.truncated(); }
  bool recognised() const { return file_.recognised(); }
  uint64_t packets() const { return meter_.packets(); }

 private:
  void frame(int linkType, Slice frame, int64_t now) override;

  Meter meter_;
  CaptureFile file_;
  std::vector<int> linkTypes_;
  std::vector<uint8_t> taken_;
};

}  // namespace tidewatch
