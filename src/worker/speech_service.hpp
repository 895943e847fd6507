#pragma once

#include "ports/speech_engine.hpp"
#include "worker/channel.hpp"

namespace holdfast::worker {

/// Answers the server's requests one after the other and never returns: when the server goes, the process
/// ends at once, in the middle of a computation if need be. Nothing is lost by that; the server has every
/// finished window.
[[noreturn]] void serve_speech(Channel& channel, SpeechEngine& engine, VoiceDetector& detector);

}  // namespace holdfast::worker
