#include "clue_queue.hh"

#include <algorithm>
#include <utility>

#include "limits.hh"
#include "writer.hh"

namespace tidewatch {
namespace {

constexpr uint8_t kindOpened = 1;
constexpr uint8_t kindPayload = 2;

constexpr uint8_t flagFromB = 1;
constexpr uint8_t flagSyn = 2;
constexpr uint8_t flagHasPorts = 4;
constexpr uint8_t flagIpv6 = 8;

// Records begin at multiples of eight, so that JavaScript can read numbers in place.
size_t recordLength(size_t payload) { return (clueHeaderLength + payload + 7) & ~size_t{7}; }

uint8_t flagsOf(const Flow& flow) {
  return static_cast<uint8_t>((flow.key.hasPorts ? flagHasPorts : 0) | (flow.key.family == 6 ? flagIpv6 : 0));
}

}  // namespace

bool ClueQueue::admits(size_t length) {
  if (clues_ < bounds_.clues && bytes_.size() + length <= bounds_.bytes) return true;
  ++refused_;
  return false;
}

void ClueQueue::offerOpened(const Flow& flow, int64_t now) {
  if (opened_ >= bounds_.opened) {
    ++refused_;
    return;
  }
  if (!admits(clueHeaderLength)) return;
  ++clues_;
  ++opened_;
  const size_t offset = bytes_.size();
  bytes_.resize(offset + clueHeaderLength);
  Writer writer{bytes_.data() + offset};
  writer.word(clueHeaderLength);
  writer.word(0);
  writer.number(flow.id);
  writer.milliseconds(now);
  writer.word(0);
  writer.word(0);
  writer.byte(kindOpened);
  writer.byte(flagsOf(flow));
  writer.byte(flow.key.protocol);
  writer.byte(0);
  writer.ends(flow);
}

uint32_t ClueQueue::offerPayload(const Flow& flow, int64_t now, const Payload& payload) {
  const uint32_t kept = std::min(payload.bytes.captured, maximumCluePayload);
  const size_t length = recordLength(kept);
  if (!admits(length)) return 0;
  ++clues_;
  const size_t offset = bytes_.size();
  bytes_.resize(offset + clueHeaderLength);
  Writer writer{bytes_.data() + offset};
  writer.word(static_cast<uint32_t>(length));
  writer.word(kept);
  writer.number(flow.id);
  writer.milliseconds(now);
  writer.word(payload.sequence);
  writer.word(payload.bytes.wire);
  writer.byte(kindPayload);
  const bool fromB = payload.direction == Direction::ba;
  writer.byte(static_cast<uint8_t>(flagsOf(flow) | (fromB ? flagFromB : 0) | (payload.syn ? flagSyn : 0)));
  writer.byte(flow.key.protocol);
  writer.byte(payload.hopLimit);
  writer.ends(flow);
  bytes_.insert(bytes_.end(), payload.bytes.data, payload.bytes.data + kept);
  bytes_.resize(offset + length);
  return kept;
}

void ClueQueue::take(std::vector<uint8_t>& clues) {
  clues_ = 0;
  opened_ = 0;
  clues.clear();
  std::swap(clues, bytes_);
}

uint64_t ClueQueue::takeRefused() { return std::exchange(refused_, 0); }

}  // namespace tidewatch
