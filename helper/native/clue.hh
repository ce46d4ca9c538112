// Which packets may hold a name: a choice by ports, first bytes and position, never by reading what they say.
#pragma once

#include "flow.hh"

namespace tidewatch {

// Whether this TCP segment's payload is a clue: what was handed on before is none when it is sent again.
bool isClue(const Flow& flow, Direction direction, const Segment& segment);

// Notes that this many bytes of payload, from `sequence` on, were handed on as a clue.
void handedOn(Flow& flow, Direction direction, uint32_t sequence, uint32_t length);

// Whether this UDP payload is a clue. Counts QUIC's long headers in the flow.
bool isClue(Flow& flow, Direction direction, const Slice& payload);

// Whether this UDP payload is a question to a name server.
bool isQuestion(const Flow& flow, const Slice& payload);

}  // namespace tidewatch
