#include "arguments.hh"

#include <cmath>

namespace tidewatch {
namespace {

Napi::Value field(const Napi::Object& object, const char* name, const char* wanted, bool (Napi::Value::*is)() const) {
  const Napi::Value value = object.Get(name);
  if (!(value.*is)()) throw Napi::TypeError::New(object.Env(), std::string(name) + " must be " + wanted);
  return value;
}

}  // namespace

Napi::Object objectArgument(const Napi::CallbackInfo& arguments, size_t index) {
  if (!arguments[index].IsObject()) throw Napi::TypeError::New(arguments.Env(), "an object is needed");
  return arguments[index].As<Napi::Object>();
}

Bytes bytesArgument(const Napi::CallbackInfo& arguments, size_t index) {
  if (!arguments[index].IsTypedArray()) throw Napi::TypeError::New(arguments.Env(), "a Uint8Array is needed");
  const auto array = arguments[index].As<Napi::TypedArray>();
  if (array.TypedArrayType() != napi_uint8_array) throw Napi::TypeError::New(arguments.Env(), "a Uint8Array is needed");
  const auto bytes = array.As<Napi::Uint8Array>();
  return {bytes.Data(), bytes.ByteLength()};
}

std::string textField(const Napi::Object& object, const char* name) {
  return field(object, name, "a string", &Napi::Value::IsString).As<Napi::String>().Utf8Value();
}

bool flagField(const Napi::Object& object, const char* name) {
  return field(object, name, "a boolean", &Napi::Value::IsBoolean).As<Napi::Boolean>().Value();
}

uint32_t numberField(const Napi::Object& object, const char* name, uint32_t least, uint32_t most) {
  const double value = field(object, name, "a number", &Napi::Value::IsNumber).As<Napi::Number>().DoubleValue();
  if (!(value >= least && value <= most) || value != std::floor(value)) {
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    throw Napi::RangeError::New(object.Env(), std::string(name) + " must be an integer from " + range);
  }
  return static_cast<uint32_t>(value);
}

Napi::Function functionField(const Napi::Object& object, const char* name) {
  return field(object, name, "a function", &Napi::Value::IsFunction).As<Napi::Function>();
}

Napi::Value bufferOf(Napi::Env env, const std::vector<uint8_t>& bytes) {
  return Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size());
}

Napi::Error errorWithCode(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

}  // namespace tidewatch
