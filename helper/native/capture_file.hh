// A capture file that comes in pieces of any length: which format it is, and the rest of a record that a piece cut off.
#pragma once

#include <memory>
#include <vector>

#include "file_format.hh"

namespace tidewatch {

class CaptureFile {
 public:
  explicit CaptureFile(FrameReceiver& receiver) : receiver_(receiver) {}

  // Reads one piece. Once a status is not fine, it stays, and further pieces are not looked at.
  const FileStatus& push(const uint8_t* data, size_t length);

  // Whether the file ended in the middle of a record, and whether it was a capture at all.
  bool truncated() const { return !pending_.empty() || skip_ > 0; }
  bool recognised() const { return format_ != nullptr; }

 private:
  size_t completePending(const uint8_t* data, size_t length);
  void readWhole(const uint8_t* data, size_t length);
  size_t readOne(const uint8_t* data, size_t length);
  size_t passOver(size_t length);
  bool recognise(const uint8_t* data);

  FrameReceiver& receiver_;
  std::unique_ptr<FileFormat> format_;
  // The beginning of a record whose end has not come yet, and how long it must be to be read.
  std::vector<uint8_t> pending_;
  size_t needed_ = 4;
  uint64_t skip_ = 0;
  FileStatus status_;
};

}  // namespace tidewatch
