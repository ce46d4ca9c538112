// The meter: frames in, flows and clues out. Knows nothing of threads, files or JavaScript.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "clue_queue.hh"
#include "flow_record.hh"
#include "flow_table.hh"
#include "fragments.hh"
#include "header_ring.hh"

namespace tidewatch {

class Meter {
 public:
  enum class Source {
    // Flows age and end, ends that are used again begin a new flow, and each beginning is a clue.
    live,
    // A file is one sum: a 5-tuple stays one flow, and tunnelled packets give inner flows too.
    file,
  };

  struct Options {
    Source source;
    uint32_t maximumFlows;
    size_t clueQueueBytes;
    // Questions to name servers are clues, too: for who believes only answers that were asked for.
    bool questions = true;
  };

  explicit Meter(const Options& options);

  // Counts one frame. `now` is its time in nanoseconds since 1970.
  void count(int linkType, Slice frame, int64_t now);

  // Ends flows that have been silent for too long (live only). `now` as above.
  void age(int64_t now);
  // Writes flows and counters, and begins a new interval.
  void drain(DrainBuffer& buffer, Counters& counters);

  // Keeps headers of packets from now on, none where there are no bounds. What was kept before is let go.
  void keepHeaders(std::unique_ptr<HeaderRing> ring) { headers_ = std::move(ring); }
  // Null where none are kept.
  HeaderRing* headers() { return headers_.get(); }

  ClueQueue& clues() { return clues_; }
  uint64_t packets() const { return allPackets_; }

 private:
  // A flow, the sender of this packet, and whether it is the flow's first.
  struct Passage {
    Flow& flow;
    Direction direction;
    bool begun;
  };

  void countDatagram(Datagram& datagram, int64_t now);
  bool countTunnelled(const Datagram& outer, const FirstFragment* first, int64_t now);
  void countInnermost(const Datagram& datagram, Layer layer, int64_t now);
  void accountCarrying(const Datagram& outer, int64_t now);
  Passage passage(const Datagram& datagram, Layer layer, const Segment* segment, int64_t now);
  Passage account(const Datagram& datagram, Layer layer, const Segment* segment, int64_t now);
  void add(const Passage& passage, uint32_t length, int64_t now);
  bool offer(const Passage& passage, const Datagram& datagram, const Segment* segment, int64_t now);
  void keepHeadersOf(const Flow& flow, const Datagram& datagram, int64_t now);
  void assemble(const Passage& passage, const Datagram& datagram, bool wanted, int64_t now);

  Source source_;
  bool questions_;
  FlowTable table_;
  ClueQueue clues_;
  FragmentTable fragments_;
  Assembler assembler_;
  Counters counters_;
  std::unique_ptr<HeaderRing> headers_;
  // The frame that is being counted.
  Slice frame_;
  uint64_t allPackets_ = 0;
};

}  // namespace tidewatch
