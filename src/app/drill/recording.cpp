#include "app/drill/recording.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

namespace holdfast::drill {
namespace {

constexpr std::uint32_t kRate = 16'000;
constexpr std::uint32_t kFrame = 2;                  ///< bytes of a sample
constexpr std::size_t kFileMax = 64U << 20U;         ///< of a sample recording
constexpr std::string_view kRiff = "RIFF";

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
}

std::uint32_t number_at(const std::string& text, std::size_t at, unsigned bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= std::uint32_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
  return value;
}

/// The header of 44 bytes, then the samples.
std::string wav(const std::string& samples) {
  const auto size = static_cast<std::uint32_t>(samples.size());
  std::string out{kRiff};
  put(out, 36 + size, 4);
  out += "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);
  put(out, 1, 2);
  put(out, kRate, 4);
  put(out, kRate * kFrame, 4);
  put(out, kFrame, 2);
  put(out, 8 * kFrame, 2);
  out += "data";
  put(out, size, 4);
  return out + samples;
}

std::size_t bytes_of(milliseconds length) {
  return static_cast<std::size_t>(length.count()) * kRate / 1'000 * kFrame;
}

/// Where a chunk's content begins, and its length; nothing: there is no such chunk.
std::optional<std::pair<std::size_t, std::size_t>> chunk(const std::string& file, std::string_view name) {
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t length = number_at(file, at + 4, 4);
    if (file.compare(at, 4, name) == 0) return std::pair{at + 8, std::min(length, file.size() - at - 8)};
    at += 8 + length + length % 2;
  }
  return std::nullopt;
}

}  // namespace

Result<Recording> Recording::read(const std::filesystem::path& file) {
  std::error_code gone;
  const auto size = std::filesystem::file_size(file, gone);
  if (gone || size > kFileMax)
    return fail(ErrorClass::not_found, "HF-CLI-03", file.string() + " is not there; name a spoken WAV with --sample");
  std::ifstream stream{file, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{stream}, {}};
  const auto format = chunk(content, "fmt ");
  const auto data = chunk(content, "data");
  const auto field = [&](std::size_t at, unsigned bytes) { return number_at(content, format->first + at, bytes); };
  const bool fits =
      format && data && format->second >= 16 && field(2, 2) == 1 && field(4, 4) == kRate && field(14, 2) == 16;
  if (!fits)
    return fail(ErrorClass::not_found, "HF-CLI-03",
                file.string() + " is no WAV file with one channel of 16 bits and 16,000 samples a second");
  return Recording{content.substr(data->first, data->second)};
}

std::string Recording::speech(milliseconds length) const {
  const std::string pause(bytes_of(milliseconds{500}), '\0');
  std::string samples;
  while (samples.size() < bytes_of(length)) samples += samples_ + pause;
  return wav(samples);
}

std::string Recording::sentence() const { return wav(samples_); }

milliseconds Recording::length() const {
  return milliseconds{static_cast<std::int64_t>(samples_.size() * 1'000 / (kRate * kFrame))};
}

std::string Recording::silence(milliseconds length) { return wav(std::string(bytes_of(length), '\0')); }

std::string Recording::broken() {
  std::string file{kRiff};
  put(file, 5'000, 4);
  file += "WAVE";
  for (int i = 0; i < 5'000; ++i) file.push_back(static_cast<char>(i * 37 % 251));
  return file;
}

}  // namespace holdfast::drill
