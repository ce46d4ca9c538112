// How reading a capture file stands.
#pragma once

#include <string>

namespace tidewatch {

struct FileStatus {
  enum class Code { fine, notACapture, damaged, unsupported };

  Code code = Code::fine;
  std::string message;

  bool fine() const { return code == Code::fine; }
};

}  // namespace tidewatch
