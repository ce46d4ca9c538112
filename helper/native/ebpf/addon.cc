// The Node-API face of the owner map: checks arguments, turns records into objects, decides nothing.
#include <arpa/inet.h>
#include <napi.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "../process-events/facts-value.hh"
#include "announcement-thread.hh"
#include "owner-session.hh"

namespace tidewatch {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;

double MillisecondsSince(clockid_t clock, uint64_t then) {
  timespec now;
  clock_gettime(clock, &now);
  const double nanoseconds = static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  return (nanoseconds - static_cast<double>(then)) / kNanosecondsPerMillisecond;
}

// IPv4 becomes IPv4-mapped, as the kernel's keys have it.
void AddressArgument(const Napi::CallbackInfo& call, size_t index, uint8_t bytes[16]) {
  const std::string text = call[index].IsString() ? call[index].As<Napi::String>().Utf8Value() : std::string();
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return;
  std::memset(bytes, 0, 10);
  std::memset(bytes + 10, 0xff, 2);
  if (inet_pton(AF_INET, text.c_str(), bytes + 12) != 1) throw Napi::TypeError::New(call.Env(), "an address is wanted");
}

uint16_t NumberArgument(const Napi::CallbackInfo& call, size_t index) {
  const double number = call[index].IsNumber() ? call[index].As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 65535)) throw Napi::TypeError::New(call.Env(), "a number from 0 to 65535 is wanted");
  return static_cast<uint16_t>(number);
}

std::string TextField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) throw Napi::TypeError::New(object.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

const char* EvidenceText(uint8_t evidence) {
  switch (evidence) {
    case TIDEWATCH_USED: return "used";
    case TIDEWATCH_CREATED: return "created";
    case TIDEWATCH_ACCEPTED: return "accepted";
    default: return "nobody";
  }
}

// After so long without a packet, a socket's ends are another's who has the same: what is asked about came within seconds.
constexpr uint64_t kRivalNanoseconds = 60ULL * 1000000000ULL;

class OwnerMap : public Napi::ObjectWrap<OwnerMap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "OwnerMap",
                       {InstanceMethod<&OwnerMap::Find>("find"),
                        InstanceMethod<&OwnerMap::FindElsewhere>("findElsewhere"), InstanceMethod<&OwnerMap::Describe>("describe"),
                        InstanceMethod<&OwnerMap::Counters>("counters"), InstanceMethod<&OwnerMap::Groups>("groups"),
                        InstanceMethod<&OwnerMap::Close>("close")});
  }

  explicit OwnerMap(const Napi::CallbackInfo& call) : Napi::ObjectWrap<OwnerMap>(call) {
    if (!call[0].IsObject()) throw Napi::TypeError::New(call.Env(), "options are wanted");
    const Napi::Object object = call[0].As<Napi::Object>();
    SessionOptions options;
    options.object_path = TextField(object, "object");
    options.control_group = TextField(object, "controlGroup");
    const Napi::Array left_out = object.Get("leftOut").As<Napi::Array>();
    for (uint32_t index = 0; index < left_out.Length(); index += 1) {
      options.left_out.push_back(left_out.Get(index).ToString().Utf8Value());
    }
    SessionFailure failure;
    session_ = OwnerSession::Open(options, &failure);
    if (!session_) throw Failure(call.Env(), failure.step, std::strerror(failure.error));
    try {
      thread_ = std::make_unique<AnnouncementThread>(session_->Map("announcements"), options.control_group, &table_);
    } catch (const std::runtime_error& error) {
      session_.reset();
      throw Failure(call.Env(), "ring", error.what());
    }
    // Also when the environment ends without a close: the thread must not outlive it.
    napi_add_env_cleanup_hook(call.Env(), CleanUp, this);
  }

  ~OwnerMap() override {
    napi_remove_env_cleanup_hook(Env(), CleanUp, this);
    End();
  }

 private:
  static Napi::Error Failure(Napi::Env env, const std::string& code, const std::string& message) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    return error;
  }

  static void CleanUp(void* self) { static_cast<OwnerMap*>(self)->End(); }

  void End() {
    thread_.reset();
    session_.reset();
  }

  void Close(const Napi::CallbackInfo&) { End(); }

  void MustBeOpen(Napi::Env env) const {
    if (!session_) throw Failure(env, "closed", "the owner map has been closed");
  }

  static tidewatch_flow_key KeyArguments(const Napi::CallbackInfo& call) {
    tidewatch_flow_key key = {};
    key.protocol = NumberArgument(call, 0);
    AddressArgument(call, 1, key.local);
    key.local_port = NumberArgument(call, 2);
    AddressArgument(call, 3, key.remote);
    key.remote_port = NumberArgument(call, 4);
    return key;
  }

  static Napi::Value FlowValue(Napi::Env env, const std::optional<tidewatch_flow>& flow) {
    if (!flow) return env.Null();
    const tidewatch_owner& owner = flow->owner;
    const double previous = flow->previous_tgid == 0 ? 0 : MillisecondsSince(CLOCK_BOOTTIME, flow->previous_until);
    Napi::Object value = Napi::Object::New(env);
    value.Set("pid", Napi::Number::New(env, owner.tgid));
    value.Set("uid", Napi::Number::New(env, owner.uid));
    value.Set("cookie", Napi::String::New(env, std::to_string(owner.cookie)));
    value.Set("evidence", Napi::String::New(env, EvidenceText(owner.evidence)));
    value.Set("shared", Napi::Boolean::New(env, owner.shared != 0));
    value.Set("since", Napi::Number::New(env, static_cast<double>(owner.since) / kNanosecondsPerMillisecond));
    value.Set("silentMilliseconds", Napi::Number::New(env, MillisecondsSince(CLOCK_MONOTONIC, flow->last)));
    value.Set("previousPid", Napi::Number::New(env, flow->previous_tgid));
    value.Set("previousMilliseconds", Napi::Number::New(env, previous));
    return value;
  }

  // Sockets of our own network namespace, and those whose namespace the kernel did not tell.
  Napi::Value Find(const Napi::CallbackInfo& call) {
    MustBeOpen(call.Env());
    tidewatch_flow_key key = KeyArguments(call);
    key.netns = session_->OwnNamespace();
    auto flow = session_->Find(key);
    if (!flow && key.netns != 0) {
      key.netns = 0;
      flow = session_->Find(key);
    }
    return FlowValue(call.Env(), flow);
  }

  // The same ends in two other namespaces are nobody's: nothing says which. One that has been silent for long is no rival
  // of one that was heard of just now.
  Napi::Value FindElsewhere(const Napi::CallbackInfo& call) {
    MustBeOpen(call.Env());
    tidewatch_flow_key key = KeyArguments(call);
    std::vector<tidewatch_flow> found;
    for (const uint64_t other : thread_->Namespaces()) {
      if (other == session_->OwnNamespace()) continue;
      key.netns = other;
      if (const auto flow = session_->Find(key)) found.push_back(*flow);
    }
    if (found.empty()) return call.Env().Null();
    std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.last > other.last; });
    const bool rivals = found.size() > 1 && found[1].last + kRivalNanoseconds >= found[0].last;
    return rivals ? call.Env().Null() : FlowValue(call.Env(), found[0]);
  }

  Napi::Value Describe(const Napi::CallbackInfo& call) {
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
    value.Set("flowsAdded", number(session_->Counter(TIDEWATCH_FLOWS_ADDED)));
    value.Set("flowsBound", number(TIDEWATCH_MAXIMUM_FLOWS));
    value.Set("announcements", number(thread_->Announcements()));
    value.Set("announcementsLost", number(session_->Counter(TIDEWATCH_ANNOUNCEMENTS_LOST)));
    value.Set("processes", number(processes.known));
    value.Set("processesRefused", number(processes.refused));
    return value;
  }

  Napi::Value Groups(const Napi::CallbackInfo& call) {
    MustBeOpen(call.Env());
    Napi::Array groups = Napi::Array::New(call.Env());
    for (const std::string& group : session_->Groups()) groups.Set(groups.Length(), group);
    return groups;
  }

  ProcessTable table_;
  std::unique_ptr<OwnerSession> session_;
  std::unique_ptr<AnnouncementThread> thread_;
};

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("OwnerMap", OwnerMap::Define(env));
  return exports;
}

}  // namespace
}  // namespace tidewatch

static Napi::Object InitialiseAddon(Napi::Env env, Napi::Object exports) { return tidewatch::Initialise(env, exports); }
NODE_API_MODULE(owner_map, InitialiseAddon)
