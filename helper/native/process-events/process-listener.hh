// Births, programs and ends of processes, as the kernel's process connector tells them (linux/cn_proc.h).
#pragma once

#include <memory>

#include "netlink-socket.hh"
#include "process-table.hh"

namespace tidewatch {

struct ProcessListenerCounters {
  uint64_t events = 0;
  uint64_t losses = 0;  // times that the kernel dropped events, each followed by a rescan
};

class ProcessListener {
 public:
  // Subscribes and reads all processes that there are. Throws std::system_error: EPERM without CAP_NET_ADMIN or outside the
  // initial pid namespace, EPROTONOSUPPORT where the kernel has no connector.
  explicit ProcessListener(ProcessTable* table);
  ~ProcessListener();

  int descriptor() const { return socket_->descriptor(); }

  // Takes all that waits; called by one thread, when the descriptor is readable.
  void Drain();

  const ProcessListenerCounters& counters() const { return counters_; }

 private:
  void Connect();
  void SubscribeIn(const std::string& network_namespace);
  void Say(bool listen);
  void AwaitAnswer();
  void Take(const uint8_t* bytes, size_t size);

  std::unique_ptr<NetlinkSocket> socket_;
  ProcessTable* table_;
  ProcessListenerCounters counters_;
};

}  // namespace tidewatch
