// libFuzzer's target: any bytes as a capture file. The last byte chooses the length of the pieces, so that records are
// cut anywhere; a table of eight flows makes evictions common. Aborts where bytes are not conserved.
#include <cstdint>
#include <cstdlib>

#include "conservation.hh"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(const uint8_t* data, size_t length) {
  if (length == 0) return 0;
  const size_t piece = data[length - 1] + 1u;
  if (!tidewatch::decodeInPieces(data, length, piece * piece, 8).conserved) std::abort();
  return 0;
}
