#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/config/load.hpp"

/// The checks of `holdfast doctor`. Each really tries what it speaks of, and says what to do where it fails.
namespace holdfast::cli {

struct Session;

namespace doctor {

enum class State : std::uint8_t { ok, warn, bad };
[[nodiscard]] std::string_view to_word(State state);

struct Check {
  std::string name;
  State state = State::ok;
  std::string text;        ///< what was found
  std::string what_to_do;  ///< empty: nothing
};

inline Check bad(std::string name, std::string text, std::string what_to_do) {
  return {.name = std::move(name),
          .state = State::bad,
          .text = std::move(text),
          .what_to_do = std::move(what_to_do)};
}

/// Whether the server's media worker can work; `holdfast serve` asks the same.
using TryMedia = std::function<Result<void>(const Settings&)>;

[[nodiscard]] Check check_configuration(const config::Loaded& loaded);
/// Can files be made and made durable there, on a file system that keeps its promises?
[[nodiscard]] Check check_data_folder(const Settings& settings);
[[nodiscard]] Check check_space(const Settings& settings);
/// Is the system's time plausible, and not behind the data?
[[nodiscard]] Check check_clock(const Settings& settings);
/// Does the port take a listener, or is a Holdfast there already?
[[nodiscard]] Check check_port(const Settings& settings);
/// Asks the server's own probe, so that the two cannot disagree.
[[nodiscard]] Check check_ffmpeg(const Settings& settings, const TryMedia& try_media);
/// What the kernel offers for confinement, and what the settings make of it.
[[nodiscard]] Check check_confinement(const Settings& settings, const std::string& program_folder);
/// Every model that the settings name, against its SHA-256.
[[nodiscard]] std::vector<Check> check_models(const Settings& settings);
[[nodiscard]] Check check_sqlite(const std::string& version);

}  // namespace doctor
}  // namespace holdfast::cli
