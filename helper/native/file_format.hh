// One format of capture file, as the reader of pieces sees it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes.hh"
#include "file_status.hh"

namespace tidewatch {

// Receives each frame of a file, in order. `now` in nanoseconds since 1970.
class FrameReceiver {
 public:
  virtual ~FrameReceiver() = default;
  virtual void frame(int linkType, Slice frame, int64_t now) = 0;
};

// What one step did with the bytes before it.
struct Step {
  // Bytes that are done with.
  size_t consumed = 0;
  // Bytes to pass over without looking at them.
  uint64_t skip = 0;
  // Where nothing was consumed: bytes needed in one piece.
  size_t needed = 0;
};

class FileFormat {
 public:
  virtual ~FileFormat() = default;
  // Reads one header, record or block. Asks for more by `needed`, at most maximumFileRecord plus a header.
  virtual Step step(const uint8_t* data, size_t length, FrameReceiver& receiver, FileStatus& status) = 0;
};

}  // namespace tidewatch
