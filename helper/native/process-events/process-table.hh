// Processes by pid and time, alive and lately gone, filled by whoever hears of them first.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "process-facts.hh"

namespace tidewatch {

// Processes kept at one time, those lately gone included: several times what a busy machine runs.
constexpr size_t kMaximumProcesses = 32768;

// How long a process is remembered after its end: longer than any flow of its waits to be looked up.
constexpr uint64_t kTombstoneNanoseconds = 60ULL * 1000000000ULL;

struct ProcessTableCounters {
  uint64_t known = 0;
  uint64_t refused = 0;  // not remembered because the table was full of living processes
};

// All calls may come from any thread.
class ProcessTable {
 public:
  // A process has begun to run another program, or is heard of for the first time: reads /proc now.
  // `fallback_executable` and `uid` are used where it is gone already. Times are CLOCK_BOOTTIME nanoseconds.
  void Executed(pid_t pid, uint64_t time, const std::string& fallback_executable, uid_t uid);

  // A process was born. What it runs is its parent's program; /proc is read when somebody asks.
  void Forked(pid_t parent, pid_t child, uint64_t time);

  void Ended(pid_t pid, uint64_t time);

  // Compares with /proc, after events were lost and at the start.
  void Rescan();

  // Who had this pid at that time; reads /proc where the table does not know. Nothing where nobody knows any more.
  std::optional<ProcessFacts> Describe(pid_t pid, uint64_t time);

  ProcessTableCounters Counters();

 private:
  struct Entry {
    ProcessFacts facts;
    bool read = false;       // from /proc, not only from an event
    uint64_t end = 0;        // 0 while it lives
  };
  struct Tombstone {
    pid_t pid;
    uint64_t start_ticks;
    uint64_t end;
  };

  Entry* Current(pid_t pid);
  Entry* At(pid_t pid, uint64_t time);
  void Store(Entry entry, uint64_t now);
  void Bury(Entry* entry, uint64_t time);
  void Forget(uint64_t now);
  void ForgetOne(const Tombstone& tombstone);

  std::mutex mutex_;
  std::unordered_map<pid_t, std::vector<Entry>> entries_;
  std::deque<Tombstone> tombstones_;
  size_t size_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace tidewatch
