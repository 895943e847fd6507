#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "guard/service.hpp"

namespace holdfast::guard {

/// Names of the documents in the state store begin so.
inline constexpr std::string_view kServicePrefix = "service/";

/// One moment on both clocks: documents hold calendar times, breakers measure on the monotonic one.
struct Moment {
  MonoTime mono{};
  WallTime wall{};
};

/// What of a service is worth keeping over a restart: its breaker and its history. JSON, a few KiB at most.
[[nodiscard]] std::string write_document(const Service& service, Moment now);

/// Puts what a document says into the service. Times are cut to what the policy allows, so that a calendar that
/// jumped costs one rest at most. A half-open breaker begins to prove anew: its calls ended with their process.
/// Errors: corrupt HF-SVC-03 (not such a document; the service is as it was).
Result<void> read_document(std::string_view text, Moment now, Service* service);

}  // namespace holdfast::guard
