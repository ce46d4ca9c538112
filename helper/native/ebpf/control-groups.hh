// Paths of control groups by the number that the kernel programs tell.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace tidewatch {

// Groups whose path is remembered; when there are more, all are looked up anew.
constexpr size_t kMaximumGroups = 1024;

// Used by one thread. Nothing is held open between two calls.
class ControlGroups {
 public:
  // `mount`: where the version 2 hierarchy is mounted. Where it cannot be opened, no path is known.
  explicit ControlGroups(const std::string& mount) : mount_(mount) {}

  // The path below the hierarchy's root, as /proc/PID/cgroup has it. Empty for the root itself, and for a group that is
  // gone and was never asked for before. Opens by handle: CAP_DAC_READ_SEARCH.
  std::string PathOf(uint64_t id);

 private:
  std::string Find(uint64_t id) const;

  std::string mount_;
  std::unordered_map<uint64_t, std::string> known_;
};

}  // namespace tidewatch
