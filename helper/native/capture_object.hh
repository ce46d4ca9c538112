// A live capture as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>

#include "live_capture.hh"

namespace tidewatch {

class CaptureObject : public Napi::ObjectWrap<CaptureObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit CaptureObject(const Napi::CallbackInfo& arguments);
  ~CaptureObject() override;

 private:
  Napi::Value drain(const Napi::CallbackInfo& arguments);
  Napi::Value takeClues(const Napi::CallbackInfo& arguments);
  Napi::Value takeFailure(const Napi::CallbackInfo& arguments);
  Napi::Value keepHeaders(const Napi::CallbackInfo& arguments);
  Napi::Value heldHeaders(const Napi::CallbackInfo& arguments);
  Napi::Value freshHeaders(const Napi::CallbackInfo& arguments);
  Napi::Value linkType(const Napi::CallbackInfo& arguments);
  Napi::Value close(const Napi::CallbackInfo& arguments);
  void end();
  static void endWithProcess(void* self);

  Napi::ThreadSafeFunction wake_;
  std::unique_ptr<LiveCapture> capture_;
  bool open_ = false;
};

}  // namespace tidewatch
