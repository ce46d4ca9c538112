// Process facts as a JavaScript object; what cannot be known is null there, never empty text.
#pragma once

#include <napi.h>

#include <cmath>

#include "process-facts.hh"

namespace tidewatch {

// Text from the kernel may be any bytes: what is no UTF-8 comes out as replacement characters.
inline Napi::Value TextOrNull(Napi::Env env, const std::string& text) {
  if (text.empty()) return env.Null();
  return Napi::String::New(env, text);
}

inline Napi::Object FactsValue(Napi::Env env, const ProcessFacts& facts) {
  Napi::Object value = Napi::Object::New(env);
  value.Set("pid", Napi::Number::New(env, facts.pid));
  value.Set("parentPid", Napi::Number::New(env, facts.parent));
  value.Set("startTicks", Napi::Number::New(env, static_cast<double>(facts.start_ticks)));
  value.Set("uid", Napi::Number::New(env, facts.uid));
  value.Set("kernelThread", Napi::Boolean::New(env, facts.kernel_thread));
  value.Set("executable", TextOrNull(env, facts.executable));
  value.Set("executableDeleted", Napi::Boolean::New(env, facts.executable_deleted));
  Napi::Array arguments = Napi::Array::New(env, facts.arguments.size());
  for (uint32_t index = 0; index < facts.arguments.size(); index += 1) {
    arguments.Set(index, Napi::String::New(env, facts.arguments[index]));
  }
  value.Set("arguments", arguments);
  value.Set("controlGroup", TextOrNull(env, facts.control_group));
  return value;
}

// Milliseconds since boot as JavaScript counts them; throws a TypeError where the value is none.
inline uint64_t BootTimeArgument(const Napi::CallbackInfo& call, size_t index) {
  const double milliseconds = call[index].IsNumber() ? call[index].As<Napi::Number>().DoubleValue() : -1;
  if (!(milliseconds >= 0) || milliseconds > 1e13) throw Napi::TypeError::New(call.Env(), "a time since boot is wanted");
  return static_cast<uint64_t>(milliseconds * 1e6);
}

inline pid_t PidArgument(const Napi::CallbackInfo& call, size_t index) {
  const double pid = call[index].IsNumber() ? call[index].As<Napi::Number>().DoubleValue() : 0;
  if (!(pid >= 1 && pid <= 4194304) || std::floor(pid) != pid) throw Napi::TypeError::New(call.Env(), "a pid is wanted");
  return static_cast<pid_t>(pid);
}

}  // namespace tidewatch
