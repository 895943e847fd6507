#pragma once

#include "core/retry/backoff.hpp"

namespace holdfast {

/// How often a stage may fail, and how long to wait in between. One per stage of a recipe.
struct RetryPolicy {
  BackoffPolicy backoff{};
  unsigned attempts_max = 4;  ///< the first attempt and 3 retries (LAB_4)
  unsigned crashes_max = 2;   ///< worker deaths at the same place: then the file is set aside, not looped
  unsigned interruptions_max =
      8;  ///< server deaths in a row without progress: a job that kills its host is stopped
};

}  // namespace holdfast
