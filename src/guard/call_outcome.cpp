#include "guard/call_outcome.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast::guard {
namespace {

using Kind = CallOutcome::Kind;

/// What is missing here (a model, a tool, a key) is told by the probe, in its own words; a service that cannot be
/// reached has failed.
Kind of_dependency(const std::string& code) {
  return code == "HF-LLM-01" || code == "HF-EMB-01" ? Kind::failed : Kind::dropped;
}

Kind of_transient(const std::string& code) {
  constexpr std::array<std::string_view, 5> kPerhapsTheInput{"HF-ENG-01", "HF-ENG-03", "HF-ENG-08", "HF-LLM-03",
                                                              "HF-EMB-03"};
  return std::ranges::find(kPerhapsTheInput, code) != kPerhapsTheInput.end() ? Kind::doubtful : Kind::failed;
}

Kind kind_of(const Error& error) {
  if (error.code().starts_with("HF-STO")) return Kind::dropped;  // our own storage, on the way there or back
  switch (error.error_class()) {
    case ErrorClass::transient:
      return of_transient(error.code());
    case ErrorClass::dependency:
      return of_dependency(error.code());
    case ErrorClass::resource:
      return Kind::doubtful;
    case ErrorClass::permanent:
    case ErrorClass::invalid:
    case ErrorClass::not_found:
    case ErrorClass::corrupt:
      return Kind::worked;
    case ErrorClass::interrupted:
    case ErrorClass::overloaded:
    case ErrorClass::conflict:
    case ErrorClass::unknown:
    case ErrorClass::canceled:
      return Kind::dropped;
  }
  return Kind::dropped;
}

}  // namespace

CallOutcome outcome_of(const Error& error) {
  if (error.retry_after()) return {.kind = Kind::dropped, .wait = error.retry_after()};
  return {.kind = kind_of(error), .wait = {}};
}

}  // namespace holdfast::guard
