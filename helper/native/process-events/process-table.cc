#include "process-table.hh"

#include <algorithm>
#include <unordered_set>

namespace tidewatch {
namespace {

// An event is told a little after the kernel noted the start of the process: one tick of grace for the rounding.
constexpr uint64_t kGraceTicks = 1;

// What /proc tells of the process that the event was about; nothing where that one is gone: a start after the event is
// another process's.
std::optional<ProcessFacts> ReadThen(pid_t pid, uint64_t time) {
  auto facts = ReadProcess(pid);
  if (facts && facts->start_ticks > TicksOfBootTime(time) + kGraceTicks) facts.reset();
  return facts;
}

}  // namespace

ProcessTable::Entry* ProcessTable::Current(pid_t pid) {
  const auto found = entries_.find(pid);
  if (found == entries_.end() || found->second.empty() || found->second.back().end != 0) return nullptr;
  return &found->second.back();
}

// The latest that had begun by then, if it had not ended by then.
ProcessTable::Entry* ProcessTable::At(pid_t pid, uint64_t time) {
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return nullptr;
  auto& generations = found->second;
  for (auto entry = generations.rbegin(); entry != generations.rend(); ++entry) {
    if (entry->facts.start_ticks > TicksOfBootTime(time) + kGraceTicks) continue;
    return entry->end == 0 || entry->end >= time ? &*entry : nullptr;
  }
  return nullptr;
}

void ProcessTable::ForgetOne(const Tombstone& tombstone) {
  const auto found = entries_.find(tombstone.pid);
  if (found == entries_.end()) return;
  auto& generations = found->second;
  const auto dead = std::find_if(generations.begin(), generations.end(), [&](const Entry& entry) {
    return entry.end == tombstone.end && entry.facts.start_ticks == tombstone.start_ticks;
  });
  if (dead == generations.end()) return;
  generations.erase(dead);
  size_ -= 1;
  if (generations.empty()) entries_.erase(found);
}

void ProcessTable::Forget(uint64_t now) {
  while (!tombstones_.empty() &&
         (tombstones_.front().end + kTombstoneNanoseconds < now || size_ >= kMaximumProcesses)) {
    ForgetOne(tombstones_.front());
    tombstones_.pop_front();
  }
}

void ProcessTable::Bury(Entry* entry, uint64_t time) {
  entry->end = std::max<uint64_t>(time, 1);
  tombstones_.push_back({entry->facts.pid, entry->facts.start_ticks, entry->end});
}

void ProcessTable::Store(Entry entry, uint64_t now) {
  Entry* current = Current(entry.facts.pid);
  const bool same = current != nullptr && current->facts.start_ticks + kGraceTicks >= entry.facts.start_ticks &&
                    entry.facts.start_ticks + kGraceTicks >= current->facts.start_ticks;
  if (same) {
    *current = std::move(entry);
    return;
  }
  if (current != nullptr) Bury(current, now);  // its end was missed
  Forget(now);
  if (size_ >= kMaximumProcesses) {
    refused_ += 1;
    return;
  }
  size_ += 1;
  entries_[entry.facts.pid].push_back(std::move(entry));
}

// Puts an entry in the place of the one that is known of the same process, dead or alive. The lock is held.
void ProcessTable::Learn(pid_t pid, uint64_t time, Entry entry) {
  Entry* known = At(pid, time);
  if (known == nullptr || known->end == 0) {
    Store(std::move(entry), time);
    return;
  }
  // Its tombstone is found by the start and the end that it was buried with.
  entry.end = known->end;
  entry.facts.start_ticks = known->facts.start_ticks;
  *known = std::move(entry);
}

void ProcessTable::Executed(pid_t pid, uint64_t time) {
  auto facts = ReadThen(pid, time);
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry entry;
  entry.told = time;
  if (facts) {
    entry.facts = std::move(*facts);
    entry.read = true;
  } else {
    const Entry* known = At(pid, time);
    if (known != nullptr) entry.facts = known->facts;
    else entry.facts.start_ticks = TicksOfBootTime(time);
    entry.facts.pid = pid;
    entry.facts.executable.clear();
    entry.facts.arguments.clear();
  }
  Learn(pid, time, std::move(entry));
}

void ProcessTable::Noticed(const Notice& notice) {
  auto facts = ReadThen(notice.pid, notice.time);
  const std::lock_guard<std::mutex> lock(mutex_);
  const Entry* known = At(notice.pid, notice.time);
  Entry entry;
  entry.told = notice.time;
  if (facts) {
    entry.facts = std::move(*facts);
    entry.read = true;
  } else if (known != nullptr) {
    entry.facts = known->facts;
    entry.facts.executable.clear();
  } else {
    entry.facts.pid = notice.pid;
    entry.facts.uid = notice.uid;
    entry.facts.start_ticks = TicksOfBootTime(notice.time);
  }
  // A process that is ending has no program any more: what was known of it holds, unless it has called exec since.
  if (entry.facts.executable.empty() && known != nullptr && known->told >= notice.executed) {
    entry.facts.executable = known->facts.executable;
    entry.facts.arguments = known->facts.arguments;
  }
  if (entry.facts.executable.empty()) entry.facts.executable = notice.executable;
  // Who has ended is in the root of the control groups, wherever it was before.
  const bool nowhere = entry.facts.control_group.empty() || entry.facts.control_group == "/";
  if (nowhere && !notice.control_group.empty()) entry.facts.control_group = notice.control_group;
  Learn(notice.pid, notice.time, std::move(entry));
}

void ProcessTable::Forked(pid_t parent, pid_t child, uint64_t time) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry entry;
  if (const Entry* known = Current(parent)) entry.facts = known->facts;
  entry.facts.pid = child;
  entry.facts.parent = parent;
  entry.facts.start_ticks = TicksOfBootTime(time);
  entry.told = time;
  Store(std::move(entry), time);
}

void ProcessTable::Ended(pid_t pid, uint64_t time) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry* entry = Current(pid);
  if (entry == nullptr) return;
  if (!entry->read) {
    // A zombie still tells its start: the key that all sources agree on.
    const auto start = ReadStartTicks(pid);
    if (start && *start <= TicksOfBootTime(time)) entry->facts.start_ticks = *start;
  }
  Bury(entry, time);
  Forget(time);
}

void ProcessTable::Rescan() {
  const uint64_t now = BootTimeNow();
  std::unordered_set<pid_t> alive;
  for (const pid_t pid : ListProcesses(kMaximumProcesses)) {
    alive.insert(pid);
    auto facts = ReadProcess(pid);
    if (!facts) continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    Entry entry;
    entry.facts = std::move(*facts);
    entry.read = true;
    entry.told = now;
    Store(std::move(entry), now);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [pid, generations] : entries_) {
    if (alive.count(pid) != 0 || generations.empty() || generations.back().end != 0) continue;
    if (generations.back().facts.start_ticks >= TicksOfBootTime(now)) continue;  // born during the scan
    Bury(&generations.back(), now);
  }
}

std::optional<ProcessFacts> ProcessTable::Describe(pid_t pid, uint64_t time) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Entry* known = At(pid, time);
    if (known != nullptr && (known->read || known->end != 0)) return known->facts;
  }
  Notice notice;
  notice.pid = pid;
  notice.time = time;
  Noticed(notice);
  const std::lock_guard<std::mutex> lock(mutex_);
  const Entry* known = At(pid, time);
  if (known == nullptr) return std::nullopt;
  if (!known->read && known->facts.executable.empty()) return std::nullopt;
  return known->facts;
}

ProcessTableCounters ProcessTable::Counters() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {size_, refused_};
}

}  // namespace tidewatch
