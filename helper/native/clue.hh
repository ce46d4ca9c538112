// Which packets may hold a name: a choice by ports, first bytes and position, never by reading what they say.
#pragma once

#include "flow.hh"

namespace tidewatch {

// Whether this TCP segment's payload is a clue.
bool isClue(const Flow& flow, Direction direction, const Segment& segment);

// Whether this UDP payload is a clue. Counts QUIC's long headers in the flow.
bool isClue(Flow& flow, Direction direction, const Slice& payload);

}  // namespace tidewatch
