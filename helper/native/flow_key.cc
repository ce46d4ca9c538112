#include "flow_key.hh"

#include <sys/random.h>

#include <random>

namespace tidewatch {
namespace {

bool isLow(const Datagram& datagram) {
  for (int word = 0; word < 2; ++word) {
    const uint64_t source = datagram.source.words[word];
    const uint64_t destination = datagram.destination.words[word];
    if (source != destination) return source < destination;
  }
  return datagram.sourcePort <= datagram.destinationPort;
}

// Multiplies to 128 bits and folds: each bit of both factors reaches each bit of the result.
uint64_t mix(uint64_t left, uint64_t right) {
  const auto product = static_cast<unsigned __int128>(left) * right;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

DirectedKey keyOf(const Datagram& datagram, Layer layer) {
  DirectedKey directed;
  directed.fromLow = isLow(datagram);
  FlowKey& key = directed.key;
  key.low = directed.fromLow ? datagram.source : datagram.destination;
  key.high = directed.fromLow ? datagram.destination : datagram.source;
  key.lowPort = directed.fromLow ? datagram.sourcePort : datagram.destinationPort;
  key.highPort = directed.fromLow ? datagram.destinationPort : datagram.sourcePort;
  key.protocol = datagram.protocol;
  key.family = datagram.family;
  key.hasPorts = datagram.hasPorts;
  key.layer = layer;
  return directed;
}

HashSecret HashSecret::random() {
  HashSecret secret;
  if (getrandom(secret.words, sizeof secret.words, 0) == static_cast<ssize_t>(sizeof secret.words)) return secret;
  std::random_device device;
  for (uint64_t& word : secret.words) word = static_cast<uint64_t>(device()) << 32 | device();
  return secret;
}

uint64_t hashOf(const FlowKey& key, const HashSecret& secret) {
  uint64_t words[5];
  std::memcpy(words, &key, sizeof words);
  const uint64_t first = mix(words[0] ^ secret.words[0], words[1] ^ secret.words[1]);
  const uint64_t second = mix(words[2] ^ secret.words[2], words[3] ^ secret.words[3]);
  return mix(first ^ words[4] ^ secret.words[4], second ^ secret.words[0]);
}

}  // namespace tidewatch
