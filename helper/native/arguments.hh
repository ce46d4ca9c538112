// Checked conversions of what JavaScript passes in. Each throws a TypeError that names what was wrong.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tidewatch {

struct Bytes {
  const uint8_t* data;
  size_t length;
};

Napi::Object objectArgument(const Napi::CallbackInfo& arguments, size_t index);
Bytes bytesArgument(const Napi::CallbackInfo& arguments, size_t index);
std::string textField(const Napi::Object& object, const char* name);
bool flagField(const Napi::Object& object, const char* name);
// An integer from `least` to `most`.
uint32_t numberField(const Napi::Object& object, const char* name, uint32_t least, uint32_t most);
Napi::Function functionField(const Napi::Object& object, const char* name);

// A copy as a Buffer: Electron forbids buffers over memory of our own.
Napi::Value bufferOf(Napi::Env env, const std::vector<uint8_t>& bytes);

// An Error with a `code`.
Napi::Error errorWithCode(Napi::Env env, const char* code, const std::string& message);

}  // namespace tidewatch
