// The Node-API face of process events, ended sockets and address translation. A thread listens to births and ends, because
// /proc must be read at once; JavaScript asks when it wants to know, so that ten thousand events cost it nothing.
#include <arpa/inet.h>
#include <napi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <system_error>
#include <thread>

#include "ended-sockets.hh"
#include "facts-value.hh"
#include "process-listener.hh"
#include "translations.hh"

namespace tidewatch {
namespace {

Napi::Error Failure(Napi::Env env, const char* code, const std::string& message, int number) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.Set("errno", Napi::Number::New(env, number));
  return error;
}

// IPv4 sockets have four bytes of address, IPv6 sockets sixteen, perhaps IPv4-mapped.
Napi::String AddressText(Napi::Env env, uint8_t family, const uint8_t bytes[16]) {
  char text[INET6_ADDRSTRLEN] = "";
  const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (family == AF_INET) inet_ntop(AF_INET, bytes, text, sizeof(text));
  else if (std::memcmp(bytes, mapped, sizeof(mapped)) == 0) inet_ntop(AF_INET, bytes + 12, text, sizeof(text));
  else inet_ntop(AF_INET6, bytes, text, sizeof(text));
  return Napi::String::New(env, text);
}

// IPv4 becomes IPv4-mapped.
void AddressArgument(const Napi::CallbackInfo& call, size_t index, uint8_t bytes[16]) {
  const std::string text = call[index].IsString() ? call[index].As<Napi::String>().Utf8Value() : std::string();
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return;
  std::memset(bytes, 0, 10);
  std::memset(bytes + 10, 0xff, 2);
  if (inet_pton(AF_INET, text.c_str(), bytes + 12) != 1) throw Napi::TypeError::New(call.Env(), "an address is wanted");
}

uint16_t NumberArgument(const Napi::CallbackInfo& call, size_t index, double largest) {
  const double number = call[index].IsNumber() ? call[index].As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= largest)) throw Napi::TypeError::New(call.Env(), "a number is out of range");
  return static_cast<uint16_t>(number);
}

class AddressTranslation : public Napi::ObjectWrap<AddressTranslation> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "AddressTranslation",
                       {InstanceMethod<&AddressTranslation::Behind>("behind"), InstanceMethod<&AddressTranslation::Close>("close")});
  }

  explicit AddressTranslation(const Napi::CallbackInfo& call) : Napi::ObjectWrap<AddressTranslation>(call) {
    try {
      translations_ = std::make_unique<Translations>();
    } catch (const std::system_error& error) {
      throw Failure(call.Env(), "conntrack", error.what(), error.code().value());
    }
  }

 private:
  void Close(const Napi::CallbackInfo&) { translations_.reset(); }

  Napi::Value Behind(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    if (!translations_) throw Failure(env, "closed", "address translation has been closed", 0);
    FlowEnds seen;
    seen.protocol = static_cast<uint8_t>(NumberArgument(call, 0, 255));
    AddressArgument(call, 1, seen.local);
    seen.local_port = NumberArgument(call, 2, 65535);
    AddressArgument(call, 3, seen.remote);
    seen.remote_port = NumberArgument(call, 4, 65535);
    std::optional<FlowEnds> behind;
    try {
      behind = translations_->Behind(seen);
    } catch (const std::system_error& error) {
      throw Failure(env, "conntrack", error.what(), error.code().value());
    }
    if (!behind) return env.Null();
    Napi::Object value = Napi::Object::New(env);
    value.Set("localAddress", AddressText(env, AF_INET6, behind->local));
    value.Set("localPort", Napi::Number::New(env, behind->local_port));
    value.Set("remoteAddress", AddressText(env, AF_INET6, behind->remote));
    value.Set("remotePort", Napi::Number::New(env, behind->remote_port));
    return value;
  }

  std::unique_ptr<Translations> translations_;
};

// The kernel holds back what ends until JavaScript takes it: once a second, so no thread need wait for it.
class EndedSocketsObject : public Napi::ObjectWrap<EndedSocketsObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "EndedSockets",
                       {InstanceMethod<&EndedSocketsObject::Take>("take"), InstanceMethod<&EndedSocketsObject::Lost>("lost"),
                        InstanceMethod<&EndedSocketsObject::Close>("close")});
  }

  explicit EndedSocketsObject(const Napi::CallbackInfo& call) : Napi::ObjectWrap<EndedSocketsObject>(call) {
    try {
      socket_ = std::make_unique<EndedSockets>();
    } catch (const std::system_error& error) {
      throw Failure(call.Env(), "ended-sockets", error.what(), error.code().value());
    }
  }

 private:
  void Close(const Napi::CallbackInfo&) { socket_.reset(); }

  Napi::Value Lost(const Napi::CallbackInfo& call) {
    return Napi::Number::New(call.Env(), socket_ ? static_cast<double>(socket_->Losses()) : 0);
  }

  Napi::Value Take(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    if (!socket_) throw Failure(env, "closed", "ended sockets have been closed", 0);
    const std::vector<EndedSocket> ended = socket_->Take();
    Napi::Array values = Napi::Array::New(env, ended.size());
    for (uint32_t index = 0; index < ended.size(); index += 1) {
      const EndedSocket& socket = ended[index];
      Napi::Object value = Napi::Object::New(env);
      value.Set("family", Napi::Number::New(env, socket.family == AF_INET ? 4 : 6));
      value.Set("protocol", Napi::Number::New(env, socket.protocol));
      value.Set("localAddress", AddressText(env, socket.family, socket.local));
      value.Set("localPort", Napi::Number::New(env, socket.local_port));
      value.Set("remoteAddress", AddressText(env, socket.family, socket.remote));
      value.Set("remotePort", Napi::Number::New(env, socket.remote_port));
      value.Set("cookie", Napi::String::New(env, std::to_string(socket.cookie)));
      value.Set("roundTripMicroseconds", Napi::Number::New(env, socket.round_trip_microseconds));
      value.Set("retransmits", Napi::Number::New(env, socket.retransmits));
      value.Set("congestionWindow", Napi::Number::New(env, socket.congestion_window));
      values.Set(index, value);
    }
    return values;
  }

  std::unique_ptr<EndedSockets> socket_;
};

class Wakeable {
 public:
  Wakeable() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Wakeable() { close(descriptor_); }
  int descriptor() const { return descriptor_; }
  void Wake() const {
    const uint64_t one = 1;
    while (write(descriptor_, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
  }

 private:
  int descriptor_;
};

class ProcessEvents : public Napi::ObjectWrap<ProcessEvents> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ProcessEvents",
                       {InstanceMethod<&ProcessEvents::Describe>("describe"), InstanceMethod<&ProcessEvents::Counters>("counters"),
                        InstanceMethod<&ProcessEvents::Close>("close")});
  }

  explicit ProcessEvents(const Napi::CallbackInfo& call) : Napi::ObjectWrap<ProcessEvents>(call) {
    const char* step = "process-connector";
    try {
      listener_ = std::make_unique<ProcessListener>(&table_);
      step = "thread";
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error& error) {
      throw Failure(call.Env(), step, error.what(), error.code().value());
    }
    napi_add_env_cleanup_hook(call.Env(), CleanUp, this);
  }

  ~ProcessEvents() override {
    napi_remove_env_cleanup_hook(Env(), CleanUp, this);
    End();
  }

 private:
  static void CleanUp(void* self) { static_cast<ProcessEvents*>(self)->End(); }

  void End() {
    if (thread_.joinable()) {
      stop_.Wake();
      thread_.join();
    }
    listener_.reset();
  }

  void Run() {
    pollfd waits[2] = {{listener_->descriptor(), POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
    while ((waits[1].revents & POLLIN) == 0) {
      if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
      if (waits[0].revents != 0) listener_->Drain();
      events_ = listener_->counters().events;
      losses_ = listener_->counters().losses;
    }
  }

  void Close(const Napi::CallbackInfo&) { End(); }

  void MustBeOpen(Napi::Env env) const {
    if (!listener_) throw Failure(env, "closed", "process events have been closed", 0);
  }

  Napi::Value Describe(const Napi::CallbackInfo& call) {
    MustBeOpen(call.Env());
    const auto facts = table_.Describe(PidArgument(call, 0), BootTimeArgument(call, 1));
    if (!facts) return call.Env().Null();
    return FactsValue(call.Env(), *facts);
  }

  Napi::Value Counters(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    MustBeOpen(env);
    const auto number = [&](uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
    const ProcessTableCounters processes = table_.Counters();
    Napi::Object value = Napi::Object::New(env);
    value.Set("events", number(events_));
    value.Set("eventsLost", number(losses_));
    value.Set("processes", number(processes.known));
    value.Set("processesRefused", number(processes.refused));
    return value;
  }

  ProcessTable table_;
  std::unique_ptr<ProcessListener> listener_;
  Wakeable stop_;
  std::atomic<uint64_t> events_{0};
  std::atomic<uint64_t> losses_{0};
  std::thread thread_;
};

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("ProcessEvents", ProcessEvents::Define(env));
  exports.Set("EndedSockets", EndedSocketsObject::Define(env));
  exports.Set("AddressTranslation", AddressTranslation::Define(env));
  return exports;
}

}  // namespace
}  // namespace tidewatch

static Napi::Object InitialiseAddon(Napi::Env env, Napi::Object exports) { return tidewatch::Initialise(env, exports); }
NODE_API_MODULE(process_events, InitialiseAddon)
