// One flow's account: what it did since it was last handed over, and what is remembered of it.
#pragma once

#include <cstdint>

#include "flow_key.hh"

namespace tidewatch {

// What one packet adds.
struct Sums {
  uint64_t bytes[2] = {0, 0};
  uint64_t packets[2] = {0, 0};

  void add(Direction direction, uint32_t length) {
    bytes[static_cast<int>(direction)] += length;
    packets[static_cast<int>(direction)] += 1;
  }
};

// What is remembered of a TCP connection; indexes are directions.
struct TcpState {
  // When the last SYN or SYN-ACK went by.
  int64_t handshakeTime = 0;
  // Highest sequence number seen, plus one.
  uint32_t next[2] = {0, 0};
  // Sequence number of the first payload byte.
  uint32_t base[2] = {0, 0};
  // Sequence number up to which all payload from the first byte on was handed on as clues.
  uint32_t handedOn[2] = {0, 0};
  uint32_t synSequence = 0;
  bool knowsNext[2] = {false, false};
  bool knowsBase[2] = {false, false};
  bool fin[2] = {false, false};
  bool reset = false;
  // A SYN or SYN-ACK waits for its answer, and who sent it.
  bool handshakeWaits = false;
  Direction handshakeSender = Direction::ab;

  bool closed() const { return reset || (fin[0] && fin[1]); }
};

// In the order of use: a packet without TCP touches the first two cache lines, and no others.
struct alignas(64) Flow {
  FlowKey key;
  // Nanoseconds since 1970.
  int64_t lastSeen = 0;
  // Where it stands: among the table's places, and among its flows.
  uint32_t slot = 0;
  uint32_t index = 0;
  // The first packet went from the key's low end to its high one.
  bool aIsLow = true;
  // Not yet told of: the next record is its first.
  bool unreported = true;
  bool used = false;
  // Stands in the list of changed flows; outlives the flow itself, so that no place is listed twice.
  bool listed = false;
  // Since the last drain.
  Sums sums;
  int64_t firstSeen = 0;
  // Serial number, never used again.
  uint64_t id = 0;
  uint8_t longHeaders[2] = {0, 0};
  uint32_t roundTripMicroseconds = 0;
  uint32_t retransmits = 0;
  TcpState tcp;
};

}  // namespace tidewatch
