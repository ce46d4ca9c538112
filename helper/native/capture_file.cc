#include "capture_file.hh"

#include <algorithm>

#include "pcap_file.hh"
#include "pcapng_file.hh"

namespace tidewatch {
namespace {

constexpr size_t magicLength = 4;

}  // namespace

bool CaptureFile::recognise(const uint8_t* data) {
  if (isPcap(data)) format_ = std::make_unique<PcapFile>();
  if (isPcapng(data)) format_ = std::make_unique<PcapngFile>();
  if (format_ == nullptr) status_ = {FileStatus::Code::notACapture, "neither pcap nor pcapng"};
  return format_ != nullptr;
}

// Reads one record at `data` and returns its length; 0 where more bytes are needed, or the status is not fine.
size_t CaptureFile::readOne(const uint8_t* data, size_t length) {
  if (format_ == nullptr) {
    needed_ = magicLength;
    if (length < magicLength || !recognise(data)) return 0;
  }
  const Step step = format_->step(data, length, receiver_, status_);
  needed_ = step.needed;
  skip_ += step.skip;
  return step.consumed;
}

size_t CaptureFile::passOver(size_t length) {
  const size_t passed = static_cast<size_t>(std::min<uint64_t>(skip_, length));
  skip_ -= passed;
  return passed;
}

// Adds to the record that the last piece cut off, no more than it needs. Returns what it took of the new piece.
size_t CaptureFile::completePending(const uint8_t* data, size_t length) {
  size_t taken = 0;
  while (!pending_.empty() && status_.fine()) {
    if (pending_.size() < needed_) {
      const size_t add = std::min(needed_ - pending_.size(), length - taken);
      pending_.insert(pending_.end(), data + taken, data + taken + add);
      taken += add;
      if (pending_.size() < needed_) return taken;
    }
    size_t done = readOne(pending_.data(), pending_.size());
    if (skip_ > 0) done = passOver(pending_.size());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
  }
  return taken;
}

void CaptureFile::readWhole(const uint8_t* data, size_t length) {
  while (status_.fine() && length > 0) {
    size_t done = skip_ > 0 ? passOver(length) : readOne(data, length);
    if (done == 0 && skip_ == 0) {
      if (status_.fine()) pending_.assign(data, data + length);
      return;
    }
    data += done;
    length -= done;
  }
}

const FileStatus& CaptureFile::push(const uint8_t* data, size_t length) {
  if (!status_.fine()) return status_;
  const size_t taken = completePending(data, length);
  if (pending_.empty()) readWhole(data + taken, length - taken);
  return status_;
}

}  // namespace tidewatch
