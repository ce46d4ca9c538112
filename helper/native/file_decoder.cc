#include "file_decoder.hh"

#include <algorithm>

#include "limits.hh"

namespace tidewatch {

FileDecoder::FileDecoder(uint32_t maximumFlows, Questions questions)
    : meter_({Meter::Source::file, maximumFlows, fileClueQueueBytes, questions == Questions::given}), file_(*this) {}

void FileDecoder::frame(int linkType, Slice frame, int64_t now) {
  const bool met = !linkTypes_.empty() && (linkTypes_.back() == linkType ||
                                           std::find(linkTypes_.begin(), linkTypes_.end(), linkType) != linkTypes_.end());
  if (!met) linkTypes_.push_back(linkType);
  meter_.count(linkType, frame, now);
}

void FileDecoder::drain(DrainBuffer& buffer) {
  Counters counters;
  meter_.drain(buffer, counters);
  buffer.setCounters(counters);
}

}  // namespace tidewatch
