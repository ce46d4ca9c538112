// The file decoder as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>

#include "file_decoder.hh"

namespace tidewatch {

class DecoderObject : public Napi::ObjectWrap<DecoderObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit DecoderObject(const Napi::CallbackInfo& arguments);

 private:
  Napi::Value push(const Napi::CallbackInfo& arguments);
  Napi::Value finish(const Napi::CallbackInfo& arguments);
  Napi::Value packets(const Napi::CallbackInfo& arguments);
  Napi::Value close(const Napi::CallbackInfo& arguments);
  FileDecoder& decoder(Napi::Env env);
  Napi::Value lend(Napi::Env env, const std::vector<uint8_t>& bytes);

  std::unique_ptr<FileDecoder> decoder_;
  // Memory of JavaScript's that is used for the clues of each piece; as large as the largest of them, to a power of two.
  Napi::Reference<Napi::ArrayBuffer> lent_;
};

}  // namespace tidewatch
