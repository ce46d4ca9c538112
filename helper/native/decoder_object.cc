#include "decoder_object.hh"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstring>

#include "arguments.hh"

namespace tidewatch {
namespace {

constexpr size_t leastLent = 64 * 1024;

const char* codeOf(FileStatus::Code code) {
  switch (code) {
    case FileStatus::Code::notACapture:
      return "not-a-capture";
    case FileStatus::Code::unsupported:
      return "unsupported";
    default:
      return "damaged";
  }
}

// libpcap's name, which knows RAW by the number that Linux gives it.
Napi::Value linkTypeName(Napi::Env env, int linkType) {
  const bool raw = linkType == link_type::raw || linkType == link_type::rawOpenBsd;
  const char* name = pcap_datalink_val_to_name(raw ? link_type::rawLinux : linkType);
  return Napi::String::New(env, name != nullptr ? name : "DLT" + std::to_string(linkType));
}

}  // namespace

Napi::Function DecoderObject::define(Napi::Env env) {
  return DefineClass(env, "FileDecoder",
                     {InstanceMethod<&DecoderObject::push>("push"), InstanceMethod<&DecoderObject::finish>("finish"),
                      InstanceMethod<&DecoderObject::packets>("packets"), InstanceMethod<&DecoderObject::close>("close")});
}

DecoderObject::DecoderObject(const Napi::CallbackInfo& arguments) : Napi::ObjectWrap<DecoderObject>(arguments) {
  const Napi::Object options = objectArgument(arguments, 0);
  const auto questions = flagField(options, "questions") ? FileDecoder::Questions::given : FileDecoder::Questions::leftOut;
  decoder_ = std::make_unique<FileDecoder>(numberField(options, "maximumFlows", 1, 1 << 24), questions);
}

FileDecoder& DecoderObject::decoder(Napi::Env env) {
  if (decoder_ == nullptr) throw errorWithCode(env, "closed", "the decoder is closed");
  return *decoder_;
}

// The bytes in memory that the next call uses again: a buffer for each piece costs more to make than to fill.
Napi::Value DecoderObject::lend(Napi::Env env, const std::vector<uint8_t>& bytes) {
  size_t room = lent_.IsEmpty() ? 0 : lent_.Value().ByteLength();
  if (room < bytes.size() || room == 0) {
    room = std::max(room, leastLent);
    while (room < bytes.size()) room *= 2;
    lent_ = Napi::Persistent(Napi::ArrayBuffer::New(env, room));
  }
  Napi::ArrayBuffer lent = lent_.Value();
  if (!bytes.empty()) std::memcpy(lent.Data(), bytes.data(), bytes.size());
  return Napi::Uint8Array::New(env, bytes.size(), lent, 0);
}

Napi::Value DecoderObject::push(const Napi::CallbackInfo& arguments) {
  FileDecoder& decoder = this->decoder(arguments.Env());
  const Bytes piece = bytesArgument(arguments, 0);
  const FileStatus& status = decoder.push(piece.data, piece.length);
  if (!status.fine()) throw errorWithCode(arguments.Env(), codeOf(status.code), status.message);
  return lend(arguments.Env(), decoder.takeClues());
}

Napi::Value DecoderObject::finish(const Napi::CallbackInfo& arguments) {
  const Napi::Env env = arguments.Env();
  FileDecoder& decoder = this->decoder(env);
  DrainBuffer buffer;
  decoder.drain(buffer);
  Napi::Array linkTypes = Napi::Array::New(env);
  for (const int linkType : decoder.linkTypes()) linkTypes[linkTypes.Length()] = linkTypeName(env, linkType);
  Napi::Object summary = Napi::Object::New(env);
  summary["drained"] = bufferOf(env, buffer.bytes());
  summary["linkTypes"] = linkTypes;
  summary["truncated"] = Napi::Boolean::New(env, decoder.truncated());
  summary["recognised"] = Napi::Boolean::New(env, decoder.recognised());
  return summary;
}

Napi::Value DecoderObject::packets(const Napi::CallbackInfo& arguments) {
  return Napi::Number::New(arguments.Env(), static_cast<double>(decoder(arguments.Env()).packets()));
}

Napi::Value DecoderObject::close(const Napi::CallbackInfo& arguments) {
  decoder_.reset();
  lent_.Reset();
  return arguments.Env().Undefined();
}

}  // namespace tidewatch
