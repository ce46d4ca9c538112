#include "announcement-thread.hh"

#include <bpf/libbpf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "owner-map.h"

namespace tidewatch {

AnnouncementThread::AnnouncementThread(int ring_map, const std::string& control_group, ProcessTable* table)
    : table_(table), groups_(control_group) {
  ring_ = ring_buffer__new(ring_map, Received, this, nullptr);
  stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (ring_ == nullptr || stop_ < 0) {
    const int error = errno;
    ring_buffer__free(ring_);
    if (stop_ >= 0) close(stop_);
    throw std::runtime_error(std::strerror(error));
  }
  thread_ = std::thread([this] { Run(); });
}

AnnouncementThread::~AnnouncementThread() {
  const uint64_t one = 1;
  while (write(stop_, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
  thread_.join();
  ring_buffer__free(ring_);
  close(stop_);
}

std::vector<uint64_t> AnnouncementThread::Namespaces() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return namespaces_;
}

int AnnouncementThread::Received(void* context, void* bytes, size_t size) {
  auto* self = static_cast<AnnouncementThread*>(context);
  if (size < sizeof(tidewatch_announcement)) return 0;
  const auto* announcement = static_cast<const tidewatch_announcement*>(bytes);
  self->announcements_ += 1;
  const std::string executable(announcement->executable, strnlen(announcement->executable, TIDEWATCH_PATH_BYTES));
  // A path that is not absolute means nothing without the directory it was used in.
  const bool absolute = !executable.empty() && executable[0] == '/';
  Notice notice;
  notice.pid = static_cast<pid_t>(announcement->tgid);
  notice.time = announcement->time;
  notice.executed = announcement->executed;
  notice.uid = announcement->uid;
  notice.control_group = self->groups_.PathOf(announcement->group);
  if (absolute) notice.executable = executable;
  self->table_->Noticed(notice);
  if (announcement->netns == 0) return 0;
  const std::lock_guard<std::mutex> lock(self->mutex_);
  auto& namespaces = self->namespaces_;
  if (std::find(namespaces.begin(), namespaces.end(), announcement->netns) != namespaces.end()) return 0;
  if (namespaces.size() >= kMaximumNamespaces) namespaces.erase(namespaces.begin());
  namespaces.push_back(announcement->netns);
  return 0;
}

void AnnouncementThread::Run() {
  pollfd waits[2] = {{ring_buffer__epoll_fd(ring_), POLLIN, 0}, {stop_, POLLIN, 0}};
  while ((waits[1].revents & POLLIN) == 0) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
    ring_buffer__consume(ring_);
  }
}

}  // namespace tidewatch
