// Reads what /proc tells of a process as soon as the kernel announces it: it may be gone a few milliseconds later.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "../process-events/process-table.hh"
#include "control-groups.hh"

struct ring_buffer;

namespace tidewatch {

// Other network namespaces whose flows are looked for: containers of one desktop, with room.
constexpr size_t kMaximumNamespaces = 64;

class AnnouncementThread {
 public:
  // Throws std::runtime_error where the kernel gives no ring or no thread.
  AnnouncementThread(int ring_map, const std::string& control_group, ProcessTable* table);
  ~AnnouncementThread();
  AnnouncementThread(const AnnouncementThread&) = delete;
  AnnouncementThread& operator=(const AnnouncementThread&) = delete;

  uint64_t Announcements() const { return announcements_; }
  std::vector<uint64_t> Namespaces();

 private:
  static int Received(void* self, void* bytes, size_t size);
  void Run();

  ProcessTable* table_;
  ControlGroups groups_;
  ring_buffer* ring_ = nullptr;
  int stop_ = -1;
  std::atomic<uint64_t> announcements_{0};
  std::mutex mutex_;
  std::vector<uint64_t> namespaces_;
  std::thread thread_;
};

}  // namespace tidewatch
