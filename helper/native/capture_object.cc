#include "capture_object.hh"

#include "arguments.hh"

namespace tidewatch {
namespace {

CaptureOptions optionsOf(const Napi::Object& object) {
  CaptureOptions options;
  options.interface = textField(object, "interface");
  options.filter = textField(object, "filter");
  options.promiscuous = flagField(object, "promiscuous");
  // Below 128 bytes not even the headers fit; libpcap's own largest is 256 KiB.
  options.snapLength = static_cast<int>(numberField(object, "snapLength", 128, 262144));
  options.ringBytes = static_cast<int>(numberField(object, "ringBytes", 1 << 16, 1 << 30));
  options.maximumFlows = numberField(object, "maximumFlows", 1, 1 << 24);
  options.clueQueueBytes = numberField(object, "clueQueueBytes", 0, 1 << 30);
  return options;
}

}  // namespace

Napi::Function CaptureObject::define(Napi::Env env) {
  return DefineClass(
      env, "LiveCapture",
      {InstanceMethod<&CaptureObject::drain>("drain"), InstanceMethod<&CaptureObject::takeClues>("takeClues"),
       InstanceMethod<&CaptureObject::takeFailure>("takeFailure"), InstanceMethod<&CaptureObject::keepHeaders>("keepHeaders"),
       InstanceMethod<&CaptureObject::heldHeaders>("heldHeaders"), InstanceMethod<&CaptureObject::freshHeaders>("freshHeaders"),
       InstanceMethod<&CaptureObject::linkType>("linkType"), InstanceMethod<&CaptureObject::close>("close")});
}

// The queue of one makes wake-ups coalesce: while one waits for JavaScript, another is not added. An open capture does
// not keep the process alive, and stops with it.
CaptureObject::CaptureObject(const Napi::CallbackInfo& arguments) : Napi::ObjectWrap<CaptureObject>(arguments) {
  const Napi::Env env = arguments.Env();
  const CaptureOptions options = optionsOf(objectArgument(arguments, 0));
  if (!arguments[1].IsFunction()) throw Napi::TypeError::New(env, "a function is needed");
  wake_ = Napi::ThreadSafeFunction::New(env, arguments[1].As<Napi::Function>(), "tidewatch capture", 1, 1);
  wake_.Unref(env);
  CaptureError error;
  try {
    capture_ = LiveCapture::open(options, [this] { wake_.NonBlockingCall(); }, error);
  } catch (const std::exception& failure) {
    error = {"capture-failed", failure.what()};
  }
  if (capture_ == nullptr) {
    wake_.Release();
    throw errorWithCode(env, error.code, error.message);
  }
  open_ = true;
  napi_add_env_cleanup_hook(env, endWithProcess, this);
}

CaptureObject::~CaptureObject() { end(); }

void CaptureObject::end() {
  if (!open_) return;
  open_ = false;
  napi_remove_env_cleanup_hook(Env(), endWithProcess, this);
  capture_->close();
  wake_.Abort();
}

// Hooks run in the reverse of the order in which they were added: the thread is joined before Node frees the
// thread-safe function by a hook of its own, which therefore must not be touched from here on.
void CaptureObject::endWithProcess(void* self) {
  auto* object = static_cast<CaptureObject*>(self);
  object->open_ = false;
  object->capture_->close();
}

Napi::Value CaptureObject::drain(const Napi::CallbackInfo& arguments) {
  DrainBuffer buffer;
  capture_->drain(buffer);
  return bufferOf(arguments.Env(), buffer.bytes());
}

Napi::Value CaptureObject::takeClues(const Napi::CallbackInfo& arguments) {
  return bufferOf(arguments.Env(), capture_->takeClues());
}

Napi::Value CaptureObject::takeFailure(const Napi::CallbackInfo& arguments) {
  const Napi::Env env = arguments.Env();
  CaptureError failure;
  if (!capture_->takeFailure(failure)) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object["code"] = Napi::String::New(env, failure.code);
  object["message"] = Napi::String::New(env, failure.message);
  return object;
}

Napi::Value CaptureObject::keepHeaders(const Napi::CallbackInfo& arguments) {
  const Napi::Object bounds = objectArgument(arguments, 0);
  const uint32_t bytes = numberField(bounds, "bytes", 0, 1 << 30);
  // An hour is longer than anybody wants to look back.
  const uint32_t seconds = numberField(bounds, "seconds", 1, 3600);
  capture_->keepHeaders({bytes, seconds * int64_t{1'000'000'000}});
  return arguments.Env().Undefined();
}

Napi::Value CaptureObject::heldHeaders(const Napi::CallbackInfo& arguments) {
  return bufferOf(arguments.Env(), capture_->heldHeaders());
}

Napi::Value CaptureObject::freshHeaders(const Napi::CallbackInfo& arguments) {
  uint64_t missed = 0;
  const std::vector<uint8_t> records = capture_->freshHeaders(missed);
  Napi::Object taken = Napi::Object::New(arguments.Env());
  taken["records"] = bufferOf(arguments.Env(), records);
  taken["missed"] = Napi::Number::New(arguments.Env(), static_cast<double>(missed));
  return taken;
}

Napi::Value CaptureObject::linkType(const Napi::CallbackInfo& arguments) {
  return Napi::Number::New(arguments.Env(), capture_->linkType());
}

Napi::Value CaptureObject::close(const Napi::CallbackInfo& arguments) {
  end();
  return arguments.Env().Undefined();
}

}  // namespace tidewatch
