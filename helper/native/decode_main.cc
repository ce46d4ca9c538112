// Decodes the files named to it, whole, in pieces of several lengths, and damaged: the program that the sanitizers
// watch. `--mutations N` before the files damages each of them N times: cut somewhere, or with some bytes changed.
// Exits 1 where a file cannot be read, or where bytes are not conserved.
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

void damage(Content& content, std::minstd_rand& random) {
  if (random() % 2 == 0) return content.resize(random() % (content.size() + 1));
  for (unsigned flip = random() % 32 + 1; flip > 0 && !content.empty(); --flip) {
    content[random() % content.size()] = static_cast<uint8_t>(random());
  }
}

// The same damage each time: the generator starts from one number.
bool decodeDamaged(const Content& content, int mutations) {
  std::minstd_rand random(1);
  bool conserved = true;
  for (int mutation = 0; mutation < mutations; ++mutation) {
    Content damaged = content;
    damage(damaged, random);
    conserved = tidewatch::decodeInPieces(damaged.data(), damaged.size(), 4096, fewFlows).conserved && conserved;
  }
  return conserved;
}

bool decode(const char* path, int mutations) {
  Content content;
  if (!read(path, content)) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return false;
  }
  const bool fine = decodeAlike(path, content) && decodeDamaged(content, mutations);
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
