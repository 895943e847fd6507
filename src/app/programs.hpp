#pragma once

#include <filesystem>

#include "app/config/settings.hpp"
#include "core/base/result.hpp"

namespace holdfast {

/// Where the parts of an installation lie: the other programs beside this one, the recipes in the checkout or
/// in share/.
struct Installation {
  std::filesystem::path programs;  ///< folder of holdfast, holdfast-stt, holdfast-llm, holdfast-confine
  std::filesystem::path recipes;
};

/// Errors: dependency HF-CFG-02 (there is no recipes folder in any of the known places).
Result<Installation> find_installation(const Settings& settings);

}  // namespace holdfast
