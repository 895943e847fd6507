#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.hpp"
#include "core/base/result.hpp"

/// The models that Holdfast knows (models/manifest.toml, built into the program) and their files in
/// models.dir.
namespace holdfast::models {

struct ModelFile {
  std::string id;     ///< "whisper-base-q8_0"
  std::string role;   ///< speech, language, vad
  std::string title;  ///< for people
  std::string licence;
  std::string path;  ///< in models.dir
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits
  std::string smaller{};  ///< id of the model that stands in for it when memory is short; empty: none
};

enum class State : std::uint8_t { present, missing, damaged };
[[nodiscard]] std::string_view to_word(State state);

/// Every model, in the manifest's order. Errors: corrupt HF-CFG-02 (the manifest is not well formed).
Result<std::vector<ModelFile>> known_models(const Settings& settings);

/// Where the model's file belongs, and what it must be. Whether it is there says `look` or `check`.
/// Errors: not_found HF-CFG-02 (there is no model of that name), corrupt HF-CFG-02.
Result<ModelFile> find_model(const Settings& settings, std::string_view id);

/// What stands in for a model when memory is short, the largest first. Errors: as find_model.
Result<std::vector<ModelFile>> find_smaller(const Settings& settings, const ModelFile& model);

/// The first model of a role: "vad". Errors: as find_model.
Result<ModelFile> find_role(const Settings& settings, std::string_view role);

/// A quick look: is a file of the right size there?
[[nodiscard]] State look(const ModelFile& model);

/// Reads and hashes the whole file. Errors: transient HF-CLI-03 (it cannot be read).
Result<State> check(const ModelFile& model);

/// FILE.damaged: where a damaged file goes, in the place of an earlier one.
[[nodiscard]] std::string aside_of(const ModelFile& model);

/// Renames a damaged file to `aside_of`, so that nothing loads it, and returns its new path. The server does
/// the same with the files of its workers (adapters/process/needed_files.hpp).
/// Errors: transient HF-CLI-03 (cannot be renamed).
Result<std::string> set_aside(const ModelFile& model);

}  // namespace holdfast::models
