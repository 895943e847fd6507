#include "adapters/ffmpeg/output.hpp"

#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>

#include "adapters/process/confinement.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::ffmpeg {
namespace {

namespace json = boost::json;

constexpr std::size_t kLineMax = 1024;
constexpr std::size_t kReadAtOnce = 16'384;

std::unexpected<Error> died(std::string what) {
  return fail(ErrorClass::transient, kWorkerDied, std::move(what));
}

std::string_view text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// Both programs write numbers now as text, now as numbers. 0: not said.
double number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  double number = 0;
  if (value->is_number()) {
    number = value->to_number<double>();
  } else {
    const std::string_view text = text_of(object, key);
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  constexpr double kReasonable = 1e12;
  return std::isfinite(number) && number > 0 && number < kReasonable ? number : 0;
}

std::int64_t duration_ms_of(const json::object& object) {
  const double seconds = number_of(object, "duration");
  return seconds > 0 ? static_cast<std::int64_t>(seconds * 1000) : -1;
}

void take_audio(const json::object& stream, media::ProbeFacts& facts) {
  facts.has_audio = true;
  facts.codec = text_of(stream, "codec_name");
  facts.sample_rate = static_cast<std::int64_t>(number_of(stream, "sample_rate"));
  facts.channels = static_cast<std::int64_t>(number_of(stream, "channels"));
  facts.duration_ms = duration_ms_of(stream);
  facts.duration_of_sound = facts.duration_ms >= 0;
}

void take_streams(const json::object& root, media::ProbeFacts& facts) {
  const json::value* streams = root.if_contains("streams");
  if (streams == nullptr || !streams->is_array()) return;
  for (const json::value& each : streams->get_array()) {
    if (!each.is_object()) continue;
    ++facts.streams;
    if (!facts.has_audio && text_of(each.get_object(), "codec_type") == "audio")
      take_audio(each.get_object(), facts);
  }
}

bool says(const ChildProcess& child, std::string_view words) {
  return child.stderr_tail().find(words) != std::string::npos;
}

std::unexpected<Error> broken_tool(const ChildProcess& child, const ChildExit& exit) {
  std::string what = "FFmpeg " + describe(exit);
  if (const std::string words = child.last_words(); !words.empty()) what += ": " + words;
  return fail(ErrorClass::dependency, "HF-FFM-01", what);
}

}  // namespace

OutputPipe::OutputPipe(const asio::any_io_executor& executor, Clock& clock, UniqueFd fd)
    : clock_{clock}, pipe_{executor, fd.release()} {}

Task<Result<std::string>> OutputPipe::read_some(MonoTime deadline) {
  std::string piece(kReadAtOnce, '\0');
  for (;;) {
    const ssize_t got = ::read(pipe_.native_handle(), piece.data(), piece.size());
    if (got >= 0) {
      piece.resize(static_cast<std::size_t>(got));
      co_return piece;
    }
    if (errno != EAGAIN && errno != EINTR) co_return died("its output cannot be read");
    auto readable = process::ready(pipe_, process::Descriptor::wait_read, clock_, deadline);
    HF_CO_TRY_VOID(co_await std::move(readable));
  }
}

Task<Result<std::string>> OutputPipe::read_all(std::size_t max, MonoTime deadline) {
  std::string all;
  for (;;) {
    auto reading = read_some(deadline);
    HF_CO_TRY(const std::string piece, co_await std::move(reading));
    if (piece.empty()) co_return all;
    all += piece;
    if (all.size() > max) co_return fail(ErrorClass::permanent, "HF-MED-07", "its description is too large");
  }
}

Result<media::ProbeFacts> parse_probe(std::string_view text, std::uint64_t file_bytes) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return died("ffprobe printed no JSON");
  media::ProbeFacts facts{.file_bytes = file_bytes};
  take_streams(value.get_object(), facts);
  const json::value* format = value.get_object().if_contains("format");
  if (facts.duration_ms >= 0 || format == nullptr || !format->is_object()) return facts;
  facts.duration_ms = duration_ms_of(format->get_object());
  facts.duration_of_sound = facts.streams == 1;
  return facts;
}

std::optional<std::int64_t> ProgressLines::add(std::string_view piece) {
  constexpr std::string_view kPosition = "out_time_us=";
  std::optional<std::int64_t> newest;
  for (const char letter : piece) {
    if (letter != '\n') {
      if (line_.size() < kLineMax) line_ += letter;
      continue;
    }
    std::int64_t position = 0;
    const std::string_view number = std::string_view{line_}.substr(std::min(line_.size(), kPosition.size()));
    const auto read = std::from_chars(number.data(), number.data() + number.size(), position);
    if (line_.starts_with(kPosition) && read.ec == std::errc{}) newest = position;
    line_.clear();
  }
  return newest;
}

Result<void> judge_exit(const ChildExit& exit, const ChildProcess& child) {
  if (exit.signal == SIGXCPU) return fail(ErrorClass::transient, kWorkerHung, "FFmpeg used up its CPU time");
  if (exit.signal != 0) {
    std::string what = "FFmpeg was " + describe(exit);
    if (const std::string words = child.last_words(); !words.empty()) what += "; it said: " + words;
    return died(what);
  }
  if (exit.code >= kConfineRefused && exit.code <= kConfineNotFound) return broken_tool(child, exit);
  if (says(child, "No space left on device")) {
    return fail(ErrorClass::resource, "HF-STO-02", "the disk was full while converting");
  }
  if (exit.code == 0) return {};
  if (says(child, "Cannot allocate memory") && !says(child, "max_streams")) {
    return fail(ErrorClass::permanent, "HF-MED-07", "it wants more memory than it may have");
  }
  return {};
}

std::unexpected<Error> unreadable(const ChildProcess& child) {
  if (says(child, "max_streams")) return fail(ErrorClass::permanent, "HF-MED-06", "it has too many streams");
  return fail(ErrorClass::permanent, "HF-MED-01", "this is not a recording that can be read");
}

bool complained(const ChildProcess& child) {
  for (const std::string_view words :
       {"Invalid data found", "Error while decoding", "partial file", "Truncat", "invalid"}) {
    if (says(child, words)) return true;
  }
  return false;
}

}  // namespace holdfast::ffmpeg
