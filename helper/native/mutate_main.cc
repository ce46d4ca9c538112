// Cuts the files named to it at many lengths and changes bytes of them, and decodes each result: what the sanitizers are
// to watch beside the fuzzer, the same in every run. test/captures/files-mutated.test.ts does the same to the addon.
// Exits 1 where a file cannot be opened, or where bytes are not conserved.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "conservation.hh"

namespace {

using Content = std::vector<uint8_t>;

// Cut at every length up to the first, then at every so many bytes up to the second: all of a file's headers, and what
// follows at every offset within a record.
constexpr size_t everyByteUntil = 512;
constexpr size_t cutsUntil = 64 * 1024;
constexpr size_t cutStep = 61;

constexpr int changedFiles = 220;
constexpr uint32_t maximumChanges = 16;
constexpr size_t changedUntil = 256 * 1024;

constexpr uint32_t smallTable = 8;
constexpr size_t pieceLength = 4096;

// Marsaglia's xorshift with 32 bits of state: the same numbers everywhere.
class Random {
 public:
  uint32_t below(uint32_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % bound;
  }

 private:
  uint32_t state_ = 2463534242u;
};

bool conserved(const Content& content, size_t length) {
  return tidewatch::decodeInPieces(content.data(), length, pieceLength, smallTable).conserved;
}

bool survivesCuts(const Content& content) {
  const size_t end = std::min(content.size(), cutsUntil);
  bool fine = true;
  for (size_t length = 1; length < end; length += length < everyByteUntil ? 1 : cutStep) {
    // A copy of its own, so that the sanitizer knows where it ends.
    const Content cut(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(length));
    fine = conserved(cut, length) && fine;
  }
  return fine;
}

bool survivesChanges(const Content& content) {
  Random random;
  const size_t length = std::min(content.size(), changedUntil);
  const Content original(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(length));
  bool fine = true;
  for (int number = 0; number < changedFiles && length > 0; ++number) {
    Content changed = original;
    const uint32_t changes = 1 + random.below(maximumChanges);
    for (uint32_t change = 0; change < changes; ++change) {
      const uint32_t at = random.below(static_cast<uint32_t>(length));
      changed[at] = static_cast<uint8_t>(random.below(256));
    }
    fine = conserved(changed, length) && fine;
  }
  return fine;
}

bool survives(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  const Content content{std::istreambuf_iterator<char>(file), {}};
  const bool fine = survivesCuts(content) && survivesChanges(content);
  std::printf("%s: %s\n", path, fine ? "cut and changed, bytes conserved" : "bytes are not conserved");
  return fine;
}

}  // namespace

int main(int count, char** arguments) {
  bool fine = count > 1;
  for (int index = 1; index < count; ++index) fine = survives(arguments[index]) && fine;
  return fine ? 0 : 1;
}
