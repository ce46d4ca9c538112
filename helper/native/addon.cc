// What JavaScript finds in the addon. Everything here only converts; C++ exceptions become JavaScript's at this
// boundary and nowhere else, and the capture thread never runs code that throws into JavaScript.
#include <napi.h>
#include <pcap/pcap.h>

#include <cstring>

#include "arguments.hh"
#include "capture_object.hh"
#include "decoder_object.hh"
#include "socket_diag.hh"

namespace tidewatch {
namespace {

Napi::Value libpcapVersion(const Napi::CallbackInfo& arguments) {
  return Napi::String::New(arguments.Env(), pcap_lib_version());
}

Napi::Value recordsOf(Napi::Env env, const SocketDiagResult& result) {
  if (result.error == 0) return bufferOf(env, result.records);
  const std::string words = std::strerror(result.error);
  Napi::Error error = errorWithCode(env, strerrorname_np(result.error), "sock_diag " + result.step + ": " + words);
  error.Set("errno", Napi::Number::New(env, result.error));
  throw error;
}

Napi::Value dump(const Napi::CallbackInfo& arguments) {
  const Napi::Object query = objectArgument(arguments, 0);
  const auto protocol = static_cast<uint8_t>(numberField(query, "protocol", 0, 255));
  const auto family = static_cast<uint8_t>(numberField(query, "family", 4, 6));
  return recordsOf(arguments.Env(), dumpSockets(protocol, family));
}

void copyAddress(const Napi::Object& query, const char* name, uint8_t family, uint8_t* to) {
  const Napi::Value value = query.Get(name);
  const size_t length = family == 6 ? 16 : 4;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().ByteLength() != length) {
    throw Napi::TypeError::New(query.Env(), std::string(name) + " must be the bytes of an address of the family");
  }
  std::memcpy(to, value.As<Napi::Uint8Array>().Data(), length);
}

Napi::Value find(const Napi::CallbackInfo& arguments) {
  const Napi::Object object = objectArgument(arguments, 0);
  SocketQuery query;
  query.protocol = static_cast<uint8_t>(numberField(object, "protocol", 0, 255));
  query.family = static_cast<uint8_t>(numberField(object, "family", 4, 6));
  query.localPort = static_cast<uint16_t>(numberField(object, "localPort", 0, 65535));
  query.remotePort = static_cast<uint16_t>(numberField(object, "remotePort", 0, 65535));
  copyAddress(object, "localAddress", query.family, query.localAddress);
  copyAddress(object, "remoteAddress", query.family, query.remoteAddress);
  return recordsOf(arguments.Env(), findSocket(query));
}

Napi::Object define(Napi::Env env, Napi::Object exports) {
  exports["LiveCapture"] = CaptureObject::define(env);
  exports["FileDecoder"] = DecoderObject::define(env);
  exports["libpcapVersion"] = Napi::Function::New<libpcapVersion>(env);
  exports["dumpSockets"] = Napi::Function::New<dump>(env);
  exports["findSocket"] = Napi::Function::New<find>(env);
  return exports;
}

}  // namespace
}  // namespace tidewatch

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return tidewatch::define(env, exports); }

NODE_API_MODULE(tidewatch, Init)
