#include "process-listener.hh"

#include <arpa/inet.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

namespace tidewatch {
namespace {

// The names of the events are members of proc_event in older headers and of their own enum in newer ones.
constexpr uint32_t kNone = 0;
constexpr uint32_t kFork = 1;
constexpr uint32_t kExec = 2;
constexpr uint32_t kExit = 0x80000000;

constexpr uint32_t kEventAt = sizeof(nlmsghdr) + sizeof(cn_msg);
constexpr uint32_t kWhatAt = kEventAt;
constexpr uint32_t kFirstPidAt = kEventAt + 16;  // event_data begins after what, cpu and a 64-bit time

// Network namespaces that are tried.
constexpr size_t kMaximumNamespaces = 64;

// How long the kernel may take to say whether it will tell: it answers at once or never.
constexpr int kAnswerMilliseconds = 500;

// Threads come and go with the same events as processes; here only processes count, and only three kinds of event.
std::vector<sock_filter> OnlyProcesses() {
  const auto load = [](uint32_t at) { return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at); };
  const auto equals = [](uint32_t value, uint8_t yes) {
    return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(value), yes, 0);
  };
  const auto same = []() { return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1); };
  const auto keep = []() { return sock_filter BPF_STMT(BPF_RET | BPF_K, 0xffffffff); };
  const auto drop = []() { return sock_filter BPF_STMT(BPF_RET | BPF_K, 0); };
  const auto copy = []() { return sock_filter BPF_STMT(BPF_MISC | BPF_TAX, 0); };
  // A jump counts the instructions that it passes over.
  return {
      load(kWhatAt),                                                                   // 0
      equals(kNone, 14),                                                               // 1 to 16
      equals(kExec, 13),                                                               // 2 to 16
      equals(kFork, 2),                                                                // 3 to 6
      equals(kExit, 7),                                                                // 4 to 12
      drop(),                                                                          // 5
      load(kFirstPidAt + 8), copy(), load(kFirstPidAt + 12), same(), keep(), drop(),   // 6: child's pid and tgid
      load(kFirstPidAt), copy(), load(kFirstPidAt + 4), same(), keep(), drop(),        // 12: pid and tgid
  };
}

// Events carry CLOCK_MONOTONIC; processes start on CLOCK_BOOTTIME, which counts sleep too.
uint64_t BootTimeOf(uint64_t monotonic) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const uint64_t monotonic_now = static_cast<uint64_t>(now.tv_sec) * 1000000000ULL + static_cast<uint64_t>(now.tv_nsec);
  return monotonic + (BootTimeNow() - monotonic_now);
}

// One path for each network namespace that some process is in.
std::vector<std::string> OtherNamespaces() {
  std::set<std::string> seen;
  std::vector<std::string> paths;
  for (const pid_t pid : ListProcesses(kMaximumProcesses)) {
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
    char name[64];
    const ssize_t length = readlink(path.c_str(), name, sizeof(name));
    if (length <= 0 || !seen.insert(std::string(name, static_cast<size_t>(length))).second) continue;
    paths.push_back(path);
    if (paths.size() == kMaximumNamespaces) break;
  }
  return paths;
}

}  // namespace

ProcessListener::ProcessListener(ProcessTable* table) : table_(table) {
  Connect();
  table_->Rescan();
}

void ProcessListener::SubscribeIn(const std::string& network_namespace) {
  socket_ = std::make_unique<NetlinkSocket>(NETLINK_CONNECTOR, CN_IDX_PROC, network_namespace);
  socket_->Filter(OnlyProcesses());
  Say(true);
  AwaitAnswer();
}

// The connector answers in the machine's first network namespace only. That is nearly always ours; if not, it is looked
// for among those of the processes that may be looked at.
void ProcessListener::Connect() {
  try {
    SubscribeIn(std::string());
    return;
  } catch (const std::system_error& error) {
    if (error.code().value() != ECONNREFUSED) throw;
  }
  for (const std::string& other : OtherNamespaces()) {
    try {
      SubscribeIn(other);
      return;
    } catch (const std::system_error&) {
      continue;
    }
  }
  throw std::system_error(ECONNREFUSED, std::generic_category(), "subscribe");
}

// Says that nobody listens any more; where that fails, the kernel finds out when the socket closes.
ProcessListener::~ProcessListener() {
  try {
    Say(false);
  } catch (const std::system_error&) {
    return;
  }
}

void ProcessListener::Say(bool listen) {
  nlmsghdr header = {};
  cn_msg message = {};
  const uint32_t operation = listen ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE;
  uint8_t request[sizeof(header) + sizeof(message) + sizeof(operation)];
  header.nlmsg_len = sizeof(request);
  header.nlmsg_type = NLMSG_DONE;
  message.id.idx = CN_IDX_PROC;
  message.id.val = CN_VAL_PROC;
  message.len = sizeof(operation);
  std::memcpy(request, &header, sizeof(header));
  std::memcpy(request + sizeof(header), &message, sizeof(message));
  std::memcpy(request + sizeof(header) + sizeof(message), &operation, sizeof(operation));
  socket_->Send(request, sizeof(request));
}

void ProcessListener::AwaitAnswer() {
  uint8_t bytes[4096];
  pollfd wait = {socket_->descriptor(), POLLIN, 0};
  while (poll(&wait, 1, kAnswerMilliseconds) > 0) {
    const long size = socket_->Receive(bytes, sizeof(bytes));
    if (size < static_cast<long>(kFirstPidAt + 4)) continue;
    uint32_t what;
    uint32_t error;
    std::memcpy(&what, bytes + kWhatAt, sizeof(what));
    std::memcpy(&error, bytes + kFirstPidAt, sizeof(error));
    if (what != kNone) return;  // events come: it tells
    if (error == 0) return;
    throw std::system_error(static_cast<int>(error), std::generic_category(), "subscribe");
  }
  throw std::system_error(EPERM, std::generic_category(), "subscribe");
}

void ProcessListener::Take(const uint8_t* bytes, size_t size) {
  if (size < kFirstPidAt + 16) return;
  uint32_t what;
  uint64_t time;
  uint32_t pids[4];
  std::memcpy(&what, bytes + kWhatAt, sizeof(what));
  std::memcpy(&time, bytes + kEventAt + 8, sizeof(time));
  std::memcpy(pids, bytes + kFirstPidAt, sizeof(pids));
  const uint64_t boot_time = BootTimeOf(time);
  counters_.events += 1;
  if (what == kFork) table_->Forked(static_cast<pid_t>(pids[1]), static_cast<pid_t>(pids[3]), boot_time);
  if (what == kExec) table_->Executed(static_cast<pid_t>(pids[1]), boot_time);
  if (what == kExit) table_->Ended(static_cast<pid_t>(pids[1]), boot_time);
}

void ProcessListener::Drain() {
  uint8_t bytes[4096];
  for (;;) {
    const long size = socket_->Receive(bytes, sizeof(bytes));
    if (size == 0) return;
    if (size > 0) {
      Take(bytes, static_cast<size_t>(size));
      continue;
    }
    counters_.losses += 1;
    table_->Rescan();
  }
}

}  // namespace tidewatch
