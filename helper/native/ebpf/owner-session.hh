// The programs of owner-map.bpf.c, loaded and attached for as long as this object lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "owner-map.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

namespace tidewatch {

struct SessionOptions {
  std::string object_path;
  std::string control_group;          // where the version 2 hierarchy is mounted
  std::vector<std::string> left_out;  // names of optional groups that are not tried: "users", "frames", "executables", "exits", "namespaces"
};

// Which step failed, and errno: enough for the caller to say what to do.
struct SessionFailure {
  std::string step;  // "open-object", "load", "open-control-group", "attach", "pid-namespace"
  int error = 0;
};

// Contract of attachment:
// 1. Everything is held by bpf links and descriptors of this process, nothing is pinned: when the process ends in any way,
//    the kernel detaches and frees it.
// 2. The needed programs are all attached, or Open fails and nothing stays.
// 3. An optional group is attached whole or not at all.
class OwnerSession {
 public:
  static std::unique_ptr<OwnerSession> Open(const SessionOptions& options, SessionFailure* failure);
  ~OwnerSession();
  OwnerSession(const OwnerSession&) = delete;
  OwnerSession& operator=(const OwnerSession&) = delete;

  // The optional groups that are attached, and "namespaces" where packets tell theirs.
  const std::vector<std::string>& Groups() const { return groups_; }
  int Map(const char* name) const;
  uint64_t OwnNamespace() const { return own_namespace_; }
  std::optional<tidewatch_flow> Find(const tidewatch_flow_key& key) const;
  uint64_t Counter(tidewatch_counter counter) const;

 private:
  OwnerSession() = default;
  bool Load(const SessionOptions& options, const std::vector<std::string>& groups, int* error);
  bool AttachNeeded(int control_group, int* error);
  bool AttachGroup(const std::string& group, int control_group);
  bool SeesOwnPid() const;
  void RememberExecutables() const;
  void Close();

  bpf_object* object_ = nullptr;
  std::vector<bpf_link*> links_;
  std::vector<std::string> groups_;
  uint64_t own_namespace_ = 0;
};

}  // namespace tidewatch
