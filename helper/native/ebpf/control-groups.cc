#include "control-groups.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "../process-events/process-facts.hh"

namespace tidewatch {
namespace {

// FILEID_KERNFS of linux/exportfs.h: the handle is the number that bpf_get_current_cgroup_id() tells (Linux 5.5).
constexpr int kKernfsHandle = 0xfe;

std::string PathOfDescriptor(int descriptor) {
  char link[32];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  char path[kMaximumPathBytes];
  const ssize_t length = readlink(link, path, sizeof(path));
  return length <= 0 ? std::string() : std::string(path, static_cast<size_t>(length));
}

}  // namespace

std::string ControlGroups::PathOf(uint64_t id) {
  if (id == 0) return std::string();
  const auto found = known_.find(id);
  if (found != known_.end()) return found->second;
  const std::string path = Find(id);
  if (path.empty()) return path;
  if (known_.size() >= kMaximumGroups) known_.clear();
  known_.emplace(id, path);
  return path;
}

std::string ControlGroups::Find(uint64_t id) const {
  alignas(file_handle) char bytes[sizeof(file_handle) + sizeof(id)] = {};
  auto* handle = reinterpret_cast<file_handle*>(bytes);
  handle->handle_bytes = sizeof(id);
  handle->handle_type = kKernfsHandle;
  std::memcpy(bytes + sizeof(file_handle), &id, sizeof(id));
  const int mount = open(mount_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (mount < 0) return std::string();
  const std::string top = PathOfDescriptor(mount);
  const int group = open_by_handle_at(mount, handle, O_PATH | O_CLOEXEC);
  close(mount);
  if (group < 0) return std::string();
  const std::string path = PathOfDescriptor(group);
  close(group);
  // A path of another mount than ours says nothing of where the group is.
  const size_t root = top == "/" ? 0 : top.size();
  if (path.size() <= root + 1 || path.size() - root > kMaximumGroupBytes || path.compare(0, root, top, 0, root) != 0) return std::string();
  return path.substr(root);
}

}  // namespace tidewatch
