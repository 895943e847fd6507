#pragma once

#include <memory>

#include "ports/speech_engine.hpp"
#include "worker/channel.hpp"

namespace holdfast::worker {

/// Takes the server's requests from the channel in a thread of its own. When the server goes, the process ends at once.
class SpeechRequests {
 public:
  explicit SpeechRequests(Channel& channel);
  /// Waits for the next one.
  Incoming next();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread
};

/// Answers the server's requests one after the other and never returns: when the server goes, the process
/// ends at once, in the middle of a computation if need be. Nothing is lost by that; the server has every
/// finished window.
[[noreturn]] void serve_speech(Channel& channel, SpeechRequests& requests, SpeechEngine& engine,
                               VoiceDetector& detector);

}  // namespace holdfast::worker
