#pragma once

#include <string>
#include <vector>

#include "app/config/environment.hpp"
#include "app/config/settings.hpp"
#include "core/base/result.hpp"

namespace holdfast::models {

/// How the models are made ready: what `holdfast models pull` runs, and the server when one is missing.
struct FetchPlan {
  std::vector<std::string> words;  ///< program and arguments
  std::string cache;               ///< value of HOLDFAST_CACHE for it
};

/// scripts/setup/models.sh fills CACHE/models; models.dir has to be such a folder.
/// Errors: not_found HF-CFG-02 (no script beside this program, or another folder), in words for the operator.
Result<FetchPlan> plan_fetch(const Settings& settings, const std::string& program_folder);

/// What that program may know of our environment: where it is, and how the network and package servers are reached.
/// Nothing else: our own settings are there as well, secrets among them.
[[nodiscard]] Environment fetch_environment(const Environment& ours, const std::string& cache);

/// The models that the configuration needs, each once, speech first. An endpoint stands in for those of language.
[[nodiscard]] std::vector<std::string> needed_ids(const Settings& settings);

}  // namespace holdfast::models
