#include "owner-session.hh"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../process-events/process-facts.hh"

namespace tidewatch {
namespace {

#ifndef SO_NETNS_COOKIE
constexpr int kNetnsCookieOption = 71;  // SO_NETNS_COOKIE of asm-generic/socket.h, Linux 5.14
#else
constexpr int kNetnsCookieOption = SO_NETNS_COOKIE;
#endif

// The program in no group is needed always. "addresses" stands in where "users" cannot be had.
struct GroupOf {
  const char* program;
  const char* group;
};
constexpr GroupOf kGroups[] = {
    {"socket_created", nullptr},        {"packet_leaves", nullptr},
    {"packet_arrives", nullptr},        {"connects4", nullptr},
    {"connects6", nullptr},             {"data_sent", "users"},
    {"data_received", "users"},         {"frame_queued", "frames"},
    {"process_executes", "executables"}, {"process_forks", "executables"},
    {"process_exits", "exits"},         {"sends4", "addresses"},
    {"sends6", "addresses"},            {"receives4", "addresses"},
    {"receives6", "addresses"},
};
constexpr const char* kOptional[] = {"users", "frames", "executables", "exits", "namespaces"};

bool Has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

const char* GroupOfProgram(const bpf_program* program) {
  for (const GroupOf& entry : kGroups) {
    if (std::strcmp(entry.program, bpf_program__name(program)) == 0) return entry.group;
  }
  return "unknown";
}

int Silent(enum libbpf_print_level, const char*, va_list) { return 0; }

uint64_t NamespaceCookie() {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return 0;
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (getsockopt(descriptor, SOL_SOCKET, kNetnsCookieOption, &cookie, &length) != 0) cookie = 0;
  close(descriptor);
  return cookie;
}

}  // namespace

bool OwnerSession::Load(const SessionOptions& options, const std::vector<std::string>& groups, int* error) {
  Close();
  object_ = bpf_object__open_file(options.object_path.c_str(), nullptr);
  if (object_ == nullptr) {
    *error = errno;
    return false;
  }
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    const char* group = GroupOfProgram(program);
    bpf_program__set_autoload(program, group == nullptr || Has(groups, group));
  }
  bpf_map* constants = bpf_object__find_map_by_name(object_, ".rodata");
  const uint8_t packets_tell_namespace = Has(groups, "namespaces") ? 1 : 0;  // the only constant
  if (constants == nullptr || bpf_map__set_initial_value(constants, &packets_tell_namespace, sizeof(uint8_t)) != 0) {
    *error = EINVAL;
    return false;
  }
  const int result = bpf_object__load(object_);
  *error = -result;
  return result == 0;
}

bool OwnerSession::AttachNeeded(int control_group, int* error) {
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    if (GroupOfProgram(program) != nullptr) continue;
    bpf_link* link = bpf_program__attach_cgroup(program, control_group);
    if (link == nullptr) {
      *error = errno;
      return false;
    }
    links_.push_back(link);
  }
  return true;
}

bool OwnerSession::AttachGroup(const std::string& group, int control_group) {
  std::vector<bpf_link*> attached;
  bool complete = true;
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    const char* own = GroupOfProgram(program);
    if (own == nullptr || group != own) continue;
    bpf_link* link = group == "addresses" ? bpf_program__attach_cgroup(program, control_group) : bpf_program__attach(program);
    if (link == nullptr) complete = false;
    else attached.push_back(link);
  }
  if (!complete) {
    for (bpf_link* link : attached) bpf_link__destroy(link);
    return false;
  }
  links_.insert(links_.end(), attached.begin(), attached.end());
  return true;
}

// What runs already: it may fork children that never call exec. What is told by an exec or a fork meanwhile is newer.
void OwnerSession::RememberExecutables() const {
  const int executables = Map("executables");
  for (const pid_t pid : ListProcesses(TIDEWATCH_MAXIMUM_PROCESSES)) {
    const auto facts = ReadProcess(pid);
    if (!facts || facts->executable.empty() || facts->executable.size() >= TIDEWATCH_PATH_BYTES) continue;
    tidewatch_executable value = {};
    std::memcpy(value.path, facts->executable.data(), facts->executable.size());
    const uint32_t tgid = static_cast<uint32_t>(pid);
    bpf_map_update_elem(executables, &tgid, &value, BPF_NOEXIST);
  }
}

// A datagram to ourselves must come back with our own pid: in another pid namespace the numbers mean other processes.
// Where loopback is down nothing can be seen, and nothing speaks against the rung.
bool OwnerSession::SeesOwnPid() const {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return true;
  sockaddr_in self = {};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(self);
  bool sees = true;
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&self), sizeof(self)) == 0 &&
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&self), &length) == 0 &&
      sendto(descriptor, "", 0, 0, reinterpret_cast<sockaddr*>(&self), sizeof(self)) == 0) {
    tidewatch_flow_key key = {};
    key.netns = own_namespace_;
    const uint8_t loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    std::memcpy(key.local, loopback, sizeof(loopback));
    std::memcpy(key.remote, loopback, sizeof(loopback));
    key.local_port = key.remote_port = ntohs(self.sin_port);
    key.protocol = IPPROTO_UDP;
    const auto flow = Find(key);
    sees = flow && flow->owner.tgid == static_cast<uint32_t>(getpid());
  }
  close(descriptor);
  return sees;
}

std::unique_ptr<OwnerSession> OwnerSession::Open(const SessionOptions& options, SessionFailure* failure) {
  libbpf_set_print(Silent);
  std::unique_ptr<OwnerSession> session(new OwnerSession());
  int error = 0;
  const auto fail = [&](const char* step) {
    *failure = {step, error};
    return nullptr;
  };
  const int control_group = open(options.control_group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  error = errno;
  if (control_group < 0) return fail("open-control-group");
  const std::unique_ptr<const int, void (*)(const int*)> closer(&control_group, [](const int* number) { close(*number); });

  if (!session->Load(options, {}, &error)) return fail(session->object_ == nullptr ? "open-object" : "load");
  std::vector<std::string> loadable;
  for (const char* group : kOptional) {
    int ignored = 0;
    if (!Has(options.left_out, group) && session->Load(options, {group}, &ignored)) loadable.push_back(group);
  }
  if (!Has(loadable, "users")) loadable.push_back("addresses");
  if (!session->Load(options, loadable, &error)) return fail("load");
  session->own_namespace_ = NamespaceCookie();
  if (!session->AttachNeeded(control_group, &error)) return fail("attach");
  for (const std::string& group : loadable) {
    if (group == "namespaces" || session->AttachGroup(group, control_group)) session->groups_.push_back(group);
  }
  if (!session->SeesOwnPid()) return fail("pid-namespace");
  if (Has(session->groups_, "executables")) session->RememberExecutables();
  return session;
}

void OwnerSession::Close() {
  for (bpf_link* link : links_) bpf_link__destroy(link);
  links_.clear();
  if (object_ != nullptr) bpf_object__close(object_);
  object_ = nullptr;
}

OwnerSession::~OwnerSession() { Close(); }

int OwnerSession::Map(const char* name) const { return bpf_object__find_map_fd_by_name(object_, name); }

std::optional<tidewatch_flow> OwnerSession::Find(const tidewatch_flow_key& key) const {
  tidewatch_flow flow;
  if (bpf_map_lookup_elem(Map("flows"), &key, &flow) != 0) return std::nullopt;
  return flow;
}

uint64_t OwnerSession::Counter(tidewatch_counter counter) const {
  const int processors = libbpf_num_possible_cpus();
  if (processors <= 0) return 0;
  std::vector<uint64_t> values(static_cast<size_t>(processors));
  const uint32_t key = counter;
  if (bpf_map_lookup_elem(Map("counters"), &key, values.data()) != 0) return 0;
  uint64_t sum = 0;
  for (const uint64_t value : values) sum += value;
  return sum;
}

}  // namespace tidewatch
