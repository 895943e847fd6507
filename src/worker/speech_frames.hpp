#pragma once

#include <string>
#include <string_view>

#include "worker/transcriber.hpp"

/// The speech worker's frames (docs/worker-protocol.md), as JSON text.
namespace holdfast::worker::speech_frames {

/// Reads a `transcribe` frame. Errors: permanent HF-SRV-01 (a field is missing or beyond its limit).
Result<SpeechRequest> parse_request(std::string_view frame);
/// Whether it is asked how the worker does rather than to transcribe.
bool is_probe(std::string_view frame);
/// The `id` of any frame, 0 if it has none.
std::int64_t id_of(std::string_view frame);

std::string ready(std::string_view engine, std::int64_t load_ms);
std::string progress(std::int64_t id, double fraction);
std::string segments(std::int64_t id, const WindowDone& window);
std::string finished(std::int64_t id, const SpeechReport& report);
/// `voice`: how likely the known sound is a voice, 0..1.
std::string probed(std::int64_t id, const LanguageGuess& guess, double voice);
/// Of a request, or of the start if there is no id yet.
std::string failed(std::optional<std::int64_t> id, const Error& error);

}  // namespace holdfast::worker::speech_frames
