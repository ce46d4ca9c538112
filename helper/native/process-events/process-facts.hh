// What /proc tells of one process, read in one go while it lives.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidewatch {

// Bounds of what is kept of one process; the same as in protocol/flow.ts.
constexpr size_t kMaximumArguments = 16;
constexpr size_t kMaximumArgumentBytes = 256;
constexpr size_t kMaximumPathBytes = 4096;
constexpr size_t kMaximumGroupBytes = 1024;

// Start times are clock ticks since boot (proc_pid_stat(5), field 22): with the pid they name a process for good.
struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  uint64_t start_ticks = 0;
  uid_t uid = 0;
  bool kernel_thread = false;
  bool executable_deleted = false;
  std::string executable;  // empty where it could not be read
  std::vector<std::string> arguments;
  std::string control_group;  // empty where it could not be read
};

// Reads /proc/PID. Nothing where the process is gone, or went while it was read and left no executable behind.
std::optional<ProcessFacts> ReadProcess(pid_t pid);

// Only field 22 of /proc/PID/stat: works for a zombie too. Nothing where it is gone.
std::optional<uint64_t> ReadStartTicks(pid_t pid);

// Clock ticks of a CLOCK_BOOTTIME instant in nanoseconds.
uint64_t TicksOfBootTime(uint64_t nanoseconds);

uint64_t BootTimeNow();

// All pids of /proc, at most `maximum`.
std::vector<pid_t> ListProcesses(size_t maximum);

}  // namespace tidewatch
