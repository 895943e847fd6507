#pragma once

#include <functional>

#include "app/drill/acceptance.hpp"
#include "app/drill/drill.hpp"
#include "app/drill/scene.hpp"

namespace holdfast::drill {

/// What is played with, but for the scratch folder, which each drill gets fresh.
struct Company {
  std::string program;
  std::filesystem::path models;
  std::filesystem::path sample;  ///< a spoken WAV file
  Environment environment;
  bool keep = false;  ///< the scratch folders stay
};

/// Plays one drill in a process of its own, in a scratch folder of its own; whatever it leaves is ended.
/// Errors: canceled (a signal came), not_found HF-CLI-03 (the recording cannot be used).
Result<Findings> play(const Drill& drill, const Company& company);

/// The same for LAB_12.
Result<Acceptance> accept(const AcceptanceOrder& order, const Company& company);

}  // namespace holdfast::drill
