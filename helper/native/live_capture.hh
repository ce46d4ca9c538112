// A live capture: one interface, one thread, one ring, one meter.
//
// 1. The capture thread alone calls pcap_dispatch, and only in its turn; `drain` and `takeClues` come from another
//    thread and take turns with it. Neither holds its turn while it waits for anything else.
// 2. `wake` is called by the capture thread, without its turn: when clues wait (at most 20 times a second) and once
//    when the capture has failed.
// 3. `close` makes the thread leave by an eventfd and joins it; after that nothing calls `wake` any more. What was
//    counted until then can still be drained.
#pragma once

#include <pcap/pcap.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "meter.hh"
#include "turns.hh"

namespace tidewatch {

struct CaptureOptions {
  std::string interface;
  std::string filter;
  bool promiscuous = false;
  int snapLength = 0;
  int ringBytes = 0;
  uint32_t maximumFlows = 0;
  uint32_t clueQueueBytes = 0;
};

// A code of OpenCaptureErrorCode or CaptureFailure (helper/native/index.ts), and libpcap's own words.
struct CaptureError {
  const char* code = nullptr;
  std::string message;
};

class LiveCapture {
 public:
  // Null, and `error` set, where the capture cannot be opened.
  static std::unique_ptr<LiveCapture> open(const CaptureOptions& options, std::function<void()> wake, CaptureError& error);
  ~LiveCapture();
  LiveCapture(const LiveCapture&) = delete;
  LiveCapture& operator=(const LiveCapture&) = delete;

  void drain(DrainBuffer& buffer);
  std::vector<uint8_t> takeClues();
  // Keeps headers within these bounds from now on; no bytes: none.
  void keepHeaders(HeaderRing::Bounds bounds);
  std::vector<uint8_t> heldHeaders();
  // `missed`: how many gave way before they were taken.
  std::vector<uint8_t> freshHeaders(uint64_t& missed);
  // As capture files number it (linktypes.html of tcpdump.org).
  int linkType() const { return linkType_ == link_type::rawLinux ? link_type::raw : linkType_; }
  // The failure that ended the capture, once; false where there is none.
  bool takeFailure(CaptureError& failure);
  void close();

 private:
  using Handle = std::unique_ptr<pcap_t, decltype(&pcap_close)>;

  LiveCapture(Handle handle, const CaptureOptions& options, std::function<void()> wake);
  static Handle activate(const CaptureOptions& options, CaptureError& error);
  static bool setFilter(pcap_t* handle, const std::string& filter, CaptureError& error);
  static void countFrame(u_char* self, const pcap_pkthdr* header, const u_char* bytes);

  void run();
  // One round: waits for frames, counts them. False when the capture has ended.
  bool round();
  void waitForFrames();
  void wakeWhenDue();
  void fail(int status);
  void readStatistics(Counters& counters);

  Handle handle_;
  int linkType_;
  int stopDescriptor_;
  Turns turns_;
  // Guarded by turns_.
  Meter meter_;
  pcap_stat statistics_{};
  // Drops that were read when the capture was closed, for the last drain.
  Counters lastCounters_;
  CaptureError failure_;

  std::function<void()> wake_;
  // The capture thread's own: when it last woke JavaScript (CLOCK_MONOTONIC), and whether it owes it a wake-up.
  int64_t lastWake_ = 0;
  bool owesWake_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tidewatch
