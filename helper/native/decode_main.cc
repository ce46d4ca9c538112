// Decodes the files named to it, whole, in pieces of several lengths, and damaged: the program that the sanitizers
// watch. `--mutations N` before the files damages each of them: cut at thousands of lengths, and N times with bytes changed.
// Exits 1 where a file cannot be read, or where bytes are not conserved.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "conservation.hh"
#include "file_decoder.hh"

namespace {

using Content = std::vector<uint8_t>;

constexpr size_t pieceLengths[] = {1, 7, 100, 4096, 1 << 20};

// Cut at every length up to the first, then at every so many bytes up to the second: all of a file's headers, and what
// follows at every offset within a record.
constexpr size_t everyByteUntil = 512;
constexpr size_t cutsUntil = 64 * 1024;
constexpr size_t cutStep = 61;

// Few flows make evictions and folds common.
constexpr uint32_t fewFlows = 8;
constexpr uint32_t manyFlows = 1 << 16;

bool read(const char* path, Content& content) {
  std::ifstream file(path, std::ios::binary);
  content.assign(std::istreambuf_iterator<char>(file), {});
  return file.good() || file.eof();
}

// The sums must not depend on where the file was cut into pieces, nor on how many flows there is room for.
bool decodeAlike(const char* path, const Content& content) {
  const auto whole = tidewatch::decodeInPieces(content.data(), content.size(), content.size() + 1, manyFlows);
  std::printf("%s: %.0f packets, %.0f IP bytes, %zu flows\n", path, whole.packets, whole.bytes, whole.flows);
  bool alike = whole.conserved;
  for (const size_t length : pieceLengths) {
    const auto pieces = tidewatch::decodeInPieces(content.data(), content.size(), length, fewFlows);
    alike = alike && pieces.conserved && pieces.packets == whole.packets && pieces.bytes == whole.bytes;
  }
  return alike;
}

// A copy of its own, so that the sanitizer knows where it ends.
bool conserved(const Content& content) {
  return tidewatch::decodeInPieces(content.data(), content.size(), 4096, fewFlows).conserved;
}

bool decodeCut(const Content& content) {
  const size_t end = std::min(content.size(), cutsUntil);
  bool fine = true;
  for (size_t length = 1; length < end; length += length < everyByteUntil ? 1 : cutStep) {
    fine = conserved(Content(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(length))) && fine;
  }
  return fine;
}

// The same changes each time: the generator starts from one number.
bool decodeChanged(const Content& content, int mutations) {
  std::minstd_rand random(1);
  bool fine = true;
  for (int mutation = 0; mutation < mutations && !content.empty(); ++mutation) {
    Content changed = content;
    for (unsigned flip = random() % 32 + 1; flip > 0; --flip) {
      changed[random() % changed.size()] = static_cast<uint8_t>(random());
    }
    fine = conserved(changed) && fine;
  }
  return fine;
}

bool decode(const char* path, int mutations) {
  Content content;
  if (!read(path, content)) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return false;
  }
  const bool survives = mutations == 0 || (decodeCut(content) && decodeChanged(content, mutations));
  const bool fine = decodeAlike(path, content) && survives;
  if (!fine) std::fprintf(stderr, "%s: bytes are not conserved\n", path);
  return fine;
}

}  // namespace

int main(int count, char** arguments) {
  const bool mutates = count > 2 && std::string(arguments[1]) == "--mutations";
  const int mutations = mutates ? std::atoi(arguments[2]) : 0;
  const int first = mutates ? 3 : 1;
  bool fine = count > first;
  for (int index = first; index < count; ++index) fine = decode(arguments[index], mutations) && fine;
  return fine ? 0 : 1;
}
