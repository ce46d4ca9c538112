// The memory of a table's flows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "flow.hh"

namespace tidewatch {

// Flows in chunks that are made as they are needed and never move: a short file costs little, a long one is not copied
// as it grows, and a reference to a flow stays good.
class FlowPool {
 public:
  Flow& operator[](uint32_t index) { return (*chunks_[index / chunkLength])[index % chunkLength]; }

  // Flows made so far, used or free.
  uint32_t size() const { return size_; }

  // A flow that is free; what it held before is the caller's to overwrite.
  Flow& take() {
    if (free_.empty()) return make();
    Flow& flow = (*this)[free_.back()];
    free_.pop_back();
    return flow;
  }

  void giveBack(const Flow& flow) { free_.push_back(flow.index); }

 private:
  // 768 KiB: some hundred chunks for the largest table.
  static constexpr uint32_t chunkLength = 4096;
  using Chunk = std::array<Flow, chunkLength>;

  Flow& make() {
    if (size_ % chunkLength == 0) chunks_.push_back(std::make_unique<Chunk>());
    Flow& flow = (*this)[size_];
    flow.index = size_++;
    return flow;
  }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<uint32_t> free_;
  uint32_t size_ = 0;
};

}  // namespace tidewatch
