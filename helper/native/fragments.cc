#include "fragments.hh"

#include <algorithm>

#include "limits.hh"

namespace tidewatch {
namespace {

constexpr size_t ways = 4;

bool isOlder(int64_t age, int64_t then, int64_t now) { return now - then > age; }

}  // namespace

FragmentKey FragmentKey::of(const Datagram& datagram) {
  return {datagram.source, datagram.destination, datagram.fragment.id, datagram.protocol, datagram.family};
}

// Without a secret: who makes keys collide only pushes out other fragments' ports, which costs them a row without ports.
size_t FragmentTable::bucketOf(const FragmentKey& key) const {
  uint64_t mixed = key.source.words[0] ^ key.source.words[1] * 3 ^ key.destination.words[0] * 5 ^ key.destination.words[1] * 7;
  mixed = (mixed ^ key.id) * 0x9e3779b97f4a7c15u;
  return (mixed >> 32) % (rememberedFragments / ways) * ways;
}

void FragmentTable::remember(const Datagram& first, bool carrying, int64_t now) {
  if (entries_.empty()) entries_.resize(rememberedFragments);
  const FragmentKey key = FragmentKey::of(first);
  FirstFragment* bucket = &entries_[bucketOf(key)];
  FirstFragment* place = bucket;
  for (FirstFragment* entry = bucket; entry < bucket + ways; ++entry) {
    if (entry->used && entry->key == key) {
      place = entry;
      break;
    }
    if (!entry->used || (place->used && entry->seen < place->seen)) place = entry;
  }
  *place = {key, now, first.sourcePort, first.destinationPort, first.hasPorts, carrying, true};
}

const FirstFragment* FragmentTable::find(const Datagram& later, int64_t now) const {
  if (entries_.empty()) return nullptr;
  const FragmentKey key = FragmentKey::of(later);
  const FirstFragment* bucket = &entries_[bucketOf(key)];
  for (const FirstFragment* entry = bucket; entry < bucket + ways; ++entry) {
    if (entry->used && entry->key == key) return isOlder(fragmentAge, entry->seen, now) ? nullptr : entry;
  }
  return nullptr;
}

Assembler::Assembly* Assembler::find(const FragmentKey& key) {
  for (Assembly& assembly : assemblies_) {
    if (assembly.used && assembly.key == key) return &assembly;
  }
  return nullptr;
}

bool Assembler::holds(const Datagram& fragment) { return find(FragmentKey::of(fragment)) != nullptr; }

void Assembler::drop(const Datagram& fragment) {
  for (Assembly& assembly : assemblies_) {
    if (assembly.used && assembly.key == FragmentKey::of(fragment)) assembly.used = false;
  }
}

// A free place, or that of a datagram that was never completed; where all are young, the new one is left out: what
// came first is likelier to be completed.
Assembler::Assembly* Assembler::begin(const FragmentKey& key, int64_t now) {
  Assembly* place = nullptr;
  for (Assembly& assembly : assemblies_) {
    if (!assembly.used || isOlder(assemblyAge, assembly.begun, now)) place = &assembly;
  }
  if (place == nullptr && assemblies_.size() < assembledDatagrams) place = &assemblies_.emplace_back();
  if (place == nullptr) return nullptr;
  place->key = key;
  place->begun = now;
  place->used = true;
  place->length = 0;
  place->ranges.clear();
  place->bytes.clear();
  return place;
}

bool Assembler::complete(Assembly& assembly) {
  if (assembly.length == 0) return false;
  std::sort(assembly.ranges.begin(), assembly.ranges.end(),
            [](const Range& left, const Range& right) { return left.from < right.from; });
  uint32_t reached = 0;
  for (const Range& range : assembly.ranges) {
    if (range.from > reached) return false;
    reached = std::max(reached, range.to);
  }
  return reached >= assembly.length;
}

Slice Assembler::add(const Datagram& fragment, int64_t now) {
  const Slice& piece = fragment.transport;
  const uint32_t from = fragment.fragment.offset;
  const uint32_t to = from + piece.captured;
  const bool cut = piece.captured < piece.wire || piece.captured == 0;
  if (cut || to > maximumAssembled) return {};
  const FragmentKey key = FragmentKey::of(fragment);
  Assembly* assembly = find(key);
  if (assembly == nullptr) assembly = begin(key, now);
  if (assembly == nullptr || assembly->ranges.size() >= maximumFragmentsOfOne) return {};
  if (assembly->bytes.size() < to) assembly->bytes.resize(to);
  std::memcpy(assembly->bytes.data() + from, piece.data, piece.captured);
  assembly->ranges.push_back({from, to});
  if (!fragment.fragment.more) assembly->length = to;
  if (!complete(*assembly)) return {};
  assembly->used = false;
  return {assembly->bytes.data(), assembly->length, assembly->length};
}

}  // namespace tidewatch
