// A lock between one thread that wants it nearly always (capture) and one that wants it seldom (JavaScript).
#pragma once

#include <mutex>

namespace tidewatch {

// A plain mutex is not fair: a capture thread that lets go and takes again at once keeps the other waiting for long.
// So whoever wants the state first takes the door, and holds it only until it is in: a waiting JavaScript thread
// stands in the door, and the capture thread waits there after at most one turn.
class Turns {
 public:
  class Turn {
   public:
    explicit Turn(Turns& turns) {
      const std::lock_guard<std::mutex> door(turns.door_);
      state_ = std::unique_lock<std::mutex>(turns.state_);
    }

   private:
    std::unique_lock<std::mutex> state_;
  };

 private:
  std::mutex door_;
  std::mutex state_;
};

}  // namespace tidewatch
