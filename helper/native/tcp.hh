// What can be told of a TCP connection from its headers alone.
#pragma once

#include "flow.hh"

namespace tidewatch {

// Whether this segment opens another connection between the ends of one that has ended.
bool beginsAnew(const Flow& flow, const Segment& segment);

// Keeps the flow's TCP state: round-trip time of the handshake, retransmissions, where each direction's payload
// begins, and the end.
void followSegment(Flow& flow, Direction direction, const Segment& segment, int64_t now);

}  // namespace tidewatch
