// Decodes the files named to it, in pieces of several lengths, and prints their sums: the program that the sanitizers
// watch. Exits 1 where a file cannot be opened, or where its sums depend on how it was cut into pieces.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "conservation.hh"
#include "file_decoder.hh"

namespace {

using tidewatch::Conservation;

constexpr size_t pieceLengths[] = {1, 7, 100, 4096, 1 << 20};

bool decode(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) return false;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  const Conservation whole = tidewatch::decodeInPieces(bytes, content.size(), content.size() + 1, 1 << 16);
  std::printf("%s: %.0f packets, %.0f IP bytes, %zu flows\n", path, whole.packets, whole.bytes, whole.flows);
  bool same = whole.conserved;
  for (const size_t length : pieceLengths) {
    const Conservation pieces = tidewatch::decodeInPieces(bytes, content.size(), length, 8);
    same = same && pieces.conserved && pieces.packets == whole.packets && pieces.bytes == whole.bytes;
  }
  if (!same) std::fprintf(stderr, "%s: sums are not conserved\n", path);
  return same;
}

}  // namespace

int main(int count, char** arguments) {
  bool fine = count > 1;
  for (int index = 1; index < count; ++index) fine = decode(arguments[index]) && fine;
  return fine ? 0 : 1;
}
