// IP fragments: only the first carries ports, so they are remembered for the rest; and datagrams that may hold a name
// are put together again.
#pragma once

#include <cstdint>
#include <vector>

#include "datagram.hh"

namespace tidewatch {

// What all fragments of one datagram have in common (RFC 791 3.2, RFC 8200 4.5).
struct FragmentKey {
  Address source;
  Address destination;
  uint32_t id = 0;
  uint8_t protocol = 0;
  uint8_t family = 0;

  static FragmentKey of(const Datagram& datagram);
};

inline bool operator==(const FragmentKey& left, const FragmentKey& right) {
  return left.id == right.id && left.protocol == right.protocol && left.family == right.family &&
         left.source == right.source && left.destination == right.destination;
}

// What a first fragment told.
struct FirstFragment {
  FragmentKey key;
  int64_t seen = 0;
  uint16_t sourcePort = 0;
  uint16_t destinationPort = 0;
  bool hasPorts = false;
  // Another IP layer begins in it.
  bool carrying = false;
  bool used = false;
};

// The last first fragments, in a table whose oldest entries give way. Allocates nothing until the first fragment.
class FragmentTable {
 public:
  void remember(const Datagram& first, bool carrying, int64_t now);
  // What the first fragment of this datagram told, or null.
  const FirstFragment* find(const Datagram& later, int64_t now) const;

 private:
  size_t bucketOf(const FragmentKey& key) const;

  std::vector<FirstFragment> entries_;
};

// Datagrams being put together.
class Assembler {
 public:
  // Adds a fragment of a datagram that is wanted; returns the whole payload (good until the next call) when the last
  // gap is closed, else an empty slice. A fragment that the capture cut is no use and is left out.
  Slice add(const Datagram& fragment, int64_t now);
  bool holds(const Datagram& fragment);
  void drop(const Datagram& fragment);

 private:
  struct Range {
    uint32_t from;
    uint32_t to;
  };

  struct Assembly {
    FragmentKey key;
    int64_t begun = 0;
    bool used = false;
    // Known once the last fragment has been seen; 0 before.
    uint32_t length = 0;
    std::vector<Range> ranges;
    std::vector<uint8_t> bytes;
  };

  Assembly* find(const FragmentKey& key);
  Assembly* begin(const FragmentKey& key, int64_t now);
  static bool complete(Assembly& assembly);

  std::vector<Assembly> assemblies_;
};

}  // namespace tidewatch
