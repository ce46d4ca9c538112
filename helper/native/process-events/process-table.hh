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

// What an event tells of a process besides that it lives. Times are CLOCK_BOOTTIME nanoseconds.
struct Notice {
  pid_t pid = 0;
  uint64_t time = 0;
  uint64_t executed = 0;   // when it last called exec; 0 where that was not seen
  uid_t uid = 0;
  std::string executable;     // what it runs; empty where the event does not tell
  std::string control_group;  // the same for the path of its control group
};

struct ProcessTableCounters {
  uint64_t known = 0;
  uint64_t refused = 0;  // not remembered because the table was full of living processes
};

// All calls may come from any thread.
class ProcessTable {
 public:
  // A process has begun to run another program: reads /proc now. What it ran before says nothing any more, so where it is
  // gone already its program stays unknown. Times are CLOCK_BOOTTIME nanoseconds.
  void Executed(pid_t pid, uint64_t time);

  // A process is heard of while it runs what it runs: reads /proc now, and takes the notice's word where it is gone already.
  void Noticed(const Notice& notice);

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
    bool read = false;      // from /proc, not only from an event
    uint64_t told = 0;      // when this was learned
    uint64_t end = 0;       // 0 while it lives
  };
  struct Tombstone {
    pid_t pid;
    uint64_t start_ticks;
    uint64_t end;
  };

  void Learn(pid_t pid, uint64_t time, Entry entry);
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
