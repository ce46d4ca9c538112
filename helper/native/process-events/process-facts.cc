#include "process-facts.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace tidewatch {
namespace {

constexpr uint64_t kNanosecondsPerSecond = 1000000000ULL;
constexpr unsigned long kKernelThreadFlag = 0x00200000;  // PF_KTHREAD of linux/sched.h, as field 9 of stat shows it

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

// At most `bound` bytes of a file below the process's own directory; empty where it cannot be read.
std::string ReadBelow(const Descriptor& directory, const char* name, size_t bound) {
  Descriptor file(openat(directory.number(), name, O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file.valid()) return text;
  text.resize(bound);
  size_t length = 0;
  while (length < bound) {
    const ssize_t got = read(file.number(), text.data() + length, bound - length);
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  text.resize(length);
  return text;
}

struct StatFields {
  pid_t parent = 0;
  unsigned long flags = 0;
  uint64_t start_ticks = 0;
};

// The command may hold blanks and parentheses: fields are counted from the last ')' (proc_pid_stat(5)).
std::optional<StatFields> ParseStat(const std::string& text) {
  const size_t end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  StatFields fields;
  char state = 0;
  int parent = 0;
  unsigned long long start = 0;
  const int read = std::sscanf(text.c_str() + end + 1,
                               " %c %d %*d %*d %*d %*d %lu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                               &state, &parent, &fields.flags, &start);
  if (read != 4) return std::nullopt;
  fields.parent = parent;
  fields.start_ticks = start;
  return fields;
}

std::vector<std::string> ParseArguments(const std::string& text) {
  std::vector<std::string> arguments;
  size_t begin = 0;
  while (begin < text.size() && arguments.size() < kMaximumArguments) {
    size_t end = text.find('\0', begin);
    if (end == std::string::npos) end = text.size();
    arguments.push_back(text.substr(begin, std::min(end - begin, kMaximumArgumentBytes)));
    begin = end + 1;
  }
  return arguments;
}

// The version 2 line ("0::/path") where there is one with a path, else the longest of the others (cgroups(7)).
std::string ParseControlGroup(const std::string& text) {
  std::string best;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const size_t path = line.find('/');
    if (path == std::string::npos) continue;
    const std::string group = line.substr(path);
    if (line.compare(0, 3, "0::") == 0 && group != "/") return group.substr(0, kMaximumGroupBytes);
    if (group.size() > best.size()) best = group;
  }
  return best.substr(0, kMaximumGroupBytes);
}

// The directory belongs to root also where the process only may not be dumped: then `status` knows better.
uid_t ReadUid(const Descriptor& directory) {
  struct stat found;
  if (fstat(directory.number(), &found) == 0 && found.st_uid != 0) return found.st_uid;
  const std::string status = ReadBelow(directory, "status", 2048);
  const size_t line = status.find("\nUid:");
  if (line == std::string::npos) return 0;
  return static_cast<uid_t>(std::strtoul(status.c_str() + line + 5, nullptr, 10));
}

void ReadExecutable(const Descriptor& directory, ProcessFacts* facts) {
  char path[kMaximumPathBytes + 16];
  const ssize_t length = readlinkat(directory.number(), "exe", path, sizeof(path));
  if (length <= 0) return;
  facts->executable.assign(path, static_cast<size_t>(length));
  static const std::string mark = " (deleted)";
  const size_t size = facts->executable.size();
  if (size > mark.size() && facts->executable.compare(size - mark.size(), mark.size(), mark) == 0) {
    // A file may really end so: only a missing file has been deleted.
    if (access(facts->executable.c_str(), F_OK) != 0) {
      facts->executable.resize(size - mark.size());
      facts->executable_deleted = true;
    }
  }
  if (facts->executable.size() > kMaximumPathBytes) facts->executable.clear();
}

Descriptor OpenProcess(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof(path), "/proc/%d", static_cast<int>(pid));
  return Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

std::optional<ProcessFacts> ReadProcess(pid_t pid) {
  // The directory is opened once: if the pid passes on to another process, reads through it fail instead of mixing two.
  const Descriptor directory = OpenProcess(pid);
  if (!directory.valid()) return std::nullopt;
  ProcessFacts facts;
  facts.pid = pid;
  ReadExecutable(directory, &facts);
  const auto fields = ParseStat(ReadBelow(directory, "stat", 1024));
  if (!fields) return std::nullopt;
  facts.parent = fields->parent;
  facts.start_ticks = fields->start_ticks;
  facts.kernel_thread = (fields->flags & kKernelThreadFlag) != 0;
  facts.uid = ReadUid(directory);
  facts.arguments = ParseArguments(ReadBelow(directory, "cmdline", kMaximumArguments * kMaximumArgumentBytes));
  facts.control_group = ParseControlGroup(ReadBelow(directory, "cgroup", 8192));
  return facts;
}

std::optional<uint64_t> ReadStartTicks(pid_t pid) {
  const Descriptor directory = OpenProcess(pid);
  if (!directory.valid()) return std::nullopt;
  const auto fields = ParseStat(ReadBelow(directory, "stat", 1024));
  if (!fields) return std::nullopt;
  return fields->start_ticks;
}

uint64_t TicksOfBootTime(uint64_t nanoseconds) {
  static const uint64_t per_second = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return nanoseconds / (kNanosecondsPerSecond / per_second);
}

uint64_t BootTimeNow() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNanosecondsPerSecond + static_cast<uint64_t>(now.tv_nsec);
}

std::vector<pid_t> ListProcesses(size_t maximum) {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
  if (!directory) return pids;
  while (const dirent* entry = readdir(directory.get())) {
    const long pid = std::strtol(entry->d_name, nullptr, 10);
    if (pid > 0 && pids.size() < maximum) pids.push_back(static_cast<pid_t>(pid));
  }
  return pids;
}

}  // namespace tidewatch
