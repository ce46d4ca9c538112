#include "live_capture.hh"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "limits.hh"

namespace tidewatch {
namespace {

int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * second + now.tv_nsec;
}

const char* codeOf(int status) {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return "unknown-interface";
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return "no-capture-rights";
    default:
      return "capture-failed";
  }
}

std::string messageOf(pcap_t* handle, int status) {
  const std::string words = pcap_geterr(handle);
  const std::string name = pcap_statustostr(status);
  if (words.empty() || words == name) return name;
  return status == PCAP_ERROR ? words : name + ": " + words;
}

// libpcap has no code of its own for it: it says so in words, and the device is not there any more.
bool hasVanished(const std::string& message) {
  return message.find("disappeared") != std::string::npos || message.find("went down") != std::string::npos ||
         message.find("Network is down") != std::string::npos || message.find("No such device") != std::string::npos;
}

// Signals are the main thread's business.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

LiveCapture::Handle LiveCapture::activate(const CaptureOptions& options, CaptureError& error) {
  char words[PCAP_ERRBUF_SIZE] = "";
  Handle handle(pcap_create(options.interface.c_str(), words), &pcap_close);
  if (handle == nullptr) {
    error = {"capture-failed", words};
    return handle;
  }
  pcap_set_snaplen(handle.get(), options.snapLength);
  pcap_set_buffer_size(handle.get(), options.ringBytes);
  pcap_set_promisc(handle.get(), options.promiscuous ? 1 : 0);
  // Not immediate mode: that would make libpcap use TPACKET_V2, whose fixed slots waste the ring.
  pcap_set_timeout(handle.get(), blockMilliseconds);
  pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);
  const int status = pcap_activate(handle.get());
  if (status >= 0) return handle;
  error = {codeOf(status), messageOf(handle.get(), status)};
  return Handle(nullptr, &pcap_close);
}

// The empty filter, too, is given to the kernel: it takes every packet, and the first snapLength bytes of each. Without a
// filter the kernel copies packets whole, and 64 KiB super-packets (GRO, TSO) fill the ring thirty times as fast.
bool LiveCapture::setFilter(pcap_t* handle, const std::string& filter, CaptureError& error) {
  bpf_program program{};
  if (pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    error = {"bad-filter", pcap_geterr(handle)};
    return false;
  }
  const int status = pcap_setfilter(handle, &program);
  if (status != 0) error = {"bad-filter", pcap_geterr(handle)};
  pcap_freecode(&program);
  return status == 0;
}

std::unique_ptr<LiveCapture> LiveCapture::open(const CaptureOptions& options, std::function<void()> wake,
                                               CaptureError& error) {
  Handle handle = activate(options, error);
  if (handle == nullptr || !setFilter(handle.get(), options.filter, error)) return nullptr;
  const int linkType = pcap_datalink(handle.get());
  if (!knowsLinkType(linkType)) {
    error = {"capture-failed", "link type " + std::to_string(linkType) + " carries no IP that can be read"};
    return nullptr;
  }
  char words[PCAP_ERRBUF_SIZE] = "";
  if (pcap_setnonblock(handle.get(), 1, words) != 0) {
    error = {"capture-failed", words};
    return nullptr;
  }
  return std::unique_ptr<LiveCapture>(new LiveCapture(std::move(handle), options, std::move(wake)));
}

LiveCapture::LiveCapture(Handle handle, const CaptureOptions& options, std::function<void()> wake)
    : handle_(std::move(handle)),
      linkType_(pcap_datalink(handle_.get())),
      stopDescriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      meter_({Meter::Source::live, options.maximumFlows, options.clueQueueBytes}),
      wake_(std::move(wake)) {
  if (stopDescriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

LiveCapture::~LiveCapture() { close(); }

void LiveCapture::close() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const uint64_t one = 1;
  // Cannot fail: the counter is far from full. The flag above would end the thread at its next frame anyway.
  if (write(stopDescriptor_, &one, sizeof one) < 0) pcap_breakloop(handle_.get());
  thread_.join();
  ::close(stopDescriptor_);
  const Turns::Turn turn(turns_);
  readStatistics(lastCounters_);
  handle_.reset();
}

void LiveCapture::countFrame(u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
  auto* capture = reinterpret_cast<LiveCapture*>(self);
  const int64_t now = static_cast<int64_t>(header->ts.tv_sec) * second + header->ts.tv_usec;
  capture->meter_.count(capture->linkType_, {bytes, header->caplen, std::max(header->len, header->caplen)}, now);
}

void LiveCapture::run() {
  pthread_setname_np(pthread_self(), "capture");
  while (round()) wakeWhenDue();
  if (!stopping_) wake_();
}

// Without frames and without a wake-up that is owed it sleeps until the kernel gives a block up. libpcap asks for a
// short time-out while its interface is down, so that it can look whether it is gone: ten times a second is enough.
void LiveCapture::waitForFrames() {
  int timeout = -1;
  if (pcap_get_required_select_timeout(handle_.get()) != nullptr) timeout = 100;
  if (owesWake_) {
    const int64_t left = lastWake_ + wakeInterval - nanoseconds(CLOCK_MONOTONIC);
    timeout = static_cast<int>(std::clamp<int64_t>(left / 1'000'000 + 1, 0, wakeInterval / 1'000'000));
  }
  pollfd descriptors[2] = {{pcap_get_selectable_fd(handle_.get()), POLLIN, 0}, {stopDescriptor_, POLLIN, 0}};
  poll(descriptors, 2, timeout);
}

bool LiveCapture::round() {
  waitForFrames();
  if (stopping_) return false;
  const Turns::Turn turn(turns_);
  const int status = pcap_dispatch(handle_.get(), framesPerTurn, countFrame, reinterpret_cast<u_char*>(this));
  if (!meter_.clues().empty()) owesWake_ = true;
  if (status >= 0) return true;
  fail(status);
  return false;
}

void LiveCapture::wakeWhenDue() {
  if (!owesWake_) return;
  const int64_t now = nanoseconds(CLOCK_MONOTONIC);
  if (now - lastWake_ < wakeInterval) return;
  lastWake_ = now;
  owesWake_ = false;
  wake_();
}

void LiveCapture::fail(int status) {
  const std::string message = messageOf(handle_.get(), status);
  failure_ = {hasVanished(message) ? "interface-vanished" : "capture-failed", message};
}

void LiveCapture::readStatistics(Counters& counters) {
  pcap_stat now{};
  if (handle_ == nullptr || pcap_stats(handle_.get(), &now) != 0) return;
  // libpcap's counters only grow, and wrap at 32 bits.
  counters.dropped += now.ps_drop - statistics_.ps_drop;
  counters.interfaceDropped += now.ps_ifdrop - statistics_.ps_ifdrop;
  statistics_ = now;
}

void LiveCapture::drain(DrainBuffer& buffer) {
  Counters counters;
  {
    const Turns::Turn turn(turns_);
    meter_.age(nanoseconds(CLOCK_REALTIME));
    meter_.drain(buffer, counters);
    counters.dropped += std::exchange(lastCounters_.dropped, 0);
    counters.interfaceDropped += std::exchange(lastCounters_.interfaceDropped, 0);
    readStatistics(counters);
  }
  buffer.setCounters(counters);
}

std::vector<uint8_t> LiveCapture::takeClues() {
  const Turns::Turn turn(turns_);
  std::vector<uint8_t> clues;
  meter_.clues().take(clues);
  return clues;
}

void LiveCapture::keepHeaders(HeaderRing::Bounds bounds) {
  auto ring = bounds.bytes == 0 ? nullptr : std::make_unique<HeaderRing>(bounds);
  const Turns::Turn turn(turns_);
  meter_.keepHeaders(std::move(ring));
}

std::vector<uint8_t> LiveCapture::heldHeaders() {
  const Turns::Turn turn(turns_);
  std::vector<uint8_t> records;
  if (meter_.headers() == nullptr) return records;
  meter_.headers()->expire(nanoseconds(CLOCK_REALTIME));
  meter_.headers()->held(records);
  return records;
}

std::vector<uint8_t> LiveCapture::freshHeaders(uint64_t& missed) {
  const Turns::Turn turn(turns_);
  std::vector<uint8_t> records;
  missed = meter_.headers() == nullptr ? 0 : meter_.headers()->fresh(records);
  return records;
}

bool LiveCapture::takeFailure(CaptureError& failure) {
  const Turns::Turn turn(turns_);
  if (failure_.code == nullptr) return false;
  failure = std::exchange(failure_, {});
  return true;
}

}  // namespace tidewatch
